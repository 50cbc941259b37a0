"""Shards without anybody or without any text, and jobs that end while they say that they are done."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from indexes.versions import Version
from matcher.corpus_stream import in_memory
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import Filters, Need
from matcher.sharding import jobs
from matcher.sharding.building import build_shards
from matcher.sharding.fan import LocalFan
from matcher.sharding.jobs import BuildJob, Engine, LocalEngine, Tools, checked
from matcher.sharding.opening import open_shard, open_whole
from matcher.sharding.sharded_recommender import ShardedRecommender
from matcher.sharding.slice_job import SliceJob
from matcher.tables import Corpus
from tests.conftest import WordEncoder, make_corpus

NEED = Need("A membrane of polymer that needs no catalyst", "n-1")


def three_people() -> Corpus:
    """Return two people with works, and one who has none."""
    seeds = [
        {"seed_id": "s-1", "title": "A membrane of polymer", "people": ["r-1"], "kind": "paper"},
        {"seed_id": "s-2", "title": "Laser sensors", "people": ["r-1", "r-2"], "kind": "project"},
        {"seed_id": "s-3", "title": "A catalyst", "people": ["r-2"], "visibility": "internal"},
    ]
    return make_corpus(seeds, [{"researcher_id": "r-3"}])


def built(corpus: Corpus, root: Path, n_shards: int, engine: Engine | None = None) -> Version:
    encoder = WordEncoder()
    engine = engine or LocalEngine(Tools(encoder, None))
    return build_shards(
        in_memory(corpus), [NEED], encoder, None, root, n_shards=n_shards, engine=engine, keep=1
    )


def test_more_shards_than_people_answer_as_one_index(tmp_path: Path) -> None:
    corpus, encoder = three_people(), WordEncoder()
    one = Recommender.from_parts(
        build_index(corpus, [NEED], encoder, None, tmp_path / "one", keep=1), encoder
    )

    built(corpus, tmp_path / "many", 6)

    front, folders = open_whole(tmp_path / "many")
    many = ShardedRecommender(front, LocalFan([open_shard(f) for f in folders]), encoder)
    for filters in (
        Filters(),
        Filters(visibilities=("public", "internal")),
        Filters(kinds=("paper",)),
    ):
        assert many.answer(NEED, filters=filters) == one.answer(NEED, filters=filters)
    assert many.people_by_field() == one.people_by_field()
    assert many.seeds_about(["laser"]) == one.seeds_about(["laser"]) == ["s-2"]
    assert many.researcher("r-3") == one.researcher("r-3")


@pytest.mark.parametrize("lost_while", ["it compares what it wrote", "it has said that it is done"])
def test_a_job_is_done_again_wherever_its_worker_was_lost(
    lost_while: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    encoder = WordEncoder()
    job, tools = SliceJob(tmp_path / "slice-000000"), Tools(encoder, None)
    job.prepare(three_people().seeds)
    with monkeypatch.context() as lost, pytest.raises(KeyboardInterrupt):
        if lost_while == "it compares what it wrote":
            lost.setattr(jobs, "write_atomically", lose)
        else:
            lost.setattr("shutil.rmtree", lose)
        job.run(tools)

    job.run(tools)

    assert checked(job.folder)
    encoded = encoder.encoded
    job.run(tools)
    assert encoder.encoded == encoded


class Untidy:
    """Runs jobs, whose inputs stay."""

    def run(self, jobs: Sequence[BuildJob]) -> Iterator[str]:
        yield from LocalEngine(Tools(WordEncoder(), None)).run(jobs)
        for job in jobs:
            (job.folder / "input").mkdir()
            (job.folder / "input" / "seeds.parquet").write_bytes(b"all the texts")


def test_no_input_of_a_job_is_published(tmp_path: Path) -> None:
    version = built(three_people(), tmp_path, 2, Untidy())

    assert not [name for name in version.manifest["files"] if "input" in name]
    assert not list(tmp_path.rglob("input"))
