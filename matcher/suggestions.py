"""Suggests technical words that a need lacks: those of the best passages found, and of the need's field.

A term is a run of kanji and katakana, or up to three English words side by side. It is worth

    sum over the passages that have it of their weight * mean idf of its words

where a passage weighs what its person's probability is; those of further people who are known for the
need's likeliest field weigh FIELD_WEIGHT. Terms come in both languages, each from passages of its own. Only
public seeds are read, so that a word tells nobody of a work that they may not see; one passage alone makes
no term.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from enmusubi.language import ENGLISH, JAPANESE
from indexes.lexical import LexicalIndex
from matcher.aggregation import OwnedSeeds
from matcher.ranking import Ranking
from matcher.retrieval import NeedQuery
from matcher.snapshot import Snapshot
from matcher.tokens import TOKENIZERS

OF_A_LANGUAGE = 6  # terms that are suggested
BEST_PEOPLE = 10
BEST_SEEDS = 2  # of each of them
FIELD_PEOPLE = 60
FIELD_WEIGHT = 0.1
LEAST_WEIGHT = 0.1  # of a passage of the best, however unlikely its person
MIN_SEEDS = 2
MAX_SHARE = 0.03  # of a language's passages: a word that more of them have is no technical one
FEW_PASSAGES = 100  # below which shares say little
NEAREST_SENTENCES = 2  # of a passage, besides its title
NEAREST_WORDS = 3  # of the need, that a term is compared with
LEAST_NEARNESS = 0.35
FEW_WORDS = 200  # of a vocabulary, below which its mean is noise and nearness says nothing
MAX_WORDS = 3
MAX_CHARS = {JAPANESE: 14, ENGLISH: 40}
_JAPANESE_TERM = re.compile(r"(?:[\u4e00-\u9fff々]|[\u30a1-\u30f4ー]){2,}")
_ENGLISH_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
_GENERAL = frozenset(
    """
    日本語 英語 現状 向上 可能性 注目 各地 人々 参加 討論 投稿 役割 意義 実例 設定 内外
    状態 種類 良好 貴重 今後 活用 詳述 集約 考究 情勢 特色 誕生 参照 認定
    先端的 true supply temporary eastern far largest document companies content trust
    """.split()  # noqa: SIM905 - quoted words would hide the list
)
_BREAK = re.compile(r"[^\w\s-]+|\n")


@dataclass(frozen=True)
class Suggestion:
    """A term to add to a need, in its usual spelling, and its language (ja or en)."""

    term: str = field(repr=False)
    language: str


@dataclass(frozen=True)
class TermSource:
    """What is read of a passage: its language and text, its seed by number, and how much it weighs."""

    language: str
    text: str = field(repr=False)
    seed: int
    weight: float


def suggest_terms(
    query: NeedQuery, ranking: Ranking, snapshot: Snapshot, known_for: NDArray[np.bool_]
) -> tuple[Suggestion, ...]:
    """Return up to OF_A_LANGUAGE terms a language, the need's language first, the weightiest first.

    `known_for` says which fields each person is known for, shape (people, fields).
    """
    owned, people = ranking.candidates.owned, ranking.people.researcher_row
    wanted = [(row, BEST_SEEDS, weight) for row, weight in weighed_best(ranking)]
    if len(query.fields):
        others = people[BEST_PEOPLE:]
        of_field = others[known_for[others, int(np.argmax(query.fields))]]
        wanted += [(row, 1, FIELD_WEIGHT) for row in of_field[:FIELD_PEOPLE].tolist()]
    sources = [one for of in wanted for one in sources_of(of, query, owned, snapshot)]
    return terms_of(sources, query, snapshot)


def weighed_best(ranking: Ranking) -> list[tuple[int, float]]:
    """Return the best people of a ranking, and how much a passage of each weighs."""
    best = ranking.people.researcher_row[:BEST_PEOPLE].tolist()
    likely = np.nan_to_num(ranking.people.probability[:BEST_PEOPLE]).tolist()
    return [(row, max(p, LEAST_WEIGHT)) for row, p in zip(best, likely, strict=True)]


Wanted = tuple[int, int, float]
"""A researcher row, how many of the person's best seeds are read, and how much a passage weighs."""


def sources_of(
    wanted: Wanted,
    query: NeedQuery,
    owned: OwnedSeeds,
    snapshot: Snapshot,
) -> Iterator[TermSource]:
    """Yield what is read of the public ones among a person's best seeds."""
    person, count, weight = wanted
    rows = range(owned.researcher_row.size)[owned.of(person)][:count]
    for row in rows:
        seed, passage = int(owned.seed_row[row]), int(owned.passage_row[row])
        if snapshot.public_seeds[seed]:
            language = snapshot.language_of_passage[passage]
            yield TermSource(language, _telling(passage, query, snapshot), seed, weight)


def terms_of(
    sources: Sequence[TermSource], query: NeedQuery, snapshot: Snapshot
) -> tuple[Suggestion, ...]:
    """Return the terms of what was read (see `suggest_terms`)."""
    languages = sorted(snapshot.lexical.languages, key=lambda name: name != query.language)
    return tuple(
        Suggestion(term, language)
        for language in languages
        for term in _terms(language, sources, query, snapshot)
    )


def _terms(
    language: str, sources: Sequence[TermSource], query: NeedQuery, snapshot: Snapshot
) -> list[str]:
    index = snapshot.lexical.of(language)
    if index is None:
        return []
    judge = _Judge(language, index, query, snapshot)
    weights = _weights([one for one in sources if one.language == language])
    worth = {term: weight * judge.worth(term) for term, weight in weights.items()}
    ordered = sorted((t for t in worth if worth[t] > 0), key=lambda t: (-worth[t], t))
    return _unlike(ordered, judge)


