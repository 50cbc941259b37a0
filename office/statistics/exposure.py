"""Attention against merit: whom match lists put forward, how often first contacts follow, by department.

Over many lists a department, or a person, should have as much attention as merit
(`office.statistics.attention`): attention per merit is 1 then. The interval is a bootstrap over needs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import log

import numpy as np
from sqlalchemy import Connection, select

from catalogue.database.models import Organisation, StoredNeed
from catalogue.database.viewer import Viewer
from enmusubi.language import ENGLISH
from matcher.records import ResearcherCard
from office.access.rules import SEE_NEUTRALITY, require, visible_needs
from office.people import cards_of
from office.statistics.attention import (
    PERIOD,
    QUARTERS,
    ShownLine,
    attention_and_merit,
    rows_of_needs,
    shown_lines,
)
from office.statistics.first_contacts import FirstContact, first_contacts
from office.statistics.origins import OriginShare, origin_shares
from office.statistics.shares import (
    FEWEST_NEEDS,
    FloatArray,
    Interval,
    column_share,
    ratio_intervals,
    share_intervals,
)

MOST_COMPANIES = 20
MOST_PEOPLE = 10
COMPARED_PEOPLE = 500  # those in lists of the most needs


@dataclass(frozen=True)
class DepartmentExposure:
    """What a department's people got, in shares of 1.

    `interval` is that of attention per merit, `contact_interval` that of the share of first contacts; None
    for few needs.
    """

    name_ja: str
    name_en: str
    people: int  # that lists put forward
    attention: float
    merit: float
    interval: Interval | None
    contacts: int
    contact_share: float | None  # None while there are no contacts
    contact_interval: Interval | None = None
    quarters: tuple[float | None, ...] = ()  # attention per merit in each, the oldest first

    @property
    def ratio(self) -> float | None:
        """Attention per merit: 1 where both shares are the same; None where no list has its people."""
        return self.attention / self.merit if self.merit else None

    @property
    def is_uneven(self) -> bool:
        """Whether the interval does not hold 1."""
        return self.interval is not None and not self.interval[0] <= 1 <= self.interval[1]


@dataclass(frozen=True)
class PersonExposure:
    """Somebody whom lists put forward more or less than their chances say, beyond chance."""

    card: ResearcherCard
    needs: int
    ratio: float  # attention per merit
    interval: Interval


@dataclass(frozen=True)
class CompanyContacts:
    """A company's needs, for how many somebody was contacted, and the mean chance of who came first."""

    name_ja: str
    name_en: str
    needs: int
    contacted: int
    first_chance: float | None

    def name(self, language: str) -> str:
        """Return its name in ja or en, or the only one that is known."""
        first, other = self.name_ja, self.name_en
        return (other or first) if language == ENGLISH else (first or other)


@dataclass(frozen=True)
class Exposure:
    """The departments, most merit first, the companies, most needs first, and where managers come from."""

    lists: int
    needs: int
    departments: tuple[DepartmentExposure, ...]
    companies: tuple[CompanyContacts, ...]
    origins: tuple[OriginShare, ...] = ()
    people: tuple[PersonExposure, ...] = ()  # the most uneven first


def exposure(connection: Connection, viewer: Viewer, *, now: datetime | None = None) -> Exposure:
    """Return attention, merit and first contacts over the viewer's needs; raises ForbiddenError."""
    require(viewer, SEE_NEUTRALITY)
    moment = now or datetime.now(UTC)
    shown = shown_lines(connection, viewer, moment)
    contacts = first_contacts(connection, viewer, moment - PERIOD)
    people = {one.person for one in shown} | {one.person for one in contacts}
    cards = cards_of(connection, people)
    return Exposure(
        lists=len({one.list_id for one in shown}),
        needs=len({one.need_id for one in shown}),
        departments=_departments(shown, contacts, cards),
        companies=_companies(connection, viewer, shown, contacts),
        origins=origin_shares(connection, {one.need_id for one in shown}, contacts),
        people=_uneven_people(shown, cards),
    )


