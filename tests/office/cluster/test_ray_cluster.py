"""A Ray cluster of two nodes: the same lists, and nothing lost when workers, actors or versions go.

The nodes listen on this machine alone. What is killed is known by its process id.
"""

import contextlib
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest

from api.problems import status_of
from enmusubi.cluster_settings import ClusterSettings
from enmusubi.errors import ClusterUnusableError, InputError, ShardMissingError
from indexes.versions import Version
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import Filters, Need
from matcher.sharding.building import build_shards
from matcher.sharding.fan import LocalFan
from matcher.sharding.opening import open_shard, open_whole
from matcher.sharding.sharded_recommender import ShardedRecommender
from matcher.tables import Corpus
from matcher.version_files import serving_version
from office.cluster.actors import RayFan
from office.cluster.connection import LOOPBACK, SYSTEM
from office.cluster.tasks import RayEngine
from office.live_recommender import LiveRecommender, NeedMatcher
from tests.conftest import WordEncoder, make_corpus
from tests.support.cluster import slow_tools, tools

BACK_WITHIN_S = 20.0  # after an actor or a worker is killed, on a machine that others use
PAUSE_S = 0.3  # of a worker, at each passage that it encodes
SECRET = "zirconiumwhisker"
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

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def cluster() -> Iterator[ClusterSettings]:
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


def built(settings: ClusterSettings, root: Path, make_tools: Any, first: int = 0) -> Version:
    return build_shards(
        corpus(first),
        [NEED],
        WordEncoder(),
        None,
        root,
        n_shards=settings.shards,
        engine=RayEngine(settings, make_tools),
        keep=3,
        seeds_a_slice=10,
    )


def in_this_process(root: Path) -> ShardedRecommender:
    front, folders = open_whole(root)
    return ShardedRecommender(front, LocalFan([open_shard(f) for f in folders]), WordEncoder())


@pytest.fixture(scope="module")
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
        built(cluster, folder / "indexes", slow_tools(PAUSE_S, told))
    finally:
        built_it.set()
        killer.join()
    return folder


@pytest.fixture(scope="module")
def fan(cluster: ClusterSettings, root: Path) -> RayFan:
    return RayFan(open_whole(root / "indexes")[1], cluster)


@pytest.fixture
def recommender(root: Path, fan: RayFan) -> ShardedRecommender:
    return ShardedRecommender(open_whole(root / "indexes")[0], fan, WordEncoder())


def test_a_worker_that_is_killed_while_it_encodes_loses_nothing(
    root: Path, recommender: ShardedRecommender, tmp_path: Path
) -> None:
    encoder = WordEncoder()
    one = Recommender.from_parts(
        build_index(corpus(), [NEED], encoder, None, tmp_path, keep=1), encoder
    )

    killed = int((root / "worker").read_text("ascii"))
    until(lambda: is_gone(killed))
    for need in (NEED, *OTHERS[:3]):
        assert recommender.answer(need, top=50) == one.answer(need, top=50)


def test_what_a_shard_refuses_is_told_as_it_is(recommender: ShardedRecommender) -> None:
    with pytest.raises(InputError, match="Unknown kind of seed: spell"):
        recommender.match(NEED, filters=Filters(kinds=("spell",)))


def test_an_actor_that_is_killed_while_it_is_asked_answers_again_and_nothing_fails(
    root: Path, fan: RayFan
) -> None:
    import ray

    front = open_whole(root / "indexes")[0]
    wanted = [in_this_process(root / "indexes").match(need) for need in OTHERS]
    done: list[tuple[int, Any, float]] = []

    def ask() -> None:
        at, began = len(done) % len(OTHERS), time.monotonic()
        # a need that is not kept: every stage is asked anew
        fresh = ShardedRecommender(front, fan, WordEncoder())
        done.append((at, fresh.match(OTHERS[at]), time.monotonic() - began))

    with asking(ask):
        until(lambda: len(done) >= 3)
        ray.kill(fan._actors[1][0], no_restart=False)
        at_the_kill = len(done)
        until(lambda: len(done) >= at_the_kill + 4)

    assert all(answer == wanted[at] for at, answer, _ in done)
    assert max(took for *_, took in done) < BACK_WITHIN_S


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
    end = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.exhaustive  # more than a minute on a busy machine
