"""Tells Japanese from other text by its script; owns no models and no settings."""

import re
import unicodedata

JAPANESE = "ja"
ENGLISH = "en"
MIN_JAPANESE_SHARE = 0.2  # a Japanese abstract full of Latin abbreviations is still Japanese

_JAPANESE_LETTERS = re.compile(
    "[\u3041-\u3096\u30a1-\u30fa\u30fc\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d]"
)

LOST_LETTER = "〓"
"""Stands for a letter that cannot be kept: printers' sign for one that is missing."""

_REPLACEMENT = "\ufffd"  # another program's sign for a letter that it could not read
_BULLETS = frozenset("\uf06c\uf06e\uf076\uf0a7\uf0a8\uf0b7\uf0d8\uf0fc")  # of Symbol and Wingdings
_DROPPED, _LOST = ("Cc", "Cf"), ("Cs", "Co")


def detect_language(text: str) -> str:
    """Return `ja` when at least a fifth of the letters are kana or kanji, else `en`.

    Only these two are told apart: they decide the tokenizer and the language's mean vector.
    """
    if text.isascii():
        return ENGLISH
    japanese = len(_JAPANESE_LETTERS.findall(text))
    letters = sum(map(str.isalpha, text))
    return JAPANESE if japanese and japanese >= MIN_JAPANESE_SHARE * letters else ENGLISH


def clean_text(text: str) -> str:
    """Return the text without control characters, its line ends as `\\n`, blanks trimmed.

    Tabs and line ends stay; NUL, escape sequences and bidirectional overrides go. Letters of the
    private use area, which only the sender's machine knows (外字), lone surrogates and U+FFFD become 〓.
    """
    if text.isprintable() and _REPLACEMENT not in text:  # usual, many times faster
        return text.strip()
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(map(_kept, unified)).strip()


def _kept(character: str) -> str:
    if character in "\n\t" or (character.isprintable() and character != _REPLACEMENT):
        return character
    category = unicodedata.category(character)
    if character in _BULLETS:
        return "•"
    if category in _LOST or character == _REPLACEMENT:
        return LOST_LETTER
    return "" if category in _DROPPED else character
