"""The dense index against brute force, in either way of searching, and its filter.

The filter acts before the search.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from indexes.coded_search import RECALL_TARGET
from indexes.dense import DenseIndex
from indexes.errors import DimensionFault
from indexes.selection import Selection
from indexes.stored_rows import EightBitRows, in_eight_bits

N_ROWS, DIMENSION = 300, 16


def unit_rows(n_rows: int, random_state: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(random_state).standard_normal((n_rows, DIMENSION))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def chosen(rows: NDArray[np.int64], count: int = N_ROWS) -> Selection:
    return Selection.of_rows(rows, count)


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

    found = index.search(query, 10, chosen(farthest))

    assert sorted(found.tolist()) == farthest.tolist()
    assert found.tolist() == sorted(farthest, key=lambda row: -(vectors[row] @ query))


def test_a_filter_takes_the_nearest_of_the_allowed_rows(
    index: DenseIndex, vectors: NDArray[np.float32]
) -> None:
    allowed = np.arange(0, N_ROWS, 7, dtype=np.int64)
    query = unit_rows(1, 3)[0]
    expected = allowed[np.argsort(-(vectors[allowed] @ query), kind="stable")][:5]

    assert index.search(query, 5, chosen(allowed)).tolist() == expected.tolist()


def test_nothing_allowed_finds_nothing(index: DenseIndex, vectors: NDArray[np.float32]) -> None:
    assert index.search(vectors[0], 10, chosen(np.zeros(0, dtype=np.int64))).tolist() == []


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


MANY, DEPTH = 6000, 60


def clustered_rows(n_rows: int, random_state: int) -> NDArray[np.float32]:
    """Rows around forty centres, which are always the same."""
    centres = 2 * np.random.default_rng(9).standard_normal((40, DIMENSION))
    generator = np.random.default_rng(random_state)
    rows = centres[generator.integers(40, size=n_rows)]
    rows = rows + generator.standard_normal((n_rows, DIMENSION))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def many() -> NDArray[np.float32]:
    return clustered_rows(MANY, 4)


@pytest.fixture(scope="module")
def approximate(many: NDArray[np.float32]) -> DenseIndex:
    return DenseIndex.build(many, exact_below=MANY, depth=DEPTH)


@pytest.fixture(scope="module")
def stored(approximate: DenseIndex) -> NDArray[np.float32]:
    """The rows as they lie on disk, in eight bits."""
    return approximate.vectors(np.arange(MANY))


def test_rows_in_eight_bits_are_nearly_as_they_were(
    stored: NDArray[np.float32], many: NDArray[np.float32]
) -> None:
    assert np.abs(stored - many).max() <= 0.5 / 127


def test_fewer_rows_than_the_limit_are_searched_exactly(many: NDArray[np.float32]) -> None:
    index = DenseIndex.build(many, exact_below=MANY + 1)

    assert (index.describe(), index.recall) == (
        {"kind": "exact", "recall": 1.0, "counted": MANY},
        1.0,
    )


def test_from_the_limit_on_a_part_of_the_cells_finds_what_an_exact_search_finds(
    approximate: DenseIndex, stored: NDArray[np.float32]
) -> None:
    described = approximate.describe()
    queries = clustered_rows(100, 5)  # none of them is stored

    shares = []
    for query in queries:
        expected = set(np.argsort(-(stored @ query), kind="stable")[:DEPTH].tolist())
        found = approximate.search(query, DEPTH)
        assert len(found) == DEPTH
        shares.append(len(expected & set(found.tolist())) / DEPTH)

    assert described["kind"] == "ivf"
    assert described["recall"] == approximate.recall >= RECALL_TARGET
    assert 0 < described["cells_read"] < described["cells"]  # type: ignore[operator]
    assert float(np.mean(shares)) >= RECALL_TARGET


def test_more_cells_are_read_until_the_recall_is_met() -> None:
    alike = unit_rows(3000, 6)  # no clusters: the nearest rows lie in many cells

    described = DenseIndex.build(alike, exact_below=1000, depth=500).describe()

    assert described["recall"] >= RECALL_TARGET  # type: ignore[operator]
    assert described["cells_read"] > described["cells"] / 3  # type: ignore[operator]


@pytest.mark.parametrize("step", [2000, 7])
def test_an_approximate_index_searches_exactly_among_the_allowed_rows(
    approximate: DenseIndex, stored: NDArray[np.float32], step: int
) -> None:
    allowed = np.arange(3, MANY, step, dtype=np.int64)
    for query in clustered_rows(20, 7):
        expected = allowed[np.argsort(-(stored[allowed] @ query), kind="stable")][:50]

        assert approximate.search(query, 50, chosen(allowed, MANY)).tolist() == expected.tolist()


def test_a_filter_that_leaves_nearly_all_rows_keeps_out_the_others(
    approximate: DenseIndex, many: NDArray[np.float32]
) -> None:
    query = many[11]
    nearest = np.argsort(-(many @ query), kind="stable")
    allowed = np.setdiff1d(np.arange(MANY), nearest[:20]).astype(np.int64)

    found = approximate.search(query, DEPTH, chosen(allowed, MANY))

    assert set(found.tolist()) <= set(allowed.tolist())
    assert len(set(found.tolist()) & set(nearest[20 : 20 + DEPTH].tolist())) >= 0.95 * DEPTH


def test_more_rows_than_the_recall_was_measured_for_are_all_found(
    approximate: DenseIndex, many: NDArray[np.float32]
) -> None:
    assert sorted(approximate.search(many[0], 2 * MANY).tolist()) == list(range(MANY))


def test_a_saved_approximate_index_answers_as_before_and_gives_its_vectors_back(
    approximate: DenseIndex,
    many: NDArray[np.float32],
    stored: NDArray[np.float32],
    tmp_path: Path,
) -> None:
    approximate.save(tmp_path)
    rows = np.array([5, 0, MANY - 1], dtype=np.int64)

    loaded = DenseIndex.load(tmp_path, approximate.recall)

    assert loaded.describe() == approximate.describe()
    assert loaded.search(many[5], 20).tolist() == approximate.search(many[5], 20).tolist()
    assert loaded.similarities(many[5], rows) == pytest.approx(stored[rows] @ many[5], abs=1e-6)


def test_many_rows_that_a_filter_left_are_found_by_their_codes_in_as_many_more_cells(
    approximate: DenseIndex, stored: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexes.dense.EXACT_AMONG", 100)
    allowed = np.arange(0, MANY, 3, dtype=np.int64)

    shares = []
    for query in clustered_rows(40, 11):
        found = approximate.search(query, DEPTH, chosen(allowed, MANY))
        expected = allowed[np.argsort(-(stored[allowed] @ query), kind="stable")][:DEPTH]
        assert set(found.tolist()) <= set(allowed.tolist())
        shares.append(len(set(found.tolist()) & set(expected.tolist())) / DEPTH)

    assert float(np.mean(shares)) >= RECALL_TARGET - 0.01  # which was measured without a filter


def test_two_builds_of_the_same_rows_answer_alike(
    approximate: DenseIndex, many: NDArray[np.float32]
) -> None:
    again = DenseIndex.build(many, exact_below=MANY, depth=DEPTH)

    for query in clustered_rows(10, 8):
        assert again.search(query, DEPTH).tolist() == approximate.search(query, DEPTH).tolist()


def test_rows_that_do_not_count_change_no_cells_and_nothing_that_others_find(
    many: NDArray[np.float32],
) -> None:
    hidden = many[:2000][::-1]
    among = np.concatenate([many, hidden])
    counted = np.arange(len(among)) < len(many)
    alone = DenseIndex.build(many, exact_below=MANY, depth=DEPTH)
    index = DenseIndex.build(among, in_statistics=counted, exact_below=MANY, depth=DEPTH)

    assert index.describe() == alone.describe()
    for query in many[::1500]:
        found = index.search(query, 50, Selection.of(counted))
        assert found.tolist() == alone.search(query, 50).tolist()
    few = DenseIndex.build(among, in_statistics=counted, exact_below=MANY + 1)
    assert few.describe()["kind"] == "exact"


def test_cells_that_are_taken_over_find_rows_that_stayed_and_new_ones_and_none_that_went(
    approximate: DenseIndex, many: NDArray[np.float32], tmp_path: Path
) -> None:
    approximate.save(tmp_path)
    before = np.r_[np.arange(100, MANY), np.full(50, -1)]
    vectors = np.concatenate([many[100:], clustered_rows(50, 6)])
    stored = EightBitRows(*in_eight_bits(vectors))
    making = np.ones(len(vectors), dtype=bool)

    taken = DenseIndex.taken_over(
        tmp_path, stored, before, recall=approximate.recall, in_statistics=making
    )

    assert taken is not None
    cells = ("cells", "cells_read", "recall")
    assert [taken.describe()[n] for n in cells] == [approximate.describe()[n] for n in cells]
    as_stored = stored[np.arange(len(vectors))]
    shares = []
    for query in clustered_rows(40, 5):
        expected = np.argsort(-(as_stored @ query), kind="stable")[:DEPTH]
        shares.append(np.isin(expected, taken.search(query, DEPTH)).mean())
    assert np.mean(shares) >= RECALL_TARGET
    for row in range(len(vectors) - 50, len(vectors)):
        assert taken.search(as_stored[row], 1).tolist() == [row]


def test_an_exact_index_has_no_cells_to_take_over(
    many: NDArray[np.float32], tmp_path: Path
) -> None:
    DenseIndex.build(many[:300]).save(tmp_path)
    rows = EightBitRows(*in_eight_bits(many[:300]))

    taken = DenseIndex.taken_over(
        tmp_path, rows, np.arange(300), recall=1.0, in_statistics=np.ones(300, dtype=bool)
    )

    assert taken is None
