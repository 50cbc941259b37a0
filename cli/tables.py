"""Tables on a terminal of any width: as a table where no word has to be broken, else a block a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.telling import fold, longest_piece, tell, told
from enmusubi.messages import Message, listed

if TYPE_CHECKING:
    from rich.console import Console

BORDER = 3  # cells that a column takes besides its content: a line and a blank on both sides
GAP = 2  # between columns without lines, and between the heading and the value in a block


@dataclass(frozen=True)
class Heading:
    """A column: its heading, the fewest cells in which its texts can be read, and whether it matters."""

    heading: Message | str
    is_number: bool = False
    min_width: int = 0
    may_drop: bool = False  # where there is no room for all columns


def print_table(
    columns: Sequence[Heading],
    rows: Sequence[Sequence[str]],
    *,
    console: "Console | None" = None,
    lines: bool = True,
) -> None:
    """Print the rows: empty columns drop out, then those that may; still too many make a block a row.

    Cells are plain text, which may have line breaks. `lines` are drawn around the cells of a table.
    """
    from rich.console import Console

    console = console or Console()
    kept = [n for n in range(len(columns)) if not rows or any(row[n] for row in rows)]
    dropped: list[str] = []
    while True:
        shown = [columns[n] for n in kept]
        headings = [_heading(column) for column in shown]
        cells = [[row[n] for n in kept] for row in rows]
        room = console.width - (BORDER * len(shown) + 1 if lines else GAP * (len(shown) - 1))
        widths = _widths(shown, headings, cells, room)
        optional = [n for n in kept if columns[n].may_drop]
        if widths is not None or not optional:
            break
        kept.remove(optional[-1])
        dropped.insert(0, _heading(columns[optional[-1]]))
    if widths is None:
        _print_blocks(headings, cells, console)
    else:
        _print_grid(shown, headings, cells, widths, console, lines=lines)
    if dropped:
        tell(
            Message(
                "Not shown for lack of room: %(columns)s. `--json` has all.",
                {"columns": listed(dropped)},
            )
        )


def _heading(column: Heading) -> str:
    return told(column.heading) if isinstance(column.heading, Message) else column.heading


def _widths(
    columns: Sequence[Heading], headings: list[str], cells: list[list[str]], room: int
) -> list[int] | None:
    """Return the columns' widths in cells, none too narrow for its words; None if they don't fit."""
    from rich.cells import cell_len

    least, most = [], []
    for n, column in enumerate(columns):
        texts = [headings[n], *(row[n] for row in cells)]
        natural = max(cell_len(line) for text in texts for line in text.split("\n"))
        longest = max(map(longest_piece, texts))
        least.append(max(longest, min(column.min_width, natural)))
        most.append(natural)
    spare = room - sum(least)
    if spare < 0:
        return None
    wanted = sum(most) - sum(least)
    share = min(1.0, spare / wanted) if wanted else 0.0
    return [low + int((high - low) * share) for low, high in zip(least, most, strict=True)]


def _print_grid(
    columns: Sequence[Heading],
    headings: list[str],
    cells: list[list[str]],
    widths: list[int],
    console: "Console",
    *,
    lines: bool,
) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    has_tall = any("\n" in cell or len(fold(cell, w)) > 1 for row in cells
                   for cell, w in zip(row, widths, strict=True))  # fmt: skip
    table = Table(
        box=box.HEAVY_HEAD if lines else None,
        show_lines=lines and has_tall,
        pad_edge=lines,
        padding=(0, 1) if lines else (0, GAP, 0, 0),
    )
    for column, heading, width in zip(columns, headings, widths, strict=True):
        told_heading = Text("\n".join(fold(heading, width)))
        table.add_column(
            told_heading,
            width=width,
            no_wrap=True,
            justify="right" if column.is_number else "left",
        )
    for row in cells:
        folded = (fold(cell, width) for cell, width in zip(row, widths, strict=True))
        table.add_row(*(Text("\n".join(cell)) for cell in folded))
    console.print(table, highlight=False)


def _print_blocks(headings: list[str], cells: list[list[str]], console: "Console") -> None:
    from rich.cells import cell_len, set_cell_size

    label = max(map(cell_len, headings)) + GAP
    for number, row in enumerate(cells):
        if number:
            console.print()
        for heading, cell in zip(headings, row, strict=True):
            if not cell:
                continue
            beside = longest_piece(cell) <= console.width - label
            room = console.width - (label if beside else GAP)
            first = set_cell_size(heading, label) if beside else f"{heading}\n{' ' * GAP}"
            between = "\n" + " " * (label if beside else GAP)
            text = first + between.join(fold(cell, room))
            console.print(text, markup=False, highlight=False, soft_wrap=True)
