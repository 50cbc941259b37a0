"""Lists of those shards that answer: marked where the settings want them, and never taken for whole ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalogue.database.viewer import ADMINISTRATOR, OPERATOR, Viewer
from catalogue.judgements.shown_lists import SHOWN_LIST
from catalogue.records.catalogue import Catalogue
from enmusubi.cluster_settings import ClusterSettings
from enmusubi.errors import ShardMissingError
from enmusubi.settings import Settings
from matcher.corpus_stream import in_memory
from matcher.records import MatchList, Need
from matcher.sharding.building import build_shards
from matcher.sharding.fan import LocalFan
from matcher.sharding.jobs import LocalEngine, Tools
from matcher.sharding.opening import open_shard, open_whole
from matcher.sharding.sharded_recommender import ShardedRecommender
from office.matching import Question, ViewerMatching
from office.partial_lists import ask_those_there
from office.ways_in import ALERT, COMMAND
from tests.conftest import WordEncoder
from tests.support.worlds.sharded import university

REFUSE, MARK = (ClusterSettings(when_missing=one) for one in ("refuse", "mark"))


class Failing:
    """Shards of which some do not answer; it counts the questions to these."""

    def __init__(self, fan: LocalFan) -> None:
        self._fan = fan
        self.missing: set[int] = set()
        self.waits = 0

    @property
    def n_shards(self) -> int:
        return self._fan.n_shards

    def each(self, method: str, *arguments: Any) -> list[Any]:
        self._check(range(self.n_shards))
        return self._fan.each(method, *arguments)

    def some(self, method: str, arguments: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        self._check(arguments)
        return self._fan.some(method, arguments)

    def _check(self, asked: Any) -> None:
        lost = self.missing & set(asked)
        if lost:
            self.waits += 1
            error = ShardMissingError("A part does not answer (%(reason)s).", reason="it is late")
            error.shards = tuple(sorted(lost))
            raise error


World = tuple[ShardedRecommender, Failing, Sequence[Need]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sequence[Need]]:
    corpus, needs = university(tmp_path_factory.mktemp("university"), 120)
    root, encoder = tmp_path_factory.mktemp("shards"), WordEncoder()
    engine = LocalEngine(Tools(encoder, None))
    build_shards(
        in_memory(corpus), needs[:2], encoder, None, root, n_shards=3, engine=engine, keep=1
    )
    return root, needs


@pytest.fixture
def world(built: tuple[Path, Sequence[Need]]) -> Iterator[World]:
    front, folders = open_whole(built[0])
    fan = Failing(LocalFan([open_shard(one) for one in folders]))
    yield ShardedRecommender(front, fan, WordEncoder()), fan, built[1]


def matched(recommender: ShardedRecommender, need: Need, settings: ClusterSettings) -> MatchList:
    return ask_those_there(recommender, settings, lambda ready: ready.match(need, top=500))


def people(matches: MatchList) -> list[str]:
    return [match.researcher.researcher_id for match in matches.matches]


def test_an_incomplete_list_has_the_people_of_the_other_shards_and_says_how_many_are_missing(
    world: World,
) -> None:
    recommender, fan, needs = world
    whole = recommender.match(needs[0], top=500)
    fan.missing = {1}

    marked = matched(recommender, needs[0], MARK)

    sizes = recommender._front.manifest["shard_researchers"]
    away = {one for one in people(whole) if fan._fan.each("row_of", one)[1] is not None}
    assert marked.not_asked == sizes[1] / sum(sizes)
    assert away and set(people(marked)) >= set(people(whole)) - away
    assert not set(people(marked)) & away
    assert whole.not_asked == 0


def test_without_the_setting_there_is_an_error(world: World) -> None:
    recommender, fan, needs = world
    fan.missing = {1}

    with pytest.raises(ShardMissingError):
        matched(recommender, needs[0], REFUSE)


def test_when_no_shard_is_left_there_is_an_error(world: World) -> None:
    recommender, fan, needs = world
    fan.missing = {0, 1, 2}

    with pytest.raises(ShardMissingError):
        matched(recommender, needs[0], MARK)


def test_nobody_waits_again_for_a_shard_until_it_is_tried_again_and_then_lists_are_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    recommender, fan, needs = world
    fan.missing = {2}
    first = matched(recommender, needs[0], MARK)
    waits = fan.waits

    assert matched(recommender, needs[1], MARK).not_asked == first.not_asked > 0
    assert fan.waits == waits

    fan.missing = set()
    assert matched(recommender, needs[1], MARK).not_asked > 0  # it isn't known yet
    monkeypatch.setattr("time.monotonic", lambda: 1e12)
    assert matched(recommender, needs[1], MARK) == recommender.match(needs[1], top=500)


def test_nobody_fits_is_never_said_of_an_incomplete_list(world: World) -> None:
    recommender, fan, _ = world
    need = Need("zeppelin quux", "n-nothing")
    assert recommender.match(need).fits_nobody
    fan.missing = {0}

    assert not matched(recommender, need, MARK).fits_nobody


def test_an_incomplete_list_is_not_recorded_and_alerts_get_none(
    world: World, catalogue: Catalogue
) -> None:
    recommender, fan, needs = world
    settings = Settings(cluster=MARK)
    matching = ViewerMatching(catalogue, settings)
    operator = Viewer("", ADMINISTRATOR, OPERATOR)
    question = Question(needs[0], may_be_partial=True)
    fan.missing = {1}

    shown = matching.match_with(recommender, operator, question, COMMAND)

    assert shown.not_asked > 0
    with catalogue.reading() as connection:
        assert connection.execute(SHOWN_LIST.select()).first() is None
    with pytest.raises(ShardMissingError):
        matching.match_with(recommender, operator, replace(question, may_be_partial=False), ALERT)
