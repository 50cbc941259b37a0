"""Writes a ranking as a match list: each person with evidence, strength and what speaks against."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.answer import understand
from matcher.explaining.explanation import Explainer, PersonCase
from matcher.explaining.need_parts import NeedParts
from matcher.ranking import Ranking
from matcher.records import Match, MatchList, Need, ResearcherCard
from matcher.reranking.calibration import WEAK
from matcher.reranking.reranker import Reranker
from matcher.snapshot import Snapshot
from matcher.tables import RUN_COLUMNS


@dataclass(frozen=True)
class ToldPerson:
    """A person of a list as an index version knows them."""

    card: ResearcherCard
    case: PersonCase


Listed = Sequence[tuple[int, float | None]]  # researcher rows with their probabilities


@dataclass(frozen=True, eq=False)
class ListWriter:
    """What lists of one index version and re-ranker are written with; `model` names the encoder.

    `tell` says of people what is known of them, in their order.
    """

    snapshot: Snapshot
    reranker: Reranker
    model: str
    tell: Callable[[Ranking, NeedParts, Listed], Sequence[ToldPerson]]

    def write(
        self,
        need: Need,
        needed: NeedParts,
        ranking: Ranking,
        *,
        places: NDArray[np.int64],
        considered: int,
    ) -> MatchList:
        """Return the people at these places of a ranking, from 0; `considered` could have been there."""
        query = ranking.candidates.scorer.query
        people = ranking.people
        known = [None if math.isnan(p) else p for p in people.probability[places].tolist()]
        rows = people.researcher_row[places].tolist()
        listed = list(zip(rows, known, strict=True))
        told = dict(zip(rows, self.tell(ranking, needed, listed), strict=True))
        explainer = Explainer(
            ranking, self.snapshot, lambda row, _: told[row].case, needed=needed, area=need.area
        )
        matches = tuple(
            self._match(explainer, told[row].card, (rank, row, score), probability)
            for rank, (row, probability), score in zip(
                (places + 1).tolist(), listed, people.score[places].tolist(), strict=True
            )
        )
        return MatchList(
            need_id=need.need_id,
            language=query.language,
            matches=matches,
            researchers_considered=considered,
            index_version=self.snapshot.version,
            model=self.model,
            fits_nobody=ranking.fits_nobody,
            reranker=f"{self.reranker.kind}@{self.reranker.checksum}",
            cuts=self.reranker.calibration.cuts,
            own_judgements=self.reranker.own.judged if self.reranker.own else 0,
            fields=tuple(likely.field_id for likely in understand(query).fields),
        )

    def _match(
        self,
        explainer: Explainer,
        card: ResearcherCard,
        place: tuple[int, int, float],
        probability: float | None,
    ) -> Match:
        """Return the match at a place of a ranking: its rank, row and score."""
        rank, row, score = place
        strength = WEAK if probability is None else self.reranker.word(probability)
        why = explainer.explain(row, strength=strength, probability=probability)
        return Match(
            rank=rank,
            researcher=card,
            score=score,
            evidence=why.evidence,
            probability=probability,
            strength=strength,
            against=why.against,
            contributions=why.contributions,
            parts=why.parts,
        )


def as_run(need_id: str, ranking: Ranking, top: int, ids: Sequence[str]) -> pd.DataFrame:
    """Return the `top` best of a ranking as rows of a run: RUN_COLUMNS; `ids` are those of the best."""
    return pd.DataFrame(
        {
            "need_id": need_id,
            "researcher_id": list(ids)[:top],
            "rank": np.arange(1, min(len(ids), top) + 1),
            "score": ranking.people.score[:top],
        },
        columns=list(RUN_COLUMNS),
    )
