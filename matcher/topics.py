"""Finds the seeds that speak of a topic in their titles or texts, in the lexical indexes that serve.

A word of a topic is found where one passage has all of its tokens, so that 食品包装 also finds 食品の包装,
and "films" finds "film". Nothing is encoded.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.filtering import visible_seeds
from matcher.records import Filters
from matcher.snapshot import Snapshot
from matcher.tokens import TOKENIZERS


def seeds_about(words: Sequence[str], snapshot: Snapshot, filters: Filters) -> list[str]:
    """Return the ids of the seeds that have each of the words, in either language; none without words.

    Only seeds of the filters' visibilities are among them.
    """
    if not words:
        return []
    found = visible_seeds(snapshot, filters)
    for word in words:
        found &= _having(word, snapshot)
    return snapshot.seeds.texts("seed_id")[np.flatnonzero(found)]


def _having(word: str, snapshot: Snapshot) -> NDArray[np.bool_]:
    """Say of each seed row whether one of its passages has all tokens of the word."""
    found = np.zeros(len(snapshot.seeds), dtype=bool)
    for language in snapshot.lexical.languages:
        index = snapshot.lexical.of(language)
        tokens = set(TOKENIZERS[language](word))
        if index is None or not tokens:
            continue
        found[snapshot.seed_of_passage[index.having(tokens)]] = True
    return found
