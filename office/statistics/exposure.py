"""Attention against merit: whom match lists put forward, how often first contacts follow, by department.

A person's attention in a list is 1 / log2(1 + rank), their merit the probability to be suitable, each as a
share of its list's first ranks ("equity of attention", Biega, Gummadi and Weikum 2018). Over many lists a
department should have as much of one as of the other: attention per merit is 1 then. The interval is a
bootstrap over needs, of which one may have many lists. The lists of the last year count.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from catalogue.database.judgement_models import STAGES
from catalogue.database.models import Organisation, StoredNeed
from catalogue.database.viewer import Viewer
from catalogue.judgements.shown_lists import SHOWN_LIST, SHOWN_MATCH
from enmusubi.language import ENGLISH
from matcher.records import ResearcherCard
from office.access.rules import SEE_NEUTRALITY, require, visible_needs
from office.needs.verdicts import JUDGEMENT
from office.people import cards_of

PERIOD = timedelta(days=365)
DEPTH = 10  # ranks that are seen
RESAMPLES = 400
FEWEST_NEEDS = 10  # with fewer no interval is told
QUANTILES = (0.025, 0.975)
FIRST_CONTACT = "dialogue"
CONTACTS = frozenset(STAGES[STAGES.index(FIRST_CONTACT) :]) - {"declined"}
MOST_COMPANIES = 20
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class DepartmentExposure:
    """What a department's people got, in shares of 1.

    `interval` is that of attention per merit, None for few needs.
    """

    name_ja: str
    name_en: str
    people: int  # that lists put forward
    attention: float
    merit: float
    interval: tuple[float, float] | None
    contacts: int
    contact_share: float | None  # None while there are no contacts

    @property
    def ratio(self) -> float:
        """Attention per merit: 1 where both shares are the same."""
        return self.attention / self.merit if self.merit else 1.0

    @property
    def is_uneven(self) -> bool:
        """Whether the interval does not hold 1."""
        return self.interval is not None and not self.interval[0] <= 1 <= self.interval[1]


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
    """The departments, most merit first, and the companies, most needs first."""

    lists: int
    needs: int
    departments: tuple[DepartmentExposure, ...]
    companies: tuple[CompanyContacts, ...]


@dataclass(frozen=True)
class _Shown:
    list_id: int
    need_id: str
    person: str
    rank: int
    probability: float


def exposure(connection: Connection, viewer: Viewer, *, now: datetime | None = None) -> Exposure:
    """Return attention, merit and first contacts over the viewer's needs; raises ForbiddenError."""
    require(viewer, SEE_NEUTRALITY)
    since = (now or datetime.now(UTC)) - PERIOD
    shown = _shown(connection, viewer, since)
    contacts = _contacts(connection, viewer, since)
    cards = cards_of(connection, {one.person for one in shown} | {person for _, person in contacts})
    return Exposure(
        lists=len({one.list_id for one in shown}),
        needs=len({one.need_id for one in shown}),
        departments=_departments(shown, contacts, cards),
        companies=_companies(connection, viewer, shown, contacts),
    )


def _shown(connection: Connection, viewer: Viewer, since: datetime) -> list[_Shown]:
    query = (
        select(
            SHOWN_LIST.c.list_id,
            SHOWN_LIST.c.need_id,
            SHOWN_MATCH.c.researcher_id,
            SHOWN_MATCH.c.rank,
            SHOWN_MATCH.c.probability,
        )
        .join(SHOWN_MATCH, SHOWN_MATCH.c.list_id == SHOWN_LIST.c.list_id)
        .join(StoredNeed, StoredNeed.need_id == SHOWN_LIST.c.need_id)
        .where(visible_needs(viewer), SHOWN_LIST.c.shown_at >= since, SHOWN_MATCH.c.rank <= DEPTH)
        .order_by(SHOWN_LIST.c.list_id, SHOWN_MATCH.c.rank)
    )
    return [
        _Shown(int(list_id), str(need_id), str(person), int(rank), float(chance or 0.0))
        for list_id, need_id, person, rank, chance in connection.execute(query)
    ]


def _contacts(connection: Connection, viewer: Viewer, since: datetime) -> set[tuple[str, str]]:
    """Return the needs and people of whom a judgement says that the two came to talk, or further."""
    query = (
        select(JUDGEMENT.c.need_id, JUDGEMENT.c.researcher_id)
        .join(StoredNeed, StoredNeed.need_id == JUDGEMENT.c.need_id)
        .where(
            visible_needs(viewer),
            JUDGEMENT.c.withdrawn_at.is_(None),
            JUDGEMENT.c.stage.in_(sorted(CONTACTS)),
            JUDGEMENT.c.judged_at >= since,
        )
    )
    return {(str(need_id), str(person)) for need_id, person in connection.execute(query)}


