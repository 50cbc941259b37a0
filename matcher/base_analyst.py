"""How needs are analysed, over one index version or several shards: checked, encoded together, and kept."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar

from matcher.encoder.encoder import Encoder, EncodingCache
from matcher.explaining.need_parts import NeedParts
from matcher.need_analysis import KeptNeeds, NeedAnalysis
from matcher.queries import EncodedNeed, QueryMaker, check_need, encode_needs, is_matchable
from matcher.records import Filters, Need

Analysed = TypeVar("Analysed", bound=NeedAnalysis[Any])


class BaseAnalyst(ABC, Generic[Analysed]):
    """An encoder, and what is kept for the needs asked for last."""

    def __init__(self, encoder: Encoder, maker: QueryMaker, *, max_need_chars: int) -> None:
        self._encoder = encoder
        self.maker = maker
        self.max_need_chars = max_need_chars
        self._kept_needs: KeptNeeds[Analysed] = KeptNeeds()

    @abstractmethod
    def _analyse(self, need: Need, encoded: EncodedNeed, filters: Filters) -> Analysed:
        """Return the analysis of a need that was encoded; marks are looked up among what filters show."""

    def analysis(self, need: Need, filters: Filters, cache: EncodingCache | None) -> Analysed:
        """Return the analysis of one need, and keep it: its reader may filter the list next."""
        ((_, analysis),) = self.analyses([need], filters, cache)
        self._kept_needs.put(need, filters, analysis)
        return analysis

    def analyses(
        self, needs: Sequence[Need], filters: Filters, cache: EncodingCache | None
    ) -> Iterator[tuple[Need, Analysed]]:
        """Return each need's analysis, once they are all encoded; those that are kept are not made anew.

        Raises EmptyNeedError or InputError for a need that cannot be matched.
        """
        for need in needs:
            check_need(need, max_chars=self.max_need_chars)
        kept = [self._kept_needs.get(need, filters) for need in needs]
        new = [need for need, known in zip(needs, kept, strict=True) if known is None]
        encoded = iter(encode_needs(new, self._encoder, cache))
        return (
            (need, known or self._analyse(need, next(encoded), filters))
            for need, known in zip(needs, kept, strict=True)
        )

    def matchable(self, needs: Sequence[Need]) -> list[Need]:
        """Return the needs that can be matched."""
        return [need for need in needs if is_matchable(need, max_chars=self.max_need_chars)]

    def parts(self, need: Need, analysis: Analysed, cache: EncodingCache | None) -> NeedParts:
        """Return the parts of a need that can be answered."""
        if analysis.needed is None:
            analysis.needed = self.maker.parts(need, analysis.query, cache)
        return analysis.needed
