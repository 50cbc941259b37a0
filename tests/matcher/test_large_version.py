"""A large made-up version: what it takes of memory and disk, what it finds, and how the next one is built.

Large enough to be searched by cells; docs/scale.md has what larger ones took.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cli.measuring.made_up_catalogue import MadeUp
from cli.measuring.made_up_version import generate
from indexes.versions import Version
from matcher.passages import Passage
from matcher.retrieval import BY_VECTOR
from matcher.snapshot import Snapshot
from matcher.version_files import read_snapshot

N_PASSAGES = 10_000
MOST_PRIVATE_BYTES = 500  # of a passage
MOST_BYTES_ON_DISK = 3_200
LEAST_FOUND = 0.99  # of the nearest, as a mean over needs


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made-up")


@pytest.fixture(scope="module")
def version(root: Path) -> Version:
    return generate(root, N_PASSAGES, exact_below=N_PASSAGES // 2)


@pytest.fixture(scope="module")
def queries() -> NDArray[np.float32]:
    """Needs near passages, none of which is stored."""
    rng = np.random.default_rng(5)
    near = MadeUp(N_PASSAGES).vectors(rng.integers(N_PASSAGES, size=40))
    moved = near + 0.5 * rng.standard_normal(near.shape, dtype=np.float32) / near.shape[1] ** 0.5
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def private_bytes() -> int:
    """Return how much memory of this process belongs to no file."""
    lines = Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))


def test_opening_takes_little_memory_of_its_own(version: Version) -> None:
    read_snapshot(version)  # what is imported meanwhile is no passage's
    before = private_bytes()

    snapshot = read_snapshot(version)

    assert (private_bytes() - before) / N_PASSAGES <= MOST_PRIVATE_BYTES
    assert len(snapshot.passages) == N_PASSAGES


def test_a_passage_takes_little_on_disk(version: Version) -> None:
    size = sum(entry["bytes"] for entry in version.manifest["files"].values())

    assert size / N_PASSAGES <= MOST_BYTES_ON_DISK


@pytest.mark.parametrize("depth", [10, 200, 1000, BY_VECTOR])
def test_the_nearest_are_found_by_their_codes(
    version: Version, queries: NDArray[np.float32], depth: int
) -> None:
    snapshot = read_snapshot(version)
    vectors = snapshot.dense.vectors(np.arange(N_PASSAGES))

    shares: list[float] = []
    for query in queries:
        nearest = np.argpartition(-(vectors @ query), depth)[:depth]
        found = snapshot.dense.search(query, depth)
        shares.append(len(np.intersect1d(nearest, found)) / depth)

    assert version.manifest["search"]["kind"] == "ivf"
    assert float(np.mean(shares)) >= LEAST_FOUND


def test_the_next_version_copies_what_did_not_change(version: Version, root: Path) -> None:
    before = read_snapshot(version)  # stays mapped while its folder is deleted
    asked: list[int] = []

    class Counted(MadeUp):
        def encode(
            self, passages: Sequence[Passage], rows: NDArray[np.int64]
        ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
            asked.append(len(rows))
            return super().encode(passages, rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cli.measuring.made_up_version.MadeUp", Counted)
        after = read_snapshot(generate(root, N_PASSAGES, exact_below=N_PASSAGES // 2, revision=1))

    new = sum(asked)
    assert 0 < new < 0.02 * N_PASSAGES
    assert new == int((changed_seeds(after)[after.seed_of_passage]).sum())
    rows = np.flatnonzero(~changed_seeds(after)[after.seed_of_passage])
    assert np.array_equal(after.dense.vectors(rows), before.dense.vectors(rows))


def test_a_version_without_some_seeds_finds_none_of_them_and_all_others_as_before(
    version: Version, root: Path, queries: NDArray[np.float32]
) -> None:
    assert version.name  # there is one before
    limit = N_PASSAGES // 2
    before = read_snapshot(generate(root, N_PASSAGES, exact_below=limit, revision=2))
    after = read_snapshot(generate(root, N_PASSAGES, exact_below=limit, revision=2, gone=True))

    assert after.manifest["search"]["cells"] == before.manifest["search"]["cells"]
    kept = np.flatnonzero(~changed_seeds(before)[before.seed_of_passage])
    rows = np.arange(len(after.passages))
    assert len(kept) == len(rows) < len(before.passages)
    vectors = after.dense.vectors(rows)
    assert np.array_equal(vectors, before.dense.vectors(kept))
    shares = []
    for query in queries:
        nearest = np.argpartition(-(vectors @ query), 200)[:200]
        shares.append(np.isin(nearest, after.dense.search(query, 200)).mean())
    assert np.mean(shares) >= LEAST_FOUND


def changed_seeds(snapshot: Snapshot) -> NDArray[np.bool_]:
    return np.array(["revision" in title for title in snapshot.seeds.texts("title")])
