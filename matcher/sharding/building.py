"""Builds an index version of several shards: encodes in slices, learns what holds for all, writes the shards.

Slices and shards are jobs that an engine runs, here or on other machines that see the same folder. A job says
by checksums what it wrote; one that was done is not done again, so that a build which was broken off goes on
where it stopped. Slices are kept: the next build makes only what changed, and takes shards over that are made
of the same. Only the last step, the renaming of the folder, lets the version serve: all shards at once.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from enmusubi import __version__
from enmusubi.errors import StorageError
from indexes.dense import EXACT_BELOW
from indexes.errors import IndexFault
from indexes.versions import Version, open_current, publish, staged_version, sweep
from matcher.changes import count_changes, hashes_of
from matcher.corpus_source import OnTotal
from matcher.corpus_stream import OpenStream
from matcher.earlier_version import MOST_NEW, NEW_SINCE
from matcher.encoder.encoder import Encoder
from matcher.encoder.vector_cache import VectorCache
from matcher.indexing import manifest_of, model_of
from matcher.records import Need
from matcher.sharding.dividing import divided
from matcher.sharding.jobs import INPUT_NAME, Engine, checked, done
from matcher.sharding.joining import put_together
from matcher.sharding.learning import Lesson, digest_of, learn
from matcher.sharding.shard_job import ShardJob
from matcher.sharding.slices import Slices
from matcher.sharding.spooling import KEPT_NAME, KeptSlices, Outline, spool
from matcher.sharding.whole_files import FOLDER_NAME
from matcher.tables import RESEARCHER_ID
from matcher.version_files import FORMAT
from matcher.version_vectors import Centring
from matcher.version_writer import check_some

SEEDS_A_SLICE = 2_000
_WORK_PREFIX = ".shards-"
_SHARD = "shard-{}"


@dataclass(frozen=True)
class _Plan:
    """A build: what of, with what, and where it goes on after it was broken off."""

    needs: Sequence[Need]
    encoder: Encoder
    cache: VectorCache | None
    engine: Engine
    root: Path
    n_shards: int
    exact_below: int
    large_from: int
    report: OnTotal


@dataclass(frozen=True)
class _Work:
    """What a build knows once all is cut; `earlier` is a version of shards that it may go on with."""

    folder: Path
    outline: Outline
    slices: Slices
    taken_over: int
    earlier: Version | None

    @property
    def new_since_earlier(self) -> int:
        """How many passages came, changed or went since the means of the earlier version were made."""
        if self.earlier is None:
            return len(self.slices)
        manifest = self.earlier.manifest
        most = max(len(self.slices), int(manifest["counts"]["passages"]))
        return most - self.taken_over + int(manifest[NEW_SINCE])


def build_shards(
    corpus: OpenStream,
    needs: Sequence[Need],
    encoder: Encoder,
    cache: VectorCache | None,
    root: Path,
    *,
    n_shards: int,
    engine: Engine,
    keep: int,
    exact_below: int = EXACT_BELOW,
    large_from: int = EXACT_BELOW,
    seeds_a_slice: int = SEEDS_A_SLICE,
    anew: bool = False,
    on_progress: OnTotal | None = None,
) -> Version:
    """Encode, write a version of so many shards, and publish it. Raises as `build_index` does.

    `exact_below` is meant of a shard. From `large_from` passages of all on, means and linked words are kept
    as long as little changed. `cache` is for the words of linked languages and for needs; what encodes
    passages is the engine's. `anew` takes nothing over from an earlier build.
    """
    report = on_progress or (lambda what, done, total: None)
    plan = _Plan(needs, encoder, cache, engine, root, n_shards, exact_below, large_from, report)
    try:
        sweep(root)
        if anew:
            drop_unfinished(root)
        version = _built(plan, corpus, seeds_a_slice, None if anew else _earlier(plan), keep)
        report("index", 1, 1)
        return version
    except OSError as error:
        raise StorageError(
            "The index could not be written to %(folder)s (%(reason)s). The version "
            "before it still serves. Free some space or set ENMUSUBI_DATA_DIR.",
            folder=root,
            reason=error.strerror or error,
        ) from error


def _built(
    plan: _Plan, corpus: OpenStream, seeds_a_slice: int, earlier: Version | None, keep: int
) -> Version:
    root = plan.root
    work, encodings = _cut(plan, corpus, seeds_a_slice, earlier)
    outline = work.outline
    people = hashes_of(map(str, outline.researchers[RESEARCHER_ID])), outline.people_digests
    changes = count_changes(root, (outline.ids, outline.digests), people)
    goes_on = _goes_on(plan, work)
    _learn(plan, work, goes_on)
    shards = _shards(plan, work)
    counts = {"researchers": len(work.outline.researchers), "seeds": work.outline.n_seeds}
    described = partial(manifest_of, counts, work.outline.state, plan.encoder)
    new_since = work.new_since_earlier if goes_on else 0
    with staged_version(root) as staging:
        folders = [job.folder for job in shards]
        sizes = len(work.slices), new_since
        manifest, files = put_together(work.folder, staging, folders, described, sizes)
        told = {**manifest, "encodings": encodings, "changes": changes}
        version = publish(root, staging, told, keep=keep, known=files)
    drop_unfinished(root, but=work.slices.folders)
    return version


def drop_unfinished(root: Path, *, but: Sequence[Path] = ()) -> None:
    """Delete what builds of shards left or keep for the next, but for some slices."""
    for folder in root.glob(f"{_WORK_PREFIX}*"):
        shutil.rmtree(folder, ignore_errors=True)
    kept = {folder.name for folder in but}
    for folder in (root / KEPT_NAME).glob("*"):
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _earlier(plan: _Plan) -> Version | None:
    """Return the version of shards that serves, if this program and model made it."""
    try:
        version = open_current(plan.root)
        manifest = version.manifest
        made_by = (manifest["format"], manifest["program"], manifest["model"])
        fits = made_by == (FORMAT, __version__, model_of(plan.encoder)) and "shards" in manifest
        return version if fits else None
    except (IndexFault, OSError, KeyError, TypeError):
        return None


def _cut(
    plan: _Plan, corpus: OpenStream, seeds_a_slice: int, earlier: Version | None
) -> tuple[_Work, dict[str, int]]:
    """Cut and encode all seeds; return what there is, and how many passages were encoded or known."""
    kept = KeptSlices(plan.root / KEPT_NAME, model_of(plan.encoder))
    with corpus() as stream:
        outline, jobs, left = spool(stream, kept, seeds_a_slice)
    _run(plan, "encode", left, len(jobs))
    told = [done(job.folder) for job in jobs]
    new = {job.folder for job in left}
    of_new = [one for job, one in zip(jobs, told, strict=True) if job.folder in new]
    sizes = [int(one["seeds"]) for one in told], [int(one["passages"]) for one in told]
    slices = Slices([job.folder for job in jobs], *sizes)
    check_some(len(slices), outline.n_seeds)
    taken_over = len(slices) - sum(int(one["passages"]) - int(one["taken_over"]) for one in of_new)
    encoded = sum(int(one["encoded"]) for one in of_new)
    work = plan.root / (_WORK_PREFIX + _key(plan, outline))
    for folder in plan.root.glob(f"{_WORK_PREFIX}*"):
        if folder != work:  # of another state of the catalogue
            shutil.rmtree(folder, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    encodings = {"encoded": encoded, "from_cache": len(slices) - encoded}
    return _Work(work, outline, slices, taken_over, earlier), encodings


def _key(plan: _Plan, outline: Outline) -> str:
    sizes = plan.n_shards, plan.exact_below, plan.large_from
    told = json.dumps([outline.state, model_of(plan.encoder), FORMAT, sizes])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _run(plan: _Plan, what: str, left: Sequence[Any], total: int) -> None:
    """Run the jobs that are not done, and check what each says of its results."""
    finished = total - len(left)
    plan.report(what, finished, total)
    for number, _ in enumerate(plan.engine.run(left), finished + 1):
        plan.report(what, number, total)
    lost = [job.folder.name for job in left if not checked(job.folder)]
    if lost:
        raise StorageError(
            "%(count)s parts of the index are not as they were written, the first of them %(name)s. "
            "Run `enmusubi index` again: it makes these anew.",
            count=len(lost),
            name=lost[0],
        )
    for job in left:  # of a worker that was lost when it had said that it was done
        shutil.rmtree(job.folder / INPUT_NAME, ignore_errors=True)


def _goes_on(plan: _Plan, work: _Work) -> bool:
    """Say whether a large catalogue goes on with the means and linked words of the version before."""
    if work.earlier is None or len(work.slices) < plan.large_from:
        return False
    was_large = int(work.earlier.manifest["counts"]["passages"]) >= plan.large_from
    return was_large and work.new_since_earlier <= MOST_NEW * len(work.slices)


def _learn(plan: _Plan, work: _Work, goes_on: bool) -> None:
    """Write what holds for the whole catalogue, anew where it was made with other needs."""
    folder = work.folder / FOLDER_NAME
    if checked(folder) and done(folder).get("needs") == digest_of(plan.needs):
        return
    for made_of_it in (folder, *work.folder.glob(_SHARD.format("*"))):
        shutil.rmtree(made_of_it, ignore_errors=True)
    folder.mkdir()
    lesson = Lesson(
        work.outline,
        work.slices,
        plan.needs,
        plan.encoder,
        plan.cache,
        is_large=len(work.slices) >= plan.large_from,
        earlier=work.earlier.folder / FOLDER_NAME if goes_on and work.earlier else None,
        report=plan.report,
    )
    learn(folder, lesson)


def _shards(plan: _Plan, work: _Work) -> list[ShardJob]:
    """Write the shards: of each the people, all their seeds, and seeds of nobody."""
    outline, whole = work.outline, work.folder / FOLDER_NAME
    lowest = int(outline.levels.min(initial=2))
    common = _digest_of_whole(whole, plan, lowest)
    people = outline.researchers.assign(digest=outline.people_digests)
    jobs, left = [], []
    for number, rows in enumerate(divided(outline, work.slices, plan.n_shards)):
        name = _SHARD.format(f"{number:03}")
        key = _key_of_shard(common, rows.digests, outline.people_digests[rows.people])
        job = ShardJob(
            work.folder / name, whole, lowest, plan.exact_below, model_of(plan.encoder), key
        )
        jobs.append(job)
        if checked(job.folder):
            continue
        if work.earlier and job.take_over(work.earlier.folder / name, work.slices, rows):
            continue
        job.prepare(work.slices, people.iloc[rows.people], rows)
        left.append(job)
    _run(plan, "shards", left, len(jobs))
    return jobs


def _digest_of_whole(whole: Path, plan: _Plan, lowest: int) -> bytes:
    """Return what of the whole catalogue, and of the settings, the files of a shard are made with."""
    centring = Centring.load(whole)
    languages = sorted(path.name for path in (whole / "lexical").glob("*"))
    told: Mapping[str, Any] = {
        "made by": [model_of(plan.encoder), FORMAT, __version__],
        "sizes": [plan.exact_below, lowest],
        "languages": languages,
    }
    digest = hashlib.sha256(json.dumps(told).encode())
    for means in (centring.of_passages, centring.of_sentences):
        for name in sorted(means):
            digest.update(name.encode() + np.ascontiguousarray(means[name]).tobytes())
    return digest.digest()


def _key_of_shard(common: bytes, *digests: Any) -> str:
    digest = hashlib.sha256(common)
    for of in digests:
        digest.update(len(of).to_bytes(8, "little") + np.ascontiguousarray(of).tobytes())
    return digest.hexdigest()
