"""What goes through a Ray cluster is sealed."""

import time
from pathlib import Path

import pytest

from enmusubi.errors import InputError, ShardMissingError
from matcher.records import Filters, Need
from matcher.sharding.sharded_recommender import ShardedRecommender
from tests.support import ray_world

SECRET = "zirconiumwhisker"
LOGS_WITHIN_S = 1.0  # are written behind
pytestmark = pytest.mark.timeout(ray_world.TIMEOUT_S)


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
    time.sleep(LOGS_WITHIN_S)

    entries = ray._private.state.jobs()
    assert [one["Entrypoint"] for one in entries] == [
        "enmusubi"
    ]  # no command line, which may hold a need
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert written
    for path in written:
        assert SECRET.encode() not in path.read_bytes(), path
