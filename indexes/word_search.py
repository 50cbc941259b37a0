"""Finds rows by their words with tantivy, which skips what cannot be among the best.

Knows rows, tokens and weights only. What a row is worth, by which the best are told:

    worth(row) = sum over tokens of value (K1 + 1) n / (n + K1 (1 - B + B l / mean l))

for a token that the row has n times among l; lengths are told apart as Lucene does, the longer the more
coarsely. That is tantivy's score but for its mean length and its last digits (see `Slack`).
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.selection import Selection
from indexes.words import hash_of

Rows = NDArray[np.int64]
FloatArray = NDArray[np.float64]
K1, B = 1.2, 0.75  # tantivy's own
_BODY, _ROW = "body", "row"
_TOKENIZER = "whitespace"
_HEAP_BYTES = 100_000_000
MOST_HITS = 30_000  # that are looked through for a filter: more cost more than they bring
_MORE = 32  # hits that are asked for besides, to see which are worth as much as the last
_ROUNDED = 1e-5  # by which share tantivy's score differs from the formula, at most
_LONGEST = 1 << 17  # of rows whose lengths are told apart


@dataclass(frozen=True)
class Slack:
    """Between which shares of tantivy's score a row's worth lies."""

    low: float = 1 - _ROUNDED
    high: float = 1 + _ROUNDED

    @classmethod
    def between(cls, mean_here: float, mean: float) -> "Slack":
        """Return it where tantivy knows one mean length, and rows are to be compared by another."""
        ratio = mean / mean_here if mean_here > 0 and mean > 0 else 1.0
        return cls(min(ratio, 1.0) * (1 - _ROUNDED), max(ratio, 1.0) * (1 + _ROUNDED))


@dataclass(frozen=True, eq=False)
class Hits:
    """Rows that have a token sought, the best first, with what they are worth, and which are allowed."""

    rows: Rows
    worth: FloatArray
    is_allowed: NDArray[np.bool_]

    def best(self, top_k: int) -> Rows:
        """Return the first `top_k` that are allowed, of the first MOST_HITS."""
        return self.rows[:MOST_HITS][self.is_allowed[:MOST_HITS]][:top_k]


class WordSearch:
    """The tokens of some rows, searched."""

    def __init__(self, index: Any) -> None:
        _register(index)
        self._index = index

    @classmethod
    def load(cls, folder: Path) -> "WordSearch":
        """Open what the writer wrote; what no need touches stays on disk."""
        import tantivy

        return cls(tantivy.Index.open(str(folder)))

    def hits(
        self,
        values: Mapping[str, float],
        top_k: int,
        allowed: Selection | None = None,
        slack: Slack | None = None,
    ) -> Hits:
        """Return rows by tantivy's scores: enough of them that those allowed that are worth most are there.

        `values` is what each token adds to a row that has it endlessly often; None allows all rows. No other
        row is among the `top_k` that are allowed, unless it is behind MOST_HITS rows that are worth more.
        (Where more than twice as many are worth the same, the first that tantivy has stand for all.)
        """
        import tantivy

        given = slack or Slack()
        searcher, clauses = self._index.searcher(), []
        for token, value in values.items():
            written = _written(token)
            if frequency := searcher.doc_freq(_BODY, written):
                term = tantivy.Query.term_query(self._index.schema, _BODY, written)
                # taken away, so that a token counts by the caller's value and not by how rare it is here
                boosted = tantivy.Query.boost_query(term, value / idf(searcher.num_docs, frequency))
                clauses.append((tantivy.Occur.Should, boosted))
        if not clauses:
            return Hits(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=bool))
        query = tantivy.Query.boolean_query(clauses)
        wanted = top_k if allowed is None else min(allowed.enough_for(top_k), MOST_HITS)
        limit = wanted + _MORE
        while True:
            rows, scores = _found(searcher, query, limit)
            kept = np.ones(len(rows), dtype=bool) if allowed is None else allowed.holds(rows)
            hits = Hits(rows, scores, kept)
            if len(rows) < limit or limit > 2 * MOST_HITS or _is_deep(hits, top_k, given):
                return hits
            enough = int(kept.sum()) >= top_k or limit > MOST_HITS
            limit = limit + limit // 2 if enough else min(4 * limit, MOST_HITS + _MORE)

    def having(self, tokens: Collection[str]) -> Rows:
        """Return the rows that have all of the tokens, in any order; none without tokens."""
        import tantivy

        searcher, written = self._index.searcher(), [_written(token) for token in tokens]
        most = min((searcher.doc_freq(_BODY, one) for one in written), default=0)
        if not most:
            return np.zeros(0, dtype=np.int64)
        terms = [tantivy.Query.term_query(self._index.schema, _BODY, one) for one in written]
        every = tantivy.Query.boolean_query([(tantivy.Occur.Must, term) for term in terms])
        return _found(searcher, every, most)[0]


class WordSearchWriter:
    """Writes the index of some rows' tokens in a new folder; tokens by their hashes."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_text_field(_BODY, tokenizer_name=_TOKENIZER, index_option="freq")
        builder.add_unsigned_field(_ROW, fast=True)
        folder.mkdir()
        self._folder = folder
        self._index = tantivy.Index(builder.build(), path=str(folder))
        _register(self._index)
        # one thread: the same rows give the same index
        self._writer = self._index.writer(heap_size=_HEAP_BYTES, num_threads=1)

    def add(self, row: int, words: Iterable[str]) -> None:
        """Index a row by its tokens, each as `written_hashes` writes it, as often as it stands there."""
        import tantivy

        document = tantivy.Document()
        document.add_text(_BODY, " ".join(words))
        document.add_unsigned(_ROW, row)
        self._writer.add_document(document)

    def close(self) -> None:
        """Write what is left."""
        self._writer.commit()
        self._writer.wait_merging_threads()
        for lock in self._folder.glob("*.lock"):
            lock.unlink()  # empty, and made anew by whoever opens it


