"""A list from any number of shards is the list of one index, to the last digit."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from enmusubi.errors import IndexDamagedError, InputError, StorageError, UnknownIdError
from indexes.versions import Version, open_current
from matcher import ranking, retrieval
from matcher.corpus_stream import in_memory
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import Filters, Mark, Need, Refinement
from matcher.sharding import local_shard
from matcher.sharding.building import build_shards
from matcher.sharding.fan import LocalFan
from matcher.sharding.jobs import BuildJob, LocalEngine, Tools
from matcher.sharding.opening import open_front, open_shard, open_whole, shard_names
from matcher.sharding.sharded_recommender import ShardedRecommender
from matcher.tables import Corpus
from tests.conftest import WordEncoder
from tests.support.worlds.sharded import university

EVERYTHING = ("public", "internal", "confidential")
SEEDS_A_SLICE = 30
World = tuple[Corpus, Sequence[Need]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return university(tmp_path_factory.mktemp("university"))


@pytest.fixture(scope="module")
def little(world: World) -> World:
    """A part of it, for builds."""
    corpus, needs = world
    seeds = corpus.seeds.iloc[::3].reset_index(drop=True)
    pairs = corpus.authorships[corpus.authorships["seed_id"].isin(seeds["seed_id"])]
    return replace(corpus, seeds=seeds, authorships=pairs.reset_index(drop=True)), needs[:2]


@pytest.fixture(scope="module")
def plain(world: World, tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    encoder, root = WordEncoder(), tmp_path_factory.mktemp("plain")
    return Recommender.from_parts(build_index(*world, encoder, None, root, keep=1), encoder)


def built(world: World, root: Path, n_shards: int, encoder: WordEncoder, **wanted: Any) -> Version:
    engine = wanted.pop("engine", None) or LocalEngine(Tools(encoder, None))
    return build_shards(
        in_memory(world[0]),
        *world[1:],
        encoder,
        None,
        root,
        n_shards=n_shards,
        engine=engine,
        keep=2,
        seeds_a_slice=SEEDS_A_SLICE,
        **wanted,
    )


def opened(version: Version, encoder: WordEncoder) -> ShardedRecommender:
    shards = [open_shard(version.folder / name) for name in shard_names(version.manifest)]
    return ShardedRecommender(
        open_front(version), LocalFan(shards), encoder, max_need_chars=10_000_000
    )


@pytest.fixture(
    scope="module",
    params=[3, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in (1, 2, 5))],
)
def sharded(
    request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory
) -> ShardedRecommender:
    encoder = WordEncoder()
    return opened(built(world, tmp_path_factory.mktemp("shards"), request.param, encoder), encoder)


@pytest.fixture(params=["as it is", "few candidates"])
def depths(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue of thousands of passages is cut; here fewer candidates are taken."""
    if request.param == "few candidates":
        for module in (retrieval, local_shard):
            monkeypatch.setattr(module, "BY_VECTOR", 30)
            monkeypatch.setattr(module, "BY_WORDS", 12)
        monkeypatch.setattr(retrieval, "ALL_ARE_CANDIDATES", 30)
        monkeypatch.setattr(ranking, "RERANKED", 12)
        monkeypatch.setattr(ranking, "OF_A_LANGUAGE", 6)
    yield


def questions(world: World, plain: Recommender) -> list[tuple[Need, Filters]]:
    corpus, needs = world
    places = sorted(set(corpus.researchers["department_ja"]) - {""})
    filters = [
        Filters(),
        Filters(visibilities=EVERYTHING),
        Filters(kinds=("paper",), since=2018),
        Filters(languages=("en",)),
        Filters(departments=places[:2]),
    ]
    asked = [*needs[:3], Need("薄膜", "n-short"), Need("zeppelin quux", "n-nothing")]
    return [(need, one) for need in asked for one in filters[: 5 if need is needs[0] else 2]]


@pytest.mark.usefixtures("depths")
def test_every_number_of_a_list_is_that_of_one_index(
    sharded: ShardedRecommender, plain: Recommender, world: World
) -> None:
    # with another state of its own: what is kept of a need was found with other depths
    recommenders = [
        one.without(world[0].researchers["researcher_id"][0], []) for one in (sharded, plain)
    ]

    for need, filters in questions(world, plain):
        several, one = (of.answer(need, top=500, filters=filters) for of in recommenders)
        assert several == one


