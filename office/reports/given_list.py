"""A list that was, or would be, given to a company, in the words that the company reads.

Read from the frozen document alone: sentences that another version would word otherwise stay.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from enmusubi.language import clean_text
from matcher.explaining.standing import ListOrder, heading, nobody_fits
from matcher.records import ResearcherCard
from matcher.reranking.calibration import WEAK
from office.reports.cells import is_web_url
from office.reports.list_tables import KINDS

_INDUSTRY: Mapping[str, str] = {
    "ja": "企業との共同成果{count}件",
    "en": "Works with companies: {count}",
}
_CARD_FIELDS = tuple(ResearcherCard.__dataclass_fields__)


@dataclass(frozen=True)
class GivenWork:
    """A piece of evidence: its kind and year, title, address (empty unless of the web), sentence.

    `sentence` is empty where the title itself carries the match.
    """

    kind: str
    year: int | None
    title: str = field(repr=False)
    url: str
    language: str
    sentence: str = field(repr=False)


@dataclass(frozen=True)
class GivenPerson:
    """One researcher of the list; `names` has the language's own first."""

    researcher_id: str
    rank: int
    names: tuple[str, ...]
    about: str
    industry: str
    strength: str
    strength_text: str
    works: tuple[GivenWork, ...]
    against: tuple[str, ...]

    @property
    def is_unlikely(self) -> bool:
        """Whether the person is called weak."""
        return self.strength == WEAK


@dataclass(frozen=True)
class GivenList:
    """The list: its language, heading, notice (empty where somebody could fit), title and people.

    `of_order` says where lots had a part in the order, else it is empty.
    """

    language: str
    heading: str
    notice: str = field(repr=False)
    of_order: str
    need_title: str = field(repr=False)
    people: tuple[GivenPerson, ...]

    @property
    def likely(self) -> tuple[GivenPerson, ...]:
        """Those who are not called weak, by rank."""
        return tuple(person for person in self.people if not person.is_unlikely)

    @property
    def unlikely(self) -> tuple[GivenPerson, ...]:
        """Those who are called weak, by rank."""
        return tuple(person for person in self.people if person.is_unlikely)


def read_given(content: str) -> GivenList:
    """Return the list of a frozen document; one that was frozen before headings gets its heading."""
    document = json.loads(content)
    language = document["language"]
    nobody = bool(document["fits_nobody"] and document["matches"])
    title = clean_text(document.get("need_title", ""))
    notice = document.get("notice", nobody_fits(title, language) if nobody else "")
    return GivenList(
        language,
        document.get("heading") or heading(language, nearest=bool(notice)),
        notice,
        ListOrder(is_evened=bool(document.get("fair_exposure"))).said(language),
        title,
        tuple(_person(match, language) for match in document["matches"]),
    )


def _person(match: Mapping[str, Any], language: str) -> GivenPerson:
    given = match["researcher"]
    card = ResearcherCard(**{name: given[name] for name in _CARD_FIELDS if name in given})
    about = filter(None, (card.affiliation(language), card.position(language)))
    count = card.industry_seeds
    return GivenPerson(
        researcher_id=card.researcher_id,
        rank=match["rank"],
        names=tuple(dict.fromkeys(clean_text(name) for name in card.names(language))),
        about=clean_text(" · ".join(about)),
        industry=_INDUSTRY[language].format(count=count) if count else "",
        strength=match["strength"],
        strength_text=match["strength_text"],
        works=tuple(_work(evidence, language) for evidence in match["evidence"]),
        against=tuple(clean_text(objection["text"]) for objection in match["against"]),
    )


def _work(evidence: Mapping[str, Any], language: str) -> GivenWork:
    told = evidence["sentence"] if evidence["sentence_field"] == "text" else ""
    url = evidence["url"]
    return GivenWork(
        KINDS[language].get(evidence["kind"], evidence["kind"]),
        evidence["year"],
        clean_text(evidence["title"] or evidence["sentence"]),
        url if is_web_url(url) else "",
        evidence["language"],
        clean_text(told),
    )