def _departments(
    shown: Sequence[_Shown],
    contacts: Iterable[tuple[str, str]],
    cards: dict[str, ResearcherCard],
) -> tuple[DepartmentExposure, ...]:
    needs = {need: place for place, need in enumerate(dict.fromkeys(one.need_id for one in shown))}
    are_several = len({card.institution_ja or card.institution_en for card in cards.values()}) > 1
    names = {
        person: _department(card, with_institution=are_several) for person, card in cards.items()
    }
    places = {name: place for place, name in enumerate(dict.fromkeys(names.values()))}
    attention, merit = (np.zeros((len(needs), len(places))) for _ in range(2))
    people: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for members in _lists(shown):
        seen = [1 / np.log2(1 + one.rank) for one in members]
        chances = sum(one.probability for one in members)
        for one, share in zip(members, seen, strict=True):
            if (name := names.get(one.person)) is not None:
                cell = needs[one.need_id], places[name]
                attention[cell] += share / sum(seen)
                merit[cell] += one.probability / chances if chances else 1 / len(members)
                people[name].add(one.person)
    contacted = [names[person] for _, person in contacts if person in names]
    intervals = _intervals(attention, merit)
    found = []
    for name, place in places.items():
        if not people[name] and name not in contacted:
            continue
        count = contacted.count(name)
        found.append(
            DepartmentExposure(
                *name,
                people=len(people[name]),
                attention=_share(attention, place),
                merit=_share(merit, place),
                interval=intervals[place] if len(needs) >= FEWEST_NEEDS else None,
                contacts=count,
                contact_share=count / len(contacted) if contacted else None,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.merit, one.name_ja, one.name_en)))


def _lists(shown: Sequence[_Shown]) -> Iterable[list[_Shown]]:
    lists: defaultdict[int, list[_Shown]] = defaultdict(list)
    for one in shown:
        lists[one.list_id].append(one)
    return lists.values()


def _department(card: ResearcherCard, *, with_institution: bool) -> tuple[str, str]:
    """Return a department's name in both languages, with its institution where there are several."""
    if with_institution:
        return card.affiliation("ja"), card.affiliation("en")
    return card.department_ja or card.department_en, card.department_en or card.department_ja


def _share(of_needs: FloatArray, place: int) -> float:
    total = float(of_needs.sum())
    return float(of_needs[:, place].sum()) / total if total else 0.0


def _intervals(attention: FloatArray, merit: FloatArray) -> list[tuple[float, float]]:
    """Return the 95 % interval of attention per merit of each column: a bootstrap over the rows (needs)."""
    count = len(attention)
    if not count:
        return []
    rng = np.random.default_rng(0)  # the same lists give the same interval
    weights = rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES).astype(np.float64)
    shares = [weights @ one / (weights @ one.sum(axis=1))[:, None] for one in (attention, merit)]
    ratios = np.divide(shares[0], shares[1], out=np.ones_like(shares[0]), where=shares[1] > 0)
    low, high = np.quantile(ratios, QUANTILES, axis=0)
    return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def _companies(
    connection: Connection,
    viewer: Viewer,
    shown: Sequence[_Shown],
    contacts: Iterable[tuple[str, str]],
) -> tuple[CompanyContacts, ...]:
    query = (
        select(StoredNeed.need_id, Organisation.name_ja, Organisation.name_en)
        .join(Organisation, Organisation.organisation_id == StoredNeed.organisation_id)
        .where(visible_needs(viewer), StoredNeed.withdrawn_at.is_(None))
    )
    needs: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for need_id, ja, en in connection.execute(query):
        needs[ja, en].add(str(need_id))
    contacted = {need_id for need_id, _ in contacts}
    first = {one.need_id: one.probability for one in shown if one.rank == 1}  # the newest list's
    found = []
    for name, theirs in needs.items():
        chances = [first[need_id] for need_id in theirs if need_id in first]
        mean = float(np.mean(chances)) if chances else None
        found.append(CompanyContacts(*name, len(theirs), len(theirs & contacted), mean))
    return tuple(
        sorted(found, key=lambda one: (-one.needs, one.name_ja, one.name_en))[:MOST_COMPANIES]
    )
