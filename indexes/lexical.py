"""BM25 over tokens, one index for each language, with scores that needs share.

A raw BM25 score grows with the length of the need. Here it is divided by the score of a row that
would contain every token of the need endlessly often, so that it lies in [0, 1): the share of the
need's information that the row repeats. Tokens that no row contains count as the rarest, which
keeps a need in another language from scoring high by the one word that both share.

Formula: Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond",
with Lucene's idf. A need's token weighs sqrt(occurrences x idf): needs are long, and without it their many
common words drown the few that matter.

Which rows come into question is found by `word_search`; what such a row's share is, is computed from its
tokens: no work is as long as the catalogue. Rows that make no statistics lie in an index of their own
and change nothing for the others.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexes.selection import Selection
from indexes.token_rows import Meetings, Rows, SampledRows, TokenRows
from indexes.word_search import K1 as SEARCHED_K1
from indexes.word_search import MOST_HITS, Hits, Slack, WordSearch, coarse, cut, idf
from indexes.word_search import B as SEARCHED_B
from indexes.words import WordList

K1 = 1.2  # chosen with B over seven judged tasks, see docs/quality.md
B = 1.0
COUNTED, HIDDEN = "counted", "hidden"
STATISTICS_NAME = "statistics.npy"
FREQUENCIES_NAME = "frequencies.npy"
MEANS_NAME = "mean_lengths.json"  # of the rows that are searched together
Shares = NDArray[np.float32]


@dataclass(frozen=True)
class LinkedTerm:
    """A word of a need, of another language or weighted: how often it counts, and what stands for it here.

    `translations` are tokens of this index with their probabilities, which sum to 1.
    """

    count: float
    translations: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class WeighedWords:
    """A need's tokens by what they add to a row that has them endlessly often, and the sum for all words.

    Of each token its place in the index and what it adds.
    """

    tokens: Mapping[str, tuple[int, float]]
    ideal: float

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """The places of the tokens, ascending."""
        return np.array(sorted(place for place, _ in self.tokens.values()), dtype=np.int64)

    @cached_property
    def values(self) -> NDArray[np.float32]:
        """What the tokens add, in the order of `places`."""
        return np.array([value for _, value in sorted(self.tokens.values())], dtype=np.float32)


def as_terms(tokens: Sequence[str]) -> list[LinkedTerm]:
    """Return a need's tokens as words that stand for themselves."""
    return [LinkedTerm(n, ((token, 1.0),)) for token, n in sorted(Counter(tokens).items())]


@dataclass(frozen=True)
class WordCounts:
    """In how many of all rows that make statistics each word stands, their number and mean length."""

    words: WordList
    frequencies: NDArray[np.int32]
    n_rows: int
    mean_length: float

    @classmethod
    def load(cls, folder: Path) -> "WordCounts":
        """Map what lies in the folder of a lexical index, or what `save` wrote."""
        count, mean_length = np.load(folder / STATISTICS_NAME)
        frequencies = np.asarray(np.load(folder / FREQUENCIES_NAME, mmap_mode="r"))
        return cls(WordList.load(folder), frequencies, int(count), float(mean_length))

    def save(self, folder: Path) -> None:
        """Write the counts into a new folder."""
        folder.mkdir(parents=True)
        self.words.save(folder)
        np.save(folder / FREQUENCIES_NAME, self.frequencies)
        np.save(folder / STATISTICS_NAME, np.array((self.n_rows, self.mean_length)))

    def frequency(self, word: str) -> int:
        """Return in how many rows a word stands."""
        place = self.words.place(word)
        return int(self.frequencies[place]) if place >= 0 else 0


