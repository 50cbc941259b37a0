"""The dense index against brute force, and its filter, which acts before the search."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from enmusubi.indexes.dense import DenseIndex
from enmusubi.indexes.errors import DimensionFault

N_ROWS, DIMENSION = 300, 16


def unit_rows(n_rows: int, random_state: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(random_state).standard_normal((n_rows, DIMENSION))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def vectors() -> NDArray[np.float32]:
    return unit_rows(N_ROWS, 1)


@pytest.fixture(scope="module")
def index(vectors: NDArray[np.float32]) -> DenseIndex:
    return DenseIndex.build(vectors)


def test_the_rows_found_are_those_of_a_brute_force_search(
    index: DenseIndex, vectors: NDArray[np.float32]
) -> None:
    for query in unit_rows(20, 2):
        expected = np.argsort(-(vectors @ query), kind="stable")[:10]

        assert index.search(query, 10).tolist() == expected.tolist()


def test_a_filter_returns_exactly_the_allowed_rows_however_far_they_are(
    index: DenseIndex, vectors: NDArray[np.float32]
) -> None:
    query = vectors[0]
    farthest = np.sort(np.argsort(vectors @ query)[:3]).astype(np.int64)

    found = index.search(query, 10, farthest)

    assert sorted(found.tolist()) == farthest.tolist()
    assert found.tolist() == sorted(farthest, key=lambda row: -(vectors[row] @ query))


def test_a_filter_takes_the_nearest_of_the_allowed_rows(
    index: DenseIndex, vectors: NDArray[np.float32]
) -> None:
    allowed = np.arange(0, N_ROWS, 7, dtype=np.int64)
    query = unit_rows(1, 3)[0]
    expected = allowed[np.argsort(-(vectors[allowed] @ query), kind="stable")][:5]

    assert index.search(query, 5, allowed).tolist() == expected.tolist()


def test_nothing_allowed_finds_nothing(index: DenseIndex, vectors: NDArray[np.float32]) -> None:
    assert index.search(vectors[0], 10, np.zeros(0, dtype=np.int64)).tolist() == []


def test_more_asked_than_there_is_gives_every_row_once(
    index: DenseIndex, vectors: NDArray[np.float32]
) -> None:
    assert sorted(index.search(vectors[0], 10_000).tolist()) == list(range(N_ROWS))


def test_similarities_stand_in_the_order_of_the_rows_asked(
    index: DenseIndex, vectors: NDArray[np.float32]
) -> None:
    rows = np.array([7, 0, 299], dtype=np.int64)

    found = index.similarities(vectors[0], rows)

    assert found == pytest.approx(vectors[rows] @ vectors[0], abs=1e-6)
    assert index.similarities(vectors[0], rows[:0]).shape == (0,)


def test_vectors_of_another_model_are_refused_with_both_numbers(index: DenseIndex) -> None:
    stranger = np.ones(12, dtype=np.float32)
    message = "Query vectors have 12 dimensions, the index 16"

    with pytest.raises(DimensionFault, match=message):
        index.search(stranger, 3)
    with pytest.raises(DimensionFault, match=message):
        index.similarities(stranger, np.array([1], dtype=np.int64))


def test_a_saved_index_answers_as_before(
    index: DenseIndex, vectors: NDArray[np.float32], tmp_path: Path
) -> None:
    index.save(tmp_path)

    loaded = DenseIndex.load(tmp_path)

    assert (len(loaded), loaded.dimension) == (N_ROWS, DIMENSION)
    assert loaded.search(vectors[5], 20).tolist() == index.search(vectors[5], 20).tolist()


def test_a_full_disk_is_an_error_and_never_a_short_file(
    index: DenseIndex, tmp_path: Path, full_disk: Any
) -> None:
    with full_disk(after_bytes=1000), pytest.raises(OSError, match="File too large"):
        index.save(tmp_path)
