"""Writes an index version of a made-up catalogue of any size, to measure on: no text is encoded.

Words follow Zipf's law and lie in topics, as vectors do around the topics' and their parts' centres; people
write from one to thousands of works, together with others of their topic; half of the texts are Japanese. The
same number gives the same version, but for the time that it says it was built. Memory does not grow with the
texts: each batch of seeds has random numbers of its own, and a passage's vector is made when it is wanted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indexes.dense import EXACT_BELOW
from indexes.versions import Version, publish, staged_version
from matcher.earlier_version import NEW_SINCE, open_earlier
from matcher.encoder.encoder import unit
from matcher.indexing import counts_of, digests_of, keeps_estimates, manifest_of, model_of
from matcher.passages import Passage, Sentence
from matcher.tables import AUTHORSHIP_COLUMNS, RESEARCHER_COLUMNS, SEED_COLUMNS, Corpus
from matcher.term_links import save_vocabularies
from matcher.version_vectors import write_vectors
from matcher.version_writer import write_passages, write_tables, write_words

DIMENSION = 384
TOPICS = 300
PARTS = 40  # of a topic
WORDS = 60_000  # of a language
OF_TOPIC = 400  # words that a topic draws half of its texts from
SENTENCES = 3
WORDS_OF_A_NEED = 30
LETTERS = ("語", "w")  # that words of a language begin with: Japanese, English
PER_SEED = 1.25  # passages
PER_PERSON = 9.0  # seeds, in the mean
Rng = np.random.Generator
FloatArray = NDArray[np.float32]


def generate(
    root: Path,
    n_passages: int,
    model: Any = None,
    *,
    random_state: int = 0,
    exact_below: int = EXACT_BELOW,
    revision: int = 0,
    gone: bool = False,
) -> Version:
    """Write and publish a version of so many passages, as if `model`, an encoder, had made its vectors.

    A `revision` from 1 to 99 has one per cent of the seeds changed, or `gone`, and takes over from the
    version that serves in `root` what did not.
    """
    encoder: Any = model or SimpleNamespace(
        name="made-up", checksum="made-up", dimension=DIMENSION, precision="fp32", language_means={}
    )
    made = MadeUp(n_passages, random_state, encoder.dimension)
    if revision:
        (made.drop if gone else made.revise)(revision)
    root.mkdir(parents=True, exist_ok=True)
    with staged_version(root) as staging:
        earlier = open_earlier(root, made.corpus, model_of(encoder)) if revision else None
        stored = write_passages(staging, made.corpus, made, earlier)
        kept = earlier if earlier and keeps_estimates(earlier, stored, exact_below) else None
        dense = write_vectors(
            staging,
            stored,
            made,
            means_of_needs=dict,
            shipped={},
            exact_below=exact_below,
            earlier=kept,
        )
        write_words(staging, stored, made, kept)
        save_vocabularies(staging, {})
        write_tables(staging, stored, digests_of(made.corpus))
        manifest = manifest_of(
            counts_of(made.corpus), made.corpus.state, encoder, len(stored.passages)
        ) | {
            "search": dense.describe(),
            NEW_SINCE: kept.new_since(stored.seed_rows) if kept else 0,
        }
        return publish(root, staging, manifest, keep=1)


def made_up_needs(count: int, random_state: int = 1) -> list[str]:
    """Return the texts of so many needs, in both languages by turns, in words that versions have."""
    rng = np.random.default_rng(random_state)
    numbers = (rng.zipf(1.15, (count, WORDS_OF_A_NEED)) - 1) % WORDS
    return [
        " ".join(f"{LETTERS[number % 2]}{word}" for word in words)
        for number, words in enumerate(numbers.tolist())
    ]


class MadeUp:
    """A made-up catalogue: its tables, and what makes passages, tokens and vectors of its seeds."""

    def __init__(self, n_passages: int, random_state: int = 0, dimension: int = DIMENSION) -> None:
        self.dimension = dimension
        rng = np.random.default_rng(random_state)
        n_seeds = max(1, int(n_passages / PER_SEED))
        self._state = random_state
        self._topics = rng.integers(TOPICS, size=n_seeds)
        self._languages = np.where(rng.random(n_seeds) < 0.5, "ja", "en")
        more = np.bincount(rng.integers(n_seeds, size=n_passages - n_seeds), minlength=n_seeds)
        self._counts = 1 + more
        self._seed_of = np.repeat(np.arange(n_seeds), self._counts)
        self._words = rng.integers(WORDS, size=(TOPICS, OF_TOPIC))
        self._centres = unit(rng.standard_normal((TOPICS, dimension)).astype(np.float32))
        parts = rng.standard_normal((TOPICS * PARTS, dimension)).astype(np.float32)
        self._parts = unit(np.repeat(self._centres, PARTS, axis=0) + 0.6 * unit(parts))
        self.corpus = _corpus(rng, self._topics, self._languages)

    def revise(self, revision: int) -> None:
        """Change the titles of one seed in a hundred, others for each revision from 0 to 99."""
        seeds = self.corpus.seeds
        revised = np.arange(len(seeds)) % 100 == revision
        seeds.loc[revised, "title"] += f", revision {revision}"

    def drop(self, revision: int) -> None:
        """Leave out one seed in a hundred; what is cut of the others from then on has other words."""
        kept = np.arange(len(self.corpus.seeds)) % 100 != revision
        self._topics, self._languages = self._topics[kept], self._languages[kept]
        self._counts = self._counts[kept]
        self._seed_of = np.repeat(np.arange(len(self._counts)), self._counts)
        seeds, pairs = self.corpus.seeds[kept], self.corpus.authorships
        self.corpus = replace(
            self.corpus,
            seeds=seeds.reset_index(drop=True),
            authorships=pairs[pairs["seed_id"].isin(seeds["seed_id"])].reset_index(drop=True),
            state=f"{self.corpus.state}, without {revision}",
        )

    def cut(self, rows: range) -> Iterator[tuple[int, Passage, str]]:
        """Yield the passages of seeds: the seed's row, the passage and its language."""
        rng = np.random.default_rng([self._state, 1, rows.start])
        owners = np.repeat(np.arange(rows.start, rows.stop), self._counts[rows.start : rows.stop])
        lengths = rng.lognormal(4.2, 0.5, len(owners)).astype(int).clip(8, 300)
        total = int(lengths.sum())
        topic = np.repeat(self._topics[owners], lengths)
        usual = (rng.zipf(1.15, total) - 1) % WORDS
        special = self._words[topic, (rng.zipf(1.2, total) - 1) % OF_TOPIC]
        numbers = np.where(rng.random(total) < 0.5, usual, special).tolist()
        first = 0
        for seed, length in zip(owners.tolist(), lengths.tolist(), strict=True):
            language = str(self._languages[seed])
            letters = LETTERS[language != "ja"]
            words = [f"{letters}{number}" for number in numbers[first : first + length]]
            first += length
            yield seed, _passage(words), language

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
        around = self._parts[self._topics[self._seed_of[rows]] * PARTS + part]
        noise = np.empty((len(rows), self.dimension), dtype=np.float32)
        block = rows // 1000
        for one in np.unique(block):
            rng = np.random.default_rng([self._state, 2, int(one)])
            inside = block == one
            made = rng.standard_normal((1000, self.dimension), dtype=np.float32)
            noise[inside] = made[rows[inside] % 1000]
        return unit(around + noise / np.sqrt(self.dimension))


