"""How a table lies in a sheet: where its header is, in one row or two, upright or with a record a column.

Titles and notes above the header and blank columns are no part of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from catalogue.importers.recognition.headers import (
    MAX_HEADER_CHARS,
    looks_like_name,
    nearness,
    shown,
)
from catalogue.importers.recognition.roles import LEFT_OUT, ROLES
from catalogue.importers.rows import is_blank

Cells = Sequence[Any]

HEADER_WITHIN = 30  # rows that are not blank
MAX_COLUMNS = 500
LABEL_COLUMNS = 3  # of a table on its side: the labels stand in one of the first
_NEAR, _EXACT = 0.6, 1.0
_ALL_WORDS = (
    tuple(
        dict.fromkeys(
            word for kind in ROLES.values() for role in kind.values() for word in role.names
        )
    )
    + LEFT_OUT
)


@dataclass(frozen=True)
class Label:
    """A column's name as it is shown, and what its role may be told from, the surest last."""

    shown: str
    readings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Where a table is: the places of its header among the rows that are not blank, and its labels.

    On its side, `header` holds the place of the column with the labels. Without a header it is empty.
    """

    header: tuple[int, ...]
    labels: tuple[Label, ...]
    is_sideways: bool = False

    @property
    def first_row(self) -> int:
        """The place of the first row behind the header."""
        return self.header[-1] + 1 if self.header and not self.is_sideways else 0


def find_layout(rows: Sequence[Cells]) -> Layout | None:
    """Return how the table lies whose first rows these are, blank ones left out; None if none is seen."""
    head = [row[:MAX_COLUMNS] for row in rows[:HEADER_WITHIN]]
    scores = [_likeness(row) for row in head]
    best = max(range(len(head)), key=lambda place: (scores[place], -place), default=None)
    upright = scores[best] if best is not None else 0.0
    sideways = _find_sideways(rows, upright)
    if sideways is not None:
        return sideways
    if best is None or not _is_enough(head[best], scores[best]):
        return None
    return _with_second_row(head, best)


def without_header(rows: Sequence[Cells]) -> Layout:
    """Return the layout of a table whose first row is a record already."""
    width = max(map(len, rows), default=0)
    return Layout((), tuple(Label(f"({place + 1})") for place in range(min(width, MAX_COLUMNS))))


def known_as_name(cell: Any) -> float:
    """Return how near a cell is to the name of any column that is known, 0 to 1."""
    return nearness(shown(cell), _ALL_WORDS) if looks_like_name(cell) else 0.0


def _likeness(row: Cells) -> float:
    """Return how much a row looks like a header: known names count by the square of their nearness."""
    filled = [cell for cell in row if not is_blank(cell)]
    if not filled or sum(map(looks_like_name, filled)) * 2 < len(filled):
        return 0.0
    names = dict.fromkeys(map(shown, filled))  # 工学部 in each of many columns is no header
    return sum(near**2 for name in names if (near := known_as_name(name)) >= _NEAR)


def _is_enough(row: Cells, score: float) -> bool:
    filled = sum(not is_blank(cell) for cell in row)
    return score >= min(1.7, 0.8 * filled)


def _find_sideways(rows: Sequence[Cells], upright: float) -> Layout | None:
    """Return the layout with a record a column, where more names stand in a column than in any row."""
    for place in range(LABEL_COLUMNS):
        column = [row[place] if place < len(row) else None for row in rows]
        texts = [shown(cell) for cell in column if looks_like_name(cell)]
        exact = {text for text in texts if nearness(text, _ALL_WORDS) >= _EXACT}
        if len(exact) < 3 or len(exact) <= upright or len(exact) * 2 < len(set(texts)):
            continue
        filled = [any(not is_blank(c) for c in row[place + 1 : MAX_COLUMNS]) for row in rows]
        if sum(filled) * 2 < len(texts) or len(set(texts)) < 0.7 * len(texts):
            continue
        readings = [
            (shown(cell),) if is_filled else ()
            for cell, is_filled in zip(column, filled, strict=True)
        ]
        return Layout((place,), unique(readings), is_sideways=True)
    return None


def _with_second_row(head: Sequence[Cells], best: int) -> Layout:
    """Return the layout with the header at `best`, and a row above or below it that is part of it."""
    below = head[best + 1] if best + 1 < len(head) else ()
    if below and _completes(head[best], below):
        return Layout((best, best + 1), unique(_joined(head[best], below)))
    above = head[best - 1] if best else ()
    if above and _is_incomplete(head[best]) and _groups(above, head[best]):
        return Layout((best - 1, best), unique(_joined(above, head[best])))
    return Layout((best,), unique([(shown(cell),) for cell in head[best]]))


def _completes(upper: Cells, lower: Cells) -> bool:
    """Whether the lower row names the parts of the upper row's columns, as 漢字 and カナ below 氏名."""
    filled = [cell for cell in lower if not is_blank(cell)]
    if len(filled) < 2 or not all(map(looks_like_name, filled)):
        return False
    under_gaps = sum(
        is_blank(above) and not is_blank(cell) for above, cell in zip_longest(upper, lower)
    )
    known = sum(near >= _NEAR for near in map(known_as_name, filled))
    exact = sum(near >= 0.99 for near in map(known_as_name, filled))
    return bool(under_gaps) and known * 2 >= len(filled) and exact >= 1


def _is_incomplete(row: Cells) -> bool:
    """Whether a header needs the row above: it has a name twice, or a gap between its names."""
    names = [shown(cell) for cell in row]
    while names and not names[-1]:
        names.pop()
    return len(set(names)) < len(names) or "" in names


def _groups(upper: Cells, lower: Cells) -> bool:
    """Whether the upper row names groups of the lower row's columns: there are fewer of them."""
    filled = [place for place, cell in enumerate(upper) if not is_blank(cell)]
    if len(filled) < 2 or not all(looks_like_name(upper[place]) for place in filled):
        return False
    gaps = sum(is_blank(above) and not is_blank(cell) for above, cell in zip_longest(upper, lower))
    return gaps > 0 and all(len(shown(upper[place])) <= MAX_HEADER_CHARS // 2 for place in filled)


def _joined(upper: Cells, lower: Cells) -> list[tuple[str, ...]]:
    """Return the readings of each column: its group reaches to the right until the next one."""
    group, readings = "", []
    for above, below in zip_longest(upper, lower):
        own = shown(below)
        group = shown(above) or (group if own else "")
        both = f"{group} {own}".strip()
        readings.append(tuple(dict.fromkeys(filter(None, (own, both) if own else (group,)))))
    return readings


def unique(readings: Sequence[Sequence[str]]) -> tuple[Label, ...]:
    """Return the labels of columns; of several of one name each gets a number of its own."""
    seen: dict[str, int] = {}
    labels = []
    for place, names in enumerate(readings):
        name = names[-1] if names else ""
        seen[name] = seen.get(name, 0) + 1
        if not name:
            labels.append(Label(f"({place + 1})"))
        else:
            own = name if seen[name] == 1 else f"{name} ({seen[name]})"
            labels.append(Label(own, tuple(names)))
    return tuple(labels)
