"""Tables of columns: written in batches, mapped again, and read where they are asked for."""

from pathlib import Path

import numpy as np
import pytest

from indexes.columns import Table, TableWriter

KINDS = {
    "id": "text",
    "note": "packed",
    "lang": "category:u1",
    "year": "number:f4",
    "row": "number:i8",
}


@pytest.fixture
def table(tmp_path: Path) -> Table:
    writer = TableWriter(tmp_path / "t", KINDS)
    writer.append(
        {
            "id": ["a", "b"],
            "note": ["", "n"],
            "lang": ["ja", "en"],
            "year": [2020, None],
            "row": [1, 2],
        }
    )
    writer.append({"id": [], "note": [], "lang": [], "year": [], "row": []})
    writer.append(
        {"id": ["漢字"], "note": ["覚え"], "lang": ["ja"], "year": [1999], "row": np.array([3])}
    )
    writer.close()
    return Table.load(tmp_path / "t")


def test_what_was_written_in_batches_is_read_as_one(table: Table) -> None:
    assert len(table) == 3
    assert list(table.texts("id")) == ["a", "b", "漢字"]
    assert table.categories("lang")[np.array([2, 1])].tolist() == ["ja", "en"]
    assert table.numbers("row").tolist() == [1, 2, 3]
    assert np.isnan(table.numbers("year")[1])
    assert table.row(2) == {"id": "漢字", "note": "覚え", "lang": "ja", "year": 1999, "row": 3}


def test_a_mapped_column_cannot_be_written_to(table: Table) -> None:
    with pytest.raises(ValueError, match="read-only"):
        table.numbers("row")[0] = 7


@pytest.mark.parametrize(("text", "row"), [("a", 0), ("漢字", 2), ("", None), ("zz", None)])
def test_a_row_is_found_by_its_text(table: Table, text: str, row: int | None) -> None:
    assert table.texts("id").row_of(text) == row


def test_rows_are_flagged_by_the_names_of_their_category(table: Table) -> None:
    lang = table.categories("lang")

    assert lang.among(["ja", "fr"]).tolist() == [True, False, True]
    assert lang.values_of({"ja": 5}, 0).tolist() == [5, 0, 5]


def test_a_table_without_rows_is_read_as_such(tmp_path: Path) -> None:
    TableWriter(tmp_path, KINDS).close()

    empty = Table.load(tmp_path)

    assert (len(empty), list(empty.texts("id")), empty.texts("id").row_of("a")) == (0, [], None)
    assert empty.categories("lang").among(["ja"]).tolist() == []


def test_compressed_texts_are_read_as_they_were_written_in_batches_of_any_size(
    tmp_path: Path,
) -> None:
    texts = [f"{number} 酸素を通さない膜 " * (number % 5) for number in range(75)]
    writer = TableWriter(tmp_path, {"text": "packed", "row": "number:i8"})
    for first, end in ((0, 1), (1, 1), (1, 40), (40, 75)):
        writer.append({"text": texts[first:end], "row": range(first, end)})
    writer.close()

    column = Table.load(tmp_path).texts("text")

    assert list(column) == texts
    assert column[np.array([74, 3, 16, 15])] == [texts[74], texts[3], texts[16], texts[15]]
    with pytest.raises(IndexError):
        column[75]
    written = sum(path.stat().st_size for path in tmp_path.glob("text.*"))
    assert written < len("".join(texts).encode()) / 4


def test_columns_of_different_lengths_are_refused(tmp_path: Path) -> None:
    writer = TableWriter(tmp_path, {"id": "text", "row": "number:i8"})

    with pytest.raises(ValueError, match=r"different lengths: \[1, 2\]"):
        writer.append({"id": ["a"], "row": [1, 2]})


def test_a_column_that_was_cut_short_is_damage(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "t" / "row.bin"
    path.write_bytes(path.read_bytes()[:8])

    with pytest.raises(ValueError, match="mmap length is greater"):
        Table.load(tmp_path / "t")
