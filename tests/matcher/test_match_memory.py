"""A list takes as much memory whatever the length of the catalogue: nothing in between is as long as it."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

from cli.measuring.made_up_version import generate
from matcher.recommender import Recommender
from matcher.records import Filters, Need
from matcher.snapshot import Snapshot
from matcher.version_files import read_snapshot
from tests.support.near_passages import NearPassages

SIZES = (2_500, 15_000)  # passages
MORE = (
    1.5  # people of a longer catalogue have more seeds; six times as long, this much more at most
)
FILTERS = (Filters(), Filters(kinds=("paper",), since=2012))


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> list[Snapshot]:
    folder = tmp_path_factory.mktemp("versions")
    return [read_snapshot(generate(folder / str(size), size)) for size in SIZES]


def most_allocated(snapshot: Snapshot, filters: Filters) -> float:
    """Return how many bytes a list takes at most while it is made, the mean of several needs."""
    encoder: Any = NearPassages()
    needs, count = [], len(snapshot.passages)
    for row in range(0, count, count // 6):
        text = snapshot.passages.texts("text")[row]
        encoder.vectors[text] = snapshot.dense.vectors(np.array([row]))[0]
        needs.append(Need(text, f"n{row}"))
    recommender = Recommender(snapshot, encoder)
    for need in needs[:3]:  # what is kept for all needs is made with the first ones
        recommender.answer(need, filters=filters)
    peaks = []
    tracemalloc.start()
    for need in needs[3:]:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        recommender.answer(need, filters=filters)
        peaks.append(tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    return float(np.mean(peaks))


@pytest.mark.parametrize("filters", FILTERS)
def test_a_list_takes_no_memory_by_the_length_of_the_catalogue(
    snapshots: list[Snapshot], filters: Filters
) -> None:
    small, large = (most_allocated(snapshot, filters) for snapshot in snapshots)

    assert large < MORE * small
    assert large < 20e6
