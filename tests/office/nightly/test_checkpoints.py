"""Match lists of a night that was killed come back whole, and no need's text lies on the disk."""

from pathlib import Path

from matcher.queries import need_text
from matcher.records import (
    Contribution,
    Evidence,
    Match,
    MatchList,
    Need,
    NeedPart,
    Objection,
    ResearcherCard,
)
from office.nightly.run import Checkpoints

NEED = Need("A zeppelin  for fruit. It must be quiet.", "n1", title="Picking")


def part(words: str) -> NeedPart:
    start = need_text(NEED).index(words)
    return NeedPart(words, start, start + len(words))


def made_list() -> MatchList:
    seed = ("s1", "paper", "en", "On airships", 2030, "", "They float.", "text", 0, "They float.")
    match = Match(
        1,
        ResearcherCard("r1", name_ja="森 花", industry_last_year=2029),
        0.1 + 0.2,
        (Evidence(*seed, similarity=0.5, answers=part("for fruit")),),
        0.75,
        "good",
        (Objection("uncovered", None, part("It must be quiet.")), Objection("old", 2001.0)),
        (Contribution("dense", 0.25, 1.5), Contribution("base", None, -1.0)),
    )
    return MatchList("n1", "en", (match,), 9, "v000001", "words@01", True, "linear@01")


def test_a_list_comes_back_as_it_was(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "work", key="a")
    checkpoints.write(NEED, made_list())

    found = checkpoints.read(NEED)

    assert found is not None
    assert found == made_list()
    assert found.matches[0].evidence[0].answers == part("for fruit")


def test_no_word_of_the_need_lies_on_the_disk(tmp_path: Path) -> None:
    Checkpoints(tmp_path / "work", key="a").write(NEED, made_list())

    (path,) = [path for path in (tmp_path / "work").rglob("*") if path.is_file()]

    assert not [word for word in ("fruit", "quiet", "Picking") if word in path.read_text("utf-8")]
