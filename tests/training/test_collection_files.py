"""Files of evaluation collections: packed, in other encodings, damaged, missing, named elsewhere."""

import gzip
from pathlib import Path

import pytest

from enmusubi.errors import CollectionError, UnreadableFileError
from tests.support.small_collection import (
    NEEDS,
    SEEDS,
    lines_of,
    with_needs,
    write_collection,
)
from training.collections import read_collection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_collection(tmp_path)


def test_gzip_is_told_by_the_bytes_and_not_by_the_name(folder: Path) -> None:
    (folder / "needs.jsonl").write_bytes(gzip.compress(lines_of(NEEDS).encode()))
    (folder / "seeds.jsonl.gz").write_text(lines_of(SEEDS), "utf-8")
    assert len(read_collection(folder).needs) == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_and_windows_line_ends_are_read(folder: Path, encoding: str) -> None:
    for name in ("needs.jsonl", "qrels.txt"):
        text = (folder / name).read_text("utf-8").replace("\n", "\r\n\r\n")
        (folder / name).write_bytes(text.encode(encoding))
    collection = read_collection(folder)
    assert [need.need_id for need in collection.needs] == ["n1", "n2"]
    assert collection.notes == []


def test_a_line_in_another_encoding_is_left_out(folder: Path) -> None:
    (folder / "needs.jsonl").write_bytes(
        lines_of(NEEDS).encode() + '{"need_id":"n3","text":"膜"}\n'.encode("cp932")
    )
    notes = read_collection(folder).notes
    assert notes == ["needs.jsonl: 1 line not UTF-8, left out (line 3)"]


def test_a_gzip_file_cut_short_is_an_error(folder: Path) -> None:
    whole = gzip.compress(lines_of(SEEDS).encode())
    (folder / "seeds.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFileError, match=r"seeds\.jsonl\.gz cannot be read beyond line"):
        read_collection(folder)


def test_control_characters_and_deep_nesting_do_no_harm(folder: Path) -> None:
    odd = '{"need_id": "n3", "text": "a\x01b \\ud800 c"}\n' + "[" * 200_000 + "\n"
    collection = with_needs(folder, lines_of(NEEDS) + odd)
    assert collection.needs[2].text == "ab 〓 c"
    assert collection.notes[0] == "needs.jsonl: 1 line not JSON, left out (line 4)"


def test_a_named_file_is_a_path_first_and_then_a_file_of_the_folder(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "mine.jsonl").write_text(lines_of(NEEDS[:1]), "utf-8")
    (folder / "other.jsonl").write_text(lines_of(NEEDS[1:]), "utf-8")
    monkeypatch.chdir(elsewhere)

    def first_need(named: str | Path) -> str:
        return read_collection(folder, needs=named).needs[0].need_id

    assert first_need("mine.jsonl") == "n1"
    assert first_need(elsewhere / "mine.jsonl") == "n1"
    assert first_need("other.jsonl") == "n2"


def test_a_file_that_is_nowhere_is_an_error_that_names_both_places(folder: Path) -> None:
    with pytest.raises(CollectionError, match=r"no file nowhere\.txt nor .*/nowhere\.txt"):
        read_collection(folder, qrels="nowhere.txt")


@pytest.mark.parametrize("name", ["needs.jsonl", "seeds.jsonl.gz", "qrels.txt"])
def test_a_missing_file_of_the_contract_is_an_error(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(CollectionError, match=name):
        read_collection(folder)


def test_plain_seeds_are_found_where_packed_ones_are_missing(folder: Path) -> None:
    (folder / "seeds.jsonl.gz").unlink()
    (folder / "seeds.jsonl").write_text(lines_of(SEEDS), "utf-8")
    assert len(read_collection(folder).corpus.seeds) == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [("needs.jsonl", "holds no needs"), ("seeds.jsonl.gz", "holds no seeds"),
     ("qrels.txt", "holds no judgements")],
)  # fmt: skip
def test_a_file_without_anything_usable_is_an_error(folder: Path, name: str, message: str) -> None:
    (folder / name).write_text("")
    with pytest.raises(CollectionError, match=message):
        read_collection(folder)


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="is not a folder"):
        read_collection(tmp_path / "nothing")
