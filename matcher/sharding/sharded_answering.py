"""Tells of the people of a ranking, each asked of the shard that has them.

Evidence of a list, facets, marks and words to add, as `answering` writes them over one index version, and
what a team is chosen by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.answer import Choices, ShownMark, Tally, choices_of, chosen_facets, unchosen
from matcher.answering import shown_marks
from matcher.explaining.need_parts import NeedParts
from matcher.listing import Listed, ToldPerson
from matcher.ranking import Ranking
from matcher.records import Filters, Mark, ResearcherCard
from matcher.refinement import MarkedTexts
from matcher.reranking.reranker import Reranker
from matcher.retrieval import NeedQuery
from matcher.sharding.fan import Fan
from matcher.sharding.gathering import Gathered
from matcher.sharding.shard import FloatArray, IntArray
from matcher.sharding.sharded_analyst import ShardedAnalysis, ShardedAnalyst
from matcher.snapshot import Snapshot
from matcher.suggestions import (
    BEST_PEOPLE,
    BEST_SEEDS,
    FIELD_PEOPLE,
    FIELD_WEIGHT,
    Suggestion,
    TermSource,
    terms_of,
    weighed_best,
)
from matcher.teams.coverage import PublicWork


@dataclass(frozen=True, eq=False)
class ShardedAnswerWriter:
    """What the answers of several shards and one re-ranker are written with."""

    front: Snapshot
    fan: Fan
    analyst: ShardedAnalyst
    reranker: Reranker

    def tell(self, gathered: Gathered, needed: NeedParts, listed: Listed) -> list[ToldPerson]:
        """Return what is known of people of a list, in its order."""
        likely = dict(listed)
        people = np.array([row for row, _ in listed], dtype=np.int64)
        asked = {
            at: (gathered.asked, needed, [(row, likely[row]) for row in part.tolist()])
            for at, part in gathered.by_shard(people).items()
        }
        told = self.fan.some("tell", asked)
        by_row = {
            row: one
            for at, of in told.items()
            for (row, _), one in zip(asked[at][2], of, strict=True)
        }
        return [by_row[row] for row, _ in listed]

    def facets(
        self,
        analysis: ShardedAnalysis,
        ranked: tuple[Ranking, Gathered],
        filters: Filters,
        names: Sequence[str],
    ) -> dict[str, Choices]:
        """Count the facets over those likely to fit; one that was chosen from as if it had not been."""
        found = dict.fromkeys(names, ranked)
        for facet in chosen_facets(filters):
            if facet in found:
                found[facet] = self.analyst.rank(analysis, unchosen(filters, facet), self.reranker)
        return {facet: self._choices(facet, *of) for facet, of in found.items()}

    def _choices(self, facet: str, ranking: Ranking, gathered: Gathered) -> Choices:
        people = ranking.people
        likely = people.researcher_row[people.probability >= self.reranker.calibration.possible]
        asked = {
            at: (gathered.asked, facet, part) for at, part in gathered.by_shard(likely).items()
        }
        counted = self.fan.some("count", asked).values()
        return choices_of(facet, sum(counted, start=Tally()))

    def marks(self, marked: MarkedTexts) -> tuple[ShownMark, ...]:
        """Return the marks as a page shows them: more first, each side in the order given."""
        return shown_marks(marked, self._marked_person)

    def _marked_person(self, mark: Mark) -> ResearcherCard | None:
        if not mark.researcher_id:
            return None
        cards = self.fan.each("card", mark.researcher_id)
        return next((card for card in cards if card is not None), None)

    def suggestions(
        self, query: NeedQuery, ranking: Ranking, gathered: Gathered
    ) -> tuple[Suggestion, ...]:
        """Return words that the need could have besides."""
        best = [(row, BEST_SEEDS, weight) for row, weight in weighed_best(ranking)]
        others = ranking.people.researcher_row[BEST_PEOPLE:].tolist() if len(query.fields) else []
        field_at = int(np.argmax(query.fields)) if len(query.fields) else -1
        wanted = np.array([row for row, *_ in best] + others, dtype=np.int64)
        asked = {}
        for at, part in gathered.by_shard(wanted).items():
            here = set(part.tolist())
            asked[at] = (
                gathered.asked,
                [one for one in best if one[0] in here],
                [(row, 1, FIELD_WEIGHT) for row in others if row in here],
                field_at,
            )
        read: dict[int, list[TermSource]] = {}
        for of in self.fan.some("read_terms", asked).values():
            read |= of
        of_field = [row for row in others if row in read][:FIELD_PEOPLE]
        rows = [row for row, *_ in best] + of_field
        return terms_of([one for row in rows for one in read[row]], query, self.front)

    def ids_of(self, people: IntArray, gathered: Gathered) -> list[str]:
        """Return the researcher ids of people."""
        asked = {at: (part,) for at, part in gathered.by_shard(people).items()}
        found = self.fan.some("ids_of", asked)
        ids = {
            row: one
            for at, of in found.items()
            for row, one in zip(asked[at][0].tolist(), of, strict=True)
        }
        return [ids[row] for row in people.tolist()]

    def near_wishes(
        self, people: IntArray, gathered: Gathered, vectors: NDArray[np.float32]
    ) -> FloatArray:
        """Return how near people's best sentences come to wishes, shape (people, wishes)."""
        asked = {
            at: (gathered.asked, part, vectors) for at, part in gathered.by_shard(people).items()
        }
        return self._by_person(people, gathered, self.fan.some("near_wishes", asked))

    def known_fields(self, people: IntArray, gathered: Gathered) -> NDArray[np.bool_]:
        """Return which fields people are known for, shape (people, fields)."""
        asked = {at: (part,) for at, part in gathered.by_shard(people).items()}
        return self._by_person(people, gathered, self.fan.some("known_fields", asked))

    def public_work(self, people: IntArray, gathered: Gathered) -> list[PublicWork]:
        """Return all public seeds of people, by shard."""
        asked = {at: (part,) for at, part in gathered.by_shard(people).items()}
        return list(self.fan.some("public_work", asked).values())

    def _by_person(
        self,
        people: IntArray,
        gathered: Gathered,
        answers: Mapping[int, NDArray[Any]],
    ) -> NDArray[Any]:
        """Return rows of several shards' answers in the order of the people."""
        rows = np.concatenate(list(gathered.by_shard(people).values()))
        values = np.concatenate(list(answers.values()))
        order = np.argsort(rows)
        return values[order[np.searchsorted(rows[order], people)]]
