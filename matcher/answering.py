"""Writes what a page shows beside a match list: facets, what was marked, and words to add."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matcher.analyst import Analysis, Analyst
from matcher.answer import (
    Choices,
    FoundPeople,
    ShownMark,
    choices_of,
    chosen_facets,
    tally,
    unchosen,
)
from matcher.ranking import Ranking
from matcher.records import Filters, Mark, ResearcherCard
from matcher.refinement import MarkedTexts
from matcher.reranking.reranker import Reranker
from matcher.retrieval import NeedQuery
from matcher.snapshot import Snapshot
from matcher.suggestions import Suggestion, suggest_terms


@dataclass(frozen=True, eq=False)
class AnswerWriter:
    """What the answers of one state of an index version and one re-ranker are written with."""

    snapshot: Snapshot
    analyst: Analyst
    reranker: Reranker
    card: Callable[[int], ResearcherCard]  # of a researcher row

    def facets(
        self, analysis: Analysis, ranking: Ranking, filters: Filters, names: Sequence[str]
    ) -> dict[str, Choices]:
        """Count the facets over those likely to fit; one that was chosen from as if it had not been."""
        found = dict.fromkeys(names, self._likely(ranking))
        for facet in chosen_facets(filters):
            if facet in found:
                other = self.analyst.rank(analysis, unchosen(filters, facet), self.reranker)
                found[facet] = self._likely(other)
        known_for = self.analyst.maker.records.known_for
        return {
            facet: choices_of(facet, tally(facet, likely, self.snapshot, known_for))
            for facet, likely in found.items()
        }

    def _likely(self, ranking: Ranking) -> FoundPeople:
        """Return those of a ranking whom no word calls weak, with their seeds."""
        people = ranking.people
        likely = people.probability >= self.reranker.calibration.possible
        return FoundPeople(people.researcher_row[likely], ranking.candidates.owned)

    def marks(self, marked: MarkedTexts) -> tuple[ShownMark, ...]:
        """Return the marks as a page shows them: more first, each side in the order given."""
        return shown_marks(marked, self._marked_person)

    def _marked_person(self, mark: Mark) -> ResearcherCard | None:
        row = self.snapshot.researchers.texts("researcher_id").row_of(mark.researcher_id)
        return None if row is None else self.card(row)

    def suggestions(self, query: NeedQuery, ranking: Ranking) -> tuple[Suggestion, ...]:
        """Return words that the need could have besides."""
        known_for = self.analyst.maker.records.known_for
        return suggest_terms(query, ranking, self.snapshot, known_for)


def shown_marks(
    marked: MarkedTexts, person_of: Callable[[Mark], ResearcherCard | None]
) -> tuple[ShownMark, ...]:
    """Return the marks as a page shows them: more first, each side in the order given."""
    sides = ((True, marked.more), (False, marked.less))
    return tuple(
        ShownMark(one.mark, wanted, person_of(one.mark), one.label)
        for wanted, side in sides
        for one in side
    )
