"""Where a layman's words leave the experts whom a specialist's words find, on a few made-up people."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from enmusubi.errors import CollectionError
from matcher.encoder.encoder import Encoder
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import Match, MatchList, ResearcherCard
from matcher.tables import Corpus
from tests.support.rerankers import THINGS, linear
from training.metrics import Interval
from training.wordings import (
    DEPTH,
    Pair,
    Wording,
    best_place,
    kept_experts,
    match_pairs,
    read_pairs,
)


def pair_of(layman: str, specialist: str, *experts: str, pair_id: str = "p1") -> Pair:
    return Pair(pair_id, "made-up", Wording("en", layman), Wording("en", specialist), experts)


@pytest.fixture
def recommender(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> Recommender:
    """One person for each thing, r0 for the first."""
    seeds = [
        {"seed_id": f"s{i}", "title": thing, "text": f"On {thing}.", "lang": "en", "people": [f"r{i}"]}
        for i, thing in enumerate(THINGS)
    ]  # fmt: skip
    version = build_index(corpus_of(seeds), [], word_encoder, None, tmp_path / "indexes", keep=1)
    return Recommender.from_parts(version, word_encoder, reranker=linear(8.0))


def test_whose_words_are_a_seeds_finds_its_owner_and_whose_are_not_loses_them(
    recommender: Recommender,
) -> None:
    pairs = [
        pair_of("ageing of a battery", "battery ageing", "r3", pair_id="same"),
        pair_of("texture of tofu", "battery ageing", "r3", pair_id="lost"),
    ]

    matched = match_pairs(recommender, pairs).set_index("pair_id")

    assert list(matched["specialist_rank"]) == [1, 1]
    assert list(matched["specialist_first"]) == [True, True]
    assert matched.loc["same", "layman_rank"] == 1
    assert matched.loc["same", "words_lower"] == 0
    assert matched.loc["lost", "layman_rank"] > 1
    assert matched.loc["lost", "layman_strength"] == "weak"
    assert matched.loc["lost", "words_lower"] >= 1


def test_an_unknown_person_is_found_nowhere_and_weak(recommender: Recommender) -> None:
    matched = match_pairs(recommender, [pair_of("tofu", "tofu texture", "nobody")]).iloc[0]

    assert (matched["specialist_rank"], matched["specialist_strength"]) == (0, "weak")
    assert (matched["layman_rank"], matched["words_lower"]) == (0, 0)
    assert not matched["specialist_first"]
    assert not matched["layman_first"]


def test_the_place_is_that_of_the_best_ranked_expert() -> None:
    people = {"r1": "strong", "r2": "good", "r3": "possible", "r4": "weak"}
    matches = tuple(
        Match(rank, ResearcherCard(person), 0.0, (), strength=strength)
        for rank, (person, strength) in enumerate(people.items(), start=1)
    )
    listed = MatchList("n1", "en", matches, 4, "v1", "words")

    assert best_place(listed, ("r3", "r2")) == (2, "good")
    assert best_place(listed, ("r4",)) == (4, "weak")
    assert best_place(listed, ("r9",)) == (0, "weak")


def matched_rows(*rows: tuple[str, bool, bool, int]) -> pd.DataFrame:
    return pd.DataFrame(
        rows, columns=["languages", "specialist_first", "layman_first", "words_lower"]
    )


def test_shares_are_those_counted_by_hand() -> None:
    matched = matched_rows(
        ("ja", True, True, 0),
        ("ja", True, True, 2),  # kept, but two words lower
        ("ja", True, False, 1),
        ("ja/en", True, True, -1),
        ("en", False, True, -1),  # the specialist's own words did not find them
    )

    groups = kept_experts(matched)

    every = groups["all"]
    assert every.pairs == 5
    assert every.specialist.mean == pytest.approx(4 / 5)
    assert every.layman.mean == pytest.approx(4 / 5)
    assert every.kept is not None
    assert every.kept.mean == pytest.approx(3 / 4)
    assert every.kept_near is not None
    assert every.kept_near.mean == pytest.approx(2 / 4)
    assert dict(every.lower) == {-1: 1, 0: 1, 1: 1, 2: 1}
    assert list(groups) == ["all", "en", "ja", "ja/en"]
    assert groups["ja"].kept is not None
    assert groups["ja"].kept.mean == pytest.approx(2 / 3)


def test_where_no_specialist_finds_anybody_there_is_no_share_to_keep() -> None:
    group = kept_experts(matched_rows(("en", False, True, 0)))["all"]

    assert (group.kept, group.kept_near, dict(group.lower)) == (None, None, {})
    assert group.layman == Interval(1.0, 1.0, 1.0)


def test_languages_name_both_versions_where_they_differ() -> None:
    same = pair_of("a", "b", "r1")
    apart = Pair("p", "made-up", Wording("ja", "困りごと"), Wording("en", "terms"), ("r1",))

    assert (same.languages, apart.languages) == ("en", "ja/en")


GOOD: dict[str, Any] = {
    "pair_id": "p1",
    "collection": "made-up",
    "layman": {"lang": "ja", "text": "困っています。"},
    "expert": {"lang": "en", "text": "Terms."},
    "experts": ["r1", "r2"],
}


def written(folder: Path, *records: object) -> Path:
    path = folder / "pairs.jsonl"
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_the_pairs_of_one_collection_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD, "", {**GOOD, "pair_id": "p2", "collection": "another"})

    (pair,) = read_pairs(path, "made-up")

    assert pair.experts == ("r1", "r2")
    assert (pair.layman.language, pair.layman.text) == ("ja", "困っています。")
    assert (pair.specialist.language, pair.specialist.text) == ("en", "Terms.")
    assert "困って" not in repr(pair)


@pytest.mark.parametrize(
    "broken",
    [
        "no json",
        "[]",
        {**GOOD, "experts": []},
        {**GOOD, "experts": "r1"},
        {**GOOD, "experts": [1]},
        {**GOOD, "pair_id": ""},
        {**GOOD, "layman": {"lang": "fr", "text": "Un besoin."}},
        {**GOOD, "layman": {"lang": "ja", "text": " "}},
        {key: value for key, value in GOOD.items() if key != "expert"},
    ],
)
def test_a_line_of_another_form_is_named_without_its_text(tmp_path: Path, broken: object) -> None:
    with pytest.raises(CollectionError, match=r"line 2: expected .*pair_id") as refused:
        read_pairs(written(tmp_path, GOOD, broken), "made-up")
    assert "困って" not in str(refused.value)


def test_a_collection_without_pairs_is_told_which_ones_have_some(tmp_path: Path) -> None:
    with pytest.raises(
        CollectionError, match=r"no pairs of the collection 'other', but of: made-up"
    ):
        read_pairs(written(tmp_path, GOOD), "other")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"none\.jsonl cannot be read"):
        read_pairs(tmp_path / "none.jsonl", "made-up")


def test_the_list_is_read_deep_enough_for_a_strength() -> None:
    assert DEPTH >= 10