def _passage(words: Sequence[str]) -> Passage:
    step = max(1, len(words) // SENTENCES)
    parts = [" ".join(words[first : first + step]) for first in range(0, step * SENTENCES, step)]
    sentences, start = [], 0
    for part in parts:
        sentences.append(Sentence(start, start + len(part), "text", start))
        start += len(part) + 1
    return Passage(" ".join(parts), tuple(sentences))


def _corpus(rng: Rng, topics: NDArray[np.int64], languages: NDArray[np.str_]) -> Corpus:
    n_seeds, n_people = len(topics), max(2, int(len(topics) / PER_PERSON))
    seed_ids = np.array([f"seed-{number:09}" for number in range(n_seeds)])
    people = np.array([f"person-{number:09}" for number in range(n_people)])
    seeds = pd.DataFrame(
        {
            "seed_id": seed_ids,
            "kind": rng.choice(["paper", "patent", "grant", "course"], n_seeds),
            "lang": languages,
            "title": [f"Work {number}" for number in range(n_seeds)],
            "text": "",
            "year": pd.array(rng.integers(2005, 2026, n_seeds), dtype="Int64"),
            "url": "",
            "visibility": "public",
            "field_codes": "",
            "companies": "",
        }
    )[list(SEED_COLUMNS)]
    written, authors = _authorships(rng, topics, n_people)
    pairs = pd.DataFrame(
        dict(zip(AUTHORSHIP_COLUMNS, (seed_ids[written], people[authors], ""), strict=True))
    )
    return Corpus(seeds, _people(people), pairs, f"made-up {n_seeds}")


def _authorships(
    rng: Rng, topics: NDArray[np.int64], n_people: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return who made what, by seed: some of a topic's people make thousands of times as much as others."""
    of_topic = np.sort(rng.integers(TOPICS, size=n_people))
    first = np.searchsorted(of_topic, np.arange(TOPICS + 1))
    written = np.repeat(np.arange(len(topics)), 1 + rng.integers(3, size=len(topics)))
    topic = topics[written]
    size = np.maximum(1, first[topic + 1] - first[topic])
    authors = np.minimum((rng.zipf(1.6, len(written)) - 1) % size + first[topic], n_people - 1)
    pairs = np.unique(np.stack([written, authors], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _people(ids: NDArray[np.str_]) -> pd.DataFrame:
    numbers = range(len(ids))
    named = {
        "researcher_id": ids,
        "name_en": [f"Person {n}" for n in numbers],
        "institution_en": "Made-up University",
        "department_en": [f"Department {n % 40}" for n in numbers],
        "industry_seeds": 0,
        "industry_last_year": pd.array([pd.NA] * len(ids), dtype="Int64"),
    }
    columns = {name: named.get(name, "") for name in RESEARCHER_COLUMNS}
    return pd.DataFrame(columns)
