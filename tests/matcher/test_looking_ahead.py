"""Needs that are looked for together have the lists of each alone, to the last digit."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from indexes.dense import DenseIndex
from indexes.selection import Selection
from indexes.versions import Version
from matcher import analyst, retrieval
from matcher.encoder.encoder import Encoder, unit
from matcher.indexing import build_index
from matcher.need_analysis import KEPT_NEEDS
from matcher.recommender import Recommender
from matcher.records import Filters, Need
from matcher.tables import Corpus
from tests.conftest import WordEncoder

N_SEEDS = 240
NEEDS = [Need(f"Film{n % 7} number {n} keeps air out of wood{n % 3}.") for n in range(40)]
FILTERS = Filters(since=2005)


@pytest.fixture(scope="module")
def version(corpus_of: Callable[..., Corpus], tmp_path_factory: pytest.TempPathFactory) -> Version:
    seeds = [
        {
            "seed_id": f"s{n:03}",
            "text": f"Film{n % 9} number {n} keeps air out. It is of wood{n % 4} and cheap.",
            "people": [f"r{n % 90:02}"] if n % 20 else [],  # what nobody owns is never found
            "year": 2000 + n % 20,
        }
        for n in range(N_SEEDS)
    ]
    root = tmp_path_factory.mktemp("version")
    return build_index(corpus_of(seeds), [], WordEncoder(), None, root, keep=1)


@pytest.mark.parametrize("filters", [Filters(), FILTERS], ids=["everyone", "filtered"])
def test_lists_are_those_of_each_need_alone(
    filters: Filters, version: Version, word_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (analyst, retrieval):
        monkeypatch.setattr(module, "BY_VECTOR", 30)  # fewer than there are
        monkeypatch.setattr(module, "ALL_ARE_CANDIDATES", 20)
    alone = Recommender.from_parts(version, word_encoder)
    together = Recommender.from_parts(version, word_encoder)
    expected = [alone.match(need, filters=filters) for need in NEEDS]
    searched: list[int] = []
    usual = DenseIndex.search

    def search(self: DenseIndex, *given: Any) -> Any:
        searched.append(1)
        return usual(self, *given)

    monkeypatch.setattr(DenseIndex, "search", search)

    found = []
    for first in range(0, len(NEEDS), KEPT_NEEDS):
        some = NEEDS[first : first + KEPT_NEEDS]
        together.look_ahead([*some[:-1], Need(" "), some[-1]], filters=filters)
        found += [together.match(need, filters=filters) for need in some]

    assert found == expected
    # with filters everyone's list is made besides, to calibrate by
    assert len(searched) == (len(NEEDS) if filters == FILTERS else 0)


@pytest.mark.parametrize("top_k", [1, 50, 199, 200, 260])
@pytest.mark.parametrize("share", [1.0, 0.5])
def test_rows_found_together_are_those_of_each_search(top_k: int, share: float) -> None:
    rng = np.random.default_rng(3)
    vectors = unit(rng.standard_normal((400, 24)).astype(np.float32))
    vectors[100:300] = vectors[np.repeat(np.arange(20), 10)]  # equal ones at the border
    index = DenseIndex.build(vectors)
    asked = unit(rng.standard_normal((6, 24)).astype(np.float32))
    asked[0] = vectors[3]
    left = None if share == 1 else Selection.of(np.arange(400) % 2 == 0)

    found = index.search_many(asked, top_k, left)

    for vector, rows in zip(asked, found, strict=True):
        assert sorted(rows.tolist()) == sorted(index.search(vector, top_k, left).tolist())


def test_more_rows_are_asked_for_than_there_are() -> None:
    index = DenseIndex.build(unit(np.eye(8, dtype=np.float32)))
    assert [len(rows) for rows in index.search_many(np.eye(8, dtype=np.float32)[:2], 30)] == [8, 8]
