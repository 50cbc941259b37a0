"""What the office knows of a company beyond its needs: cases, screens, steps in time, who knows whom.

Everything is of needs and cases that the viewer sees, and of public evidence.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Connection, select

from catalogue.database.case_models import CasePerson
from catalogue.database.models import Authorship, Researcher, Seed, StoredNeed
from catalogue.database.viewer import Viewer
from catalogue.records.source_records import chunks
from enmusubi.settings import local_time
from matcher.records import ResearcherCard
from office.access.rules import SEE_COMPANIES, require, visible_cases, visible_needs, visible_seeds
from office.cases.kept import CASES, KeptCase, kept_cases, seen, with_needs
from office.companies.finding import home_ids
from office.companies.ndas import KeptNda
from office.needs.releases import RELEASED
from office.needs.verdicts import JUDGEMENT
from office.people import cards_of
from office.screening.kept_clearances import CLEARANCES
from office.statistics.first_contacts import CONTACTS

SHOWN_CASES, SHOWN_STEPS, SHOWN_PEOPLE = 50, 40, 30
POSTED, RELEASED_LIST, NDA_SIGNED, CASE_OPENED, JOINED = (
    "posted", "released", "nda", "case", "joined",
)  # fmt: skip
CO_AUTHOR, IN_CASE, IN_CONTACT = "co_author", "case", "contact"


@dataclass(frozen=True)
class CompanyStep:
    """Something that happened with a company on a day; `object_id` is a need, list, NDA or case."""

    kind: str
    day: date
    object_id: str
    title: str = field(repr=False)
    lang: str = "ja"


@dataclass(frozen=True)
class Acquaintance:
    """A researcher who knows a company: why, and how often."""

    card: ResearcherCard
    reasons: Mapping[str, int]

    @property
    def weight(self) -> int:
        """How often in all."""
        return sum(self.reasons.values())


@dataclass(frozen=True)
class Screen:
    """A question of screening on a need of the company, and what became of it."""

    clearance_id: int
    need_id: str
    rule: str
    decision: str
    asked_on: date


def cases_of_company(
    connection: Connection, viewer: Viewer, organisation_id: str
) -> list[KeptCase]:
    """Return the cases on a company's needs that the viewer sees, the newest first; raises ForbiddenError."""
    require(viewer, SEE_COMPANIES)
    query = seen(viewer).where(StoredNeed.organisation_id == organisation_id)
    return kept_cases(connection, viewer, query.order_by(CASES.c.case_id.desc()).limit(SHOWN_CASES))


def screens_of_company(
    connection: Connection, viewer: Viewer, organisation_id: str
) -> list[Screen]:
    """Return what screening asked about a company's needs, the newest first; raises ForbiddenError."""
    require(viewer, SEE_COMPANIES)
    columns = ("clearance_id", "need_id", "rule_id", "decision", "asked_at")
    query = (
        select(*(CLEARANCES.c[name] for name in columns))
        .join(StoredNeed, StoredNeed.need_id == CLEARANCES.c.need_id)
        .where(StoredNeed.organisation_id == organisation_id, *_seen_needs(viewer))
        .order_by(CLEARANCES.c.clearance_id.desc())
    )
    rows = connection.execute(query.limit(SHOWN_STEPS))
    return [
        Screen(n, need, rule, said, local_time(at, "ja").date()) for n, need, rule, said, at in rows
    ]


def steps_of_company(
    connection: Connection,
    viewer: Viewer,
    organisation_id: str,
    ndas: Sequence[KeptNda],
    joined: Sequence[date],
) -> list[CompanyStep]:
    """Return what happened with a company, the newest first; raises ForbiddenError."""
    require(viewer, SEE_COMPANIES)
    mine = (StoredNeed.organisation_id == organisation_id, *_seen_needs(viewer))
    columns = StoredNeed.need_id, StoredNeed.title, StoredNeed.lang
    posted = select(*columns, StoredNeed.posted_on).where(*mine, StoredNeed.posted_on.is_not(None))
    newest = connection.execute(posted.order_by(StoredNeed.posted_on.desc()).limit(SHOWN_STEPS))
    steps = [
        CompanyStep(POSTED, day, need, title, lang) for need, title, lang, day in newest if day
    ]
    lists = (
        select(RELEASED.c.release_id, StoredNeed.title, StoredNeed.lang, RELEASED.c.released_at)
        .join(StoredNeed, StoredNeed.need_id == RELEASED.c.need_id)
        .where(*mine)
        .order_by(RELEASED.c.released_at.desc(), RELEASED.c.release_id)
    )
    for number, title, lang, at in connection.execute(lists.limit(SHOWN_STEPS)):
        steps.append(
            CompanyStep(RELEASED_LIST, local_time(at, "ja").date(), str(number), title, lang)
        )
    for case in cases_of_company(connection, viewer, organisation_id):
        day = local_time(case.opened_at, "ja").date()
        steps.append(CompanyStep(CASE_OPENED, day, str(case.case_id), case.title, case.lang))
    steps += [CompanyStep(NDA_SIGNED, one.signed_on, str(one.nda_id), "") for one in ndas]
    steps += [CompanyStep(JOINED, day, "", "") for day in joined]
    return sorted(steps, key=lambda one: (one.day, one.kind, one.object_id), reverse=True)[
        :SHOWN_STEPS
    ]


