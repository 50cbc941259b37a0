"""Which companies a technology could be for: their needs, their profiles, and what they made with us before.

    likeness(document) = cos(technology, document) + WORDS_WEIGHT * share
    score(company)     = T ln(sum over its best POOLED documents of exp(likeness / T)) - T ln(1)

The cosine is that of centred vectors; of a seed, the largest of its passages. `share` is how much of the
technology's information (sum of idf) stands in a document of the same language, 0 across languages. As with
researchers a company doesn't win by volume (see `matcher.aggregation`): T = 0.05. docs/outbound.md has what
the numbers were chosen by.
"""

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from indexes.lexical_query import LexicalIndexes
from indexes.stored_rows import products
from matcher.tokens import TOKENIZERS

NEED, PROFILE, JOINT = "need", "profile", "joint"
DOCUMENT_KINDS = (NEED, PROFILE, JOINT)
WORDS_WEIGHT = 0.5
TEMPERATURE = 0.05
POOLED = 3
DECIMALS = 6
MOST_TERMS = 6
FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class CompanyDocument:
    """A text that speaks of a company, with its centred unit vector; of a seed the index has the vector.

    `company` tells companies apart; `document_id` is the id of a need, a profile or a seed. `words` are
    what `words_of` returns of the text, where the caller has kept them; else they are made for each question.
    """

    company: str
    kind: str
    document_id: str
    language: str
    text: str = field(repr=False)
    vector: FloatArray | None = field(default=None, repr=False)
    words: frozenset[str] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class LikeDocument:
    """A document and how near it is to the technology."""

    document: CompanyDocument
    likeness: float


@dataclass(frozen=True)
class RankedCompany:
    """A company, its score, and what it was found by, the nearest first."""

    company: str
    score: float
    found_by: tuple[LikeDocument, ...]


@dataclass(frozen=True)
class Technology:
    """What is offered: its text, language and centred unit vector."""

    text: str = field(repr=False)
    language: str
    vector: FloatArray = field(repr=False)


def rank_companies(
    technology: Technology,
    documents: Sequence[CompanyDocument],
    joint: Mapping[str, float],
    lexical: LexicalIndexes,
) -> tuple[RankedCompany, ...]:
    """Return the companies of the documents, the best first, ties by `company`.

    `joint` are the cosines of seeds, by id; one that the index does not have says nothing.
    """
    likeness = _cosines(technology, documents, joint)
    likeness += WORDS_WEIGHT * _shares(technology, documents, lexical)
    of: defaultdict[str, list[LikeDocument]] = defaultdict(list)
    for document, value in zip(documents, likeness.tolist(), strict=True):
        if np.isfinite(value):
            of[document.company].append(LikeDocument(document, round(value, DECIMALS)))
    ranked = [_ranked(company, found) for company, found in of.items()]
    return tuple(sorted(ranked, key=lambda one: (-one.score, one.company)))


def words_of(text: str, language: str) -> frozenset[str]:
    """Return the different tokens of a text in ja or en, none in another language.

    Equal tokens of several texts take memory once.
    """
    tokenize = TOKENIZERS.get(language)
    return frozenset(map(sys.intern, tokenize(text))) if tokenize else frozenset()


def shared_words(
    first: Set[str], second: Set[str], language: str, lexical: LexicalIndexes
) -> tuple[str, ...]:
    """Return those technical words of one language that two texts have, the rarest in the index first."""
    both = first & second
    index = lexical.of(language)
    tokens = {term: TOKENIZERS[language](term) for term in both}
    rarity = {
        term: float(np.mean([index.idf(token) for token in of])) if index and of else 0.0
        for term, of in tokens.items()
    }
    ordered = sorted(both, key=lambda term: (-rarity[term], -len(term), term))
    longest = [t for t in ordered if not any(t != other and t in other for other in ordered)]
    return tuple(longest[:MOST_TERMS])


def _ranked(company: str, found: Sequence[LikeDocument]) -> RankedCompany:
    best = sorted(found, key=lambda one: (-one.likeness, one.document.document_id))[:POOLED]
    powers = np.array([one.likeness for one in best]) / TEMPERATURE
    # the largest is taken out before, so that no power overflows
    score = TEMPERATURE * (powers.max() + np.log(np.exp(powers - powers.max()).sum()))
    return RankedCompany(company, round(float(score), DECIMALS), tuple(best))


def _cosines(
    technology: Technology, documents: Sequence[CompanyDocument], joint: Mapping[str, float]
) -> NDArray[np.float64]:
    """Return each document's cosine; NaN for a seed that is not in the index."""
    found = np.full(len(documents), np.nan)
    placed = [place for place, one in enumerate(documents) if one.vector is not None]
    if placed:
        stacked = np.stack([one.vector for one in documents if one.vector is not None])
        found[placed] = products(stacked, technology.vector)
    for place, one in enumerate(documents):
        if one.vector is None:
            found[place] = joint.get(one.document_id, np.nan)
    return found


def _shares(
    technology: Technology, documents: Sequence[CompanyDocument], lexical: LexicalIndexes
) -> NDArray[np.float64]:
    weights = _information(technology.text, technology.language, lexical)
    total, asked = sum(weights.values()), frozenset(weights)
    shares = np.zeros(len(documents))
    for place, one in enumerate(documents):
        if total and one.language == technology.language:
            words = words_of(one.text, one.language) if one.words is None else one.words
            shares[place] = sum(weights[word] for word in sorted(words & asked)) / total
    return shares


def _information(text: str, language: str, lexical: LexicalIndexes) -> Mapping[str, float]:
    index = lexical.of(language)
    # in one order: their sum is the same in every process
    return {} if index is None else {w: index.idf(w) for w in sorted(words_of(text, language))}
