"""What the command line prints of a match list, in both languages."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from cli.lists import as_json, print_matches
from matcher.records import Evidence, Match, MatchList, NeedPart, Objection, ResearcherCard

EVIDENCE = Evidence(
    "s1", "paper", "ja", "食品包装の薄い膜", 2019, "", "水蒸気にも強い。", "text", 16,
    "水蒸気にも強い。", 0.7, answers=NeedPart("a thin film", 0, 11),
)  # fmt: skip
AGAINST = (Objection("weak", 0.04), Objection("old", 2009.0), Objection("one_seed"))


def found(
    *, fits_nobody: bool = False, probability: float | None = 0.62, not_asked: float = 0.0
) -> MatchList:
    card = ResearcherCard("r1", "森 花", "Hana Mori", department_en="Packaging")
    strength = "good" if probability else "weak"
    match = Match(1, card, -1.234567, (EVIDENCE,), probability, strength, AGAINST)
    return MatchList(
        "n1", "en", (match,), 5, "v1", "m@1", fits_nobody, "linear@1", not_asked=not_asked
    )


def printed(matches: MatchList, language: str) -> str:
    console = Console(file=io.StringIO(), width=120)
    print_matches(matches, language, console)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ja", ["適合の見込み", "有望 62%", "留意点: 公開されている最新の業績は2009年です"]),
        ("en", ["Fit", "Good 62%", "To consider: The newest public work is from 2009"]),
    ],
)
def test_a_list_shows_a_word_and_a_percentage_and_no_score(
    language: str, expected: list[str]
) -> None:
    shown = printed(found(), language)

    for text in expected:
        assert text in shown
    assert "1.23" not in shown
    assert "Nobody" not in shown


def test_someone_without_a_probability_has_the_word_alone() -> None:
    shown = printed(found(probability=None), "en")

    assert "Weak" in shown
    assert "%" not in shown


@pytest.mark.parametrize(
    ("language", "line"),
    [("ja", "適任と見込まれる研究者は見つかりませんでした"), ("en", "Nobody here fits well")],
)
def test_a_list_that_fits_nobody_says_so_above_the_list(language: str, line: str) -> None:
    shown = printed(found(fits_nobody=True), language)

    assert shown.startswith(line)
    assert "Hana Mori" in shown


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("ja", "この一覧は全員を対象としていません。"),
        ("en", "This list is incomplete"),
    ],
)
def test_an_incomplete_list_says_so_above_the_list(language: str, line: str) -> None:
    shown = printed(found(not_asked=0.25), language)
    empty = printed(replace(found(not_asked=0.25), matches=()), language)

    assert shown.startswith(line) and empty.startswith(line)
    assert "25" in shown.partition("Hana Mori")[0]
    assert "Nobody" not in empty  # somebody who was not asked may fit
    assert as_json(found(not_asked=0.25))["not_asked"] == 0.25


def test_json_has_everything() -> None:
    values = as_json(found(fits_nobody=True))

    assert (values["fits_nobody"], values["reranker"]) == (True, "linear@1")
    (match,) = values["matches"]
    assert match["evidence"][0]["answers"] == {"text": "a thin film", "start": 0, "end": 11}
    assert match["against"][1] == {"reason": "old", "value": 2009.0, "part": None, "language": ""}