def _departments(
    shown: Sequence[ShownLine],
    contacts: Sequence[FirstContact],
    cards: Mapping[str, ResearcherCard],
) -> tuple[DepartmentExposure, ...]:
    rows = rows_of_needs(shown)
    are_several = len({card.institution_ja or card.institution_en for card in cards.values()}) > 1
    names = {
        person: _department(card, with_institution=are_several) for person, card in cards.items()
    }
    places = {name: place for place, name in enumerate(dict.fromkeys(names.values()))}
    of_people = {person: places[name] for person, name in names.items()}
    attention, merit = attention_and_merit(shown, of_people, rows)
    people: defaultdict[int, set[str]] = defaultdict(set)
    for one in shown:
        if one.person in of_people:
            people[of_people[one.person]].add(one.person)
    quarters = [
        attention_and_merit([one for one in shown if one.quarter == quarter], of_people, rows)
        for quarter in range(QUARTERS)
    ]
    contacted = [(one.subject, names[one.person]) for one in contacts if one.person in names]
    counts = _contact_counts(contacted, places)
    intervals, of_contacts = ratio_intervals(attention, merit), share_intervals(counts)
    found = []
    for name, place in places.items():
        count = int(counts[:, place].sum())
        if not people[place] and not count:
            continue
        found.append(
            DepartmentExposure(
                *name,
                people=len(people[place]),
                attention=column_share(attention, place),
                merit=column_share(merit, place),
                interval=intervals[place] if len(rows) >= FEWEST_NEEDS else None,
                contacts=count,
                contact_share=count / len(contacted) if contacted else None,
                contact_interval=of_contacts[place],
                quarters=tuple(_ratio(*one, place) for one in quarters),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.merit, one.name_ja, one.name_en)))


def _contact_counts(
    contacted: Sequence[tuple[str, tuple[str, str]]], places: Mapping[tuple[str, str], int]
) -> FloatArray:
    """Return how many first contacts each need or case (row) had with each department (column)."""
    rows = {one: row for row, one in enumerate(dict.fromkeys(subject for subject, _ in contacted))}
    counts = np.zeros((len(rows), len(places)))
    for subject, name in contacted:
        counts[rows[subject], places[name]] += 1
    return counts


def _ratio(attention: FloatArray, merit: FloatArray, place: int) -> float | None:
    """Return attention per merit of a column; None where nobody of it was shown."""
    expected = column_share(merit, place)
    return column_share(attention, place) / expected if expected else None


def _uneven_people(
    shown: Sequence[ShownLine], cards: Mapping[str, ResearcherCard]
) -> tuple[PersonExposure, ...]:
    """Return those whose interval does not hold 1, of people in the lists of FEWEST_NEEDS needs or more."""
    needs: defaultdict[str, set[str]] = defaultdict(set)
    for one in shown:
        if one.person in cards:
            needs[cards[one.person].researcher_id].add(one.need_id)
    often = sorted(needs, key=lambda person: (-len(needs[person]), person))[:COMPARED_PEOPLE]
    compared = [person for person in often if len(needs[person]) >= FEWEST_NEEDS]
    if not compared:
        return ()
    columns = {person: place for place, person in enumerate(compared)}
    everybody_else = len(columns)
    places = {
        one.person: columns.get(cards[one.person].researcher_id, everybody_else)
        if one.person in cards
        else everybody_else
        for one in shown
    }
    attention, merit = attention_and_merit(shown, places, rows_of_needs(shown))
    told = {card.researcher_id: card for card in cards.values()}
    intervals = ratio_intervals(attention, merit)
    found = [
        PersonExposure(told[person], len(needs[person]), ratio, intervals[place])
        for person, place in columns.items()
        if (ratio := _ratio(attention, merit, place))
        and not intervals[place][0] <= 1 <= intervals[place][1]
    ]
    ordered = sorted(found, key=lambda one: (-abs(log(one.ratio)), one.card.researcher_id))
    return tuple(ordered[:MOST_PEOPLE])


def _department(card: ResearcherCard, *, with_institution: bool) -> tuple[str, str]:
    """Return a department's name in both languages, with its institution where there are several."""
    if with_institution:
        return card.affiliation("ja"), card.affiliation("en")
    return card.department_ja or card.department_en, card.department_en or card.department_ja


def _companies(
    connection: Connection,
    viewer: Viewer,
    shown: Sequence[ShownLine],
    contacts: Iterable[FirstContact],
) -> tuple[CompanyContacts, ...]:
    query = (
        select(StoredNeed.need_id, Organisation.name_ja, Organisation.name_en)
        .join(Organisation, Organisation.organisation_id == StoredNeed.organisation_id)
        .where(visible_needs(viewer), StoredNeed.withdrawn_at.is_(None))
    )
    needs: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for need_id, ja, en in connection.execute(query):
        needs[ja, en].add(str(need_id))
    contacted = {one.need_id for one in contacts}
    first = {one.need_id: one.probability for one in shown if one.rank == 1}  # the newest list's
    found = []
    for name, theirs in needs.items():
        chances = [first[need_id] for need_id in theirs if need_id in first]
        mean = float(np.mean(chances)) if chances else None
        found.append(CompanyContacts(*name, len(theirs), len(theirs & contacted), mean))
    return tuple(
        sorted(found, key=lambda one: (-one.needs, one.name_ja, one.name_en))[:MOST_COMPANIES]
    )
