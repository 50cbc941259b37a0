"""BM25 over tokens, one index for each language, with scores that needs share.

A raw BM25 score grows with the length of the need. Here it is divided by the score of a row that
would contain every token of the need endlessly often, so that it lies in [0, 1): the share of the
need's information that the row repeats. Tokens that no row contains count as the rarest, which
keeps a need in another language from scoring high by the one word that both share.

Formula: Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond",
with Lucene's idf, as computed by bm25s. A need's token weighs sqrt(occurrences x idf): needs are long,
and without it their many common words drown the few that matter.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

K1 = 1.2  # chosen with B over seven judged tasks, see docs/quality.md
B = 1.0
FOLDER_NAME = "lexical"
_ROWS_NAME = "rows.npy"

_ARRAYS_NAME, _VOCABULARY_NAME = "uncounted.npz", "uncounted.json"  # as older versions named them
_NOWHERE = np.zeros(0, dtype=np.int64)
_NOTHING = np.zeros(0, dtype=np.float32)


@dataclass(frozen=True)
class RowsOutsideStatistics:
    """Rows that are scored by the statistics of other rows, and change nothing in them.

    How rare a token is and how long a row usually is are learnt from the rows that count. Postings by
    token: places in `rows`, and what the token adds to each row's score.
    """

    rows: NDArray[np.int64]
    vocabulary: Mapping[str, int]
    borders: NDArray[np.int64]  # of each token's postings
    places: NDArray[np.int64]
    values: NDArray[np.float32]

    @classmethod
    def build(
        cls,
        tokens: Sequence[Sequence[str]],
        rows: NDArray[np.int64],
        value_of: Callable[[str, int, int], float],
    ) -> "RowsOutsideStatistics":
        """Index the tokens of each row; `value_of` gives what a token adds to a row's score.

        It is called with the token, its occurrences in the row and the row's length.
        """
        found: dict[str, list[tuple[int, float]]] = {}
        for place, words in enumerate(tokens):
            for token, count in Counter(words).items():
                found.setdefault(token, []).append((place, value_of(token, count, len(words))))
        ordered = sorted(found)
        postings = [posting for token in ordered for posting in found[token]]
        return cls(
            rows=np.asarray(rows, dtype=np.int64),
            vocabulary={token: number for number, token in enumerate(ordered)},
            borders=np.cumsum([0, *(len(found[token]) for token in ordered)]),
            places=np.array([place for place, _ in postings], dtype=np.int64),
            values=np.array([value for _, value in postings], dtype=np.float32),
        )

    @classmethod
    def none(cls) -> "RowsOutsideStatistics":
        """Return no rows."""
        return cls(_NOWHERE, {}, np.zeros(1, dtype=np.int64), _NOWHERE, _NOTHING)

    @classmethod
    def load(cls, folder: Path) -> "RowsOutsideStatistics":
        """Read what `save` wrote; none where it wrote nothing."""
        if not (folder / _ARRAYS_NAME).exists():
            return cls.none()
        with np.load(folder / _ARRAYS_NAME) as stored:
            arrays = {name: stored[name] for name in stored.files}
        vocabulary = json.loads((folder / _VOCABULARY_NAME).read_text("utf-8"))
        return cls(vocabulary={token: n for n, token in enumerate(vocabulary)}, **arrays)

    def save(self, folder: Path) -> None:
        """Write the rows into an existing folder, if there are any."""
        if len(self.rows):
            names = ("rows", "borders", "places", "values")
            np.savez(folder / _ARRAYS_NAME, **{name: getattr(self, name) for name in names})
            vocabulary = json.dumps(list(self.vocabulary), ensure_ascii=False)
            (folder / _VOCABULARY_NAME).write_text(vocabulary, "utf-8")

    def postings(self, token: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the places of the rows that contain the token, and what it adds to each."""
        number = self.vocabulary.get(token)
        if number is None:
            return _NOWHERE, _NOTHING
        start, end = self.borders[number : number + 2]
        return self.places[start:end], self.values[start:end]


@dataclass(frozen=True)
class LinkedTerm:
    """A word of a need, of another language or weighted: how often it counts, and what stands for it here.

    `translations` are tokens of this index with their probabilities, which sum to 1.
    """

    count: float
    translations: tuple[tuple[str, float], ...]


