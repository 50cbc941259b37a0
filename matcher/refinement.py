"""Moves a need towards what a reader marked as "more like this", and away from "not this".

    q' = unit(q + MORE mean(vectors of more) - LESS mean(vectors of less))
    n'(w) = n(w) (1 + MORE_WORDS share_more(w) - LESS_WORDS share_less(w)),   never below 0

after Rocchio (1971, "Relevance feedback in information retrieval"). The share of a word is the share of the
marked texts that have it. NEW_WORDS words that the need lacks and that mark the wanted texts best (by share
and idf) come in with n' = MORE_WORDS share_more(w). A person stands for the PERSON_SEEDS seeds nearest to
the need, so that a wide record doesn't lead away from it; a sentence for itself, a seed without a sentence
for all of its passages. What was marked is looked up in the index version alone; nothing is encoded.
docs/quality.md has what the weights were chosen by.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import UnknownIdError
from indexes.lexical import LexicalIndex, LinkedTerm
from matcher.encoder.encoder import unit
from matcher.records import Mark, Refinement
from matcher.retrieval import NeedQuery
from matcher.snapshot import Snapshot, unknown_researcher
from matcher.tokens import TOKENIZERS

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]
Mask = NDArray[np.bool_]

MORE, LESS = 0.5, 0.15  # against 1 of the need itself
MORE_WORDS, LESS_WORDS = 0.3, 0.2
NEW_WORDS = 20  # of a language
PERSON_SEEDS = 3
LEAST_COUNT = 0.02  # a word that counts less is left out
_NO_WORDS: Mapping[str, float] = {}


@dataclass(frozen=True)
class MarkedText:
    """What a mark stands for: its unit vector, and its texts as pairs of a language and a text.

    `researcher_row` is that of a marked person, `label` the text of a marked sentence, else the seed's title.
    """

    mark: Mark
    vector: FloatArray
    texts: tuple[tuple[str, str], ...]
    researcher_row: int | None = None
    label: str = ""


@dataclass(frozen=True)
class MarkedTexts:
    """Both sides of a refinement, resolved."""

    more: tuple[MarkedText, ...] = ()
    less: tuple[MarkedText, ...] = ()

    @property
    def left_out(self) -> list[int]:
        """The researcher rows of those who are not wanted."""
        return [one.researcher_row for one in self.less if one.researcher_row is not None]


def move_vector(
    vector: FloatArray, more: Sequence[FloatArray], less: Sequence[FloatArray]
) -> FloatArray:
    """Return the need's vector moved, a unit vector; as given where nothing is marked."""
    moved = np.array(vector, dtype=np.float32)
    if len(more):
        moved = moved + MORE * np.mean(more, axis=0)
    if len(less):
        moved = moved - LESS * np.mean(less, axis=0)
    return unit(moved)


def weigh_words(
    words: Sequence[LinkedTerm],
    more: Mapping[str, float],
    less: Mapping[str, float],
    idf: Callable[[str], float],
) -> tuple[LinkedTerm, ...]:
    """Return the need's words with their new counts, then the new ones, the weightiest first.

    `more` and `less` give the share of the marked texts that has a word, `idf` is 0 for a word that cannot be
    added. A linked word counts as its translations do, by their probabilities.
    """
    own = [_weighed(term, more, less) for term in words]
    known = {token for term in words for token, _ in term.translations}
    worth = {word: share * idf(word) for word, share in more.items() if word not in known}
    added = sorted((w for w in worth if worth[w] > 0), key=lambda w: (-worth[w], w))[:NEW_WORDS]
    new = [LinkedTerm(_gain(word, more, less), ((word, 1.0),)) for word in added]
    return tuple(term for term in (*own, *new) if term.count > LEAST_COUNT)


def _weighed(term: LinkedTerm, more: Mapping[str, float], less: Mapping[str, float]) -> LinkedTerm:
    gain = sum(share * _gain(token, more, less) for token, share in term.translations)
    return replace(term, count=term.count * (1 + gain))


def _gain(word: str, more: Mapping[str, float], less: Mapping[str, float]) -> float:
    return MORE_WORDS * more.get(word, 0.0) - LESS_WORDS * less.get(word, 0.0)


def find_marked(
    refinement: Refinement, query: NeedQuery, snapshot: Snapshot, visible: Mask
) -> MarkedTexts:
    """Return what the marks stand for; raises UnknownIdError for one of a seed that is not visible.

    `visible` says of each seed row whether it may be read. A person without a visible seed is not known.
    """
    if not (refinement.more_like or refinement.less_like):
        return MarkedTexts()
    finder = _Finder(query, snapshot, visible)
    return MarkedTexts(
        more=tuple(finder.find(mark) for mark in refinement.more_like),
        less=tuple(finder.find(mark) for mark in refinement.less_like),
    )


