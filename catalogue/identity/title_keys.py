"""What copies of one title share, whatever database they come from."""

import hashlib
import html
import re
from collections.abc import Mapping
from functools import lru_cache

from catalogue.identity.character_folding import compatible, is_japanese, katakana, unaccented

MIN_CHARS, MIN_JAPANESE_CHARS = 10, 6  # `Introduction` and `はじめに` prove nothing
MAX_KEY_CHARS = 200  # keys are indexed, and PostgreSQL bounds what an index holds

_TAG = re.compile(r"<[/!?]?[a-z][^<>]{0,300}>", re.IGNORECASE)
_COMMAND = re.compile(
    r"\\(?:mathrm|mathbf|mathit|mathcal|text\w*|rm|it|bf|left|right|displaystyle)\b"
)
_NOT_LETTERS = re.compile(r"[\W_ー]+")
_GREEK_LETTERS = "αβγδεζηθικλμνξοπρσςτυφχψω"
_GREEK_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma
tau upsilon phi chi psi omega
"""
_GREEK = str.maketrans(dict(zip(_GREEK_LETTERS, _GREEK_NAMES.split(), strict=True)))


def copy_key(seed: Mapping[str, object]) -> str:
    """Return what copies of one title and year share; without a title's key, nothing."""
    key = title_key(str(seed.get("title") or ""))
    return f"{key}|{seed.get('year') or ''}" if key else ""


@lru_cache(maxsize=1 << 12)
def title_key(title: str) -> str:
    """Return the key of a title: letters and digits only; empty where too few are left.

    A long one is cut, and what is cut off is kept as a digest.
    """
    text = title
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _TAG.sub("", text)
    if "\\" in text:
        text = _COMMAND.sub("", text)
    folded = unaccented(katakana(compatible(text)).translate(_GREEK))
    key = _NOT_LETTERS.sub("", folded)
    if len(key) < (MIN_JAPANESE_CHARS if is_japanese(key) else MIN_CHARS):
        return ""
    if len(key) <= MAX_KEY_CHARS:
        return key
    rest = hashlib.blake2b(key[MAX_KEY_CHARS:].encode(), digest_size=8)
    return f"{key[:MAX_KEY_CHARS]}#{rest.hexdigest()}"
