"""Opens a collection as the service would: an index version in a temporary folder, ready to match."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from enmusubi.errors import StorageError
from matcher.encoder.encoder import Encoder
from matcher.encoder.vector_cache import VectorCache
from matcher.indexing import OnTotal, build_index
from matcher.recommender import Recommender
from matcher.reranking.reranker import Reranker
from training.collections import Collection

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