def _register(index: Any) -> None:
    import tantivy

    words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(_TOKENIZER, words)


def idf(rows: int, frequency: int) -> float:
    """Return how rare a token is that stands in `frequency` of the rows, as Lucene counts it."""
    return math.log(1 + (rows - frequency + 0.5) / (frequency + 0.5))


def _is_deep(hits: Hits, top_k: int, slack: Slack) -> bool:
    """Say whether a row that was not met can be among neither the best allowed nor the MOST_HITS best."""
    unmet = hits.worth[-1] * slack.high
    allowed = hits.worth[hits.is_allowed]
    borders = [
        of[most - 1] for of, most in ((allowed, top_k), (hits.worth, MOST_HITS)) if len(of) >= most
    ]
    return any(border * slack.low > unmet for border in borders)


def cut(rows: Rows, scores: FloatArray, count: int, worth: Callable[[Rows], FloatArray]) -> Rows:
    """Return the `count` rows that are worth most, of equal ones the first; in no order.

    `scores` are tantivy's, which fall, and tell all but those near the border.
    """
    if len(rows) <= count:
        return rows
    slack, border = Slack(), scores[count - 1]
    sure = scores * slack.low > border * slack.high
    level = np.sort(rows[~sure & (scores * slack.high >= border * slack.low)])
    order = np.lexsort((level, -worth(level)))
    return np.concatenate([rows[sure], level[order[: count - int(sure.sum())]]])


def coarse(lengths: NDArray[np.integer]) -> FloatArray:
    """Return lengths as Lucene tells them apart: exactly up to 40, then in steps of a sixteenth or so."""
    told = _told_lengths()
    places = np.searchsorted(told, np.minimum(lengths, _LONGEST), side="right") - 1
    return np.asarray(told[places], dtype=np.float64)


@cache
def _told_lengths() -> FloatArray:
    codes = np.arange(256 - 24)
    shift = codes // 8 - 1
    values = np.where(shift < 0, codes, (codes % 8 | 8) << np.minimum(np.maximum(shift, 0), 30))
    return np.concatenate([np.arange(24), 24 + values]).astype(np.float64)


def _found(searcher: Any, query: Any, limit: int) -> tuple[Rows, FloatArray]:
    hits = searcher.search(query, limit, count=False).hits
    places = searcher.fast_field_values(_ROW, [address for _, address in hits])
    scores = np.array([score for score, _ in hits], dtype=np.float64)
    return np.array(places, dtype=np.int64), scores


def _written(token: str) -> str:
    """Return what stands for a token: its hash has no blank, at which tantivy would part it."""
    return f"{hash_of(token):x}"


def written_hashes(hashes: NDArray[np.uint64]) -> list[str]:
    """Return what stands for the tokens of these hashes."""
    return [f"{value:x}" for value in hashes.tolist()]
