"""A build of shards makes only what changed, and what it makes is what a build from nothing makes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from indexes.versions import Version
from matcher.corpus_stream import in_memory
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import Need
from matcher.sharding.building import build_shards
from matcher.sharding.fan import LocalFan
from matcher.sharding.jobs import BuildJob, LocalEngine, Tools
from matcher.sharding.opening import open_shard, open_whole
from matcher.sharding.sharded_recommender import ShardedRecommender
from matcher.tables import Corpus
from tests.conftest import WordEncoder
from tests.support.worlds.sharded import university

N_SHARDS = 3
World = tuple[Corpus, Sequence[Need]]


class Counting:
    """Runs jobs here, and counts what it ran."""

    def __init__(self) -> None:
        self.encoder = WordEncoder()
        self.slices = self.shards = 0

    def run(self, jobs: Sequence[BuildJob]) -> Iterator[str]:
        self.slices += sum(job.encodes for job in jobs)
        self.shards += sum(not job.encodes for job in jobs)
        yield from LocalEngine(Tools(self.encoder, None)).run(jobs)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    corpus, needs = university(tmp_path_factory.mktemp("university"), 120)
    return corpus, needs[:2]


def built(world: World, root: Path, engine: Counting, large_from: int = 10**9) -> Version:
    return build_shards(
        in_memory(world[0]),
        world[1],
        engine.encoder,
        None,
        root,
        n_shards=N_SHARDS,
        engine=engine,
        keep=2,
        seeds_a_slice=20,
        large_from=large_from,
    )


def changed(corpus: Corpus) -> Corpus:
    """Return it with a text changed, a seed that is gone, and one that is new."""
    seeds = corpus.seeds.copy()
    seeds.loc[5, "text"] = "A quite different membrane of polymer."
    new = seeds.iloc[[9]].assign(seed_id="zz-new", title="A sensor of membranes")
    seeds = pd.concat([seeds.drop(index=17), new]).sort_values("seed_id").reset_index(drop=True)
    links = corpus.authorships
    also = links.iloc[[0]].assign(seed_id="zz-new")
    links = (
        pd.concat([links, also]).sort_values(["seed_id", "researcher_id"]).reset_index(drop=True)
    )
    return replace(corpus, seeds=seeds, authorships=links, state="changed")


def recommender(root: Path) -> ShardedRecommender:
    front, folders = open_whole(root)
    return ShardedRecommender(front, LocalFan([open_shard(one) for one in folders]), WordEncoder())


def test_what_did_not_change_is_neither_encoded_nor_cut_again_and_the_lists_are_those_of_one_index(
    world: World, tmp_path: Path
) -> None:
    built(world, tmp_path / "many", Counting())
    corpus, engine = changed(world[0]), Counting()

    version = built((corpus, world[1]), tmp_path / "many", engine)

    assert 0 < version.manifest["encodings"]["encoded"] < 8
    assert 0 < engine.slices <= 3
    told = version.manifest["changes"]["seeds"]
    assert told["added"] == told["removed"] == 1
    encoder = WordEncoder()
    build_index(
        world[0], world[1], encoder, None, tmp_path / "one", keep=1
    )  # so that both are v000002
    index = build_index(corpus, world[1], encoder, None, tmp_path / "one", keep=1)
    one, many = Recommender.from_parts(index, encoder), recommender(tmp_path / "many")
    for need in world[1]:
        assert many.answer(need, top=100) == one.answer(need, top=100)


def test_shards_of_people_of_whom_nothing_changed_are_taken_over(
    world: World, tmp_path: Path
) -> None:
    corpus = world[0]
    before = built(world, tmp_path, Counting())
    someone = corpus.researchers["researcher_id"][3]
    moved = corpus.researchers.copy()
    moved.loc[3, "department_en"] = "Another department"
    engine = Counting()

    version = built((replace(corpus, researchers=moved, state="moved"), world[1]), tmp_path, engine)

    assert (engine.slices, engine.shards) == (0, 1)
    assert version.manifest["encodings"]["encoded"] == 0
    assert recommender(tmp_path).researcher(someone).department_en == "Another department"
    kept = [
        name
        for name in ("shard-000", "shard-001", "shard-002")
        if (before.folder / name / "passages" / "columns.json").samefile(
            version.folder / name / "passages" / "columns.json"
        )
    ]
    assert len(kept) == N_SHARDS - 1


def test_a_seed_that_is_gone_lies_nowhere_any_more(world: World, tmp_path: Path) -> None:
    corpus = world[0]
    built(world, tmp_path, Counting())
    seeds = corpus.seeds
    text = max(seeds["text"], key=len)
    gone = seeds["text"] != text
    left = replace(corpus, seeds=seeds[gone].reset_index(drop=True), state="gone")

    version = built((left, world[1]), tmp_path, Counting())

    ids = set(seeds["seed_id"][~gone])
    for folder in [version.folder, *(tmp_path / ".slices").iterdir()]:
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert not any(one.encode() in content for one in ids), path


def test_a_damaged_slice_is_made_anew(world: World, tmp_path: Path) -> None:
    built(world, tmp_path, Counting())
    damaged = sorted((tmp_path / ".slices").iterdir())[0] / "vectors.npy"
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    engine = Counting()

    version = built((replace(world[0], state="again"), world[1]), tmp_path, engine)

    assert engine.slices == 1
    assert 0 < version.manifest["encodings"]["encoded"] < version.manifest["counts"]["passages"]


def test_a_build_from_nothing_takes_nothing_over(world: World, tmp_path: Path) -> None:
    built(world, tmp_path, Counting())
    engine = Counting()

    version = build_shards(
        in_memory(world[0]),
        world[1],
        engine.encoder,
        None,
        tmp_path,
        n_shards=N_SHARDS,
        engine=engine,
        keep=1,
        anew=True,
    )

    assert engine.shards == N_SHARDS
    assert version.manifest["encodings"]["from_cache"] == 0


def test_a_large_catalogue_of_which_little_changed_keeps_its_means(
    world: World, tmp_path: Path
) -> None:
    first = built(world, tmp_path, Counting(), large_from=1)
    engine = Counting()

    second = built((changed(world[0]), world[1]), tmp_path, engine, large_from=1)

    means = [(one.folder / "whole" / "means.npz").read_bytes() for one in (first, second)]
    assert means[0] == means[1]
    assert 0 < second.manifest["new_since_estimates"] < 10
    assert first.manifest["new_since_estimates"] == 0
