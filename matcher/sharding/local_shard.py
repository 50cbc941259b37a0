"""A shard in this process: answers the coordinator's questions from its index version.

What was found for the needs asked for last is kept (see `kept_work`); in a copy that was just started it is
found again.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import UnknownIdError
from indexes.word_search import Hits
from matcher.aggregation import OwnedSeeds, ScoredPeople, rank_researchers
from matcher.answer import FoundPeople as CountedPeople
from matcher.answer import Tally, tally
from matcher.centring import Means
from matcher.directions import needs_near, seed_likeness
from matcher.domains.classifier import Domains
from matcher.domains.taxonomy import load_taxonomy
from matcher.explaining.explanation import CaseFinder
from matcher.explaining.need_parts import NeedParts
from matcher.explaining.passage_texts import PassageTexts
from matcher.features.extraction import Described, extract_features
from matcher.features.records import describe_people
from matcher.filtering import visible_seeds
from matcher.listing import Listed, ToldPerson
from matcher.ranking import evidence_languages
from matcher.records import Filters, Mark, Refinement, ResearcherCard
from matcher.refinement import MarkedText, find_marked
from matcher.retrieval import BY_VECTOR, BY_WORDS, NeedQuery
from matcher.sharding.kept_work import ALL, KeptWork
from matcher.sharding.numbers import Numbers
from matcher.sharding.shard import (
    FloatArray,
    FoundPassages,
    IntArray,
    Left,
    OrderedPeople,
    Removed,
    SeenPeople,
    ShardQuestion,
)
from matcher.snapshot import Snapshot
from matcher.suggestions import TermSource, Wanted, sources_of
from matcher.tables import researcher_card
from matcher.teams.coverage import PublicWork, public_work, wish_nearness
from matcher.topics import seeds_about


class LocalShard:
    """An index version of some researchers; safe to call from several threads."""

    def __init__(self, snapshot: Snapshot, numbers: Numbers, shipped: Means) -> None:
        """`shipped` are the means by which fields of research are told (see `centring.known_means`)."""
        self._snapshot = snapshot
        self._numbers = numbers
        self._shipped = shipped
        self._passages = PassageTexts(snapshot)
        self._ids = snapshot.researchers.texts("researcher_id")
        self._records = describe_people(
            snapshot, Domains.load(snapshot.manifest["model"]["checksum"]), shipped
        )
        self._kept = KeptWork(snapshot, numbers, self._records)

    def left(self, filters: Filters, left_out: tuple[int, ...], removed: Removed) -> Left:
        """Return what filters leave; raises InputError for a filter that nobody knows."""
        allowed = self._kept.allow(filters, removed)
        return Left(
            n_researchers=allowed.without(self._kept.here(left_out)).n_researchers,
            is_everyone=allowed is self._kept.allow(ALL, removed),
            has_all_passages=allowed.passages is None,
        )

    def find(self, asked: ShardQuestion) -> FoundPassages:
        """Return the passages that could be among the candidates."""
        work = self._kept.of(asked)
        left, languages = work.allowed.passages, work.allowed.languages
        numbers, dense = self._numbers.passages, work.snapshot.dense
        near = dense.search(asked.query.vector, BY_VECTOR, left)
        hits = work.scorer.lexical.hits(BY_WORDS, left, languages)
        return FoundPassages(
            near=numbers[near],
            similarity=dense.similarities(asked.query.vector, near),
            by_words={
                of: Hits(numbers[one.rows], one.worth, one.is_allowed) for of, one in hits.items()
            },
        )

    def order(self, asked: ShardQuestion) -> OrderedPeople:
        """Return the people of the chosen passages, by what was found of them."""
        work = self._kept.of(asked)
        found = self._kept.found(work, asked)
        rough = rank_researchers(found, asked.query.vector, work.snapshot)
        return self._people(rough, found, work.snapshot)

    def see(self, asked: ShardQuestion) -> SeenPeople:
        """Return those of the chosen people who are here, seen whole."""
        work = self._kept.of(asked)
        gathered = self._kept.gathered(work, asked)
        whole = gathered.owned_by(work.seen)
        exact = rank_researchers(whole, asked.query.vector, work.snapshot)
        return SeenPeople(
            people=self._people(exact, whole, work.snapshot),
            person=self._numbers.researchers[work.seen[gathered.person]],
            seed=self._numbers.seeds[gathered.seed_row],
            seed_score=gathered.score,
        )

    def describe(
        self, asked: ShardQuestion, people: IntArray, first_stage: FloatArray, ranks: FloatArray
    ) -> Described:
        """Return the features of some of those seen; `ranks` are those of their seeds' rows, in order."""
        work, best = self._kept.of(asked), self._numbers.rows_of(people)
        gathered = self._kept.gathered(work, asked).of(np.isin(work.seen, best))
        described = extract_features(
            (best, first_stage), gathered, work.scorer, work.snapshot, self._records, ranks=ranks
        )
        return replace(described, people=people)

    def tell(self, asked: ShardQuestion, needed: NeedParts, listed: Listed) -> list[ToldPerson]:
        """Return what is known of people of a list."""
        work = self._kept.of(asked)
        finder = CaseFinder(
            asked.query, needed, self._kept.owned(work, asked), work.snapshot, self._passages
        )
        rows = self._numbers.rows_of(np.array([row for row, _ in listed], dtype=np.int64)).tolist()
        return [
            ToldPerson(self._card(row), finder.find(row, likely))
            for row, (_, likely) in zip(rows, listed, strict=True)
        ]

    def count(self, asked: ShardQuestion, facet: str, people: IntArray) -> Tally:
        """Count who has which value of a facet."""
        work = self._kept.of(asked)
        counted = CountedPeople(self._numbers.rows_of(people), self._kept.owned(work, asked))
        return tally(facet, counted, work.snapshot, self._records.known_for)

    def read_terms(
        self, asked: ShardQuestion, best: Sequence[Wanted], others: Sequence[Wanted], field_at: int
    ) -> dict[int, list[TermSource]]:
        """Return by person what terms are made of: of the best, and of others known for a field."""
        work = self._kept.of(asked)
        owned, known_for = self._kept.owned(work, asked), self._records.known_for
        read = {}
        for wanted, is_best in [(one, True) for one in best] + [(one, False) for one in others]:
            row = int(self._numbers.rows_of(np.array(wanted[:1], dtype=np.int64))[0])
            if is_best or (field_at >= 0 and known_for[row, field_at]):
                here = (row, *wanted[1:])
                sources = sources_of(here, asked.query, owned, work.snapshot)
                read[wanted[0]] = [
                    replace(one, seed=int(self._numbers.seeds[one.seed])) for one in sources
                ]
        return read

    def find_marked(
        self, marks: Sequence[Mark], query: NeedQuery, filters: Filters
    ) -> list[MarkedText | None]:
        """Return what each mark stands for, None where it is not here."""
        seen = visible_seeds(self._snapshot, filters)
        return [self._marked(mark, query, seen) for mark in marks]

    def near_wishes(
        self, asked: ShardQuestion, people: IntArray, vectors: NDArray[np.float32]
    ) -> FloatArray:
        """Return how near people's best sentences come to wishes, shape (people, wishes)."""
        work = self._kept.of(asked)
        return wish_nearness(
            self._kept.owned(work, asked), self._numbers.rows_of(people), vectors, work.snapshot
        )

    def known_fields(self, people: IntArray) -> NDArray[np.bool_]:
        """Return which fields people are known for, shape (people, fields)."""
        return self._records.known_for[self._numbers.rows_of(people)]

    def public_work(self, people: IntArray) -> PublicWork:
        """Return all public seeds of people."""
        work = public_work(self._numbers.rows_of(people), self._snapshot)
        seeds = self._numbers.seeds[work.seed]
        return replace(work, person=self._numbers.researchers[work.person], seed=seeds)

    def ids_of(self, people: IntArray) -> list[str]:
        """Return the researcher ids of people."""
        return list(self._ids[self._numbers.rows_of(people)])

    def row_of(self, researcher_id: str) -> int | None:
        """Return the row of a researcher, None where they are not here."""
        row = self._ids.row_of(researcher_id)
        return None if row is None else int(self._numbers.researchers[row])

    def card(self, researcher_id: str) -> ResearcherCard | None:
        """Return who has that id, None where they are not here."""
        row = self._ids.row_of(researcher_id)
        return None if row is None else self._card(row)

    def known_for(self, researcher_id: str) -> list[str] | None:
        """Return the fields that a person is known for, None where they are not here."""
        row = self._ids.row_of(researcher_id)
        return None if row is None else self._records.known_fields(row)

    def needs_near(self, researcher_id: str, vectors: NDArray[np.float32]) -> FloatArray | None:
        """Return how near needs are to a person's public work, None where they are not here."""
        row = self._ids.row_of(researcher_id)
        return None if row is None else needs_near(self._snapshot, row, vectors)

    def seed_likeness(
        self, seed_ids: Sequence[str], vector: NDArray[np.float32]
    ) -> dict[str, float]:
        """Return the cosine of the nearest passage of each public seed that is here."""
        return seed_likeness(self._snapshot, seed_ids, vector)

    def people_by_field(self) -> dict[str, int]:
        """Return how many researchers are known for each field."""
        counts = self._records.known_for.sum(axis=0)
        return {key: int(n) for key, n in zip(load_taxonomy().ids, counts, strict=False)}

    def seeds_about(self, words: Sequence[str], filters: Filters) -> list[str]:
        """Return the ids of the seeds that have all the words."""
        return seeds_about(words, self._snapshot, filters)

    @cached_property
    def n_researchers(self) -> int:
        """How many researchers are here."""
        return len(self._ids)

    def _card(self, row: int) -> ResearcherCard:
        return researcher_card(self._snapshot.researchers.row(row))

    def _people(self, people: ScoredPeople, owned: OwnedSeeds, snapshot: Snapshot) -> OrderedPeople:
        languages = snapshot.language_of_passage
        names = np.array(languages.names or ("",), dtype=str)
        return OrderedPeople(
            rows=self._numbers.researchers[people.researcher_row],
            score=people.score,
            language=names[evidence_languages(people, owned, snapshot)],
        )

    def _marked(self, mark: Mark, query: NeedQuery, seen: NDArray[np.bool_]) -> MarkedText | None:
        try:
            marked = find_marked(Refinement(more_like=(mark,)), query, self._snapshot, seen).more[0]
        except UnknownIdError:
            return None
        row = marked.researcher_row
        return (
            marked
            if row is None
            else replace(marked, researcher_row=int(self._numbers.researchers[row]))
        )
