"""What people are known for as a whole, and that training sees the features that serving sees."""

from collections.abc import Callable
from math import sqrt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher.areas import AreaGuess, competitive_fit
from matcher.domains.classifier import Domains
from matcher.encoder.encoder import Encoder
from matcher.features import records
from matcher.features.definitions import NAMES
from matcher.features.records import PeopleRecords, describe_people
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import Need
from matcher.reranking.reranker import BASE, load_reranker, reranker_of
from tests.support.feature_snapshots import Made, Piece, describe, lying, need, seed, snapshot_of

DOMAINS = Domains(("a", "b"), np.array([[3.0, 0, 0, 0, 0], [0, 0, 0, 2.0, 0.5]]))
SEEDS = [
    Made((0,), (Piece(0.9), Piece(0.1)), kind="patent", year=2020),
    seed(0, 1, cosine=0.4, year=2023),
    seed(2, cosine=0.7, visibility="internal", year=2023),
]
INDUSTRY = {"seeds": [2, 0, 0, 1], "last": [2018, None, None, 2017]}
FRUIT = Need("A gripper picks ripe fruit. It must be cheap.", "n-fruit")
FILM = Need("薄膜の欠陥を検査したい。", "n-film")


def described(seeds: list[Made], n_people: int = 4) -> PeopleRecords:
    return describe_people(snapshot_of(seeds, n_people, industry=INDUSTRY), DOMAINS, {})


def test_fields_are_the_mean_over_the_passages_of_public_seeds() -> None:
    fields = described(SEEDS).fields

    near, far, shared = DOMAINS.probabilities(np.stack([lying(c) for c in (0.9, 0.1, 0.4)]))
    assert fields[0] == pytest.approx((near + far + shared) / 3, abs=1e-6)
    assert fields[1] == pytest.approx(shared, abs=1e-6)
    assert fields[2:].tolist() == [[0, 0], [0, 0]]


def test_fields_that_somebody_is_known_for_come_with_the_weightiest_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fields = np.array([[0.1, 0.3, 0.6], [0.19, 0.11, 0.7], [0.0, 0.0, 0.0]])
    monkeypatch.setattr(records, "load_taxonomy", lambda: SimpleNamespace(ids=("a", "b", "c")))
    described_people = PeopleRecords(fields, np.zeros(3))

    assert [described_people.known_fields(row) for row in range(3)] == [["c", "b"], ["c"], []]


def test_without_a_classifier_nobody_has_fields() -> None:
    records = describe_people(snapshot_of(SEEDS, 4, industry=INDUSTRY), Domains(("a", "b")), {})

    assert records.fields.tolist() == [[0, 0]] * 4


def test_fit_counts_patents_companies_and_recent_years() -> None:
    fit = described(SEEDS).competitive

    expected = competitive_fit([1, 0, 0, 0], [2, 0, 0, 1], [1, 0, 0, 0], [0] * 4, [2, 1, 0, 0])
    assert fit == pytest.approx(expected)


@pytest.mark.parametrize("visibility", ["internal", "confidential"])
def test_what_is_not_public_changes_no_record(visibility: str) -> None:
    secret = Made((0, 1, 2), (Piece(-0.9),), kind="patent", year=2040, visibility=visibility)

    before, after = described(SEEDS), described([*SEEDS, secret])

    assert after.fields == pytest.approx(before.fields)
    assert after.competitive == pytest.approx(before.competitive)


def test_fields_and_areas_are_compared_with_the_persons_record() -> None:
    records = PeopleRecords(np.array([[0.5, 0.5], [0, 0]]), np.array([0.9, 0.2]))
    seeds = [seed(0), seed(1)]

    sure = describe(
        seeds,
        need(fields=np.array([0.2, 0.8]), area=AreaGuess("competitive", 0.8)),
        records=records,
    )
    unsure = describe(seeds, need(), records=records).features

    assert sure.features["domain"].tolist() == pytest.approx([sqrt(0.1) + sqrt(0.4), 0])
    assert sure.features["area_fit"].tolist() == pytest.approx([0.8 * 0.9, 0.8 * 0.2])
    assert unsure["domain"].tolist() == [0, 0]
    assert unsure["area_fit"].tolist() == [0, 0]


def recommender_of(corpus: Any, encoder: Encoder, folder: Path, **more: Any) -> Recommender:
    version = build_index(corpus, [], encoder, None, folder, keep=1)
    return Recommender.from_parts(version, encoder, None, **more)


def test_training_sees_the_numbers_that_serving_uses(
    corpus_of: Callable[..., Any], word_encoder: Encoder, tmp_path: Path
) -> None:
    corpus = corpus_of(
        [
            {"seed_id": "s1", "text": "Soft fingers pick fruit.", "people": ["r1"], "year": 2020},
            {"seed_id": "s2", "title": "薄膜の検査", "people": ["r1", "r2"], "kind": "patent"},
            {"seed_id": "s3", "text": "Bread rises. It is cheap.", "people": ["r3"]},
        ]
    )
    n = len(NAMES)
    document = {
        **load_reranker().document,
        "features": list(NAMES),
        "kind": "linear",
        "weights": [1.0] * n,
        "means": [0.0] * n,
        "scales": [1.0] * n,
        "intercept": 0.0,
    }
    recommender = recommender_of(corpus, word_encoder, tmp_path, reranker=reranker_of(document))

    for asked, (need_id, table) in zip(
        (FRUIT, FILM), recommender.describe([FRUIT, FILM]), strict=True
    ):
        rows = {
            match.researcher.researcher_id: {
                item.feature: item.value for item in match.contributions if item.feature != BASE
            }
            for match in recommender.match(asked).matches
        }
        served = pd.DataFrame.from_dict(rows, orient="index")[list(NAMES)].sort_index()
        assert need_id == asked.need_id
        assert table["researcher_id"].tolist() == served.index.tolist() == ["r1", "r2", "r3"]
        assert table[list(NAMES)].to_numpy() == pytest.approx(served.to_numpy(), abs=1e-9)
