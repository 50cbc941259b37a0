"""One index version, opened: what a match list needs, mapped from its files, never changed."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import UnknownIdError
from indexes.columns import Categories, Table
from indexes.dense import DenseIndex
from indexes.lexical_query import LexicalIndexes
from indexes.ranges import spread_evenly, spread_ranges
from indexes.stored_rows import StoredRows
from indexes.token_rows import SampledRows
from matcher.centring import Means
from matcher.records import PUBLIC
from matcher.tables import in_statistics, visibility_levels
from matcher.term_links import Vocabulary

MIN_SAMPLE = 30  # fewer passages say little about a language's level of scores
MAX_SAMPLE = 2000
FloatArray = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LanguageSample:
    """Some passages of a language, by which its level of scores is measured: vectors and tokens."""

    vectors: FloatArray
    words: SampledRows | None


@dataclass(frozen=True, eq=False)
class Whole:
    """What is known of a whole catalogue of which a version holds only some researchers.

    The fields are those of `Snapshot` that are computed over everything.
    """

    newest_year: float
    newest_owned_year: float
    knows_industry: bool
    public_passage_counts: Mapping[str, int]
    kinds: tuple[str, ...]
    samples: Mapping[str, LanguageSample]


@dataclass(frozen=True)
class Snapshot:
    """Indexes and tables of one version.

    The tables have the columns of `tables.PASSAGE_KINDS` and its neighbours; a row's number is its
    position. The sentences of a passage stand together, its first in `first_sentence`; `start` and `end`
    are places in its text, `source` the place in the seed's `field`.
    """

    version: str
    manifest: dict[str, Any]
    dense: DenseIndex
    lexical: LexicalIndexes
    sentence_vectors: StoredRows  # all sentences, centred; memory-mapped
    profiles: StoredRows  # (n_researchers, dimension): unit mean of the person's seeds
    means: Means
    passages: Table
    sentences: Table
    seeds: Table
    researchers: Table
    authorships: Table
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict)
    whole: Whole | None = None  # of a version that holds only some researchers

    @cached_property
    def seed_of_passage(self) -> NDArray[np.int64]:
        """Seed row of every passage row."""
        return self.passages.numbers("seed_row")

    def passage_rows_of(self, seed_rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the passage rows of the seeds, ascending where the seed rows are."""
        first = np.searchsorted(self.seed_of_passage, seed_rows, side="left")
        return spread_ranges(first, np.searchsorted(self.seed_of_passage, seed_rows, side="right"))[
            0
        ]

    def owners_of(
        self, seed_rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the authorships of the seeds: for each the place in `seed_rows`, and the researcher row."""
        seeds, owners = self.authorship_rows
        first = np.searchsorted(seeds, seed_rows, side="left")
        rows, of = spread_ranges(first, np.searchsorted(seeds, seed_rows, side="right"))
        return of, owners[rows]

    def seeds_of(
        self, people: NDArray[np.int64], most: int | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the authorships of researchers: for each the place in `people`, and the seed row.

        Of people with more than `most` so many, evenly spaced among all of theirs.
        """
        seeds, first = self._seeds_by_person
        counts = self.n_seeds_of(people)
        if most is None:
            rows, of = spread_ranges(first[people], first[people] + counts)
        else:
            rows, of = spread_evenly(first[people], counts, most)
        return of, seeds[rows]

    def n_seeds_of(self, people: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many seeds each of the people has, whoever may see them."""
        first = self._seeds_by_person[1]
        return np.asarray(first[people + 1] - first[people], dtype=np.int64)

    @cached_property
    def _seeds_by_person(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Seed rows of all authorships by researcher, and where each researcher's begin."""
        seeds, owners = self.authorship_rows
        by_person = np.argsort(owners, kind="stable")
        counts = np.bincount(owners, minlength=len(self.researchers))
        return seeds[by_person], np.concatenate([[0], np.cumsum(counts)])

    @cached_property
    def sentence_borders(self) -> NDArray[np.int64]:
        """Row of every passage's first sentence vector, and the number of all at the end."""
        return np.append(self.passages.numbers("first_sentence"), len(self.sentence_vectors))

    @cached_property
    def public_seeds(self) -> NDArray[np.bool_]:
        """Whether every seed row is public."""
        return self.seeds.categories("visibility").among((PUBLIC,))

    @cached_property
    def seed_levels(self) -> NDArray[np.int64]:
        """Level of every seed row (see `tables.visibility_levels`)."""
        return visibility_levels(self.seeds.categories("visibility"))

    @cached_property
    def public_passages(self) -> NDArray[np.bool_]:
        """Whether every passage row is of a public seed."""
        return self.public_seeds[self.seed_of_passage]

    @cached_property
    def public_passage_counts(self) -> Mapping[str, int]:
        """Number of passages of public seeds, by language."""
        if self.whole:
            return self.whole.public_passage_counts
        languages = self.language_of_passage
        counts = np.bincount(languages.codes[self.public_passages], minlength=len(languages.names))
        return {name: int(n) for name, n in zip(languages.names, counts, strict=True) if n}

    @cached_property
    def seed_years(self) -> NDArray[np.float64]:
        """Year of every seed row, NaN where it is unknown."""
        return self.seeds.numbers("year").astype(np.float64)

    @cached_property
    def seed_kinds(self) -> Categories:
        """Kind of every seed row."""
        return self.seeds.categories("kind")

    @cached_property
    def newest_years(self) -> NDArray[np.float64]:
        """Year of every researcher's newest public seed, NaN where it is not known."""
        seed_rows, owners = self.authorship_rows
        newest = np.full(len(self.researchers), np.nan)
        np.fmax.at(newest, owners, np.where(self.public_seeds, self.seed_years, np.nan)[seed_rows])
        return newest

    @cached_property
    def newest_year(self) -> float:
        """Year of the newest public seed, NaN where no year is known."""
        if self.whole:
            return self.whole.newest_year
        years = self.seed_years[self.public_seeds]
        return float(np.fmax.reduce(years, initial=np.nan))

    @cached_property
    def newest_owned_year(self) -> float:
        """Year of the newest public seed that somebody owns, NaN where no year is known."""
        if self.whole:
            return self.whole.newest_owned_year
        return float(np.fmax.reduce(self.newest_years, initial=np.nan))

    @cached_property
    def knows_industry(self) -> bool:
        """Whether work with companies is known of anybody."""
        if self.whole:
            return self.whole.knows_industry
        return bool(self.industry_seeds.any())

    @cached_property
    def industry_seeds(self) -> NDArray[np.int64]:
        """Number of every researcher's public pieces of work with companies."""
        return self.researchers.numbers("industry_seeds")

    @cached_property
    def seed_counts(self) -> NDArray[np.int64]:
        """Number of public seeds of every researcher row."""
        seed_rows, owners = self.authorship_rows
        return np.bincount(owners[self.public_seeds[seed_rows]], minlength=len(self.researchers))

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of all seeds."""
        return self.whole.kinds if self.whole else self.seed_kinds.names

    @cached_property
    def language_of_passage(self) -> Categories:
        """Language of every passage row."""
        return self.passages.categories("lang")

    @cached_property
    def sample_rows(self) -> dict[str, NDArray[np.int64]]:
        """Evenly spaced passage rows of each language that has at least MIN_SAMPLE of them.

        Of passages that make statistics alone: what is hidden must not change others' scores.
        """
        samples = {}
        making = in_statistics(self.seed_levels)[self.seed_of_passage]
        for language in sorted(self.language_of_passage.names):
            rows = np.flatnonzero(making & self.language_of_passage.among((language,)))
            if len(rows) >= MIN_SAMPLE:
                step = -(-len(rows) // MAX_SAMPLE)
                samples[language] = rows[::step]
        return samples

    @cached_property
    def samples(self) -> Mapping[str, LanguageSample]:
        """The samples of `sample_rows` with what needs are compared with."""
        if self.whole:
            return self.whole.samples
        return {
            language: LanguageSample(
                self.dense.vectors(rows),
                index.sample(rows) if (index := self.lexical.of(language)) else None,
            )
            for language, rows in self.sample_rows.items()
        }

    @cached_property
    def authorship_rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Seed rows and researcher rows of all authorships, by seed."""
        pairs = self.authorships
        return pairs.numbers("seed_row"), pairs.numbers("researcher_row")

    @cached_property
    def representative_pairs(self) -> frozenset[tuple[int, int]]:
        """Pairs of seed row and researcher row where the person chose the seed."""
        chosen = self.authorships.where(self.authorships.numbers("representative"))
        seeds, people = chosen.numbers("seed_row"), chosen.numbers("researcher_row")
        return frozenset(zip(seeds.tolist(), people.tolist(), strict=True))

    @cached_property
    def seeds_of_code(self) -> dict[str, NDArray[np.int64]]:
        """Seed rows of every field code, the codes as `code_key` writes them."""
        rows: dict[str, list[int]] = {}
        for row, codes in enumerate(self.seeds.texts("field_codes")):
            for code in codes.split(";"):
                if code.strip():
                    rows.setdefault(code_key(code), []).append(row)
        return {code: np.array(of, dtype=np.int64) for code, of in sorted(rows.items())}


def unknown_researcher(researcher_id: str, snapshot: Snapshot) -> UnknownIdError:
    """Return the error of an id that no researcher of the version has."""
    return UnknownIdError(
        "No researcher has the id %(id)r in index version %(version)s.",
        id=researcher_id,
        version=snapshot.version,
    )


def code_key(code: str) -> str:
    """Return a field code without blanks, in one width and case: `ipc:c08l1/02`."""
    return "".join(unicodedata.normalize("NFKC", code).casefold().split())
