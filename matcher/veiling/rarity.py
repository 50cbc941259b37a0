"""How rare a need's terms are: in the catalogue's public passages, and in the language as a whole.

A term that few public works have, and that the tokenizer of the encoder must put together of many pieces,
is one that not many companies use. The tokenizer's vocabulary was chosen by frequency in texts of the web
(a unigram model, Kudo 2018, "Subword regularization"): common words are one piece, so the number of pieces
stands for the rarity in the language, which a small catalogue cannot tell.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from enmusubi.language import JAPANESE
from indexes.lexical_query import LexicalIndexes
from matcher.tokens import TOKENIZERS, compound_parts, compounds

KNOWN_PASSAGES = 3  # public ones that have a word: it tells nobody's secret
MANY_PIECES = 4  # beyond which a word is no rarer
MAX_CHARS = 40
_ENGLISH_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")


@dataclass(frozen=True)
class Term:
    """A word or compound of a text, and where it stands."""

    start: int
    end: int
    text: str = field(repr=False)


@dataclass(frozen=True)
class Rarity:
    """How many public passages have a term, of how many; its pieces; and a broader term, empty without."""

    passages: int
    of: int
    pieces: int
    broader: str = field(default="", repr=False)

    @property
    def identifies(self) -> int:
        """How far the term tells whose need it is, from 0 to 100.

        The mean of two shares: log((N + 1) / (n + 1)) / log(N + 1) of n in N passages, and the pieces
        beyond the first of MANY_PIECES.
        """
        if self.of < 1:
            in_catalogue = 1.0
        else:
            in_catalogue = math.log((self.of + 1) / (self.passages + 1)) / math.log(self.of + 1)
        in_language = min(1.0, (self.pieces - 1) / (MANY_PIECES - 1))
        return round(50 * (in_catalogue + in_language))


def terms_of(text: str, language: str) -> Iterator[Term]:
    """Yield the terms of a text that could be rare: Japanese compounds, English words.

    A Japanese word that the dictionary has is none: it belongs to the language.
    """
    if language == JAPANESE:
        for start, end in compounds(text):
            term = text[start:end]
            if 1 < len(term) <= MAX_CHARS and not term.isascii():
                yield Term(start, end, term)
        return
    for found in _ENGLISH_WORD.finditer(text):
        if len(found[0]) > 3:
            yield Term(found.start(), found.end(), found[0])


def rarities(
    terms: Sequence[str],
    language: str,
    lexical: LexicalIndexes,
    passages: int,
    count_pieces: Callable[[str], int],
) -> list[Rarity]:
    """Return the rarity of each term; `passages` is how many public ones the language has."""
    return [_rarity(term, language, lexical, passages, count_pieces) for term in terms]


def _rarity(
    term: str,
    language: str,
    lexical: LexicalIndexes,
    passages: int,
    count_pieces: Callable[[str], int],
) -> Rarity:
    return Rarity(
        passages=_frequency(term, language, lexical),
        of=passages,
        pieces=min(count_pieces(form) for form in _forms(term, language)),
        broader=_broader(term, language, lexical),
    )


def _forms(term: str, language: str) -> set[str]:
    """Return the forms of a term of which the commonest tells how common it is."""
    if language == JAPANESE:
        return {term}
    lower = term.lower()
    return {term, lower, lower.removesuffix("s"), lower.removesuffix("es")}


def _frequency(term: str, language: str, lexical: LexicalIndexes) -> int:
    """Return in how many public passages the rarest token of a term stands."""
    index = lexical.of(language)
    tokens = TOKENIZERS[language](term)
    if index is None or not tokens:
        return 0
    return min(index.frequency(token) for token in tokens)


def _broader(term: str, language: str, lexical: LexicalIndexes) -> str:
    """Return the longest ending of a compound that public work knows: compounds are named by their head."""
    parts = compound_parts(term) if language == JAPANESE else term.split("-")
    join = "" if language == JAPANESE else "-"
    for first in range(1, len(parts)):
        ending = join.join(parts[first:])
        if len(ending) > 1 and _frequency(ending, language, lexical) >= KNOWN_PASSAGES:
            return ending
    return ""
