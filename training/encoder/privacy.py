"""Takes personal names and addresses out of texts before an encoder is trained on them.

E-mail addresses, web addresses and ORCID iDs go by their form, lines such as "Instructor: …" by
their label, names of persons when they are known: as a whole ("Taro Yamada", "YAMADA, T.",
"山田 太郎"), a family name alone only beside a title ("山田教授", "Yamada laboratory"), because
many family names are words as well.

Known names are the catalogue's, and those of a list that the user gives.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from sqlalchemy import make_url, select

from catalogue.database.models import Researcher
from catalogue.records.catalogue import open_catalogue
from enmusubi.settings import Settings
from matcher.passages import split_sentences
from training.reading import read_lines


def catalogue_names(settings: Settings) -> list[str]:
    """Return the names of all researchers in the catalogue; none when there is no catalogue yet.

    Raises CatalogueUnusableError when it is there and cannot be read.
    """
    url = make_url(settings.catalogue_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return []
    columns = (Researcher.name_ja, Researcher.name_en, Researcher.name_kana, Researcher.aliases)
    with open_catalogue(settings.catalogue_url) as catalogue, catalogue.reading() as connection:
        rows = connection.execute(select(*columns)).all()
    return [
        name.strip()
        for row in rows
        for field in row
        for name in (field or "").replace("；", ";").split(";")
        if name.strip()
    ]


def listed_names(path: Path) -> list[str]:
    """Return the names of a text file, one a line; raises UnreadableFileError."""
    return [line.strip() for _, line in read_lines(path) if line]


_ADDRESS = re.compile(
    r"(?<![\w.%+-])[\w.%+-]++\s?(?:[@＠]|[\[(<]\s?(?:at|アット)(?:マーク)?\s?[\])>])\s?"
    r"(?:[A-Za-z0-9-]+(?:\.|\s?[\[(]\s?dot\s?[\])]\s?))+[A-Za-z]{2,}",
    re.ASCII | re.IGNORECASE,
)
_SIGN = re.compile(r"[@＠]|[\[(<]\s?(?:at|アット)", re.IGNORECASE)  # no address without it
_LINK = re.compile(r"(?:(?:https?|ftp)://|\bwww\.)[!-~]+", re.IGNORECASE)
_ORCID = re.compile(r"\b\d{4}-\d{4}-\d{4}-\d{3}[\dXx]\b")
_LABELLED = re.compile(
    r"\W{0,3}(?:(?:course |principal |co-?)*"
    r"(?:instructor|lecturer|teacher|teaching staff|professor|investigator|supervisor|author|"
    r"contact(?: person| address)?|e-?mail(?: address)?|office hours?|tel|phone|fax)(?:\(s\)|s)?"
    r"|(?:(?:主)?担当|授業担当|責任)?(?:教員|教官|講師|教授)(?:名|氏名)?|担当者(?:名)?|氏名"
    r"|(?:研究)?(?:代表者|分担者|責任者)(?:名|氏名)?|著者(?:名)?|発明者|問い?合わせ先|連絡先"
    r"|メール(?:アドレス)?|電子メール|オフィスアワー|電話(?:番号)?|内線)"
    r"\s*+(?:[(（][^)）\n]{0,40}[)）]\s*+)?[:：]",
    re.IGNORECASE,
)
_TITLED = re.compile(  # a title and the name that follows it, whoever that is
    r"\b(?:Prof(?:essor)?|Dr|Mr|Mrs|Ms)(?:\.\s*|\s+)(?:[A-Z]\.\s?)*"
    r"(?!Emerit|of\b)[A-Z][\w'’-]+(?:\s+[A-Z]\.)*(?:\s+(?!University|Institute)[A-Z][\w'’-]+)?"
)
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’-][A-Za-z\u00c0-\u024f]+)*")
_LATIN_JOIN = re.compile(r"[\s,.]{1,3}")
_HONORIFIC = re.compile(
    r"[\s　]?(?:名誉|准|助|客員|特任)*(?:教授|先生|講師|助教|博士|研究室|氏|さん)"
)
_LABORATORY = re.compile(r"\s+(?:lab(?:oratory)?|group)\b", re.IGNORECASE)
_BLANK = re.compile(r"[\s　・･]*")
_WORDS_BETWEEN = re.compile(r"[\s　・･]+")
_NOTHING = re.compile(r"(?!)")
_HOLES = re.compile(r"[ \t]{2,}")
_MAX_LATIN_WORDS = 4
_MAX_FAMILY_CHARS = 12


class Redactor:
    """Removes addresses, labelled lines and the names it knows."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._latin: set[tuple[str, ...]] = set()
        self._latin_families: set[str] = set()
        self._japanese: dict[str, set[str]] = defaultdict(set)  # family (or whole) -> given names
        for name in names:
            self._learn(unicodedata.normalize("NFKC", name).strip())
        self._latin_starts = self._latin_families | {words[0] for words in self._latin}
        letters = re.escape("".join(sorted({family[0] for family in self._japanese})))
        self._japanese_starts = re.compile(f"[{letters}]") if letters else _NOTHING

    def clean(self, text: str) -> str:
        """Return the text without them; a text that is nothing else becomes empty."""
        text = _without_labelled_lines(text)
        if _SIGN.search(text):
            text = _ADDRESS.sub(" ", text)
        for pattern in (_LINK, _ORCID, _TITLED):
            text = pattern.sub(" ", text)
        text = self._without_latin_names(text) if self._latin else text
        text = self._without_japanese_names(text)
        return _HOLES.sub(" ", text).strip()

    def _learn(self, name: str) -> None:
        if not name:
            return
        if not _LATIN_WORD.search(name):
            family, *given = [part for part in _WORDS_BETWEEN.split(name) if part]
            if given or len(family) > 2:  # two letters without a space may be a word
                self._japanese[family].add("".join(given))
            return
        before, comma, after = name.partition(",")
        words = [word.casefold() for word in _LATIN_WORD.findall(f"{after} {before}")]
        if len(words) < 2:
            return
        self._latin |= _orders(words)
        shouted = [word.casefold() for word in before.split() if word.isupper() and len(word) > 2]
        stated = (
            [word.casefold() for word in _LATIN_WORD.findall(before)][-1:] if comma else shouted
        )
        self._latin_families.add((stated or words[-1:])[0])

    def _without_latin_names(self, text: str) -> str:
        words = list(_LATIN_WORD.finditer(text))
        kept, end, i = [], 0, 0
        while i < len(words):
            count = self._latin_name_at(text, words, i)
            if count:
                kept.append(text[end : words[i].start()])
                end = words[i + count - 1].end()
            i += max(count, 1)
        return "".join([*kept, text[end:]])

    def _latin_name_at(self, text: str, words: list[re.Match[str]], first: int) -> int:
        """Return how many words from `first` on are a name; 0 when none are."""
        run = [_folded(words[first].group())]
        if run[0] not in self._latin_starts or not words[first].group()[0].isupper():
            return 0
        longest = 0
        for place in range(first + 1, min(first + _MAX_LATIN_WORDS, len(words))):
            gap = text[words[place - 1].end() : words[place].start()]
            if not _LATIN_JOIN.fullmatch(gap) or not words[place].group()[0].isupper():
                break
            run.append(_folded(words[place].group()))
            if tuple(run) in self._latin:
                longest = len(run)
        if not longest and run[0] in self._latin_families:
            longest = int(bool(_LABORATORY.match(text, words[first].end())))
        return longest

    def _without_japanese_names(self, text: str) -> str:
        kept, end = [], 0
        for found in self._japanese_starts.finditer(text):
            start = found.start()
            stop = self._japanese_name_at(text, start) if start >= end else start
            if stop > start:
                kept.append(text[end:start])
                end = stop
        return "".join([*kept, text[end:]])

    def _japanese_name_at(self, text: str, start: int) -> int:
        """Return where a name that begins at `start` ends; `start` when there is none."""
        for size in range(min(_MAX_FAMILY_CHARS, len(text) - start), 0, -1):
            given_names = self._japanese.get(text[start : start + size])
            if given_names is None:
                continue
            after = start + size
            gap = _BLANK.match(text, after)
            begin = gap.end() if gap else after
            for given in sorted(given_names, key=len, reverse=True):
                if given and text.startswith(given, begin):
                    return begin + len(given)
            honorific = _HONORIFIC.match(text, after)
            if honorific:
                return honorific.end()
            if "" in given_names:
                return after
        return start


def _without_labelled_lines(text: str) -> str:
    """Return the text without the sentences that begin with such a label, nor the gaps after them."""
    starts = [start for start, _ in split_sentences(text)]
    kept = [
        text[start:end]
        for start, end in pairwise([*starts, len(text)])
        if not _LABELLED.match(text, start)
    ]
    return "".join(kept)


def _folded(word: str) -> str:
    return word.casefold().removesuffix("'s").removesuffix("’s")


def _orders(words: list[str]) -> set[tuple[str, ...]]:
    """Return the ways in which a name may stand: family first or last, given names as initials."""
    given, family = words[:-1], words[-1]
    initials = [word[0] for word in given]
    forms = {tuple(given), tuple(initials), (given[0],), (initials[0],)}
    found = {(*form, family) for form in forms} | {(family, *form) for form in forms}
    first, rest = words[0], words[1:]  # the name may have been written family first
    others = {tuple(rest), tuple(word[0] for word in rest)}
    return found | {(*form, first) for form in others} | {(first, *form) for form in others}