def test_marks_words_and_people_who_are_not_wanted_move_both_alike(
    sharded: ShardedRecommender, plain: Recommender, world: World
) -> None:
    need = world[1][0]
    best, second, third, *_ = plain.match(need).matches
    refinement = Refinement(
        more_like=(
            Mark(researcher_id=best.researcher.researcher_id),
            Mark(seed_id=second.evidence[0].seed_id),
        ),
        less_like=(Mark(researcher_id=third.researcher.researcher_id),),
        terms=("薄膜",),
    )
    asked = replace(need, refinement=refinement)

    assert sharded.answer(asked) == plain.answer(asked)
    with pytest.raises(UnknownIdError, match="r-nobody"):
        lost = Refinement(more_like=(Mark(researcher_id="r-nobody"),))
        sharded.match(replace(need, refinement=lost))


def test_teams_runs_features_and_what_is_known_of_people_are_the_same(
    sharded: ShardedRecommender, plain: Recommender, world: World
) -> None:
    needs = world[1][:2]
    someone = plain.match(needs[0]).matches[0]
    who, what = someone.researcher.researcher_id, someone.evidence[0].seed_id

    pools = [one.team_pool(needs[0]) for one in (plain, sharded)]

    for name in vars(pools[0]):
        of_one, of_several = (getattr(pool, name) for pool in pools)
        same = np.array_equal if isinstance(of_one, np.ndarray) else lambda a, b: a == b
        assert same(of_one, of_several), name
    assert sharded.recommend(needs, top=20).equals(plain.recommend(needs, top=20))
    for (_, mine), (_, theirs) in zip(sharded.describe(needs), plain.describe(needs), strict=True):
        assert mine.equals(theirs)
    assert sharded.without(who, [what]).match(needs[0]) == plain.without(who, [what]).match(
        needs[0]
    )
    assert sharded.people_by_field() == plain.people_by_field()
    assert sharded.known_for(who) == plain.known_for(who)
    assert sharded.researcher(who) == plain.researcher(who)
    words = ["薄膜", "測定", "nowhere"]
    assert sharded.rarities(words, "ja") == plain.rarities(words, "ja")
    assert sharded.seeds_about(["薄膜"]) == plain.seeds_about(["薄膜"])


def test_a_filter_that_nobody_knows_is_refused_as_in_one_index(
    sharded: ShardedRecommender, world: World
) -> None:
    with pytest.raises(InputError, match="Unknown kind of seed: spell"):
        sharded.match(world[1][0], filters=Filters(kinds=("spell",)))


class Broken:
    """Runs so many jobs, then breaks off."""

    def __init__(self, encoder: WordEncoder, jobs: int) -> None:
        self._engine = LocalEngine(Tools(encoder, None))
        self._left = jobs

    def run(self, jobs: Sequence[BuildJob]) -> Iterator[str]:
        yield from self._engine.run(jobs[: self._left])
        if len(jobs) > self._left:
            raise KeyboardInterrupt


def test_a_build_that_was_broken_off_goes_on_and_encodes_nothing_twice(
    little: World, tmp_path: Path
) -> None:
    whole, encoder = WordEncoder(), WordEncoder()
    done = built(little, tmp_path / "whole", 2, whole)
    with pytest.raises(KeyboardInterrupt):
        built(little, tmp_path / "broken", 2, encoder, engine=Broken(encoder, 2))
    before = encoder.encoded

    version = built(little, tmp_path / "broken", 2, encoder)

    assert 0 < before < encoder.encoded == whole.encoded
    assert {path.name for path in (tmp_path / "broken").iterdir() if path.is_dir()} == {
        "v000001",
        ".slices",
    }
    # tantivy names its files by chance
    told = [
        {name: of for name, of in one.manifest["files"].items() if not _is_by_chance(name)}
        for one in (version, done)
    ]
    assert told[0] == told[1]