def test_a_new_version_is_taken_over_by_all_shards_at_once_under_load(
    cluster: ClusterSettings, tmp_path: Path
) -> None:
    small = cluster.model_copy(update={"shards": 2})
    built(small, tmp_path, tools)
    encoder = WordEncoder()

    def open_version(_: NeedMatcher | None) -> ShardedRecommender:
        front, folders = open_whole(tmp_path)
        return ShardedRecommender(front, RayFan(folders, small), encoder)

    live = LiveRecommender(open_version, lambda: serving_version(tmp_path), check_every_s=0.1)
    live.get()
    wanted = {"v000001": in_this_process(tmp_path).match(NEED)}
    answers: list[Any] = []

    def ask() -> None:
        serving = live.get().without("r-00", [])  # nothing is kept of it
        answers.append(serving.match(NEED))

    with asking(ask, threads=2):
        built(small, tmp_path, tools, first=4)
        wanted["v000002"] = in_this_process(tmp_path).match(NEED)
        until(lambda: bool(answers) and answers[-1].index_version == "v000002")

    assert wanted["v000001"].matches != wanted["v000002"].matches
    assert {answer.index_version for answer in answers} == set(wanted)
    assert all(answer == wanted[answer.index_version] for answer in answers)


@pytest.mark.exhaustive  # more than a minute on a busy machine
def test_without_a_shard_there_is_an_error_and_no_list_of_the_others_until_it_is_back(
    cluster: ClusterSettings, root: Path, tmp_path: Path
) -> None:
    import ray

    hasty = cluster.model_copy(update={"answer_within_s": 2.0})
    shutil.copytree(root / "indexes", tmp_path / "indexes")
    front, folders = open_whole(tmp_path / "indexes")
    fan = RayFan(folders, hasty)
    recommender = ShardedRecommender(front, fan, WordEncoder())
    assert recommender.match(NEED).matches
    away = folders[1].rename(tmp_path / "away")  # it cannot be opened again

    ray.kill(fan._actors[1][0], no_restart=False)

    began = time.monotonic()
    with pytest.raises(ShardMissingError, match="part of the index does not answer") as error:
        recommender.match(OTHERS[0])
    assert time.monotonic() - began < 10
    assert status_of(error.value) == 503

    away.rename(folders[1])

    def is_answered() -> bool:
        with contextlib.suppress(ShardMissingError):
            return bool(recommender.match(OTHERS[0]).matches)
        return False

    until(is_answered)


def test_nothing_of_a_need_lies_readable_where_ray_writes(recommender: ShardedRecommender) -> None:
    import ray

    text = " ".join(f"{SECRET} number {n} of a kind." for n in range(400))
    recommender.answer(Need(text, "n-secret"))
    with pytest.raises(InputError):
        recommender.answer(Need(text, "n-secret"), filters=Filters(languages=("tlh",)))
    recommender._fan.each("left", Filters(departments=(SECRET,)), (), ())
    with pytest.raises(ShardMissingError, match="its program failed"):
        recommender._fan.each("no_such_question", SECRET)
    folder = Path(ray._private.worker._global_node.get_session_dir_path())
    time.sleep(1)  # logs are written behind

    entries = ray._private.state.jobs()
    assert [one["Entrypoint"] for one in entries] == [
        "enmusubi"
    ]  # no command line, which may hold a need
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert written
    for path in written:
        assert SECRET.encode() not in path.read_bytes(), path


def test_an_actor_that_is_ended_for_good_is_replaced(
    root: Path, fan: RayFan, recommender: ShardedRecommender
) -> None:
    import ray

    wanted = in_this_process(root / "indexes").match(OTHERS[2])
    ended = fan._actors[2][0]
    ray.kill(ended, no_restart=True)  # as one whose machine and all its restarts were lost

    assert recommender.match(OTHERS[2]) == wanted
    assert fan._actors[2][0] != ended


def test_a_build_on_a_cluster_in_which_nothing_gets_done_ends_with_an_error(
    cluster: ClusterSettings, tmp_path: Path
) -> None:
    no_node_has = cluster.model_copy(update={"cores_a_task": 64, "part_within_s": 1.0})

    with pytest.raises(ClusterUnusableError, match=r"No part .* within 1 s.*cores_a_task"):
        built(no_node_has, tmp_path, tools)
