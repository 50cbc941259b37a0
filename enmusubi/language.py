"""Tells Japanese from other text by its script; owns no models and no settings."""

import re
import unicodedata

JAPANESE = "ja"
ENGLISH = "en"
MIN_JAPANESE_SHARE = 0.2  # a Japanese abstract full of Latin abbreviations is still Japanese

_JAPANESE_LETTERS = re.compile(
    "[\u3041-\u3096\u30a1-\u30fa\u30fc\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d]"
)


def detect_language(text: str) -> str:
    """Return `ja` when at least a fifth of the letters are kana or kanji, else `en`.

    Only these two are told apart: they decide the tokenizer and the language's mean vector.
    """
    if text.isascii():
        return ENGLISH
    japanese = len(_JAPANESE_LETTERS.findall(text))
    letters = sum(1 for character in text if character.isalpha())
    return JAPANESE if japanese and japanese >= MIN_JAPANESE_SHARE * letters else ENGLISH


def clean_text(text: str) -> str:
    """Return the text without control characters, its line ends as `\\n`, blanks trimmed.

    Tabs and line ends stay; NUL, escape sequences, bidirectional overrides and lone surrogates go.
    """
    if text.isprintable():  # the usual case, many times faster than looking at each character
        return text.strip()
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (
        character
        for character in unified
        if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}
    )
    return "".join(kept).strip()
