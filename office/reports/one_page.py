"""What stands on the one page of a released list: the need, up to three people, why; cut so that it fits.

Widths are counted in em: a full-width character is one, another half a one or a little more. Word and
PowerPoint break lines by their own fonts, so the counts leave room.
"""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from enmusubi.language import clean_text
from office.reports.given_list import GivenList, GivenPerson

PEOPLE_ON_A_PAGE = 3
_NARROW_EM = 0.56
_FILLED = 0.92  # of a line, before a word moves to the next
FONTS = {"ja": "Yu Gothic", "en": "Calibri"}  # that Office brings along
LANGUAGES = {"ja": "ja-JP", "en": "en-GB"}
LABELS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "need": "ニーズ", "weak": "見込みは低め",
        "more": "このほか{count}名を一覧に載せています。", "against": "留意点：", "joint": "／",
        "foot": "公開情報にもとづく一覧（{day} 開示） · Enmusubi",
    },
    "en": {
        "need": "Need", "weak": "less likely to fit",
        "more": "{count} more are in the list.", "against": "To consider: ", "joint": "; ",
        "foot": "Made of public information, released on {day} · Enmusubi",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Room:
    """How much a medium holds: em a line, and lines, of the title, the need's text and a person's parts."""

    head_em: float
    need_em: float
    need_lines: int
    em: float
    notice_lines: int = 2
    about_lines: int = 1
    title_lines: int = 2
    sentence_lines: int = 3
    against_lines: int = 2


@dataclass(frozen=True)
class PagePerson:
    """A person on the page: who, where, how strong, the best work with its sentence, a second title."""

    names: str
    about: str
    strength: str
    label: str  # the work's kind and year, with which `work` begins
    work: str
    url: str
    sentence: str
    second: str
    against: str


@dataclass(frozen=True)
class OnePage:
    """All that is written on the page, cut to its room."""

    language: str
    title: str = field(repr=False)
    company: str = field(repr=False)
    need: str = field(repr=False)
    heading: str
    notice: str = field(repr=False)
    people: tuple[PagePerson, ...]
    more: str  # how many are in the list besides, and what drew its order
    foot: str


@dataclass(frozen=True)
class ReleasedNeed:
    """The need of a released list as it is now, and the day of the release."""

    title: str = field(repr=False)
    text: str = field(repr=False)
    company: str = field(repr=False)
    released_on: date


def one_page(given: GivenList, need: ReleasedNeed, room: Room) -> OnePage:
    """Return the page of a released list: its first three people, those who could fit before others."""
    said = LABELS[given.language]
    ordered = (*given.likely, *given.unlikely)
    left = len(ordered) - PEOPLE_ON_A_PAGE
    return OnePage(
        given.language,
        fit(given.need_title or clean_text(need.title) or said["need"], room.head_em, 2),
        fit(clean_text(need.company), room.em, 1),
        fit(clean_text(need.text), room.need_em, room.need_lines),
        given.heading,
        fit(given.notice, room.em, room.notice_lines),
        tuple(_person(person, said, room) for person in ordered[:PEOPLE_ON_A_PAGE]),
        " ".join(
            filter(None, (said["more"].format(count=left) if left > 0 else "", given.of_order))
        ),
        said["foot"].format(day=need.released_on.isoformat()),
    )


def _person(person: GivenPerson, said: Mapping[str, str], room: Room) -> PagePerson:
    first, second = (*person.works, None, None)[:2]
    strength = person.strength_text
    if person.is_unlikely:
        strength = f"{strength} ({said['weak']})"
    about = " · ".join(filter(None, (person.about, person.industry)))
    against = said["against"] + said["joint"].join(person.against) if person.against else ""
    return PagePerson(
        names=fit("  ".join(person.names), room.em * 0.6, 1),
        about=fit(about, room.em, room.about_lines),
        strength=strength,
        label=_headed(first.kind, first.year, "") if first else "",
        work=fit(_headed(first.kind, first.year, first.title), room.em, room.title_lines)
        if first
        else "",
        url=first.url if first else "",
        sentence=fit(first.sentence, room.em, room.sentence_lines) if first else "",
        second=fit(_headed(second.kind, second.year, second.title), room.em, 1) if second else "",
        against=fit(against, room.em, room.against_lines),
    )


def _headed(kind: str, year: int | None, title: str) -> str:
    return " ".join(str(part) for part in (kind, year, title) if part)


def fit(text: str, em: float, lines: int) -> str:
    """Return the beginning of a text, in one paragraph, that so many lines of so many em hold."""
    told, limit, used = " ".join(text.split()), em * lines * _FILLED, 0.0
    if sum(map(width_em, told)) <= limit:
        return told
    for place, character in enumerate(told):
        used += width_em(character)
        if used + width_em("…") > limit:
            return told[:place].rstrip() + "…"
    return told


def lines_of(text: str, em: float) -> int:
    """Return how many lines of so many em a text takes at most; an empty one takes none."""
    return math.ceil(sum(map(width_em, text)) / (em * _FILLED))


def width_em(character: str) -> float:
    """Return the width of a character in em, rather too wide than too narrow."""
    return 1.0 if unicodedata.east_asian_width(character) in "WFA" else _NARROW_EM
