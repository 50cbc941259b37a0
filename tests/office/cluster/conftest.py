"""One cluster of two nodes for all tests, and an index that was built on it while a worker was killed."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from enmusubi.cluster_settings import ClusterSettings
from matcher.sharding.opening import open_whole
from matcher.sharding.sharded_recommender import ShardedRecommender
from office.cluster.actors import RayFan
from office.cluster.tasks import RayEngine
from tests.conftest import WordEncoder
from tests.support.cluster import slow_tools
from tests.support.ray_world import built, two_nodes

PAUSE_S = 0.3  # of a worker, at each passage that it encodes


@pytest.fixture(scope="session")
def cluster() -> Iterator[ClusterSettings]:
    """Two nodes of a core each."""
    with two_nodes() as settings:
        yield settings


@pytest.fixture(scope="session")
def root(cluster: ClusterSettings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index that was built while a worker was killed."""
    folder = tmp_path_factory.mktemp("index")
    told = folder / "worker"

    built_it = threading.Event()

    def kill_the_first() -> None:
        while not (told.exists() or built_it.wait(0.02)):
            pass  # workers start slowly on a busy machine
        os.kill(int(told.read_text("ascii")), signal.SIGKILL)

    killer = threading.Thread(target=kill_the_first)
    killer.start()
    try:
        built(cluster, folder / "indexes", RayEngine(cluster, slow_tools(PAUSE_S, told)))
    finally:
        built_it.set()
        killer.join()
    return folder


@pytest.fixture(scope="session")
def fan(cluster: ClusterSettings, root: Path) -> RayFan:
    """Actors of the three shards."""
    return RayFan(open_whole(root / "indexes")[1], cluster)


@pytest.fixture
def recommender(root: Path, fan: RayFan) -> ShardedRecommender:
    """What answers from these actors; nothing is kept of another test's needs."""
    return ShardedRecommender(open_whole(root / "indexes")[0], fan, WordEncoder())
