"""Lists of people in one field, whatever divides them; `他2名` and `et al.` name nobody."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from catalogue.identity.character_folding import is_japanese, is_kanji

MAX_LIST_CHARS = 200_000
MAX_OTHERS_CHARS = 40  # of `他2名` and the like, at the end of a list

_BLANKS = re.compile(r"[^\S\n]+")
_HARD = re.compile(r"[;|、\n]|\s(?:and|AND|&)\s")
_SLASH = re.compile(r"(?<!\s)\s*+/\s*")
_DOT = "・"
_COMMA = re.compile(r"(?<!\s)\s*+,\s*")
_NOBODY = re.compile(
    r"[\s,、]*(?:(?:ほか|他|外)\s*\d*\s*(?:名|人)?|(?:ほか|他|外)?\s*\d+\s*(?:名|人)|et\.?\s*al\.?"
    r"|and\s+others|others|\(?順不同\)?|-+|ら)\s*$",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:jr|sr)\.?|i{2,3}|iv", re.IGNORECASE)
_SHORT = 2  # no full name in kanji has fewer letters than three
_AT_ENDS = " ,;、。"


def split_people(text: str) -> list[str]:
    """Return the names in a list as they are written; `Mori, Hana` and `山田，太郎` are one name each."""
    # blanks one by one: the patterns below try again from each of a run's
    folded = _BLANKS.sub(" ", unicodedata.normalize("NFKC", text[:MAX_LIST_CHARS]))
    found = (name for part in _HARD.split(folded) for name in _parts(_without_others(part)))
    return [name for name in found if any(letter.isalpha() for letter in name)]


def _without_others(part: str) -> str:
    """Return a part without the words that stand for further people; a name may end in 外."""
    part = part.rstrip()
    found = _NOBODY.search(part, max(0, len(part) - MAX_OTHERS_CHARS))
    if not found:
        return part.strip(_AT_ENDS)
    before = part[: found.start()]
    said = found.group().strip(_AT_ENDS)
    is_word = (
        not before.strip() or said[-1] in "名人." or said.casefold() in ("et al", "others", "ら")
    )
    apart = before != before.rstrip() or found.group()[:1] in " ,、"
    return before.strip(_AT_ENDS) if is_word or apart else part.strip(_AT_ENDS)


def _parts(part: str) -> Iterator[str]:
    for piece in _divided(part, _SLASH.split(part)):
        for name in _divided(piece, piece.split(_DOT)):
            yield from _by_commas(name)


def _divided(whole: str, pieces: Sequence[str]) -> Sequence[str]:
    """Return the pieces if each is a person of its own: each in kanji; else they are one name."""
    named = [piece.strip() for piece in pieces if piece.strip()]
    return named if all(any(map(is_kanji, piece)) for piece in named) else [whole]


def _by_commas(text: str) -> Iterator[str]:
    pieces = [piece for piece in _COMMA.split(text.strip(_AT_ENDS)) if piece]
    if len(pieces) < _SHORT:
        yield from pieces
    elif _are_pairs(pieces):
        for start in range(0, len(pieces), 2):
            yield ", ".join(pieces[start : start + 2])
    elif len(pieces) == 3 and _SUFFIX.fullmatch(pieces[2]):
        yield ", ".join(pieces)
    else:
        yield from pieces


def _are_pairs(pieces: Sequence[str]) -> bool:
    """Whether commas stand between family and given names: `Mori, H., Sato, K.`, `山田,太郎`."""
    if len(pieces) % 2:
        return False
    if any(is_japanese(piece) for piece in pieces):
        return any(len(piece.replace(" ", "")) <= _SHORT for piece in pieces) and not any(
            " " in piece for piece in pieces
        )
    return all(_is_single(piece) for piece in pieces[::2])


def _is_single(piece: str) -> bool:
    """Whether a piece is a family name only: one word, or one with `von` and the like before it."""
    return len([word for word in piece.split() if not word.islower()]) == 1
