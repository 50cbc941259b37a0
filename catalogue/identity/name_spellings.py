"""A person's name in one field: its spellings in each script, and the order of family and given name.

`Sato (佐藤 花子)`, `鈴木 次郎 / Jiro Suzuki` and `佐藤 花子 サトウ ハナコ` are two spellings each.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from catalogue.identity.character_folding import is_kana, is_kanji
from catalogue.identity.name_fullness import extends
from catalogue.identity.unit_words import LARGE_BODY, SMALL_BODY

JAPANESE_NAME, KANA_NAME, LATIN_NAME = "ja", "kana", "en"
MAX_NAME_CHARS = 300

_BORDERS = re.compile(r"[()\[\]〔〕【】<>;/|]|\s[-–—]\s")
_COUNTRY = re.compile(r"(?<!\s)\s*+\[[A-Z]{2}\]")
_FORMER = r"(?:旧姓|旧|née|nee|formerly|born)[\s:]*"
# 佐藤 (田中) 花子, 佐藤 花子 (旧姓 田中), William (Bill) Gates
_WITHIN = re.compile(
    rf"^([^()]+?)\s*\(\s*(?:{_FORMER})?([^()\s]+)\s*\)\s*([^()\s].*)$", re.IGNORECASE
)
_BEHIND = re.compile(rf"^(\S+)\s+(\S+)\s*\(\s*{_FORMER}([^()\s]+)\s*\)\s*$", re.IGNORECASE)
_MIN_CAPITALS = 2
_WORDS_OF_A_FULL_NAME = 2


@lru_cache(maxsize=1 << 14)
def spellings(text: str) -> tuple[tuple[str, str], ...]:
    """Return the script and text of each spelling of a name, in the order in which they stand."""
    folded = unicodedata.normalize("NFKC", _COUNTRY.sub("", text[:MAX_NAME_CHARS]))
    found: dict[tuple[str, str], None] = {}
    for part in _BORDERS.split(" / ".join(_with_other_family(folded.strip()))):
        if LARGE_BODY.search(part) or SMALL_BODY.search(part):
            continue  # where they work, and no name
        for script, words in _by_script(part.split()):
            name = " ".join(words).strip(" ,、")
            if any(letter.isalpha() for letter in name):
                found[script, in_english_order(name) if script == LATIN_NAME else name] = None
    return tuple(found)


def _with_other_family(text: str) -> tuple[str, ...]:
    """Return a name without the other one in brackets, and the name with that one in its place."""
    if (within := _WITHIN.match(text)) and _script(within[1]) == _script(within[3]):
        return f"{within[1]} {within[3]}", f"{within[2]} {within[3]}"
    if behind := _BEHIND.match(text):
        family, given, other = behind.groups()
        return f"{family} {given}", f"{other} {given}"
    return (text,)


def _by_script(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the words of each script; kana beside kanji is a reading only where both are full names."""
    scripts = [_script(word) for word in words]
    kana = scripts.count(KANA_NAME)
    is_reading = min(kana, scripts.count(JAPANESE_NAME)) >= _WORDS_OF_A_FULL_NAME
    if JAPANESE_NAME in scripts and not is_reading:
        scripts = [JAPANESE_NAME if script == KANA_NAME else script for script in scripts]
    if not any(
        s == LATIN_NAME and len(w.strip(".")) > 1 for s, w in zip(scripts, words, strict=True)
    ):
        own = next((script for script in scripts if script != LATIN_NAME), LATIN_NAME)
        scripts = [own if script == LATIN_NAME else script for script in scripts]  # initials
    for script, pairs in groupby(zip(scripts, words, strict=True), key=lambda pair: pair[0]):
        yield script, [word for _, word in pairs]


def _script(word: str) -> str:
    if any(map(is_kanji, word)):
        return JAPANESE_NAME
    return KANA_NAME if any(map(is_kana, word)) else LATIN_NAME


def in_english_order(name: str) -> str:
    """Return a Latin name with the family name last: `SATO Hanako` and `Sato, Hanako` alike."""
    family, comma, given = name.partition(",")
    if comma and given.strip():
        return " ".join(f"{given} {family}".split())
    words = name.split()
    capitals = [word.isupper() and len(word.strip(".")) >= _MIN_CAPITALS for word in words]
    if not capitals or not capitals[0] or all(capitals):
        return name
    count = capitals.index(False)
    if any(capitals[count:]) or not any(len(w.strip(".")) > 1 for w in words[count:]):
        return name  # J. SATO, and SATO H. may be in either order
    return " ".join([*words[count:], *(word.title() for word in words[:count])])


def two_part_spellings(family: str, given: str) -> list[tuple[str, str]]:
    """Return the spellings of a name whose family and given name stand in two fields.

    A field that holds the whole name counts for both: `Yamada` and `Taro Yamada` are one name.
    """
    families, givens = spellings(family), spellings(given)
    found: list[tuple[str, str]] = []
    for script in dict.fromkeys(script for script, _ in (*families, *givens)):
        last = [text for own, text in families if own == script]
        first = [text for own, text in givens if own == script]
        found.append((script, _joined(last[0] if last else "", first[0] if first else "", script)))
        found += [(script, text) for text in (*last[1:], *first[1:])]
    return found


def _joined(family: str, given: str, script: str) -> str:
    words, others = family.casefold().split(), given.casefold().split()
    if words and len(others) > len(words) and not set(words) - set(others):
        return in_english_order(given) if script == LATIN_NAME else given
    if others and len(words) > len(others) and not set(others) - set(words):
        return family
    if script != LATIN_NAME and given and family != given and family.endswith(given):
        return f"{family.removesuffix(given).strip()} {given}"
    if script == LATIN_NAME and _is_capital(given) and not _is_capital(family) and family:
        family, given = given, family  # capitals mark the family name, whatever field it is in
    parts = (given, family) if script == LATIN_NAME else (family, given)
    return " ".join(filter(None, parts))


def _is_capital(name: str) -> bool:
    return name.isupper() and sum(map(str.isalpha, name)) > _MIN_CAPITALS and "." not in name


def columns_of(found: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """Return the first spelling of each script by its column, and the others.

    A Japanese name without a blank gets one where another spelling shows its family name.
    """
    listed = list(dict.fromkeys(found))
    families = {
        name.split()[0] for script, name in listed if script == JAPANESE_NAME and " " in name
    }
    columns: dict[str, str] = {}
    others: list[str] = []
    is_lone = len({script for script, _ in listed}) == 1
    for script, name in listed:
        parted = _parted(name, families) if script == JAPANESE_NAME else name
        column = f"name_{script}"
        if script == LATIN_NAME and not is_lone and " " not in name:
            others.append(name)  # a family name beside the whole one
        elif extends(parted, columns.get(column, "")):
            others.append(columns[column])
            columns[column] = parted
        elif columns.setdefault(column, parted) != parted:
            others.append(parted)
    said = {name.casefold() for name in columns.values()}
    said |= {word for name in said for word in name.split()}  # a given name alone says nothing more
    others = [name for name in others if name.casefold() not in said]
    return columns, list(dict.fromkeys(others))


def _parted(name: str, families: Iterable[str]) -> str:
    fitting = [f for f in families if name.startswith(f) and name != f and " " not in name]
    longest = max(fitting, key=len, default="")
    return f"{longest} {name.removeprefix(longest)}" if longest else name
