"""The technical words that several organisations' needs have in common, to speak of without naming any.

A term is shared if needs of two organisations have it, and if the catalogue's public passages know all of its
words: what only one organisation says, and names and numbers that no research has, are never told.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from enmusubi.language import ENGLISH
from matcher.snapshot import Snapshot
from matcher.suggestions import FEW_PASSAGES, terms_in
from matcher.tokens import TOKENIZERS

MOST_TERMS = 8
LEAST_PASSAGES = 3  # that have a word: rarer ones could tell whose need it is
MAX_SHARE = 0.05  # of a language's passages: a word that more of them have says little
MIN_ORGANISATIONS = 2
_NUMBER = re.compile(r"[0-9〇一二三四五六七八九十百千万億]")


@dataclass(frozen=True)
class OwnedText:
    """A need's text, its language (ja or en), and whose need it is."""

    owner: str
    language: str
    text: str = field(repr=False)


def shared_terms(texts: Sequence[OwnedText], snapshot: Snapshot) -> tuple[str, ...]:
    """Return up to MOST_TERMS terms that two owners or more have, the most shared and the rarest first."""
    owners: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for one in texts:
        for term in set(terms_in(one.text, one.language)):
            owners[one.language, term].add(one.owner)
    worth = {
        term: len(of) * _rarity(term, language, snapshot)
        for (language, term), of in owners.items()
        if len(of) >= MIN_ORGANISATIONS
    }
    ordered = sorted((t for t in worth if worth[t] > 0), key=lambda t: (-worth[t], -len(t), t))
    return tuple(_longest(ordered)[:MOST_TERMS])


def _rarity(term: str, language: str, snapshot: Snapshot) -> float:
    """Return the mean idf of a term's words; 0 for one with a stop word, or a word too common or too rare."""
    index, tokens = snapshot.lexical.of(language), tuple(TOKENIZERS[language](term))
    if index is None or not tokens or any(_NUMBER.search(token) for token in tokens):
        return 0.0
    if language == ENGLISH and len(tokens) < len(term.split()):
        return 0.0
    n_passages = snapshot.public_passage_counts.get(language, 0)
    most = n_passages if n_passages < FEW_PASSAGES else MAX_SHARE * n_passages
    if any(not LEAST_PASSAGES <= index.frequency(token) <= most for token in tokens):
        return 0.0
    return float(np.mean([index.idf(token) for token in tokens]))


def _longest(terms: Sequence[str]) -> list[str]:
    """Return the terms that are no part of another."""
    return [term for term in terms if not any(term != other and term in other for other in terms)]