class LexicalIndex:
    """Token statistics of the rows of one language."""

    def __init__(
        self,
        words: WordList,
        arrays: TokenRows,
        counts: WordCounts,
        searched: Mapping[str, WordSearch],
        means: Mapping[str, float],
    ) -> None:
        """`counts` are those of all rows, of which these may be a part; `searched` finds rows.

        `means` are the mean lengths of the rows of each of `searched`.
        """
        self._words = words
        self._arrays = arrays
        self._counts = counts
        self._searched = searched
        self._slack = {
            name: Slack.between(means.get(name, counts.mean_length), counts.mean_length)
            for name in searched
        }

    @classmethod
    def load(cls, folder: Path, counts: WordCounts | None = None) -> "LexicalIndex":
        """Read what `lexical_writer` wrote; the tokens stay on disk until a need touches them.

        `counts` are those of all rows where these are a part of them.
        """
        parts = [name for name in (COUNTED, HIDDEN) if (folder / name).is_dir()]
        means = json.loads(path.read_text()) if (path := folder / MEANS_NAME).exists() else {}
        return cls(
            WordList.load(folder),
            TokenRows.load(folder),
            counts or WordCounts.load(folder),
            {part: WordSearch.load(folder / part) for part in parts},
            means,
        )

    @classmethod
    def without_rows(cls, counts: WordCounts) -> "LexicalIndex":
        """Return an index that has the statistics of rows that lie elsewhere, and none itself."""
        return cls(counts.words, TokenRows.of_none(), counts, {}, {})

    def weigh(self, terms: Sequence[LinkedTerm]) -> WeighedWords:
        """Return a need's words as this index weighs them.

        A word weighs as the mean of its translations would, and a row repeats it as far as it has them.
        """
        tokens: dict[str, tuple[int, float]] = {}
        ideal = 0.0
        for term in terms:
            known = [(token, share, self._words.place(token)) for token, share in term.translations]
            idfs = [self.idf(token) for token, _, _ in known]
            idf = sum(share * own for (_, share, _), own in zip(known, idfs, strict=True))
            weight = float(np.sqrt(term.count * idf))
            ideal += weight * idf
            for (token, share, place), own in zip(known, idfs, strict=True):
                if place >= 0:
                    before = tokens.get(token, (place, 0.0))[1]
                    tokens[token] = place, before + weight * share * own
        return WeighedWords(tokens, ideal)

    def search(self, words: WeighedWords, top_k: int, allowed: Selection | None = None) -> Rows:
        """Return the `top_k` rows that repeat most of the words, of those that are allowed; in no order.

        Rows are numbered among all languages, and so are those allowed. None stands for all.
        """
        found = []
        for name, part in self._searched.items():
            hits = part.hits(_values(words), top_k, allowed, self._slack[name])
            if self._slack[name] != Slack():
                found.append(self._in_order(words, hits).best(top_k))
                continue
            near = cut(hits.rows, hits.worth, MOST_HITS, lambda rows: self._worth(words, rows))
            kept = hits.is_allowed & np.isin(hits.rows, near)
            rows, scores = hits.rows[kept], hits.worth[kept]
            found.append(cut(rows, scores, top_k, lambda rows: self._worth(words, rows)))
        return joined(found)

    def hits(
        self, words: WeighedWords, top_k: int, allowed: Selection | None = None
    ) -> dict[str, Hits]:
        """Return of each part the rows among which those of `search` are, the best first, of equal ones
        the first: enough that the best of several indexes can be told."""
        return {
            name: self._in_order(
                words, part.hits(_values(words), top_k, allowed, self._slack[name])
            )
            for name, part in self._searched.items()
        }

    def _in_order(self, words: WeighedWords, hits: Hits) -> Hits:
        worth = self._worth(words, hits.rows)
        order = np.lexsort((hits.rows, -worth))
        return Hits(hits.rows[order], worth[order], hits.is_allowed[order])

    def _worth(self, words: WeighedWords, rows: Rows) -> NDArray[np.float64]:
        """Return what rows are worth in a search (see `word_search`)."""
        met = self._arrays.meetings(rows, words.places)
        count = met.count.astype(np.float64)
        norm = 1 - SEARCHED_B + SEARCHED_B * coarse(met.length) / self._counts.mean_length
        part = words.values[met.sought] * (SEARCHED_K1 + 1) * count / (count + SEARCHED_K1 * norm)
        worth = np.bincount(met.row, weights=part, minlength=len(rows))
        return np.asarray(worth, dtype=np.float64)

    def having(self, tokens: Collection[str]) -> Rows:
        """Return the rows that have all of the tokens, ascending; none without tokens."""
        return np.sort(joined(part.having(tokens) for part in self._searched.values()))

    def shares(self, words: WeighedWords, rows: Rows) -> Shares:
        """Return the scores in [0, 1) of rows of this language, numbered among all."""
        return self._scores(words, self._arrays.meetings(rows, words.places), len(rows))

    def sample(self, rows: Rows) -> SampledRows:
        """Return rows of this language ready to be compared with every need (see `shares_of`)."""
        return SampledRows(self._arrays, rows)

    def shares_of(self, words: WeighedWords, sampled: SampledRows) -> Shares:
        """Return the scores that `shares` gives of rows that `sample` has made ready."""
        return self._scores(words, sampled.meetings(words.places), sampled.n_rows)

    def _scores(self, words: WeighedWords, met: Meetings, n_rows: int) -> Shares:
        count = met.count.astype(np.float32)
        length = met.length / self._counts.mean_length
        part = words.values[met.sought] * count / (count + K1 * (1 - B + B * length))
        scores = np.bincount(met.row, weights=part, minlength=n_rows)
        return np.asarray(scores / (words.ideal or 1.0), dtype=np.float32)

    def tokens_of(self, rows: Rows, tokens: Sequence[str]) -> NDArray[np.bool_]:
        """Say which of the tokens, all different, stand in each of the rows, shape (n_tokens, n_rows)."""
        known = sorted((p, n) for n, t in enumerate(tokens) if (p := self._words.place(t)) >= 0)
        met = self._arrays.meetings(rows, np.array([place for place, _ in known], dtype=np.int64))
        numbers = np.array([n for _, n in known], dtype=np.int64)
        present = np.zeros((len(tokens), len(rows)), dtype=bool)
        present[numbers[met.sought], met.row] = True
        return present

    def holds(self, token: str) -> bool:
        """Say whether a row that makes statistics has the token."""
        return self.frequency(token) > 0

    def frequency(self, token: str) -> int:
        """Return in how many of all rows that make statistics the token stands."""
        return self._counts.frequency(token)

    def idf(self, token: str) -> float:
        """Return how rare a token is; one that no row has counts as the rarest."""
        return idf(self._counts.n_rows, self._counts.frequency(token))


def _values(words: WeighedWords) -> dict[str, float]:
    return {token: value for token, (_, value) in words.tokens.items()}


def joined(parts: Iterable[Rows]) -> Rows:
    """Return the rows of all parts, one part after the other."""
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])
