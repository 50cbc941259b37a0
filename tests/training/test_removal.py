"""Evidence carries its match: without it a person stands lower, without other seeds hardly."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.encoder.encoder import Encoder
from matcher.indexing import build_index
from matcher.profiles import without_seeds
from matcher.recommender import Recommender
from matcher.records import Need
from matcher.reranking.reranker import LINEAR, Reranker, load_reranker, reranker_of
from matcher.tables import Corpus
from matcher.version_files import read_snapshot
from training.removal import Removal, removal_shares, remove_evidence

TOPICS = (
    "corrosion steel bridges salt", "oxygen film food packaging", "gripper soft fruit picking",
    "enzyme paper waste sugar", "battery lithium ageing cells", "tsunami gauge coast warning",
    "silk loom pattern weaving", "knee joint walking elderly", "tea leaves frost wind",
    "speech hearing noise children", "concrete curing winter strength", "snow road melting pipes",
)  # fmt: skip
EVERY_DAY = "The work of the year was told to visitors in spring and again in autumn."


def made_up_seeds() -> list[dict[str, Any]]:
    """Each of 24 people has two works on a topic, one on another, and three on nothing of the kind."""
    seeds = []
    for person in range(24):
        own, other = TOPICS[person % 12].split(), TOPICS[(5 * person + 1) % 12].split()
        texts = [
            f"We measured {own[0]} and {own[1]} for {own[2]} with {own[3]} in trial {person}.",
            f"A new method for {own[1]}, {own[2]} and {own[3]} was made in town {person}{person}.",
            f"A short study of {other[0]} under {other[1]} was done by group {person}.",
            *(f"Report {person}-{n}: {EVERY_DAY}" for n in range(3)),
        ]
        seeds += [
            {"seed_id": f"s{person:02d}-{n}", "text": text, "people": [f"r{person:02d}"]}
            for n, text in enumerate(texts)
        ]
    return seeds


NEEDS = [
    Need(f"We look for help with {topic.split()[0]} and {' '.join(topic.split()[1:])}.", f"n{n}")
    for n, topic in enumerate(TOPICS)
]


def plain_reranker() -> Reranker:
    """Weighs nearness, words and coverage alike: the test must not hang on what was trained."""
    features = ["first_stage", "dense_best", "profile", "coverage"]
    document = {
        **load_reranker().document,
        "kind": LINEAR,
        "features": features,
        "weights": [1.0] * len(features),
        "means": [0.0] * len(features),
        "scales": [1.0] * len(features),
        "encoder_checksum": "",
    }
    return reranker_of(document)


@pytest.fixture
def corpus(corpus_of: Callable[..., Corpus]) -> Corpus:
    return corpus_of(made_up_seeds())


@pytest.fixture
def recommender(corpus: Corpus, word_encoder: Encoder, tmp_path: Path) -> Recommender:
    version = build_index(corpus, [], word_encoder, None, tmp_path / "indexes", keep=1)
    return Recommender.from_parts(version, word_encoder, reranker=plain_reranker())


def test_without_its_evidence_a_match_is_lower_more_often_than_without_other_seeds(
    recommender: Recommender, corpus: Corpus
) -> None:
    removals = remove_evidence(recommender, NEEDS, corpus.authorships, top=3)

    shares = removal_shares(removals)
    assert shares.matches >= 24
    assert shares.evidence_lowers >= 0.9
    assert shares.evidence_lowers > shares.others_lower
    assert shares.evidence_falls > shares.others_fall + 0.2
    assert shares.evidence_lowers_more >= 0.85


def test_removing_seeds_is_what_an_index_without_them_would_say(
    corpus: Corpus, corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    def snapshot_of(seeds: list[dict[str, Any]], name: str) -> Any:
        version = build_index(corpus_of(seeds), [], word_encoder, None, tmp_path / name, keep=1)
        return read_snapshot(version)

    removed = {"s03-0", "s03-4"}
    fewer = [{**s, "people": []} if s["seed_id"] in removed else s for s in made_up_seeds()]
    whole, built = snapshot_of(made_up_seeds(), "whole"), snapshot_of(fewer, "fewer")

    reduced = without_seeds(whole, 3, removed)

    everybody = np.arange(len(built.profiles))
    assert reduced.profiles[everybody] == pytest.approx(built.profiles[everybody], abs=1e-6)
    assert [rows.tolist() for rows in reduced.authorship_rows] == [
        rows.tolist() for rows in built.authorship_rows
    ]
    assert reduced.seed_counts.tolist() == built.seed_counts.tolist()
    assert whole.seed_counts[3] == 6


def test_someone_who_loses_every_seed_is_not_in_the_list(recommender: Recommender) -> None:
    seeds = [f"s03-{n}" for n in range(6)]

    run = recommender.without("r03", seeds).recommend([NEEDS[3]], top=99)

    assert "r03" not in set(run["researcher_id"])
    assert "r03" in set(recommender.recommend([NEEDS[3]], top=99)["researcher_id"])


def test_shares_are_counted_over_matches() -> None:
    removals = [
        Removal("n1", "r1", 2, (1, 0.5), (4, -1.0), (1, 0.5)),
        Removal("n1", "r2", 1, (2, 0.1), (2, 0.0), (3, 0.0)),
    ]

    shares = removal_shares(removals)

    assert (shares.matches, shares.evidence_lowers, shares.others_lower) == (2, 1.0, 0.5)
    assert (shares.evidence_falls, shares.others_fall) == (0.5, 0.5)
    assert (shares.evidence_lowers_more, shares.others_lower_more) == (0.5, 0.5)
    assert shares.lines()[:2] == ["matches: 2", "evidence_lowers: 1.000"]
    assert np.isnan(removal_shares([]).evidence_lowers)
