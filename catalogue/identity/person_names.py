"""Name keys: the forms of a person's name that people of one name share, and are found by.

Each key begins with its kind: `ja:` kanji, `kana:`, `en:` Latin letters (of kana, too), and `ini:`
a family name with one initial, which proves little. A family name alone gives no key.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from catalogue.identity.character_folding import (
    compatible,
    fold,
    from_kana,
    is_japanese,
    is_kanji,
    katakana,
    large_kana,
)
from enmusubi.language import LOST_LETTER

KANJI, KANA, LATIN, INITIALS = "ja:", "kana:", "en:", "ini:"
MAX_NAME_CHARS = 300  # what is longer is no name

_ALIASES = re.compile("[;；]")
_BRACKETS = re.compile(r"[(\[〔【][^()\[\]〔〕【】]*[)\]〕】]?")
_BETWEEN = re.compile(r"[\s、.・=/_]+")
_COMMA = ","
_JOINED = re.compile("['’‘`´ʼ\"\\-\u2010-\u2015\u2212\ufe63]")
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_TITLE_WORDS = "dr prof professor mr mrs ms phd md msc jr sr 博士 教授 氏 先生"
_TITLES = frozenset(_TITLE_WORDS.split())
_NUMERALS = frozenset({"II", "III", "IV"})  # Ii is a family name
_INITIAL = re.compile(r"-?[A-Za-zÀ-ɏ](?:-[A-Za-zÀ-ɏ])*|[B-DF-HJ-NP-TV-XZ]{2,3}")  # K, J-P, KS
_ONE_SOUND = {"c": "t", "f": "h", "j": "z"}  # Chie and Tie, Fumio and Humio, Jun and Zyun
# Family names that are as long as a short full name written without a space.
_LONG_FAMILY_NAMES = """
三田村 与那嶺 久保田 二階堂 五十嵐 井之上 仲宗根 伊集院 佐久間 佐佐木 八重樫 具志堅
加賀谷 勅使河原 名嘉真 喜屋武 大久保 大和田 大河原 宇佐美 宇田川 宇都宮 小山内 小山田
小早川 小田切 小田原 小笠原 小野寺 山之内 御手洗 我那覇 日比野 曽我部 木之下 東海林
武者小路 池之上 波多野 海老原 海老名 竹之内 長宗我部 長谷川 長谷部 阿久津
"""
_LONG_FAMILIES = frozenset(_LONG_FAMILY_NAMES.split())
_SHORTEST_KANJI, _SHORTEST_KANA = 3, 6  # of full names without a space


def person_keys(name_ja: str, name_kana: str, name_en: str, aliases: str = "") -> frozenset[str]:
    """Return the keys of all names of a person, each name judged by the letters it has."""
    names = (name_ja, name_kana, name_en, *_ALIASES.split(aliases))
    return frozenset().union(*(name_keys(name) for name in names if name))


@lru_cache(maxsize=1 << 16)
def name_keys(name: str) -> frozenset[str]:
    """Return the keys of one name; one with a letter that could not be kept (〓) has none."""
    if len(name) > MAX_NAME_CHARS or LOST_LETTER in name:
        return frozenset()
    text = _BRACKETS.sub(" ", unicodedata.normalize("NFKC", name))
    words = [word for word in _BETWEEN.split(text.replace(_COMMA, " ")) if word]
    japanese = [word for word in words if is_japanese(word) and word not in _TITLES]
    if not japanese:
        return frozenset(_latin_keys(text))
    latin = " ".join(word for word in words if not is_japanese(word))
    return frozenset((*_japanese_keys(japanese), *_latin_keys(latin)))


def _japanese_keys(words: Sequence[str]) -> Iterator[str]:
    folded = [_NOT_LETTERS.sub("", katakana(compatible(word))) for word in words]
    text = "".join(folded)
    if any(map(is_kanji, text)):
        is_full = len(text) >= _SHORTEST_KANJI and text not in _LONG_FAMILIES
        if is_full or len(words) > 1:
            yield KANJI + large_kana(text)
        return
    if len(words) > 1 or len(text) >= _SHORTEST_KANA:
        yield KANA + from_kana(large_kana(text))
    if len(words) > 1:
        yield from _keys_of_words([from_kana(word) for word in folded], [])


def _latin_keys(text: str) -> Iterator[str]:
    """Yield the keys of a name in Latin letters, or any other that have spaces between words."""
    before, _, after = text.partition(_COMMA)
    words, initials = _words(before)
    given, given_initials = _words(after.replace(_COMMA, " "))
    first = [*given, *given_initials]
    family = words[-1] if words and first else ""
    yield from _keys_of_words([*words, *given], [*initials, *given_initials], family, first)


def _words(part: str) -> tuple[list[str], list[str]]:
    """Return the folded words and the initials in a part of a name, without titles."""
    words: list[str] = []
    initials: list[str] = []
    for word in _BETWEEN.split(part):
        plain = _NOT_LETTERS.sub("", _JOINED.sub("", word)).casefold()
        if not plain or plain in _TITLES or word in _NUMERALS:
            continue
        if _INITIAL.fullmatch(word):
            initials.append(plain[0])
        else:
            words.append(fold(plain))
    return words, initials


def _keys_of_words(
    words: Sequence[str], initials: Sequence[str], family: str = "", given: Sequence[str] = ()
) -> Iterator[str]:
    """Yield the keys of a name's words; where it is not said, the first or last is the family."""
    if len(words) > 1:
        yield LATIN + " ".join(sorted(words))
    if family:
        pairs = [(family, given[0])]
    elif len(words) > 1:
        pairs = [(words[0], words[1]), (words[-1], words[0])]
    else:
        pairs = [(words[0], initials[0])] if words and initials else []
    for name, first in pairs:
        if name and first:
            yield f"{INITIALS}{name} {_ONE_SOUND.get(first[0], first[0])}"