def _weights(sources: Sequence[TermSource]) -> dict[str, float]:
    """Return the terms of MIN_SEEDS seeds or more, and what the seeds weigh that have each of them."""
    known: dict[tuple[str, str], frozenset[str]] = {}  # one work of several people is read once
    of_seed: defaultdict[int, set[str]] = defaultdict(set)
    for one in sources:
        key = (one.language, one.text)
        if key not in known:
            known[key] = frozenset(terms_in(one.text, one.language))
        of_seed[one.seed] |= known[key]
    counts = Counter(chain.from_iterable(of_seed.values()))
    frequent = {term for term, count in counts.items() if count >= MIN_SEEDS}
    weights: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for one in sources:
        for term in known[one.language, one.text] & frequent:
            weights[term][one.seed] = max(one.weight, weights[term].get(one.seed, 0))
    return {term: sum(of.values()) for term, of in weights.items()}


def _telling(passage_row: int, query: NeedQuery, snapshot: Snapshot) -> str:
    """Return the passage's title and its sentences nearest to the need, in their order."""
    text = snapshot.passages.texts("text")[passage_row]
    first, end = snapshot.sentence_borders[passage_row : passage_row + 2]
    near = np.asarray(snapshot.sentence_vectors[first:end], dtype=np.float32) @ query.vector
    starts, ends = (snapshot.sentences.numbers(name)[first:end] for name in ("start", "end"))
    titles = snapshot.sentences.categories("field")[first:end] == "title"
    kept = sorted({*np.argsort(-near, kind="stable")[:NEAREST_SENTENCES], *np.flatnonzero(titles)})
    return "\n".join(text[int(starts[at]) : int(ends[at])] for at in kept)


def terms_in(text: str, language: str) -> Iterator[str]:
    """Yield what could be terms in a text: runs of kanji and katakana, or up to MAX_WORDS English words."""
    if language == JAPANESE:
        for match in _JAPANESE_TERM.finditer(text):
            if len(match[0]) <= MAX_CHARS[JAPANESE]:
                yield match[0]
        return
    for piece in _BREAK.split(text):
        words = [word.lower() for word in _ENGLISH_WORD.findall(piece)]
        for count in range(1, MAX_WORDS + 1):
            runs = zip(*(words[first:] for first in range(count)), strict=False)
            yield from (t for t in map(" ".join, runs) if len(t) <= MAX_CHARS[ENGLISH])


class _Judge:
    """Says how technical a term is, and how near to the need, for one need and one language of an index."""

    def __init__(
        self, language: str, index: LexicalIndex, query: NeedQuery, snapshot: Snapshot
    ) -> None:
        n_passages = snapshot.public_passage_counts.get(language, 0)
        self._language = language
        self._index = index
        self._most = n_passages if n_passages < FEW_PASSAGES else MAX_SHARE * n_passages
        linked = [best for term in query.linked.get(language, ()) for best in term.translations[:1]]
        self._needed = set(TOKENIZERS[language](query.text)) | {token for token, _ in linked}
        known = snapshot.vocabularies.get(language)
        self._known = known if known and len(known.words) >= FEW_WORDS else None
        places = self._known.places if self._known else {}
        rows = [places[word] for word in sorted(self._needed) if word in places]
        self._needed_vectors = self._known.vectors[rows] if self._known else None
        self._rare: dict[str, float] = {}

    def tokens(self, term: str) -> tuple[str, ...]:
        """Return the distinct tokens of a term."""
        return tuple(dict.fromkeys(TOKENIZERS[self._language](term)))

    def worth(self, term: str) -> float:
        """Return the mean idf of its words by their nearness to the need's; 0 for one that is of no use.

        Of no use is a term that the need has, one with a stop word or a number, and one of common words.
        """
        tokens = self.tokens(term)
        if not set(tokens) - self._needed or any(map(str.isdigit, tokens)) or term in _GENERAL:
            return 0.0
        if self._language == ENGLISH and len(tokens) < len(term.split()):
            return 0.0
        rare = [self._rareness(token) for token in tokens]
        if not all(rare):
            return 0.0
        return sum(rare) / len(rare) * self._nearness(tokens)

    def _rareness(self, token: str) -> float:
        """Return the idf of a token; 0 for one that no passage has, or too many."""
        if token not in self._rare:
            is_rare = 0 < self._index.frequency(token) <= self._most
            self._rare[token] = self._index.idf(token) if is_rare else 0.0
        return self._rare[token]

    def _nearness(self, tokens: Sequence[str]) -> float:
        """Return how near the term's words are to the need's nearest words; 1 where vectors are not known."""
        if self._known is None or self._needed_vectors is None or not len(self._needed_vectors):
            return 1.0
        rows = [self._known.places[token] for token in tokens if token in self._known.places]
        if not rows:
            return 0.0
        cosines = -np.sort(-(self._known.vectors[rows] @ self._needed_vectors.T), axis=1)
        near = float(cosines[:, :NEAREST_WORDS].mean())
        return near**2 if near >= LEAST_NEARNESS else 0.0


def _unlike(ordered: Sequence[str], judge: _Judge) -> list[str]:
    """Return the first terms of which none is a part of another; the longer stands for both."""
    chosen: list[str] = []
    covered: list[set[str]] = []
    for term in ordered:
        tokens = set(judge.tokens(term))
        like = next((at for at, known in enumerate(covered) if tokens & known), None)
        if like is None:
            chosen.append(term)
            covered.append(tokens)
        elif tokens > covered[like]:
            chosen[like], covered[like] = term, tokens
        if len(chosen) == OF_A_LANGUAGE:
            break
    return chosen