class LexicalIndex:
    """Token statistics of the rows of one language."""

    def __init__(self, bm25: Any, rows: NDArray[np.int64], outside: RowsOutsideStatistics) -> None:
        self._bm25 = bm25
        self._rows = rows  # sorted: the i-th document is row rows[i]
        self._outside = outside

    @classmethod
    def build(
        cls,
        tokens: Sequence[Sequence[str]],
        rows: NDArray[np.int64],
        in_statistics: NDArray[np.bool_] | None = None,
    ) -> "LexicalIndex":
        """Index the tokens of each row; `rows` (ascending) numbers them among all languages.

        `in_statistics` says which rows make idf and the mean length (None: all); the others are scored
        by these, so that a row that not every caller may see changes no other row's score.
        """
        import bm25s

        counts = np.ones(len(tokens), dtype=bool) if in_statistics is None else in_statistics
        known = [list(tokens[int(at)]) for at in np.flatnonzero(counts)]
        bm25 = bm25s.BM25(k1=K1, b=B, method="lucene")
        bm25.index(known, show_progress=False, create_empty_token=True)
        index = cls(bm25, np.asarray(rows[counts], dtype=np.int64), RowsOutsideStatistics.none())
        if counts.all():
            return index
        mean_length = sum(map(len, known)) / len(known)
        others = [tokens[int(at)] for at in np.flatnonzero(~counts)]

        def value(token: str, count: int, length: int) -> float:
            return index._idf_of(token) * count / (count + K1 * (1 - B + B * length / mean_length))

        return cls(bm25, index._rows, RowsOutsideStatistics.build(others, rows[~counts], value))

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Read what `save` wrote; the postings stay on disk until a need touches them."""
        import bm25s

        bm25 = bm25s.BM25.load(str(folder), mmap=True, show_progress=False)
        return cls(bm25, np.load(folder / _ROWS_NAME), RowsOutsideStatistics.load(folder))

    def save(self, folder: Path) -> None:
        """Write the index into a new folder."""
        folder.mkdir(parents=True)
        self._bm25.save(str(folder), show_progress=False)
        np.save(folder / _ROWS_NAME, self._rows)
        self._outside.save(folder)

    def score_rows(self, tokens: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return all rows of this language and their scores in [0, 1), the rows that count first."""
        counts = sorted(Counter(tokens).items())
        return self.score_linked([LinkedTerm(n, ((token, 1.0),)) for token, n in counts])

    def score_linked(
        self, terms: Sequence[LinkedTerm]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return all rows of this language and their scores in [0, 1), for words that are linked to tokens.

        A word weighs as the mean of its translations would, and a row repeats it as far as it has them.
        """
        postings = self._bm25.scores
        scores = np.zeros(len(self._rows), dtype=np.float32)
        others = np.zeros(len(self._outside.rows), dtype=np.float32)
        ideal = 0.0
        for term in terms:
            borders = [(*self._borders(token), share) for token, share in term.translations]
            idf = sum(share * self._idf(end - start) for start, end, share in borders)
            weight = float(np.sqrt(term.count * idf))
            for (token, share), (start, end, _) in zip(term.translations, borders, strict=True):
                data = postings["data"][start:end]
                scores[postings["indices"][start:end]] += weight * share * data
                places, values = self._outside.postings(token)
                others[places] += weight * share * values
            ideal += weight * idf
        found = np.concatenate([scores, others])
        rows = np.concatenate([self._rows, self._outside.rows])
        return rows, np.asarray(found / (ideal or 1.0), dtype=np.float32)

    def holds(self, token: str) -> bool:
        """Say whether a row that makes statistics has the token."""
        start, end = self._borders(token)
        return end > start

    def postings(self, token: str) -> tuple[NDArray[np.int64], float]:
        """Return the rows that contain the token, and its idf; one that no row has counts as the rarest."""
        start, end = self._borders(token)
        documents = np.asarray(self._bm25.scores["indices"][start:end], dtype=np.int64)
        others = self._outside.rows[self._outside.postings(token)[0]]
        return np.concatenate([self._rows[documents], others]), self._idf(end - start)

    def _borders(self, token: str) -> tuple[int, int]:
        """Return where the postings of a token begin and end; one that no row has, has none."""
        token_id = self._bm25.vocab_dict.get(token)
        if token_id is None:
            return 0, 0
        start, end = self._bm25.scores["indptr"][token_id : token_id + 2]
        return int(start), int(end)

    def _idf_of(self, token: str) -> float:
        start, end = self._borders(token)
        return self._idf(end - start)

    def _idf(self, document_frequency: int) -> float:
        count = len(self._rows)
        return float(np.log(1 + (count - document_frequency + 0.5) / (document_frequency + 0.5)))


class LexicalIndexes:
    """The lexical indexes of all languages; a row belongs to exactly one."""

    def __init__(self, by_language: Mapping[str, LexicalIndex]) -> None:
        self._by_language = dict(sorted(by_language.items()))

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndexes":
        """Read what `save` wrote."""
        folders = sorted(p for p in (folder / FOLDER_NAME).iterdir() if p.is_dir())
        return cls({path.name: LexicalIndex.load(path) for path in folders})

    def save(self, folder: Path) -> None:
        """Write every language into its own subfolder."""
        (folder / FOLDER_NAME).mkdir()
        for language, index in self._by_language.items():
            index.save(folder / FOLDER_NAME / language)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have rows."""
        return tuple(self._by_language)

    def of(self, language: str) -> LexicalIndex | None:
        """Return the index of one language, if there are rows in it."""
        return self._by_language.get(language)

    def holds(self, language: str, token: str) -> bool:
        """Say whether the index of a language has the token."""
        index = self._by_language.get(language)
        return index is not None and index.holds(token)

    def score_rows(
        self,
        tokens: Mapping[str, Sequence[str]],
        n_rows: int,
        linked: Mapping[str, Sequence[LinkedTerm]] = MappingProxyType({}),
    ) -> NDArray[np.float32]:
        """Return the score of every row, shape (n_rows,); `tokens` gives the need's by language.

        In the languages of `linked` what is linked stands in the tokens' place.
        """
        scores = np.zeros(n_rows, dtype=np.float32)
        for language, index in self._by_language.items():
            if language in linked:
                rows, values = index.score_linked(linked[language])
            else:
                rows, values = index.score_rows(tokens[language])
            scores[rows] = values
        return scores
