"""Lists of those shards that answer, where the settings want them rather than an error.

Such a list says which share of the researchers was not asked (`MatchList.not_asked`). Only what somebody
looks at now may be one: who asks says so, and nothing records, sends or compares it.
"""

from collections.abc import Callable
from typing import TypeVar

from enmusubi.cluster_settings import ClusterSettings
from enmusubi.errors import ShardMissingError
from matcher.sharding.sharded_recommender import ShardedRecommender
from office.live_recommender import NeedMatcher

MARK = "mark"
AnswerT = TypeVar("AnswerT")


def ask_those_there(
    recommender: NeedMatcher, settings: ClusterSettings, ask: Callable[[NeedMatcher], AnswerT]
) -> AnswerT:
    """Return what `ask` makes of a recommender: of all shards, or of those that answer where that is wanted.

    Raises ShardMissingError where the settings want no incomplete list, or no shard is left.
    """
    if settings.when_missing != MARK or not isinstance(recommender, ShardedRecommender):
        return ask(recommender)
    missing = recommender.absence.known()
    while True:
        try:
            answer = ask(recommender.without_shards(missing))
        except ShardMissingError as error:
            found = missing | set(error.shards)
            if found == missing or len(found) >= recommender.n_shards:
                raise
            missing = found
        else:
            recommender.absence.note(missing)
            return answer
