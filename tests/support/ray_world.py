"""A Ray cluster of two nodes, works of twenty people, and an index of these in three shards, for tests.

The nodes listen on this machine alone. One worker of the test run starts them once (see `scheduling`).
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import psutil

from enmusubi.cluster_settings import ClusterSettings
from indexes.versions import Version
from matcher.corpus_stream import in_memory
from matcher.records import Need
from matcher.sharding.building import build_shards
from matcher.sharding.fan import LocalFan
from matcher.sharding.jobs import Engine
from matcher.sharding.opening import open_shard, open_whole
from matcher.sharding.sharded_recommender import ShardedRecommender
from matcher.tables import Corpus
from office.cluster.connection import LOOPBACK, SYSTEM
from tests.conftest import WordEncoder, make_corpus

TIMEOUT_S = 240
BACK_WITHIN_S = 20.0  # after an actor or a worker is killed, on a machine that others use
WORDS = [
    "membrane",
    "polymer",
    "catalyst",
    "sensor",
    "plasma",
    "enzyme",
    "alloy",
    "laser",
    "turbine",
    "fibre",
    "coating",
    "battery",
]


@contextlib.contextmanager
def two_nodes() -> Iterator[ClusterSettings]:
    """Two nodes of a core each."""
    before = dict(os.environ)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "node_ip_address": LOOPBACK, "object_store_memory": 80_000_000}
    # what else runs on this machine is no reason to end the cluster's workers
    system = {**SYSTEM, "memory_monitor_refresh_ms": 0}
    head = {**node, "include_dashboard": False, "_system_config": system}
    nodes = Cluster(initialize_head=True, head_node_args=head)
    try:
        nodes.add_node(**node)
        yield ClusterSettings(
            engine="ray",
            address=nodes.address,
            shards=3,
            answer_within_s=BACK_WITHIN_S,
            start_within_s=60,
            part_within_s=60,
        )
    finally:
        ray.shutdown()
        nodes.shutdown()
        os.environ.clear()
        os.environ.update(before)


def corpus(first: int = 0) -> Corpus:
    """Return works of people, every third of two of them, about things that go on with `first`."""
    seeds = []
    for n in range(60):
        words = [WORDS[(first + n * step) % len(WORDS)] for step in (1, 3, 5)]
        seeds.append(
            {
                "seed_id": f"s-{n:03}",
                "title": f"{words[0]} {words[1]}",
                "text": f"We study a {words[0]} with a {words[1]} by {words[2]}. It is cheap.",
                "people": [f"r-{n % 20:02}", *([f"r-{(n + 7) % 20:02}"] if n % 3 == 0 else [])],
                "kind": "paper",
                "year": 2000 + n % 25,
            }
        )
    return make_corpus(seeds, state=f"state-{first}")


NEED = Need("A membrane of polymer that needs no catalyst", "n-1")
OTHERS = [Need(f"A {a} that measures the {b}", f"n-{a}") for a, b in pairwise(WORDS)]


def built(settings: ClusterSettings, root: Path, engine: Engine, first: int = 0) -> Version:
    """Build a version of so many shards of works that go on with `first`."""
    return build_shards(
        in_memory(corpus(first)),
        [NEED],
        WordEncoder(),
        None,
        root,
        n_shards=settings.shards,
        engine=engine,
        keep=3,
        seeds_a_slice=10,
    )


def in_this_process(root: Path) -> ShardedRecommender:
    """Open the version that serves without Ray."""
    front, folders = open_whole(root)
    return ShardedRecommender(front, LocalFan([open_shard(f) for f in folders]), WordEncoder())


@contextlib.contextmanager
def asking(ask: Callable[[], None], threads: int = 1) -> Iterator[None]:
    """Ask again and again beside the block; what fails there fails the test, and nothing goes on after it."""
    stop = threading.Event()
    failed: list[BaseException] = []

    def go_on() -> None:
        try:
            while not stop.is_set():
                ask()
        except BaseException as error:
            failed.append(error)

    started = [threading.Thread(target=go_on, daemon=True) for _ in range(threads)]
    for thread in started:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in started:
            thread.join(timeout=2 * BACK_WITHIN_S)
        if failed:
            raise failed[0]


def is_gone(pid: int) -> bool:
    """Say whether a process ended; one whose end nobody has taken note of yet did, too."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def until(is_so: Callable[[], bool], within_s: float = 60.0) -> None:
    """Wait until something is so; fails where it is not so for too long."""
    end = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)
