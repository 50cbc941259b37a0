"""`enmusubi match`: where a need comes from, and lists for people and for programs."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.outcomes import HUSHED, Outcome
from tests.support.need_documents import word


def test_a_match_list_shows_who_and_the_sentence(office: Callable[..., Outcome]) -> None:
    code, out, err = office("match", HUSHED, "--top", "1")

    assert (code, err) == (0, "")
    assert "Researcher" in out
    assert "Eri Mori" in out
    assert "Soft fingers pick ripe fruit." in out
    assert "Ken Sato" not in out


def test_a_japanese_need_gets_a_japanese_list(office: Callable[..., Outcome]) -> None:
    _, out, _ = office("match", "薄膜の欠陥を検査したい")

    assert "研究者" in out
    assert "薄膜の欠陥を光で検査する。" in out


def test_nobody_left_is_said_in_words(office: Callable[..., Outcome]) -> None:
    code, out, _ = office("match", "a film", "--institution", "nowhere")

    assert (code, out.startswith("Nobody matches.")) == (0, True)


def first_id(out: str) -> str:
    return str(json.loads(out)["matches"][0]["researcher"]["researcher_id"])


def test_json_carries_the_whole_list(office: Callable[..., Outcome]) -> None:
    _, out, _ = office("match", HUSHED, "--json")

    answer = json.loads(out)
    assert (answer["index_version"], answer["model"]) == ("v000001", "words@0123456789abcdef")
    assert [match["rank"] for match in answer["matches"]] == [1, 2]
    assert first_id(out) == "r-mori"
    evidence = answer["matches"][0]["evidence"][0]
    assert (evidence["seed_id"], evidence["sentence_field"]) == ("s-r-mori", "text")


def test_a_need_comes_from_the_catalogue_a_file_or_standard_input(
    office: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "need.txt").write_bytes("薄膜の欠陥を検査したい".encode("cp932"))
    piped = io.TextIOWrapper(io.BytesIO("薄膜の欠陥を検査したい".encode()))
    monkeypatch.setattr(sys, "stdin", piped)

    assert first_id(office("match", "--need", "n-1", "--json")[1]) == "r-mori"
    assert first_id(office("match", "--file", "need.txt", "--json")[1]) == "r-sato"
    assert first_id(office("match", "-", "--json")[1]) == "r-sato"


def test_the_text_of_a_file_can_be_seen_before_it_is_matched(
    office: Callable[..., Outcome], tmp_path: Path
) -> None:
    inserted = "<w:p><w:ins><w:r><w:t>薄膜の欠陥を検査したい</w:t></w:r></w:ins></w:p>"
    (tmp_path / "need.docx").write_bytes(word(inserted))

    code, out, said = office("match", "--file", "need.docx", "--show-text")

    assert (code, out) == (0, "薄膜の欠陥を検査したい\n")
    assert "Tracked changes were read as if all were accepted." in said
    assert first_id(office("match", "--file", "need.docx", "--json")[1]) == "r-sato"
    assert office("match", HUSHED, "--show-text")[0] == 2
