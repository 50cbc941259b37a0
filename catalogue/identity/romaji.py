"""Kana in Latin letters, and the many ways of writing a Japanese name in them as one.

Hepburn, Kunrei and what stands in passports and papers meet in one form that is never shown: し, shi
and si are `si`; おお, ō, ou, oh and o are `o`.
"""

import re
from functools import lru_cache

from catalogue.identity.character_folding import katakana, unaccented

_VOWELS = "aiueo"
_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "g": "ガギグゲゴ",
    "s": "サシスセソ",
    "z": "ザジズゼゾ",
    "t": "タチツテト",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "b": "バビブベボ",
    "p": "パピプペポ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
}
_KANA = {
    kana: row + vowel
    for row, line in _ROWS.items()
    for kana, vowel in zip(line, _VOWELS, strict=True)
}
_KANA |= {
    "ヤ": "ya",
    "ユ": "yu",
    "ヨ": "yo",
    "ワ": "wa",
    "ヰ": "i",
    "ヱ": "e",
    "ヲ": "o",
    "ン": "n",
}
_KANA |= {"ヂ": "zi", "ヅ": "zu", "デ": "de", "ダ": "da", "ド": "do", "ヴ": "vu"}
_SMALL = {"ャ": "ya", "ュ": "yu", "ョ": "yo", "ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o"}
_LONG, _DOUBLED = "ー", "ッ"

_FOLDS = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"tch", "cch"),
        (r"ssh(?=[aiueo])", "ssy"),
        (r"cch(?=[aiueo])", "tty"),
        (r"sh(?=[aiueo])", "sy"),
        (r"ch(?=[aiueo])", "ty"),
        (r"t?ts(?=u)", "t"),
        (r"dz|d(?=u)", "z"),
        (r"jy?", "zy"),
        (r"(?<=[stz])y(?=i)", ""),
        (r"f(?=u)", "h"),
        (r"m(?=[bmp])", "n"),
        (r"o(?:[uo]|h(?![aiueoy]))+", "o"),
        (r"u(?:u|h(?![aiueoy]))+", "u"),
        (r"^oh(?=[iue])", "o"),  # 大石 is Oishi and Ohishi
    )
)


@lru_cache(maxsize=1 << 15)
def from_kana(text: str) -> str:
    """Return kana in Latin letters, folded; what is no kana stands for nothing."""
    sounds: list[str] = []
    doubled = False
    for letter in katakana(text):
        if letter == _DOUBLED:
            doubled = True
        elif letter in _SMALL:
            sounds.append(_with_small(sounds.pop() if sounds else "", _SMALL[letter]))
        elif letter == _LONG and sounds:
            sounds.append(sounds[-1][-1] if sounds[-1][-1:] in ("o", "u") else "")
        elif sound := _KANA.get(letter, ""):
            sounds.append(sound[0] * doubled + sound)
            doubled = False
    return fold("".join(sounds))


def _with_small(sound: str, small: str) -> str:
    """Return a sound and the small kana after it as one: `ki` and `ya` are `kya`."""
    if small[0] == "y" or sound[-1:] not in _VOWELS:
        return sound[:-1] + small
    return (sound[:-1] or "w") + small if len(sound) > 1 else sound + small


@lru_cache(maxsize=1 << 15)
def fold(word: str) -> str:
    """Return a word of small Latin letters in the one form of all its spellings."""
    word = unaccented(word)
    for pattern, to in _FOLDS:
        word = pattern.sub(to, word)
    return word
