"""What a need asks for besides its subject, and where it acts: budget, time, place, secrecy, companies.

A condition acts where something is known of researchers: a place and a year as a filter that the reader may
set, work with companies as an order of the list; a competitive need raises people with a record of it by
itself. Of money, time and secrecy nothing is known of people, which is said. Pure functions on text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

BUDGET, HORIZON, PLACE, SECRECY, SINCE, INDUSTRY = (
    "budget", "horizon", "place", "secrecy", "since", "industry",
)  # fmt: skip
MAX_PLACES = 3
MAX_SAID_CHARS = 40

# a number is read from its first digit on and not given back: a text of digits alone takes a moment
_BUDGET = re.compile(
    r"(?<![0-9０-９,，.])[0-9０-９,，.]++\s*+(?:億|千万|百万|万)?円|予算[^。、\n]{0,20}|(?:¥|￥|JPY\s?)[0-9,]+"
    r"|\b(?:budget|(?<![0-9.,])[0-9.,]++\s*+(?:million|thousand)?\s*yen)\b",
    re.IGNORECASE,
)
_HORIZON = re.compile(
    r"(?<![0-9０-９一二三半])[0-9０-９一二三半]++\s*+(?:か月|ヶ月|カ月|箇月|週間|年)以?内|来年度|今年度中|年度末|納期|期限"
    r"|\bwithin (?:\w+ ){1,3}(?:weeks?|months?|years?)\b|\bby (?:the )?end of\b|\bdeadline\b",
    re.IGNORECASE,
)
_SECRECY = re.compile(
    r"秘密保持|機密|社外秘|守秘|非公開|NDA\b|\b(?:confidential|non-disclosure|trade secret)",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"(?P<ja>(?:19|20)[0-9]{2})\s*年以降|\b(?:since|from) (?P<en>(?:19|20)[0-9]{2})\b",
    re.IGNORECASE,
)
_REGION = re.compile(
    r"(?:[都道府県市]|[一-龥]{2,3}(?:都|府|県))内|近隣の?大学|地元|(?:関東|関西|九州|東北|四国|中国地方|中部|北陸|首都圏)(?:圏|地方|の大学)?"
    r"|\b(?:nearby|local) universit\w+|\bin the region\b"
)
_INDUSTRY = re.compile(
    r"(?:企業|民間|産業界)[^。\n]{0,12}(?:共同研究|連携|実績|経験)|産学連携の実績"
    r"|\b(?:worked|works|experience|projects) with (?:companies|industry|firms)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Condition:
    """A condition: its kind, the words that say so, and the value to filter by, empty where there is none."""

    kind: str
    said: str = field(repr=False)
    value: str = ""


def find_conditions(text: str, places: Sequence[str] = ()) -> tuple[Condition, ...]:
    """Return the conditions of a text, one a kind, places apart: those of `places` that it names.

    `places` are names of institutions and departments; a region that is none of them has no value.
    """
    return tuple(_find(text, places))


def _find(text: str, places: Sequence[str]) -> Iterator[Condition]:
    for kind, pattern in ((BUDGET, _BUDGET), (HORIZON, _HORIZON), (SECRECY, _SECRECY)):
        if match := pattern.search(text):
            yield Condition(kind, _said(match))
    named = [place for place in places if len(place) > 1 and place.casefold() in text.casefold()]
    for place in named[:MAX_PLACES]:
        yield Condition(PLACE, place, place)
    if not named and (match := _REGION.search(text)):
        yield Condition(PLACE, _said(match))
    if match := _SINCE.search(text):
        yield Condition(SINCE, _said(match), match["ja"] or match["en"])
    if match := _INDUSTRY.search(text):
        yield Condition(INDUSTRY, _said(match))


def _said(match: re.Match[str]) -> str:
    return match[0].strip()[:MAX_SAID_CHARS]
