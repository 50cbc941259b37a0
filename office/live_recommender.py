"""The recommender that serves: takes over a new index version or re-ranker without a restart.

The old one answers until the new one is loaded, which happens in a thread of its own; if
loading fails, the old one goes on.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import IndexUnusableError
from enmusubi.garbage import give_memory_back
from enmusubi.settings import Settings
from matcher.alike_needs import AlikeNeeds, NeedVector
from matcher.answer import Answer
from matcher.directions import ToldLikeness
from matcher.encoder.encoder import EncodingCache
from matcher.need_kinds.classifier import KindGuess
from matcher.outbound import CompanyDocument, RankedCompany
from matcher.records import Filters, MatchList, Need
from matcher.sharding.sharded_recommender import AnyRecommender
from matcher.shared_terms import OwnedText
from matcher.teams.pool import TeamPool
from matcher.veiling.rarity import Rarity
from matcher.version_files import serving_version
from office.configured import open_recommender, reranker_stamp

CHECK_EVERY_S = 2.0
_log = logging.getLogger(__name__)


class NeedMatcher(Protocol):
    """What the office asks of a recommender: `AnyRecommender` is a real one."""

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

    def match_people(
        self, need: Need, researcher_ids: Collection[str], *, filters: Filters = ...
    ) -> MatchList:
        """Return the lines of these people in the match list of a need, with their ranks there."""
        ...

    def answer(self, need: Need, *, top: int = 10, filters: Filters = ...) -> Answer:
        """Return the match list with what was understood of the need, and the facets."""
        ...

    def need_kind(self, need: Need) -> KindGuess | None:
        """Return whether a need is sustaining or disruptive, None where the encoder cannot tell."""
        ...

    def needs_near(self, researcher_id: str, vectors: Sequence[NeedVector]) -> NDArray[np.float64]:
        """Return how near each need is to a researcher's nearest public passage, shape (n,)."""
        ...

    def centred(self, vectors: Sequence[NeedVector]) -> NDArray[np.float32]:
        """Return the vectors of texts as needs are compared with passages, shape (n, dimension)."""
        ...

    def companies(
        self, technology: Need, documents: Sequence[CompanyDocument]
    ) -> tuple[RankedCompany, ...]:
        """Return the companies that a technology could be for, the best first."""
        ...

    def tell_likeness(self, technology: Need, texts: Sequence[str]) -> list[ToldLikeness]:
        """Return what of each text speaks of a technology."""
        ...

    def team_pool(
        self, need: Need, *, filters: Filters = ..., besides: Collection[str] = ...
    ) -> TeamPool:
        """Return whom a team for the need can be chosen from; `besides` are to be among them."""
        ...

    def known_for(self, researcher_id: str) -> list[str]:
        """Return the ids of the fields that a researcher is known for; raises UnknownIdError."""
        ...

    def people_by_field(self) -> dict[str, int]:
        """Return how many researchers are known for each field, by its id."""
        ...

    def seeds_about(self, words: Sequence[str], filters: Filters = ...) -> list[str]:
        """Return the ids of the seeds that have all the words in title or text."""
        ...

    def likeness_vectors(
        self, needs: Sequence[Need], *, cache: EncodingCache | None = None
    ) -> list[NeedVector | None]:
        """Return what `alike` compares, in order; None for a need that cannot be matched."""
        ...

    def alike(self, vectors: Sequence[NeedVector]) -> tuple[AlikeNeeds, ...]:
        """Return the groups of needs that ask for the same thing, those most alike first."""
        ...

    def shared_terms(self, texts: Sequence[OwnedText]) -> tuple[str, ...]:
        """Return the technical words that needs of several owners have, and public seeds, too."""
        ...

    def rarities(self, terms: Sequence[str], language: str) -> list[Rarity]:
        """Return how rare each term is in public passages of ja or en, and in the language."""
        ...

    def without(self, researcher_id: str, seed_ids: Collection[str]) -> "NeedMatcher":
        """Return one for which that person never had these seeds; raises UnknownIdError."""
        ...

    def look_ahead(self, needs: Sequence[Need], *, filters: Filters = ...) -> None:
        """Do for needs that are asked for next what can be done for all of them at once."""
        ...

    def prepared(self, needs: Sequence[Need]) -> "NeedMatcher":
        """Return one that has encoded these needs together and answers them as this one does."""
        ...


class LiveRecommender:
    """Gives the recommender of the newest index version that could be loaded.

    `opener` loads what is published and gets the recommender that serves, to reuse its encoder;
    `published` names what is published, None where nothing is. Safe to call from several threads.
    """

    def __init__(
        self,
        opener: Callable[[NeedMatcher | None], NeedMatcher],
        published: Callable[[], str | None],
        *,
        check_every_s: float = CHECK_EVERY_S,
    ) -> None:
        self._opener = opener
        self._published = published
        self._check_every_s = check_every_s
        self._current: NeedMatcher | None = None
        self._loaded: str | None = None
        self._check_at = float("-inf")
        self._let_go = False  # of a version, whose memory is to be given back
        self._lock = threading.Lock()

    @property
    def serving(self) -> NeedMatcher | None:
        """The recommender that is loaded, if one is; asks for nothing."""
        return self._current

    def ready(self) -> NeedMatcher:
        """Return the recommender at once, or raise the reason; that it is being loaded is one."""
        if self._current is not None:
            return self.get()
        if not self._lock.acquire(blocking=False):
            raise IndexUnusableError("The index is being loaded. Try again in a few seconds.")
        try:
            return self._current or self._load()
        finally:
            self._lock.release()

    def get(self) -> NeedMatcher:
        """Return the recommender to answer with; raises the reason when there is none."""
        current = self._current
        if current is None:
            with self._lock:
                return self._current or self._load()
        if time.monotonic() >= self._check_at and self._lock.acquire(blocking=False):
            self._check_at = float("inf")  # until the check below has come to an end
            threading.Thread(target=self._renew, name="index-renewal", daemon=True).start()
        return current

    def _renew(self) -> None:
        """Load what is published if it is another; holds the lock that `get` took."""
        try:
            if self._let_go:  # at the check after a switch, when who asked the old one is done
                self._let_go = False
                give_memory_back()
            if self._published() not in (None, self._loaded):
                self._load()
                self._let_go = True
        except Exception as error:  # whatever is wrong with the new one, the old one serves
            _log.warning("the new index version cannot be served: %s", type(error).__name__)
        finally:
            self._check_at = time.monotonic() + self._check_every_s
            self._lock.release()

    def _load(self) -> NeedMatcher:
        name = self._published()
        loaded = self._opener(self._current)
        # what was published meanwhile may be what was opened, or not: then the next check loads again
        self._current, self._loaded = loaded, name if self._published() == name else None
        self._check_at = time.monotonic() + self._check_every_s
        _log.info("serving index version %s", loaded.index_version)
        return loaded


def live_recommender(settings: Settings) -> LiveRecommender:
    """Return the recommender of these settings; nothing is loaded before it is asked for."""

    def open_version(present: NeedMatcher | None) -> NeedMatcher:
        encoder = present.encoder if isinstance(present, AnyRecommender) else None
        return open_recommender(settings, encoder)

    def published() -> str | None:
        version = serving_version(settings.index_dir)
        return version and f"{version} {reranker_stamp(settings)}"

    return LiveRecommender(open_version, published)
