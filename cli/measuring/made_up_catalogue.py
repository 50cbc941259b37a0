"""A made-up catalogue of any size, to measure on: its tables, and what stands for an encoder and tokenizers.

Words follow Zipf's law and lie in topics, as vectors do around the topics' and their parts' centres; people
write from one to thousands of works, together with others of their topic; half of the texts are Japanese. The
same numbers give the same catalogue. A seed takes some tens of bytes of memory: each batch of seeds has
random numbers of its own, tables are made a batch at a time and a passage's vector when it is wanted.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.corpus_stream import SEEDS_TOGETHER, CorpusStream
from matcher.encoder.encoder import unit
from matcher.passages import Passage, Sentence
from matcher.tables import AUTHORSHIP_COLUMNS, RESEARCHER_COLUMNS, SEED_COLUMNS, Corpus

DIMENSION = 384
TOPICS = 300
PARTS = 40  # of a topic
WORDS = 60_000  # of a language
OF_TOPIC = 400  # words that a topic draws half of its texts from
SENTENCES = 3
WORDS_OF_A_PASSAGE = 67  # the median
LETTERS = ("語", "w")  # that words of a language begin with: Japanese, English
PER_SEED = 1.25  # passages
PER_PERSON = 9.0  # seeds, in the mean
KINDS = np.array(["paper", "patent", "grant", "course"])
Rng = np.random.Generator
FloatArray = NDArray[np.float32]
Numbers = NDArray[np.int32]


class MadeUp:
    """A made-up catalogue: its tables, and what makes passages, tokens and vectors of its seeds."""

    def __init__(
        self,
        n_passages: int,
        random_state: int = 0,
        dimension: int = DIMENSION,
        *,
        sentences: int = SENTENCES,
        words: int = WORDS_OF_A_PASSAGE,
    ) -> None:
        """`sentences` are those of a passage, `words` their usual number (half of the passages have more)."""
        self.dimension = dimension
        self._sentences, self._usual = sentences, words
        rng = np.random.default_rng(random_state)
        n_seeds = max(1, int(n_passages / PER_SEED))
        self._state = random_state
        self._topics = rng.integers(TOPICS, size=n_seeds).astype(np.int16)
        self._japanese = rng.random(n_seeds) < 0.5
        more = np.bincount(rng.integers(n_seeds, size=n_passages - n_seeds), minlength=n_seeds)
        self._counts = (1 + more).astype(np.int32)
        self._seed_of = _owners(self._counts)
        self._words = rng.integers(WORDS, size=(TOPICS, OF_TOPIC))
        self._centres = unit(rng.standard_normal((TOPICS, dimension)).astype(np.float32))
        parts = rng.standard_normal((TOPICS * PARTS, dimension)).astype(np.float32)
        self._parts = unit(np.repeat(self._centres, PARTS, axis=0) + 0.6 * unit(parts))
        self._kinds = rng.integers(len(KINDS), size=n_seeds).astype(np.int8)
        self._years = rng.integers(2005, 2026, n_seeds).astype(np.int16)
        self._n_people = max(2, int(n_seeds / PER_PERSON))
        self._written, self._authors = _authorships(rng, self._topics, self._n_people)
        self._numbers = np.arange(n_seeds, dtype=np.int32)
        self._revision = -1
        self.state = f"made-up {n_seeds}"

    def revise(self, revision: int) -> None:
        """Change the titles of one seed in a hundred, others for each revision from 0 to 99."""
        self._revision = revision

    def drop(self, revision: int) -> None:
        """Leave out one seed in a hundred; what is cut of the others from then on has other words."""
        kept = self._numbers % 100 != revision
        self._topics, self._japanese = self._topics[kept], self._japanese[kept]
        self._kinds, self._years = self._kinds[kept], self._years[kept]
        self._counts, self._numbers = self._counts[kept], self._numbers[kept]
        self._seed_of = _owners(self._counts)
        of = kept[self._written]
        self._written, self._authors = self._written[of], self._authors[of]
        self.state = f"{self.state}, without {revision}"

    @property
    def n_seeds(self) -> int:
        """How many seeds there are."""
        return len(self._numbers)

    @contextmanager
    def opened(self) -> Iterator[CorpusStream]:
        """Give the tables, to be read a batch at a time."""
        yield CorpusStream(self._seeds, self._people, self._pairs, lambda: self.state)

    @property
    def corpus(self) -> Corpus:
        """The tables in memory."""
        seeds, pairs = (
            pd.concat(list(of), ignore_index=True) for of in (self._seeds(), self._pairs())
        )
        return Corpus(seeds, self._people(), pairs, self.state)

    def cut(
        self, rows: range, seeds: pd.DataFrame | None = None
    ) -> Iterator[tuple[int, Passage, str]]:
        """Yield the passages of seeds: the seed's row, the passage and its language."""
        rng = np.random.default_rng([self._state, 1, rows.start])
        owners = np.repeat(np.arange(rows.start, rows.stop), self._counts[rows.start : rows.stop])
        lengths = rng.lognormal(np.log(self._usual), 0.5, len(owners)).astype(int).clip(8, 300)
        total = int(lengths.sum())
        topic = np.repeat(self._topics[owners], lengths)
        usual = (rng.zipf(1.15, total) - 1) % WORDS
        special = self._words[topic, (rng.zipf(1.2, total) - 1) % OF_TOPIC]
        numbers = np.where(rng.random(total) < 0.5, usual, special).tolist()
        first = 0
        for seed, length in zip(owners.tolist(), lengths.tolist(), strict=True):
            japanese = self._japanese[seed]
            written = _WRITTEN[0 if japanese else 1]
            words = [written[number] for number in numbers[first : first + length]]
            first += length
            yield seed, _passage(words, self._sentences), "ja" if japanese else "en"

    def tokens(self, language: str, texts: Sequence[str]) -> list[list[str]]:
        """Return the tokens of texts: made-up words stand apart in either language."""
        return [text.split() for text in texts]

    def encode(
        self, passages: Sequence[Passage], rows: NDArray[np.int64]
    ) -> tuple[FloatArray, FloatArray]:
        """Return made-up vectors around the centres of topics' parts, and of sentences around these."""
        vectors = self.vectors(rows)
        rng = np.random.default_rng([self._state, 3, int(rows[0]) if len(rows) else 0])
        of = np.repeat(np.arange(len(rows)), [len(passage.sentences) for passage in passages])
        near = rng.standard_normal((len(of), self.dimension), dtype=np.float32) / np.sqrt(
            self.dimension
        )
        return vectors, unit(vectors[of] + 0.7 * near)

    def vectors(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return the vectors of passages, the same whichever are asked for together."""
        part = (rows * 2_654_435_761 >> 7) % PARTS
        around = self._parts[self._topics[self._seed_of[rows]].astype(np.int64) * PARTS + part]
        noise = np.empty((len(rows), self.dimension), dtype=np.float32)
        block = rows // 1000
        for one in np.unique(block):
            rng = np.random.default_rng([self._state, 2, int(one)])
            inside = block == one
            made = rng.standard_normal((1000, self.dimension), dtype=np.float32)
            noise[inside] = made[rows[inside] % 1000]
        return unit(around + noise / np.sqrt(self.dimension))

    def _seeds(self) -> Iterator[pd.DataFrame]:
        for first in range(0, self.n_seeds, SEEDS_TOGETHER):
            some = slice(first, first + SEEDS_TOGETHER)
            numbers = self._numbers[some].tolist()
            revised = f", revision {self._revision}"
            titles = [f"Work {n}{revised * (n % 100 == self._revision)}" for n in numbers]
            columns = {
                "seed_id": [_seed_id(number) for number in numbers],
                "kind": KINDS[self._kinds[some]],
                "lang": np.where(self._japanese[some], "ja", "en"),
                "title": titles,
                "text": "",
                "year": pd.array(self._years[some].astype(np.int64), dtype="Int64"),
                "url": "",
                "visibility": "public",
                "field_codes": "",
                "companies": "",
            }
            yield pd.DataFrame(columns)[list(SEED_COLUMNS)]

    def _pairs(self) -> Iterator[pd.DataFrame]:
        for first in range(0, len(self._written), SEEDS_TOGETHER):
            some = slice(first, first + SEEDS_TOGETHER)
            seeds = [_seed_id(number) for number in self._written[some].tolist()]
            people = [_person_id(number) for number in self._authors[some].tolist()]
            yield pd.DataFrame(dict(zip(AUTHORSHIP_COLUMNS, (seeds, people, ""), strict=True)))

    def _people(self) -> pd.DataFrame:
        numbers = range(self._n_people)
        departments = [f"Department {number}" for number in range(40)]
        named = {
            "researcher_id": [_person_id(number) for number in numbers],
            "name_en": [f"Person {n}" for n in numbers],
            "institution_en": "Made-up University",
            "department_en": [departments[n % 40] for n in numbers],
            "industry_seeds": 0,
            "industry_last_year": pd.array([pd.NA] * self._n_people, dtype="Int64"),
        }
        return pd.DataFrame({name: named.get(name, "") for name in RESEARCHER_COLUMNS})


_WRITTEN = tuple([f"{letter}{number}" for number in range(WORDS)] for letter in LETTERS)


def _seed_id(number: int) -> str:
    return f"seed-{number:09}"


def _person_id(number: int) -> str:
    return f"person-{number:09}"


def _owners(counts: Numbers) -> Numbers:
    return np.repeat(np.arange(len(counts), dtype=np.int32), counts)


def _passage(words: Sequence[str], count: int) -> Passage:
    step = max(1, len(words) // count)
    parts = [" ".join(words[first : first + step]) for first in range(0, step * count, step)]
    sentences, start = [], 0
    for part in parts:
        sentences.append(Sentence(start, start + len(part), "text", start))
        start += len(part) + 1
    return Passage(" ".join(parts), tuple(sentences))


def _authorships(rng: Rng, topics: NDArray[np.int16], n_people: int) -> tuple[Numbers, Numbers]:
    """Return who made what, by seed: some of a topic's people make thousands of times as much as others."""
    of_topic = np.sort(rng.integers(TOPICS, size=n_people))
    first = np.searchsorted(of_topic, np.arange(TOPICS + 1))
    written = np.repeat(np.arange(len(topics)), 1 + rng.integers(3, size=len(topics)))
    topic = topics[written]
    size = np.maximum(1, first[topic + 1] - first[topic])
    authors = np.minimum((rng.zipf(1.6, len(written)) - 1) % size + first[topic], n_people - 1)
    pairs = np.unique(written * n_people + authors)
    return (pairs // n_people).astype(np.int32), (pairs % n_people).astype(np.int32)
