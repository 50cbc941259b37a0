"""Brings the index up to the catalogue's state: the step between importing and matching."""

from enmusubi.indexes.versions import Version, open_current
from enmusubi.matcher.catalogue.catalogue import Catalogue
from enmusubi.matcher.encoder.encoder import Encoder
from enmusubi.matcher.encoder.vector_cache import VectorCache
from enmusubi.matcher.indexing import OnTotal, build_index
from enmusubi.matcher.locks import exclusive_lock
from enmusubi.matcher.settings import Settings
from enmusubi.matcher.snapshot import is_fresh

CACHE_NAME = "vectors.sqlite"


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

    Vectors come from the cache where they can, also with `rebuild`. Raises AlreadyRunningError when
    another process is indexing.
    """
    corpus = catalogue.read_corpus()
    fresh = is_fresh(
        settings.index_dir, catalogue_state=corpus.state, model_checksum=encoder.checksum
    )
    if fresh and not rebuild:
        return open_current(settings.index_dir), False
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    cache = open_vector_cache(settings)
    try:
        with exclusive_lock(settings.data_dir / "index.lock", activity="index"):
            version = build_index(
                corpus,
                catalogue.needs(),
                encoder,
                cache,
                settings.index_dir,
                keep=settings.index.keep,
                on_progress=on_progress,
            )
    finally:
        cache.close()
    return version, True
