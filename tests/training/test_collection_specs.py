"""Collections named in one argument."""

from pathlib import Path

import pytest

from enmusubi.errors import CollectionError, InputError
from training.collections import parse_spec, read_specified


def test_a_folder_alone_has_its_usual_files() -> None:
    assert parse_spec("judged/faculty") == (Path("judged/faculty"), {})


def test_files_are_named_after_two_colons() -> None:
    assert parse_spec("f::needs=needs_ja.jsonl, qrels=q.txt") == (
        Path("f"),
        {"needs": "needs_ja.jsonl", "qrels": "q.txt"},
    )


@pytest.mark.parametrize("spec", ["", "f::", "f::needs", "f::needs=", "f::people=x", "::needs=x"])
def test_another_form_is_refused(spec: str) -> None:
    with pytest.raises(InputError, match="does not name a collection"):
        parse_spec(spec)


def test_a_file_named_twice_is_refused() -> None:
    with pytest.raises(InputError, match="does not name a collection"):
        parse_spec("f::needs=a,needs=b")


def test_tasks_of_one_folder_have_names_of_their_own(tmp_path: Path) -> None:
    folder = tmp_path / "made-up"
    folder.mkdir()
    (folder / "needs_en.jsonl").write_text('{"need_id": "n", "text": "Thin films"}\n')
    (folder / "seeds.jsonl").write_text(
        '{"seed_id": "s", "title": "Films", "researcher_ids": ["r"]}\n'
    )
    (folder / "qrels.txt").write_text("n 0 r 1\n")

    read = read_specified(f"{folder}::needs=needs_en.jsonl,qrels=qrels.txt")

    assert read.name == "made-up/needs_en/qrels"
    assert [need.need_id for need in read.needs] == ["n"]


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="is not a folder"):
        read_specified(str(tmp_path / "nowhere"))
