"""Brings the index up to the catalogue's state: the step between importing and matching."""

import logging

from catalogue.records.catalogue import Catalogue
from enmusubi.locks import exclusive_lock
from enmusubi.settings import Settings
from indexes.versions import Version, open_current
from matcher.encoder.encoder import Encoder
from matcher.encoder.vector_cache import VectorCache
from matcher.indexing import OnTotal, build_index
from matcher.snapshot import is_fresh, is_pinned
from office.index_history import LOCK_NAME

CACHE_NAME = "vectors.sqlite"
_log = logging.getLogger(__name__)


def open_vector_cache(settings: Settings) -> VectorCache:
    """Return the cache of vectors of these settings."""
    return VectorCache(settings.cache_dir / CACHE_NAME)


def update_index(
    catalogue: Catalogue,
    settings: Settings,
    encoder: Encoder,
    *,
    rebuild: bool = False,
    on_progress: OnTotal | None = None,
) -> tuple[Version, bool]:
    """Return the version for the catalogue's present state, and whether it had to be built.

    A version that someone went back to stays, whatever the catalogue's state, until `rebuild`.
    Vectors come from the cache where they can, also with `rebuild`. Raises AlreadyRunningError when
    another process is indexing.
    """
    root = settings.index_dir
    if not rebuild and is_pinned(root, model_checksum=encoder.checksum):
        version = open_current(root)
        _log.warning("the index stays at %s, pinned by a rollback", version.name)
        return version, False
    corpus = catalogue.read_corpus(settings.index.visibilities)
    fresh = is_fresh(root, catalogue_state=corpus.state, model_checksum=encoder.checksum)
    if fresh and not rebuild:
        return open_current(root), False
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    cache = open_vector_cache(settings)
    try:
        with exclusive_lock(settings.data_dir / LOCK_NAME, activity="index"):
            version = build_index(
                corpus,
                catalogue.needs(),
                encoder,
                cache,
                root,
                keep=settings.index.keep,
                exact_below=settings.index.exact_below,
                on_progress=on_progress,
            )
    finally:
        cache.close()
    return version, True
