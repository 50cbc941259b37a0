"""Measures the serving pipeline on an evaluation collection.

Opens the collection as the service would (an index version in a temporary folder), ranks with the
recommender that serves, and measures the run. The only thing it leaves behind are vectors in the cache.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from enmusubi.errors import CollectionError, StorageError
from enmusubi.settings import Settings
from matcher.corpus_source import OnTotal
from matcher.encoder.encoder import Encoder
from matcher.encoder.vector_cache import VectorCache
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import Need
from matcher.reranking.reranker import Reranker
from matcher.tables import NEED_ID
from office.configured import configured_encoder
from training.collections import Collection, can_be_matched
from training.metrics import Interval, bootstrap_intervals, evaluate_run

CACHE_NAME = "vectors.sqlite"


@dataclass(frozen=True)
class Opened:
    """A recommender over a collection, and the manifest of its index version."""

    recommender: Recommender
    manifest: Mapping[str, Any]


@contextmanager
def opened_collection(
    collection: Collection,
    encoder: Encoder,
    cache_dir: Path,
    reranker: Reranker | None = None,
    on_progress: OnTotal | None = None,
) -> Iterator[Opened]:
    """Index the collection with the serving pipeline; the only thing left behind are cached vectors.

    The shipped re-ranker serves unless one is given. Raises StorageError without room.
    """
    cache = VectorCache(cache_dir / CACHE_NAME)
    try:
        with _temporary_folder(cache_dir) as folder:
            version = build_index(
                collection.corpus,
                collection.needs,
                encoder,
                cache,
                Path(folder),
                keep=1,
                on_progress=on_progress,
            )
            recommender = Recommender.from_parts(version, encoder, cache, reranker)
            yield Opened(recommender, version.manifest)
    finally:
        cache.close()


def _temporary_folder(parent: Path) -> "tempfile.TemporaryDirectory[str]":
    try:
        return tempfile.TemporaryDirectory(prefix="evaluate-", dir=parent)
    except OSError as error:
        raise StorageError(
            "No temporary index can be written in %(folder)s (%(reason)s). Free some "
            "space, make the folder writable, or name another with ENMUSUBI_CACHE_DIR.",
            folder=parent,
            reason=error.strerror or error,
        ) from error


DEFAULT_DEPTH = 1000
DEEPEST_METRIC = 100


@dataclass(frozen=True)
class EvaluationResult:
    """A run, its metrics, and what made them.

    `per_need` has a row for every need measured and a column for every metric; `by_language` is
    empty unless needs of several languages were measured.
    """

    collection: str
    run: pd.DataFrame
    per_need: pd.DataFrame
    metrics: Mapping[str, Interval]
    by_language: Mapping[str, Mapping[str, Interval]]
    needs_by_language: Mapping[str, int]
    counts: Mapping[str, int]
    notes: list[str]
    seconds: float
    index: Mapping[str, Any]  # the manifest, without the list of files


def evaluate_collection(
    collection: Collection,
    settings: Settings,
    *,
    depth: int = DEFAULT_DEPTH,
    top: int | None = None,
    encoder: Encoder | None = None,
    reranker: Reranker | None = None,
    on_progress: OnTotal | None = None,
) -> EvaluationResult:
    """Rank `depth` researchers for every need, or for the first `top` needs, and measure the run.

    Needs without judgements are ranked, but not measured. The settings' encoder is loaded unless
    one is given. Raises CollectionError when none of the needs chosen was judged.
    """
    started = time.monotonic()
    needs = collection.needs[:top]
    qrels = collection.qrels[collection.qrels[NEED_ID].isin([need.need_id for need in needs])]
    if qrels.empty:
        raise CollectionError(
            "None of the first %(count)s needs was judged, so there is nothing to "
            "measure. Raise --top, or leave it out.",
            count=len(needs),
        )
    encoder = encoder or configured_encoder(settings, is_alone=True)
    with opened_collection(
        collection, encoder, settings.cache_dir, reranker, on_progress
    ) as opened:
        run = _rank(collection, needs, opened, depth=depth, report=on_progress)
        manifest = opened.manifest
    per_need = evaluate_run(run, qrels)
    languages = per_need.index.map(collection.languages)
    counted = languages.value_counts().sort_index()
    return EvaluationResult(
        collection=collection.name,
        run=run,
        per_need=per_need,
        metrics=bootstrap_intervals(per_need),
        by_language=_by_language(per_need, languages) if len(counted) > 1 else {},
        needs_by_language={str(language): int(count) for language, count in counted.items()},
        counts={
            "needs": len(collection.needs),
            "needs_ranked": int(run[NEED_ID].nunique()),
            "needs_measured": len(per_need),
            "judgements": len(qrels),
            **manifest["counts"],
        },
        notes=collection.notes + _depth_notes(depth),
        seconds=time.monotonic() - started,
        index={key: value for key, value in manifest.items() if key != "files"},
    )


def _rank(
    collection: Collection, needs: list[Need], opened: Opened, *, depth: int, report: OnTotal | None
) -> pd.DataFrame:
    matched = [need for need in needs if can_be_matched(need)]
    advance = _counter("match", len(matched), report)
    return opened.recommender.recommend(matched, top=depth, on_progress=advance)


def _counter(stage: str, total: int, on_progress: OnTotal | None) -> Callable[[int], None] | None:
    if on_progress is None:
        return None
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        on_progress(stage, done, total)

    on_progress(stage, 0, total)
    return advance


def _by_language(
    per_need: pd.DataFrame, languages: "pd.Index[str]"
) -> dict[str, dict[str, Interval]]:
    groups = per_need.groupby(languages.to_numpy(), sort=True)
    return {str(language): bootstrap_intervals(group) for language, group in groups}


def _depth_notes(depth: int) -> list[str]:
    if depth >= DEEPEST_METRIC:
        return []
    return [f"only {depth} researchers were ranked for a need, so deeper recall and MRR are cut"]
