"""`enmusubi team`: teams for a stored need, for people and for programs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import NEEDS, Draft
from tests.cli.outcomes import Outcome

TWO = "薄膜の欠陥を光で検査する方法が必要です。果物を傷めずに soft fingers で pick ripe fruit したい。"


@pytest.fixture
def needing(office: Callable[..., Outcome], tmp_path: Path) -> Callable[..., Outcome]:
    """An office with a need of two wishes and one of a single wish."""
    texts = {"N-two": TWO, "N-one": "We need soft fingers that pick ripe fruit."}
    with open_catalogue(f"sqlite:///{tmp_path / 'data' / 'catalogue.sqlite'}") as catalogue:
        drafts = [Draft(NEEDS, {"need_id": n, "text": text}) for n, text in texts.items()]
        catalogue.write(drafts, source="test")
    return office


def test_a_team_is_told_with_who_covers_what(needing: Callable[..., Outcome]) -> None:
    code, out, err = needing("team", "N-two")

    assert (code, err) == (0, "")
    assert "要件への対応" in out and "森 絵里" in out and "(代表者)" in out
    assert "Soft fingers pick ripe fruit." in out


def test_json_has_the_terms_and_the_members(needing: Callable[..., Outcome]) -> None:
    _, out, _ = needing("team", "N-two", "--json", "--lead", "r-mori")

    answer = json.loads(out)
    members = answer["proposed"][0]["members"]
    assert [m["is_lead"] for m in members] == [True, False]
    assert members[0]["researcher_id"] == "r-mori"
    assert len(answer["wishes"]) == 2


def test_a_single_wish_is_said_to_need_no_team(needing: Callable[..., Outcome]) -> None:
    code, out, _ = needing("team", "N-one")

    assert code == 0 and "match" in out and "team" not in out


def test_an_unknown_need_is_an_error(needing: Callable[..., Outcome]) -> None:
    code, out, err = needing("team", "N-none")

    assert (code, out) == (1, "") and "N-none" in err
