"""What the coordinator asks a shard, and what a shard answers.

A shard is an index version of some of the researchers: each of them with all their seeds, so that what a
person is worth is known in one place. Rows are numbered over the whole catalogue wherever they pass from one
to the other. Every question holds all that is needed to answer it: any copy of the shard answers it alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexes.word_search import Hits
from matcher.answer import Tally
from matcher.explaining.need_parts import NeedParts
from matcher.features.extraction import Described
from matcher.listing import Listed, ToldPerson
from matcher.records import Filters, Mark, ResearcherCard
from matcher.refinement import MarkedText
from matcher.retrieval import NeedQuery, Scale
from matcher.suggestions import TermSource, Wanted
from matcher.teams.coverage import PublicWork

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Removed = tuple[tuple[str, tuple[str, ...]], ...]
"""Researcher ids with the seeds that they never had, for this question."""


@dataclass(frozen=True, eq=False)
class ShardQuestion:
    """A need, what filters it, and what was decided so far.

    `key` tells needs apart. `everything` says that all passages of the catalogue are left, `passages` are
    those chosen among what all shards found, `people` those who are to be seen whole, both ascending.
    """

    key: str
    query: NeedQuery = field(repr=False)
    scales: Mapping[str, Scale]
    filters: Filters
    left_out: tuple[int, ...] = ()
    removed: Removed = ()
    everything: bool = False
    passages: IntArray | None = None
    people: IntArray | None = None


@dataclass(frozen=True)
class Left:
    """What filters leave of a shard: how many people, and whether that is everybody, and all passages."""

    n_researchers: int
    is_everyone: bool
    has_all_passages: bool


@dataclass(frozen=True, eq=False)
class FoundPassages:
    """Passages that a shard puts forward: the nearest ones, and by language and part those by words."""

    near: IntArray
    similarity: NDArray[np.float32]
    by_words: Mapping[tuple[str, str], Hits]


@dataclass(frozen=True, eq=False)
class OrderedPeople:
    """People with their scores of the first stage and the languages of their best evidence."""

    rows: IntArray
    score: FloatArray
    language: NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class SeenPeople:
    """People who were seen whole: as such, and a row a person and seed, the best seed first."""

    people: OrderedPeople
    person: IntArray
    seed: IntArray
    seed_score: FloatArray


class Shard(Protocol):
    """Some of the researchers, wherever they lie."""

    def left(self, filters: Filters, left_out: tuple[int, ...], removed: Removed) -> Left:
        """Return what filters leave; raises InputError for a filter that nobody knows."""
        ...

    def find(self, asked: ShardQuestion) -> FoundPassages:
        """Return the passages that could be among the candidates."""
        ...

    def order(self, asked: ShardQuestion) -> OrderedPeople:
        """Return the people of the chosen passages, by what was found of them."""
        ...

    def see(self, asked: ShardQuestion) -> SeenPeople:
        """Return those of the chosen people who are here, seen whole."""
        ...

    def describe(
        self, asked: ShardQuestion, people: IntArray, first_stage: FloatArray, ranks: FloatArray
    ) -> Described:
        """Return the features of some of those seen; `ranks` are those of their seeds' rows, in order."""
        ...

    def tell(self, asked: ShardQuestion, needed: NeedParts, listed: Listed) -> list[ToldPerson]:
        """Return what is known of people of a list."""
        ...

    def count(self, asked: ShardQuestion, facet: str, people: IntArray) -> Tally:
        """Count who has which value of a facet."""
        ...

    def read_terms(
        self, asked: ShardQuestion, best: Sequence[Wanted], others: Sequence[Wanted], field_at: int
    ) -> dict[int, list[TermSource]]:
        """Return by person what terms are made of: of the best, and of others known for a field.

        `field_at` is the place of that field in the taxonomy, -1 for none.
        """
        ...

    def find_marked(
        self, marks: Sequence[Mark], query: NeedQuery, filters: Filters
    ) -> list[MarkedText | None]:
        """Return what each mark stands for, None where it is not here."""
        ...

    def near_wishes(
        self, asked: ShardQuestion, people: IntArray, vectors: NDArray[np.float32]
    ) -> FloatArray:
        """Return how near people's best sentences come to wishes, shape (people, wishes)."""
        ...

    def known_fields(self, people: IntArray) -> NDArray[np.bool_]:
        """Return which fields people are known for, shape (people, fields)."""
        ...

    def public_work(self, people: IntArray) -> PublicWork:
        """Return all public seeds of people."""
        ...

    def ids_of(self, people: IntArray) -> list[str]:
        """Return the researcher ids of people."""
        ...

    def row_of(self, researcher_id: str) -> int | None:
        """Return the row of a researcher, None where they are not here."""
        ...

    def card(self, researcher_id: str) -> ResearcherCard | None:
        """Return who has that id, None where they are not here."""
        ...

    def known_for(self, researcher_id: str) -> list[str] | None:
        """Return the fields that a person is known for, None where they are not here."""
        ...

    def needs_near(self, researcher_id: str, vectors: NDArray[np.float32]) -> FloatArray | None:
        """Return how near needs are to a person's public work, None where they are not here."""
        ...

    def seed_likeness(
        self, seed_ids: Sequence[str], vector: NDArray[np.float32]
    ) -> dict[str, float]:
        """Return the cosine of the nearest passage of each public seed that is here."""
        ...

    def people_by_field(self) -> dict[str, int]:
        """Return how many researchers are known for each field."""
        ...

    def seeds_about(self, words: Sequence[str], filters: Filters) -> list[str]:
        """Return the ids of the seeds that have all the words."""
        ...
