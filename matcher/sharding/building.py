"""Builds an index version of several shards: encodes in slices, learns what holds for all, writes the shards.

Slices and shards are jobs that an engine runs, here or on other machines that see the same folder. A job says
by checksums what it wrote; one that was done is not done again, so that a build which was broken off goes on
where it stopped. Only the last step, the renaming of the folder, lets the version serve: all shards at once.
"""

import hashlib
import json
import shutil
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.errors import StorageError
from indexes.columns import Categories
from indexes.dense import EXACT_BELOW
from indexes.versions import Version, publish, staged_version, sweep
from matcher.centring import centre, known_means
from matcher.corpus_source import OnTotal
from matcher.encoder.encoder import PASSAGE, Encoder
from matcher.encoder.vector_cache import VectorCache
from matcher.indexing import (
    count_changes,
    digests_of,
    encode_words,
    manifest_of,
    means_of_needs,
    model_of,
)
from matcher.records import Need
from matcher.sharding.jobs import Engine, ShardJob, SliceJob, checked, done, seal
from matcher.sharding.joining import put_together
from matcher.sharding.slices import Slices
from matcher.sharding.whole_files import (
    FOLDER_NAME,
    SHIPPED_NAME,
    sample_rows,
    write_facts,
    write_sample,
    write_word_counts,
)
from matcher.tables import RESEARCHER_ID, SEED_ID, Corpus, in_statistics, visibility_levels
from matcher.term_links import save_vocabularies
from matcher.tokens import TOKENIZERS
from matcher.version_files import FORMAT
from matcher.version_vectors import MEANS_SAMPLE, Centring, EncodedRows, evenly_spaced
from matcher.version_writer import VOCABULARY_SAMPLE, VocabularySample, check_some, step_of

SEEDS_A_SLICE = 2_000
_WORK_PREFIX = ".shards-"
_SHARD = "shard-{}"
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class _Plan:
    """A build: what of, with what, and where it goes on after it was broken off."""

    corpus: Corpus
    needs: Sequence[Need]
    encoder: Encoder
    cache: VectorCache | None
    engine: Engine
    work: Path
    n_shards: int
    exact_below: int
    report: OnTotal


def build_shards(
    corpus: Corpus,
    needs: Sequence[Need],
    encoder: Encoder,
    cache: VectorCache | None,
    root: Path,
    *,
    n_shards: int,
    engine: Engine,
    keep: int,
    exact_below: int = EXACT_BELOW,
    seeds_a_slice: int = SEEDS_A_SLICE,
    on_progress: OnTotal | None = None,
) -> Version:
    """Encode, write a version of so many shards, and publish it. Raises as `build_index` does.

    `exact_below` is meant of a shard. `cache` is for the words of linked languages and for needs; what
    encodes passages is the engine's.
    """
    report = on_progress or (lambda what, done, total: None)
    digests = digests_of(corpus)
    changes = count_changes(root, corpus, digests)
    described = partial(manifest_of, corpus, encoder)
    work = root / (_WORK_PREFIX + _key(corpus, encoder, seeds_a_slice, n_shards, exact_below))
    try:
        sweep(root)
        drop_unfinished(root, but=work)
        work.mkdir(parents=True, exist_ok=True)
        plan = _Plan(corpus, needs, encoder, cache, engine, work, n_shards, exact_below, report)
        slices, encodings = _slices(plan, seeds_a_slice)
        _learn(plan, slices)
        shards = _shards(plan, slices, digests)
        with staged_version(root) as staging:
            folders = [job.folder for job in shards]
            manifest, files = put_together(work, staging, folders, described, len(slices))
            told = {**manifest, "encodings": encodings, "changes": changes}
            version = publish(root, staging, told, keep=keep, known=files)
        shutil.rmtree(work, ignore_errors=True)
        report("index", 1, 1)
        return version
    except OSError as error:
        raise StorageError(
            "The index could not be written to %(folder)s (%(reason)s). The version "
            "before it still serves. Free some space or set ENMUSUBI_DATA_DIR.",
            folder=root,
            reason=error.strerror or error,
        ) from error


def drop_unfinished(root: Path, *, but: Path | None = None) -> None:
    """Delete what builds of shards left that were broken off, but for the one that goes on."""
    for folder in root.glob(f"{_WORK_PREFIX}*"):
        if folder != but:
            shutil.rmtree(folder, ignore_errors=True)


def shard_of(identifier: str, n_shards: int) -> int:
    """Return the shard of a researcher, the same in every version of so many shards."""
    return zlib.crc32(identifier.encode()) % n_shards


def _key(corpus: Corpus, encoder: Encoder, *sizes: int) -> str:
    told = json.dumps([corpus.state, model_of(encoder), FORMAT, sizes])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _slices(plan: _Plan, size: int) -> tuple[Slices, dict[str, int]]:
    """Cut and encode all seeds; return the slices, and how many passages were encoded or known."""
    jobs = []
    for number, first in enumerate(range(0, len(plan.corpus.seeds), size)):
        folder = plan.work / f"slice-{number:06}"
        job = SliceJob(folder)
        if not checked(folder):
            job.prepare(plan.corpus.seeds.iloc[first : first + size].reset_index(drop=True))
        jobs.append(job)
    told = _run(plan, "encode", jobs)
    counts = [int(one["passages"]) for one in told]
    check_some(sum(counts), plan.corpus)
    encodings = {name: sum(int(one[name]) for one in told) for name in ("encoded", "from_cache")}
    return Slices([job.folder for job in jobs], size, counts), encodings