def who_knows(connection: Connection, viewer: Viewer, organisation_id: str) -> list[Acquaintance]:
    """Return who of the university knows a company, who knows it best first; raises ForbiddenError.

    By seeds written together with people of the company, by its cases, and by judgements that say that
    the two came to talk.
    """
    require(viewer, SEE_COMPANIES)
    homes = home_ids(connection, organisation_id)
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for reason, counts in (
        (CO_AUTHOR, _co_authors(connection, viewer, homes)),
        (IN_CASE, _in_cases(connection, viewer, organisation_id)),
        (IN_CONTACT, _in_contact(connection, viewer, organisation_id)),
    ):
        for person, count in counts.items():
            found[person][reason] = count
    people: defaultdict[str, dict[str, int]] = defaultdict(dict)
    cards = cards_of(connection, found)
    for kept, reasons in found.items():
        if card := cards.get(kept):
            mine = people[card.researcher_id]
            for reason, count in reasons.items():
                mine[reason] = mine.get(reason, 0) + count
    known = [Acquaintance(cards_by_id(cards)[person], said) for person, said in people.items()]
    return sorted(known, key=lambda one: (-one.weight, one.card.researcher_id))[:SHOWN_PEOPLE]


def cards_by_id(cards: Mapping[str, ResearcherCard]) -> dict[str, ResearcherCard]:
    """Return cards by their present ids."""
    return {card.researcher_id: card for card in cards.values()}


def _co_authors(connection: Connection, viewer: Viewer, homes: Sequence[str]) -> dict[str, int]:
    """Return how many seeds each researcher of elsewhere wrote with people of the company."""
    theirs = select(Researcher.researcher_id).where(
        Researcher.organisation_id.in_(homes), Researcher.withdrawn_at.is_(None)
    )
    people = set(connection.execute(theirs).scalars())
    seeds: set[str] = set()
    for chunk in chunks(sorted(people)):
        query = (
            select(Authorship.seed_id)
            .join(Seed, Seed.seed_id == Authorship.seed_id)
            .where(Authorship.researcher_id.in_(chunk), visible_seeds(viewer))
        )
        seeds |= set(connection.execute(query).scalars())
    counts: defaultdict[str, int] = defaultdict(int)
    for chunk in chunks(sorted(seeds)):
        query = select(Authorship.researcher_id).where(Authorship.seed_id.in_(chunk))
        for person in connection.execute(query).scalars():
            if person not in people:
                counts[person] += 1
    return counts


def _in_cases(connection: Connection, viewer: Viewer, organisation_id: str) -> dict[str, int]:
    cases = with_needs(select(CASES.c.case_id)).where(
        visible_cases(viewer), StoredNeed.organisation_id == organisation_id
    )
    counts: defaultdict[str, int] = defaultdict(int)
    for chunk in chunks(sorted(connection.execute(cases).scalars())):
        query = select(CasePerson.researcher_id).where(CasePerson.case_id.in_(chunk))
        for person in connection.execute(query).scalars():
            counts[person] += 1
    return counts


def _in_contact(connection: Connection, viewer: Viewer, organisation_id: str) -> dict[str, int]:
    query = (
        select(JUDGEMENT.c.researcher_id, JUDGEMENT.c.need_id)
        .join(StoredNeed, StoredNeed.need_id == JUDGEMENT.c.need_id)
        .where(
            StoredNeed.organisation_id == organisation_id,
            *_seen_needs(viewer),
            JUDGEMENT.c.withdrawn_at.is_(None),
            JUDGEMENT.c.stage.in_(sorted(CONTACTS)),
        )
    )
    needs: defaultdict[str, set[str]] = defaultdict(set)
    for person, need_id in connection.execute(query):
        needs[person].add(need_id)
    return {person: len(of) for person, of in needs.items()}


def _seen_needs(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (StoredNeed.withdrawn_at.is_(None), visible_needs(viewer))
