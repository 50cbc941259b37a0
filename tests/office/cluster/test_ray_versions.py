"""A new version is taken over by all shards at once."""

from pathlib import Path
from typing import Any

import pytest

from enmusubi.cluster_settings import ClusterSettings
from matcher.sharding.jobs import LocalEngine
from matcher.sharding.opening import open_whole
from matcher.sharding.sharded_recommender import ShardedRecommender
from matcher.version_files import serving_version
from office.cluster.actors import RayFan
from office.live_recommender import LiveRecommender, NeedMatcher
from tests.conftest import WordEncoder
from tests.support.cluster import tools
from tests.support.ray_world import NEED, TIMEOUT_S, asking, built, in_this_process, until

pytestmark = pytest.mark.timeout(TIMEOUT_S)


def test_a_new_version_is_taken_over_by_all_shards_at_once_under_load(
    cluster: ClusterSettings, tmp_path: Path
) -> None:
    small = cluster.model_copy(update={"shards": 2})
    engine = LocalEngine(tools())  # what is built on Ray is seen in test_ray_builds
    built(small, tmp_path, engine)
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
        built(small, tmp_path, engine, first=4)
        wanted["v000002"] = in_this_process(tmp_path).match(NEED)
        until(lambda: bool(answers) and answers[-1].index_version == "v000002")

    assert wanted["v000001"].matches != wanted["v000002"].matches
    assert {answer.index_version for answer in answers} == set(wanted)
    assert all(answer == wanted[answer.index_version] for answer in answers)