def refine(query: NeedQuery, marked: MarkedTexts, snapshot: Snapshot) -> NeedQuery:
    """Return the query moved by what was marked; the need's own text and sentences stay."""
    if not (marked.more or marked.less):
        return query
    moved = move_vector(
        query.vector, [one.vector for one in marked.more], [one.vector for one in marked.less]
    )
    words = {
        language: weigh_words(
            query.linked[language] if language in query.linked else _own(query, language),
            _shares(marked.more, language),
            _shares(marked.less, language),
            _idf_of(index),
        )
        for language in snapshot.lexical.languages
        if (index := snapshot.lexical.of(language)) is not None
    }
    return replace(query, vector=moved, words=words)


def _own(query: NeedQuery, language: str) -> tuple[LinkedTerm, ...]:
    counts = Counter(TOKENIZERS[language](query.text))
    return tuple(LinkedTerm(counts[word], ((word, 1.0),)) for word in sorted(counts))


def _shares(marked: Iterable[MarkedText], language: str) -> Mapping[str, float]:
    """Return, by word of a language, the mean over the marks of the share of their texts that have it."""
    found: defaultdict[str, float] = defaultdict(float)
    marks = list(marked)
    for one in marks:
        for text_language, text in one.texts:
            if text_language == language:
                for word in set(TOKENIZERS[language](text)):
                    found[word] += 1 / len(one.texts)
    return {word: share / len(marks) for word, share in found.items()} if marks else _NO_WORDS


def _idf_of(index: LexicalIndex) -> Callable[[str], float]:
    def idf(word: str) -> float:
        return 0.0 if word.isdigit() or not index.holds(word) else index.idf(word)

    return idf


class _Finder:
    """Finds what marks stand for in one snapshot."""

    def __init__(self, query: NeedQuery, snapshot: Snapshot, visible: Mask) -> None:
        self._query = query
        self._snapshot = snapshot
        self._visible = visible

    def find(self, mark: Mark) -> MarkedText:
        return self._person(mark) if mark.researcher_id else self._seed(mark)

    def _person(self, mark: Mark) -> MarkedText:
        snapshot, query = self._snapshot, self._query
        person = snapshot.researchers.texts("researcher_id").row_of(mark.researcher_id)
        if person is None:
            raise unknown_researcher(mark.researcher_id, snapshot)
        people = np.array([person])
        own = snapshot.seeds_of(people)[1]
        rows = snapshot.passage_rows_of(own[self._visible[own]])
        if not len(rows):
            raise unknown_researcher(mark.researcher_id, snapshot)
        order = np.argsort(-snapshot.dense.similarities(query.vector, rows), kind="stable")
        rows = rows[order]
        first = np.sort(np.unique(snapshot.seed_of_passage[rows], return_index=True)[1])
        return self._of_passages(mark, rows[first[:PERSON_SEEDS]], person)

    def _seed(self, mark: Mark) -> MarkedText:
        snapshot = self._snapshot
        seed = snapshot.seeds.texts("seed_id").row_of(mark.seed_id)
        if seed is None or not self._visible[seed]:
            raise self._unknown_seed(mark)
        rows = snapshot.passage_rows_of(np.array([seed]))
        if not len(rows):
            raise self._unknown_seed(mark)
        if mark.sentence_start is not None:
            return self._sentence(mark, rows)
        return replace(self._of_passages(mark, rows), label=snapshot.seeds.texts("title")[seed])

    def _of_passages(
        self, mark: Mark, rows: IntArray, researcher_row: int | None = None
    ) -> MarkedText:
        passages = self._snapshot.passages
        texts = zip(passages.categories("lang")[rows], passages.texts("text")[rows], strict=True)
        vector = unit(self._snapshot.dense.vectors(rows).mean(axis=0))
        return MarkedText(mark, vector, tuple((str(a), str(b)) for a, b in texts), researcher_row)

    def _sentence(self, mark: Mark, rows: IntArray) -> MarkedText:
        """Return the sentence of a seed that starts where the mark says, in the field that it names."""
        snapshot = self._snapshot
        fields, sources = (
            snapshot.sentences.categories("field"),
            snapshot.sentences.numbers("source"),
        )
        for row in rows:
            first, end = snapshot.sentence_borders[row : row + 2]
            for at in range(int(first), int(end)):
                if (fields[at], int(sources[at])) == (mark.sentence_field, mark.sentence_start):
                    return self._as_marked(mark, int(row), at)
        raise self._unknown_seed(mark)

    def _as_marked(self, mark: Mark, row: int, sentence: int) -> MarkedText:
        """Return the text of a passage's sentence, by its row among all sentences."""
        snapshot = self._snapshot
        begin, end = (int(snapshot.sentences.numbers(name)[sentence]) for name in ("start", "end"))
        text = snapshot.passages.texts("text")[row][begin:end]
        vector = np.asarray(snapshot.sentence_vectors[sentence], dtype=np.float32)
        written = (snapshot.language_of_passage[row], text)
        return MarkedText(mark, unit(vector), (written,), label=text)

    def _unknown_seed(self, mark: Mark) -> UnknownIdError:
        return UnknownIdError(
            "No seed has the id %(id)r in index version %(version)s, or not that sentence.",
            id=mark.seed_id,
            version=self._snapshot.version,
        )
