"""Opens the recommender that the settings name: index version, encoder and re-ranker."""

from enmusubi.settings import Settings
from matcher.encoder.encoder import Encoder
from matcher.recommender import Recommender
from matcher.reranking.reranker import Reranker
from matcher.snapshot import open_snapshot
from office.configured.encoder import configured_encoder
from office.configured.reranker import configured_reranker


def open_recommender(
    settings: Settings, encoder: Encoder | None = None, reranker: Reranker | None = None
) -> Recommender:
    """Load the index version that serves, and encoder and re-ranker unless they are given.

    Needs' vectors are not cached here: nothing about a need is left on disk.
    """
    snapshot = open_snapshot(settings.index_dir)
    loaded = encoder or configured_encoder(settings)
    served = reranker or configured_reranker(settings, loaded.checksum).reranker
    return Recommender(snapshot, loaded, None, served, max_need_chars=settings.need.max_chars)
