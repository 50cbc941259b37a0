"""Evidence, objections and contributions over a real index: what is shown made the rank."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from indexes.columns import Table
from matcher.encoder.encoder import Encoder
from matcher.features.definitions import NAMES
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import COMPETITIVE, Match, Need
from matcher.reranking.reranker import LINEAR, TREES, Reranker, load_reranker, reranker_of
from matcher.snapshot import Snapshot
from matcher.tables import Corpus
from matcher.version_files import read_snapshot

FILM = "We look for a thin film that keeps oxygen out of fresh food."
CLEANING = "It must survive cleaning with hot steam every evening."
NEED = Need(f"{FILM} {CLEANING}", "n-film")
OXYGEN = "A thin film of cellulose keeps oxygen out of fresh food for weeks."
STEAM = "The coating survives cleaning with hot steam every evening in a dairy."
FILLER = [f"Report {n} tells of walls, floors and bridges in a distant town." for n in range(24)]


def seeds_of(person: str, *texts: str, **given: Any) -> list[dict[str, Any]]:
    return [
        {"seed_id": f"{person}-{n}", "text": text, "people": [person], "year": 2024, **given}
        for n, text in enumerate(texts)
    ]


@pytest.fixture
def matched(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> Callable[..., dict[str, Match]]:
    """Matches a need with seeds among others that have nothing to do with it; by researcher."""
    others = [s for n, text in enumerate(FILLER) for s in seeds_of(f"x{n:02d}", text)]

    def match(seeds: list[dict[str, Any]], need: Need = NEED) -> dict[str, Match]:
        corpus = corpus_of([*seeds, *others])
        version = build_index(corpus, [], word_encoder, None, tmp_path / "indexes", keep=1)
        found = Recommender.from_parts(version, word_encoder).match(need, top=99)
        return {match.researcher.researcher_id: match for match in found.matches}

    return match


def test_evidence_names_the_part_of_the_need_that_it_answers(matched: Any) -> None:
    evidence = matched(seeds_of("r", OXYGEN, STEAM))["r"].evidence

    assert {e.sentence: e.answers.text for e in evidence} == {OXYGEN: FILM, STEAM: CLEANING}
    for e in evidence:
        assert NEED.text[e.answers.start : e.answers.end] == e.answers.text


def test_the_parts_of_the_need_are_answered_or_open(matched: Any) -> None:
    found = matched(seeds_of("r", OXYGEN, STEAM) + seeds_of("half", f"{OXYGEN} {FILLER[0]}"))
    whole, half = found["r"], found["half"]

    assert [(p.part.text, p.seed_id, p.sentence) for p in whole.parts] == [
        (FILM, "r-0", OXYGEN),
        (CLEANING, "r-1", STEAM),
    ]
    assert [(p.part.text, p.seed_id, p.sentence) for p in half.parts] == [
        (FILM, "half-0", OXYGEN),
        (CLEANING, "", ""),
    ]


def test_several_pieces_of_evidence_answer_different_parts_where_they_can(matched: Any) -> None:
    again = [OXYGEN.replace("weeks", word) for word in ("months", "days", "years")]
    evidence = matched(seeds_of("r", OXYGEN, *again, STEAM))["r"].evidence

    assert len(evidence) == 3
    assert evidence[1].sentence == STEAM or evidence[0].sentence == STEAM


def test_a_profile_s_keywords_do_not_win_over_work_that_is_nearly_as_near(matched: Any) -> None:
    profile = seeds_of("r", OXYGEN, kind="profile")  # the first by id
    paper = [{**seed, "seed_id": "s"} for seed in seeds_of("r", OXYGEN)]

    assert [e.kind for e in matched([*profile, *paper])["r"].evidence] == ["paper", "profile"]


def test_a_title_is_marked_where_it_tells_more_than_any_sentence(matched: Any) -> None:
    around = "The successful completion of this project trains students in the laboratory."
    titled = {"title": "A thin film that keeps oxygen out of fresh food", "year": 2024}

    (marked,) = matched(seeds_of("r", around, **titled))["r"].evidence
    (told,) = matched(seeds_of("r", OXYGEN, **{**titled, "title": "Work of three years"}))[
        "r"
    ].evidence

    assert (marked.sentence_field, marked.sentence) == ("title", titled["title"])
    assert (told.sentence_field, told.sentence) == ("text", OXYGEN)


def test_the_same_sentences_answer_for_a_likely_person_and_are_near_for_an_unlikely(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    others = [s for n, text in enumerate(FILLER) for s in seeds_of(f"x{n:02d}", text)]
    corpus = corpus_of([*seeds_of("r", OXYGEN, STEAM), *others])
    version = build_index(corpus, [], word_encoder, None, tmp_path, keep=1)

    def first(shift: float) -> Match:
        document = load_reranker().document
        curve = document["calibration"]
        moved = {**curve, "intercept": curve["intercept"] + shift}
        reranker = reranker_of({**document, "calibration": moved})
        matches = Recommender.from_parts(version, word_encoder, reranker=reranker).match(NEED)
        return matches.matches[0]

    likely, unlikely = first(9.0), first(-9.0)

    assert [e.sentence for e in likely.evidence] == [e.sentence for e in unlikely.evidence]
    assert {e.answers.text for e in likely.evidence if e.answers} == {FILM, CLEANING}
    assert [e.answers for e in unlikely.evidence] == [None, None]
    assert [part.is_answer for part in likely.parts] == [True, True]
    assert [(part.sentence, part.is_answer) for part in unlikely.parts] == [
        (OXYGEN, False),
        (STEAM, False),
    ]


def test_a_short_sentence_is_shown_only_where_there_is_nothing_else(matched: Any) -> None:
    text = f"Thin oxygen film. {OXYGEN} Fresh food."
    titled = {"title": "A thin film that keeps oxygen out", "text": "Thin film."}

    assert matched(seeds_of("r", text))["r"].evidence[0].sentence == OXYGEN
    (shown,) = matched(seeds_of("r", "", **titled))["r"].evidence
    assert (shown.sentence_field, shown.sentence) == ("title", titled["title"])
    (only,) = matched(seeds_of("r", "Thin film."))["r"].evidence
    assert only.sentence == "Thin film."


def test_what_speaks_against_a_match_is_said(matched: Any) -> None:
    old = seeds_of("r-old", OXYGEN, year=1999)
    course = seeds_of("r-course", STEAM, OXYGEN, kind="course")
    found = matched([*old, *course])

    said = {who: [o.reason for o in found[who].against] for who in ("r-old", "r-course")}
    assert {"one_seed", "old"} <= set(said["r-old"])
    assert "old" not in said["r-course"]
    assert "thin_evidence" in said["r-course"]
    values = {o.reason: o.value for o in found["r-old"].against}
    assert values["old"] == 1999.0


def test_seeds_that_carry_next_to_nothing_are_no_evidence(matched: Any) -> None:
    found = matched(seeds_of("r", OXYGEN, FILLER[3]))["r"]

    assert [e.sentence for e in found.evidence] == [OXYGEN]
    assert "one_seed" in {o.reason for o in found.against}


def test_work_with_companies_is_missed_only_where_somebody_has_it(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    seeds = [*seeds_of("a", OXYGEN), *seeds_of("b", STEAM)]
    need = replace(NEED, area=COMPETITIVE)
    said = []
    for number in (0, 3):
        corpus = corpus_of(seeds, [{"researcher_id": "b", "industry_seeds": number}])
        version = build_index(corpus, [], word_encoder, None, tmp_path / str(number), keep=1)
        matches = Recommender.from_parts(version, word_encoder).match(need).matches
        reasons = {m.researcher.researcher_id: {o.reason for o in m.against} for m in matches}
        said.append([who for who in "ab" if "no_industry" in reasons[who]])

    assert said == [[], ["a"]]


def linear_reranker() -> Reranker:
    generator = np.random.default_rng(7)
    document = {
        **load_reranker().document,
        "kind": LINEAR,
        "features": list(NAMES),
        "weights": generator.normal(size=len(NAMES)).tolist(),
        "means": generator.normal(size=len(NAMES)).tolist(),
        "scales": [2.0] * len(NAMES),
        "intercept": 0.7,
    }
    return reranker_of(document)


def trees_reranker(features: pd.DataFrame) -> Reranker:
    from lightgbm import Dataset, train

    relevance = np.arange(len(features)) % 3 == 0
    options = {
        "objective": "binary", "num_leaves": 4, "min_data_in_leaf": 2, "verbosity": -1,
        "num_threads": 1, "deterministic": True,
    }  # fmt: skip
    booster = train(options, Dataset(features.to_numpy(), relevance), num_boost_round=20)
    document = {
        **load_reranker().document,
        "kind": TREES,
        "features": list(features.columns),
        "booster": booster.model_to_string(),
    }
    return reranker_of(document)


@pytest.fixture
def snapshot(corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path) -> Snapshot:
    others = [s for n, text in enumerate(FILLER) for s in seeds_of(f"x{n:02d}", text, OXYGEN)]
    corpus = corpus_of([*seeds_of("r", OXYGEN, STEAM), *others])
    return read_snapshot(build_index(corpus, [], word_encoder, None, tmp_path, keep=1))


@pytest.mark.parametrize("kind", [LINEAR, TREES])
def test_contributions_and_the_base_add_up_to_the_score_that_ranks(
    snapshot: Snapshot, word_encoder: Encoder, kind: str
) -> None:
    described = dict(Recommender(snapshot, word_encoder).describe([NEED]))["n-film"]
    features = described.drop(columns="researcher_id")
    reranker = linear_reranker() if kind == LINEAR else trees_reranker(features)

    matches = Recommender(snapshot, word_encoder, reranker=reranker).match(NEED, top=99).matches

    scores = dict(zip(described["researcher_id"], reranker.score(features), strict=True))
    assert np.std(list(scores.values())) > 0.01
    for match in matches:
        total = sum(item.contribution for item in match.contributions)
        assert total == pytest.approx(scores[match.researcher.researcher_id], abs=1e-9)
        assert match.contributions[-1].feature == "base"
        assert {item.feature for item in match.contributions} == {*reranker.features, "base"}


def test_those_who_are_not_reranked_are_weak_without_contributions(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    people = [f"p{n:03d}" for n in range(230)]
    corpus = corpus_of([s for person in people for s in seeds_of(person, OXYGEN)])
    version = build_index(corpus, [], word_encoder, None, tmp_path, keep=1)

    matches = Recommender.from_parts(version, word_encoder).match(NEED, top=230).matches

    assert [bool(match.contributions) for match in matches] == [True] * 200 + [False] * 30
    last = matches[-1]
    assert (last.probability, last.strength, last.against[0].reason) == (None, "weak", "weak")
    assert last.evidence


def test_explaining_encodes_nothing_but_the_need(snapshot: Snapshot, word_encoder: Any) -> None:
    indexed = word_encoder.encoded

    Recommender(snapshot, word_encoder).match(NEED, top=20)

    assert word_encoder.encoded == indexed + 1


def test_a_version_that_kept_nothing_of_what_sentences_say_gives_the_same_list(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    short = seeds_of("short", "Film. Oxygen. Fresh food.")
    told = seeds_of("told", f"{OXYGEN} In addition, this can benefit students. We measure films.")
    corpus = corpus_of([*short, *told, *seeds_of("titled", STEAM, title=FILM)])
    version = build_index(corpus, [], word_encoder, None, tmp_path / "indexes", keep=1)
    snapshot = read_snapshot(version)
    names = [name for name in snapshot.sentences.names if name != "says"]
    older = replace(
        snapshot,
        sentences=Table({n: snapshot.sentences._columns[n] for n in names}),
    )

    said = snapshot.sentences.numbers("says")
    assert len(set(said.tolist())) >= 3
    lists = [Recommender(one, word_encoder).match(NEED, top=9) for one in (snapshot, older)]
    assert lists[0].matches == lists[1].matches != ()
