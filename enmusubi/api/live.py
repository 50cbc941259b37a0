"""The recommender that serves: takes a new index version over without a restart.

The old version answers until the new one is loaded; if loading fails, the old one goes on.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from enmusubi.matcher.errors import EnmusubiError
from enmusubi.matcher.recommender import Recommender
from enmusubi.matcher.records import Filters, MatchList, Need, ResearcherCard
from enmusubi.matcher.settings import Settings
from enmusubi.matcher.snapshot import serving_version

CHECK_EVERY_S = 2.0
_log = logging.getLogger(__name__)


class Matching(Protocol):
    """What the service asks of a recommender."""

    @property
    def index_version(self) -> str:
        """Name of the version that answers."""
        ...

    @property
    def model(self) -> str:
        """Name and checksum of the encoder."""
        ...

    def match(self, need: Need, *, top: int = 10, filters: Filters = ...) -> MatchList:
        """Return the match list of a need."""
        ...

    def researcher(self, researcher_id: str) -> ResearcherCard:
        """Return who has that id."""
        ...


class LiveRecommender:
    """Gives the recommender of the newest index version that could be loaded."""

    def __init__(
        self,
        opener: Callable[[Matching | None], Matching],
        published: Callable[[], str | None],
    ) -> None:
        self._opener = opener
        self._published = published
        self._current: Matching | None = None
        self._checked_at = float("-inf")
        self._lock = threading.Lock()

    def get(self) -> Matching:
        """Return the recommender to answer with; raises the reason when there is none."""
        current = self._current
        if current is not None and time.monotonic() - self._checked_at < CHECK_EVERY_S:
            return current
        if current is not None and self._published() in (None, current.index_version):
            self._checked_at = time.monotonic()
            return current
        if current is None:
            with self._lock:
                return self._current or self._load()
        if self._lock.acquire(blocking=False):  # the others go on with the version they have
            try:
                return self._load()
            except EnmusubiError as error:
                _log.warning("the new index version cannot be served: %s", type(error).__name__)
                self._checked_at = time.monotonic()
            finally:
                self._lock.release()
        return current

    def _load(self) -> Matching:
        self._current = self._opener(self._current)
        self._checked_at = time.monotonic()
        _log.info("serving index version %s", self._current.index_version)
        return self._current


def live_recommender(settings: Settings) -> LiveRecommender:
    """Return the recommender of these settings; nothing is loaded before it is asked for."""

    def open_version(present: Matching | None) -> Matching:
        encoder = present.encoder if isinstance(present, Recommender) else None
        return Recommender.open(settings, encoder)

    return LiveRecommender(open_version, lambda: serving_version(settings.index_dir))