def _run(plan: _Plan, what: str, jobs: Sequence[Any]) -> list[Mapping[str, Any]]:
    """Run the jobs that are not done, and return what each says of its results, which are checked."""
    left = [job for job in jobs if not checked(job.folder)]
    finished = len(jobs) - len(left)
    plan.report(what, finished, len(jobs))
    for number, _ in enumerate(plan.engine.run(left), finished + 1):
        plan.report(what, number, len(jobs))
    lost = [job.folder.name for job in jobs if not checked(job.folder)]
    if lost:
        raise StorageError(
            "%(count)s parts of the index are not as they were written, the first of them %(name)s. "
            "Run `enmusubi index` again: it makes these anew.",
            count=len(lost),
            name=lost[0],
        )
    return [done(job.folder) for job in jobs]


def _learn(plan: _Plan, slices: Slices) -> None:
    """Write what holds for the whole catalogue, anew where it was made with other needs."""
    folder, told = plan.work / FOLDER_NAME, {"needs": _digest_of_needs(plan.needs)}
    if checked(folder) and done(folder).get("needs") == told["needs"]:
        return
    for made_of_it in (folder, *plan.work.glob(_SHARD.format("*"))):
        shutil.rmtree(made_of_it, ignore_errors=True)
    folder.mkdir()
    encoder, report = plan.encoder, plan.report
    levels = visibility_levels(Categories.of(plan.corpus.seeds["visibility"]))
    of_passages = levels[slices.seed_rows]
    making = in_statistics(levels)[slices.seed_rows]
    shipped = known_means(encoder)
    large = len(slices) >= EXACT_BELOW
    known = evenly_spaced(np.flatnonzero(of_passages == 0), MEANS_SAMPLE if large else len(slices))
    centring = Centring.estimated(_encoded(slices, known), shipped)
    centring.save(folder, means_of_needs(plan.needs, encoder, plan.cache), large=True)
    np.savez(folder / SHIPPED_NAME, allow_pickle=False, **shipped)
    counts = write_word_counts(folder, slices, making)
    for language, rows in sample_rows(slices, making).items():
        vectors = centre(
            slices.vectors(rows)[0], [language] * len(rows), PASSAGE, centring.of_passages
        )
        write_sample(folder, language, (rows, vectors), slices, counts.get(language))
    vocabularies = encode_words(
        _vocabulary_samples(slices, making),
        lambda rows: slices.texts(np.array(rows, dtype=np.int64)),
        encoder,
        plan.cache,
        report,
    )
    save_vocabularies(folder, vocabularies)
    write_facts(folder, plan.corpus, slices)
    seal(folder, told)


def _digest_of_needs(needs: Sequence[Need]) -> str:
    """Return what tells needs from others: their means are part of what every shard is made with."""
    told = sorted((need.need_id, need.text) for need in needs)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _encoded(slices: Slices, rows: IntArray) -> EncodedRows:
    vectors, sentences, counts = slices.vectors(rows)
    languages = slices.languages[rows]
    nothing = np.zeros(0, dtype=np.int64)
    return EncodedRows(rows, vectors, languages, nothing, sentences, np.repeat(languages, counts))


def _vocabulary_samples(slices: Slices, making: NDArray[np.bool_]) -> dict[str, VocabularySample]:
    samples = {}
    for name in sorted(slices.languages.names):
        rows = np.flatnonzero(making & slices.languages.among((name,)))
        chosen = rows[:: step_of(len(rows), VOCABULARY_SAMPLE)]
        tokens = [TOKENIZERS[name](text) for text in slices.texts(chosen)]
        samples[name] = VocabularySample(chosen.tolist(), tokens)
    return samples


def _shards(
    plan: _Plan, slices: Slices, digests: tuple[NDArray[np.uint64], NDArray[np.uint64]]
) -> list[ShardJob]:
    """Write the shards: of each the people, all their seeds, and seeds of nobody."""
    corpus, n_shards = plan.corpus, plan.n_shards
    people = np.array([shard_of(one, n_shards) for one in corpus.researchers[RESEARCHER_ID]])
    seeds = pd.Index(corpus.seeds[SEED_ID])
    pairs = corpus.authorships
    person = pd.Index(corpus.researchers[RESEARCHER_ID]).get_indexer(pairs[RESEARCHER_ID])
    seed = seeds.get_indexer(pairs[SEED_ID])
    known = (person >= 0) & (seed >= 0)
    owned = np.zeros(len(seeds), dtype=bool)
    owned[seed[known]] = True
    of_nobody = np.array([shard_of(one, n_shards) for one in corpus.seeds[SEED_ID]])
    of_nobody[owned] = -1
    lowest = int(visibility_levels(Categories.of(corpus.seeds["visibility"])).min(initial=2))
    jobs = []
    for number in range(n_shards):
        mine = known & (people[person] == number)
        has = of_nobody == number
        has[seed[mine]] = True
        job = ShardJob(
            plan.work / _SHARD.format(f"{number:03}"),
            plan.work / FOLDER_NAME,
            lowest,
            plan.exact_below,
            model_of(plan.encoder),
        )
        jobs.append(job)
        if not checked(job.folder):
            job.prepare(
                slices,
                corpus.seeds[has].assign(digest=digests[0][has]),
                corpus.researchers[people == number].assign(digest=digests[1][people == number]),
                pairs[mine],
                (np.flatnonzero(has), np.flatnonzero(people == number)),
            )
    _run(plan, "shards", jobs)
    return jobs
