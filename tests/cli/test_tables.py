"""Tables and lines on terminals of several widths: no word is broken, nothing sticks out, nothing is lost."""

import io
import itertools
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from cli.tables import Heading, print_table
from cli.telling import fold, pieces

HEADINGS = ("login", "name", "organisation", "last sign-in")
ROWS = [
    (
        "tanaka",
        "田中 一郎",
        "星見野大学 産学連携推進本部 オープンイノベーション課",
        "2026-11-30 04:09",
    ),
    ("lindqvist", "Ada Lindqvist-Hallberg", "Hoshimino University", "2026-11-29 23:59"),
    ("mori", "森 花", "", ""),
]
WIDTHS = (40, 60, 80, 120, 200)
SENTENCE = "根拠はプロフィール（または授業）の記載のみです。"


def printed(width, columns=None, rows=ROWS, *, lines=True):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    columns = columns or [Heading(heading) for heading in HEADINGS]
    print_table(columns, rows, console=console, lines=lines)
    return console.file.getvalue()


def words(rows):
    return {word for row in rows for cell in row for word in cell.split()}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lines", [True, False])
def test_no_word_is_broken_and_no_line_is_too_long(width, lines):
    shown = printed(width, lines=lines)

    assert max(map(cell_len, shown.splitlines())) <= width
    together = re.sub(r"[\s│┃]+", " ", shown)
    for word in words(ROWS):
        # Japanese may end a line between phrases, so its phrases are looked for
        for piece in pieces(word):
            assert piece in together, (width, piece)


def test_where_there_is_room_it_is_a_table_else_a_block_a_row():
    wide, narrow = printed(120), printed(40)

    assert wide.splitlines()[1].count("┃") == len(HEADINGS) + 1
    assert "┃" not in narrow
    assert narrow.count("login") == len(ROWS)
    assert narrow.count("last sign-in") == 2  # one has never signed in


def test_a_column_without_values_drops_out():
    rows = [("tanaka", "", "x", ""), ("mori", "", "y", "")]
    shown = printed(80, rows=rows)

    assert "login" in shown
    assert "name" not in shown
    assert "last sign-in" not in shown


def test_what_may_drop_does_before_rows_become_blocks_and_it_is_said(capsys):
    columns = [Heading("field"), Heading("value"), Heading("its id", may_drop=True)]
    rows = [("name_ja", "森 花", "HU-0101-of-another-register")]

    assert "HU-0101" in printed(80, columns, rows)
    assert capsys.readouterr().out == ""
    shown = printed(40, columns, rows)
    assert "森 花" in shown
    assert "HU-0101" not in shown
    assert "┃" in shown
    assert "its id" in capsys.readouterr().out


def test_one_word_that_is_longer_than_the_terminal_stays_whole():
    path = "/srv/enmusubi/" + "a-long-folder/" * 5
    shown = printed(40, [Heading("file"), Heading("state")], [(path, "kept")])

    assert path in shown


def test_numbers_stand_on_the_right():
    shown = printed(
        60, [Heading("metric"), Heading("value", is_number=True)], [("a", "1"), ("b", "1,000")]
    )

    assert re.search(r"│ a +│ +1 │", shown)


@pytest.mark.parametrize("width", range(4, 60, 5))
def test_japanese_ends_a_line_between_phrases(width):
    lines = fold(SENTENCE, width)

    assert "".join(lines) == SENTENCE
    ends = set(itertools.accumulate(map(len, pieces(SENTENCE))))
    assert set(itertools.accumulate(map(len, lines))) <= ends
    for line in lines:
        assert line[0] not in "、。）」はのをにが"
        assert line[-1] not in "（「"
        assert cell_len(line) <= width or len(list(pieces(line))) == 1


@pytest.mark.parametrize("text", ["", "  two  words ", "one\n\nthree", SENTENCE, "a（b）c 「d」"])
def test_the_pieces_of_a_text_are_the_text(text):
    assert "".join("".join(pieces(line)) for line in text.split("\n")) == text.replace("\n", "")