def test_a_build_that_goes_on_with_other_needs_takes_their_means(
    little: World, tmp_path: Path
) -> None:
    corpus, needs = little[0], little[1]
    others = (corpus, needs[:1], *little[2:])
    expected = built(others, tmp_path / "whole", 2, WordEncoder())
    with pytest.raises(KeyboardInterrupt):  # in the shards, when the means are written
        built(little, tmp_path / "broken", 2, WordEncoder(), engine=BrokenShards())

    version = built(others, tmp_path / "broken", 2, WordEncoder())

    assert version.manifest["whole"] == expected.manifest["whole"]
    assert version.manifest["shards"] == expected.manifest["shards"]


class BrokenShards:
    """Runs all jobs that encode, and of those that do not only the first."""

    def run(self, jobs: Sequence[BuildJob]) -> Iterator[str]:
        engine = LocalEngine(Tools(WordEncoder(), None))
        yield from engine.run([job for job in jobs if job.encodes] or jobs[:1])
        if not jobs[0].encodes:
            raise KeyboardInterrupt


def _is_by_chance(name: str) -> bool:
    return bool({"counted", "hidden", "manifest.json"} & set(name.split("/")))


class Damaging:
    """Runs jobs, and damages a byte of the first one's result."""

    def __init__(self, encoder: WordEncoder) -> None:
        self._engine = LocalEngine(Tools(encoder, None))

    def run(self, jobs: Sequence[BuildJob]) -> Iterator[str]:
        yield from self._engine.run(jobs)
        path = jobs[0].folder / "vectors.npy"
        if path.exists():
            content = bytearray(path.read_bytes())
            content[-1] ^= 1
            path.write_bytes(content)


def test_a_result_that_is_not_as_it_was_written_is_not_published(
    little: World, tmp_path: Path
) -> None:
    encoder = WordEncoder()

    with pytest.raises(StorageError, match="1 parts of the index are not as they were written"):
        built(little, tmp_path, 2, encoder, engine=Damaging(encoder))

    assert not (tmp_path / "CURRENT").exists()
    assert built(little, tmp_path, 2, encoder).name == "v000001"


def test_a_shard_of_another_catalogue_is_refused(little: World, tmp_path: Path) -> None:
    encoder = WordEncoder()
    version = built(little, tmp_path, 2, encoder)
    manifest = version.folder / "shard-001" / "manifest.json"
    told = json.loads(manifest.read_text("utf-8"))
    told["whole"]["sha256"] = "0" * 64
    manifest.write_text(json.dumps(told), "utf-8")

    with pytest.raises(IndexDamagedError, match="shard-001"):
        open_shard(version.folder / "shard-001")


def test_a_person_is_in_one_shard_and_a_joint_work_is_in_each_of_its_peoples(
    little: World, tmp_path: Path
) -> None:
    corpus, _ = little
    version = built(little, tmp_path, 3, WordEncoder())
    front, folders = open_whole(tmp_path)
    people = {
        number: set(open_shard(folder)._snapshot.researchers.texts("researcher_id"))
        for number, folder in enumerate(folders)
    }

    assert front.version == version.name == open_current(tmp_path).name
    assert sorted(one for ids in people.values() for one in ids) == sorted(
        corpus.researchers["researcher_id"]
    )
    for number, ids in people.items():
        seeds = set(open_shard(folders[number])._snapshot.seeds.texts("seed_id"))
        own = corpus.authorships[corpus.authorships["researcher_id"].isin(ids)]
        assert set(own["seed_id"]) <= seeds
    assert version.manifest["counts"]["seeds"] == len(corpus.seeds)


def test_changes_are_told_against_a_version_in_shards(little: World, tmp_path: Path) -> None:
    corpus, needs = little
    encoder = WordEncoder()
    built(little, tmp_path, 2, encoder)
    titles = corpus.seeds["title"].to_numpy(copy=True)
    titles[:3] = "Another title"
    changed = replace(corpus, seeds=corpus.seeds.assign(title=titles), state="changed")

    version = built((changed, needs), tmp_path, 3, encoder)

    assert version.manifest["changes"]["seeds"] == {"added": 0, "changed": 3, "removed": 0}
    assert version.manifest["changes"]["compared_with"] == "v000001"
