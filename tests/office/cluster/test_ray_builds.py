"""Builds on a Ray cluster: nothing is lost when a worker is, and nothing waits for ever."""

from pathlib import Path

import pytest

from enmusubi.cluster_settings import ClusterSettings
from enmusubi.errors import ClusterUnusableError
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.sharding.sharded_recommender import ShardedRecommender
from office.cluster.tasks import RayEngine
from tests.conftest import WordEncoder
from tests.support.cluster import tools
from tests.support.ray_world import NEED, OTHERS, TIMEOUT_S, built, corpus, is_gone, until

pytestmark = pytest.mark.timeout(TIMEOUT_S)


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


def test_a_build_on_a_cluster_in_which_nothing_gets_done_ends_with_an_error(
    cluster: ClusterSettings, tmp_path: Path
) -> None:
    no_node_has = cluster.model_copy(update={"cores_a_task": 64, "part_within_s": 1.0})

    with pytest.raises(ClusterUnusableError, match=r"No part .* within 1 s.*cores_a_task"):
        built(no_node_has, tmp_path, RayEngine(no_node_has, tools))
