"""Shards as actors: they answer again when they are lost, and no list of some is shown as one of all."""

import contextlib
import time
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest

from api.problems import status_of
from enmusubi.errors import InputError, ShardMissingError
from matcher.records import Filters
from matcher.sharding.opening import open_whole
from matcher.sharding.sharded_recommender import ShardedRecommender
from office.cluster.actors import RayFan
from tests.conftest import WordEncoder
from tests.support.ray_world import (
    BACK_WITHIN_S,
    NEED,
    OTHERS,
    TIMEOUT_S,
    asking,
    in_this_process,
    until,
)

pytestmark = pytest.mark.timeout(TIMEOUT_S)


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


def test_an_actor_that_is_ended_for_good_is_replaced(
    root: Path, fan: RayFan, recommender: ShardedRecommender
) -> None:
    import ray

    wanted = in_this_process(root / "indexes").match(OTHERS[2])
    ended = fan._actors[2][0]
    ray.kill(ended, no_restart=True)  # as one whose machine and all its restarts were lost

    assert recommender.match(OTHERS[2]) == wanted
    assert fan._actors[2][0] != ended


@contextlib.contextmanager
def without_files_of(folder: Path, beside: Path) -> Iterator[None]:
    """Take a shard's files away beside the block: an actor that is started again cannot open them."""
    away = folder.rename(beside / "away")
    try:
        yield
    finally:
        away.rename(folder)


def test_without_a_shard_there_is_an_error_and_no_list_of_the_others_until_it_is_back(
    root: Path, fan: RayFan, tmp_path: Path
) -> None:
    import ray

    hasty = copy(fan)  # the same actors
    hasty._within_s = 2.0
    front, folders = open_whole(root / "indexes")
    recommender = ShardedRecommender(front, hasty, WordEncoder())
    assert recommender.match(NEED).matches
    with without_files_of(folders[1], tmp_path):
        ray.kill(fan._actors[1][0], no_restart=False)
        began = time.monotonic()
        with pytest.raises(ShardMissingError, match="part of the index does not answer") as error:
            recommender.match(OTHERS[0])
        assert time.monotonic() - began < 10
        assert status_of(error.value) == 503

    def is_answered() -> bool:
        with contextlib.suppress(ShardMissingError):
            return bool(recommender.match(OTHERS[0]).matches)
        return False

    until(is_answered)
