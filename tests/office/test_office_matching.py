"""What offices ask of match lists: filters that lose nobody, works people chose, what stays hidden."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher.encoder.encoder import Encoder
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import Filters, Need
from matcher.tables import Corpus
from matcher.version_files import read_snapshot

SEEDS: list[dict[str, Any]] = [
    {
        "seed_id": "s-grip",
        "title": "Soft gripper",
        "text": "Soft fingers pick ripe fruit. The force stays below 3.5 newton.",
        "people": ["r-mori"],
    },
    {"seed_id": "s-bake", "title": "Baking bread", "text": "Bread rises.", "people": ["r-abe"]},
    {
        "seed_id": "s-film",
        "title": "薄膜の検査",
        "text": "薄膜の欠陥を光で検査する方法を示す。",
        "people": ["r-sato", "r-mori"],
        "kind": "patent",
    },
    {"seed_id": "s-steel", "title": "Corrosion of steel bridges", "people": ["r-tani"]},
]
RESEARCHERS = [{"researcher_id": "r-mori", "name_ja": "森 絵里"}]
FRUIT = Need("A gripper that picks ripe fruit", "n-fruit")
FILM = Need("薄膜の欠陥を検査したい。", "n-film")


def ids(run: pd.DataFrame) -> list[str]:
    return [str(researcher_id) for researcher_id in run["researcher_id"]]


def test_a_filter_that_leaves_three_far_people_among_5000_passages_returns_those_three(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    """Far more near passages than there are candidates; one of the three has but a profile."""
    near = [
        {"seed_id": f"s-{n:04d}", "text": f"{FRUIT.text} {n}", "people": [f"r-{n % 500:03d}"]}
        for n in range(5000)
    ]
    far = [
        {"seed_id": "s-far-1", "text": "Bread rises slowly.", "people": ["x-1"]},
        {"seed_id": "s-far-2", "title": "鋼の腐食", "people": ["x-2"]},
        {
            "seed_id": "profile:x-3", "title": "ledgers, law", "kind": "profile", "people": ["x-3"],
        },
    ]  # fmt: skip
    people = [{"researcher_id": f"x-{n}", "position_en": "Emerita"} for n in (1, 2, 3)]
    version = build_index(
        corpus_of([*near, *far], people), [], word_encoder, None, tmp_path, keep=1
    )

    matches = Recommender.from_parts(version, word_encoder).match(
        FRUIT, top=10, filters=Filters(positions=["emerita"])
    )

    found = {match.researcher.researcher_id for match in matches.matches}
    assert found == {"x-1", "x-2", "x-3"}
    assert matches.researchers_considered == 3


@pytest.mark.parametrize("filters", [Filters(kinds=["paper"]), Filters(until=2100)])
def test_nobody_whom_a_filter_leaves_is_lost_to_the_number_of_candidates(
    *,
    corpus_of: Callable[..., Corpus],
    word_encoder: Encoder,
    tmp_path: Path,
    filters: Filters,
) -> None:
    """So few passages as 3,000 are all looked at (`matcher/retrieval.py`)."""
    texts = {f"r-{n:04d}": FRUIT.text if n else "Bread rises slowly." for n in range(2900)}
    corpus = corpus_of(
        [{"seed_id": p, "text": text, "people": [p], "year": 2020} for p, text in texts.items()]
        + [{"seed_id": "other", "text": "Walls.", "people": ["r-other"], "kind": "course"}]
    )
    version = build_index(corpus, [], word_encoder, None, tmp_path, keep=1)

    run = Recommender.from_parts(version, word_encoder).recommend(
        [FRUIT], top=5000, filters=filters
    )

    assert (len(run), ids(run)[-1]) == (2900, "r-0000")


def test_a_representative_work_says_so_for_the_one_who_chose_it(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    seeds = [{**SEEDS[2], "chosen_by": ["r-sato"]}, SEEDS[1]]
    version = build_index(corpus_of(seeds), [], word_encoder, None, tmp_path, keep=1)

    matches = Recommender.from_parts(version, word_encoder).match(FILM).matches

    chosen = {m.researcher.researcher_id: m.evidence[0].representative for m in matches}
    assert (chosen["r-sato"], chosen["r-mori"]) == (True, False)


def test_a_representative_work_weighs_three_times_in_the_profile(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    texts = ("Ripe fruit is picked.", "Bread rises.")
    chosen = [["r"], []]
    seeds = [
        {"seed_id": f"s{n}", "text": text, "people": ["r"], "chosen_by": chosen[n]}
        for n, text in enumerate(texts)
    ]
    version = build_index(corpus_of(seeds), [], word_encoder, None, tmp_path, keep=1)

    snapshot = read_snapshot(version)

    first, second = (snapshot.dense._index.reconstruct(row) for row in (0, 1))
    expected = 3 * first + second
    assert snapshot.profiles[0] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)


HIDDEN = {
    "seed_id": "s-secret",
    "title": "Secret gripper",
    "text": "A secret gripper picks ripe fruit.",
    "people": ["r-mori", "r-only-secret"],
}


@pytest.mark.parametrize("visibility", ["internal", "confidential"])
def test_what_is_not_public_is_found_by_those_alone_who_ask_for_it(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path, visibility: str
) -> None:
    hidden = {**HIDDEN, "visibility": visibility}
    with_it = build_index(
        corpus_of([*SEEDS, hidden], RESEARCHERS), [], word_encoder, None, tmp_path / "a", keep=1
    )
    without = build_index(
        corpus_of(SEEDS, RESEARCHERS), [], word_encoder, None, tmp_path / "b", keep=1
    )
    asked, plain = (Recommender.from_parts(v, word_encoder) for v in (with_it, without))

    shown, expected = asked.match(FRUIT), plain.match(FRUIT)
    named = asked.match(FRUIT, filters=Filters(visibilities=[visibility]))

    assert [m.researcher for m in shown.matches] == [m.researcher for m in expected.matches]
    assert "secret" not in json.dumps(asdict(shown)).lower()
    assert shown.researchers_considered == expected.researchers_considered
    assert {e.seed_id for m in named.matches for e in m.evidence} == {"s-secret"}
    assert {m.researcher.researcher_id for m in named.matches} == {"r-mori", "r-only-secret"}


def test_a_hidden_seed_does_not_move_the_profile_of_someone_with_public_ones(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    hidden = {**HIDDEN, "visibility": "confidential"}
    with_it, without = (
        read_snapshot(build_index(corpus_of(seeds), [], word_encoder, None, tmp_path / n, keep=1))
        for n, seeds in (("a", [*SEEDS, hidden]), ("b", SEEDS))
    )

    profiles = [
        dict(zip(s.researchers.texts("researcher_id"), s.profiles, strict=True))
        for s in (with_it, without)
    ]

    assert profiles[0]["r-mori"] == pytest.approx(profiles[1]["r-mori"])
    assert np.linalg.norm(profiles[0]["r-only-secret"]) == pytest.approx(1)


def test_work_with_industry_stands_on_the_card(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    people = [
        {
            "researcher_id": "r-mori",
            "industry_seeds": 2,
            "industry_last_year": 2023,
            "industry_partners": "青波化学; Aonami Foods",
        }
    ]
    version = build_index(corpus_of(SEEDS, people), [], word_encoder, None, tmp_path, keep=1)
    recommender = Recommender.from_parts(version, word_encoder)

    card, other = recommender.researcher("r-mori"), recommender.researcher("r-sato")

    assert (card.industry_seeds, card.industry_last_year) == (2, 2023)
    assert card.industry_partners == "青波化学; Aonami Foods"
    assert (other.industry_seeds, other.industry_last_year, other.industry_partners) == (
        0,
        None,
        "",
    )
