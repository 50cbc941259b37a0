"""What waits for a role: contracts that end, people who run out of time, what absent colleagues left.

Counted over what the viewer sees. Gates, screens and clocks of their own stand beside it (`office.home`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import cast

from sqlalchemy import Connection, Table, and_, exists, func, or_, select

from catalogue.database.account_models import UserAccount
from catalogue.database.case_models import DIALOGUE, RUNNING
from catalogue.database.company_models import Nda
from catalogue.database.delegation_models import OF_QUEUE
from catalogue.database.models import Organisation, Researcher, StoredNeed
from catalogue.database.screening_models import CONTRACT_END, LEAVE, RETIREMENT, PersonLimit
from catalogue.database.viewer import CHIEF, FINANCE, HR, IP, LEGAL, StandIn, Viewer
from catalogue.identity.links import rows_of
from enmusubi.case_settings import CaseSettings
from office.access.rules import INQUIRE, WORK_ON_CASES, may, visible_cases, visible_needs
from office.cases.clocks import DUE_SOON, OVERDUE, Clocks
from office.cases.gates import gates_of
from office.cases.kept import CASES, with_needs
from office.cases.listing import CaseFilter, When, count_cases
from office.companies.finding import present_ids
from office.contracts.waiting import open_contracts
from office.estimates.waiting import sent_back
from office.inquiries.kept import has_news
from office.members.kept import MEMBERSHIPS

NDAS = cast(Table, Nda.__table__)
LIMITS = cast(Table, PersonLimit.__table__)
NDAS_ENDING, MEMBERS_ENDING, WITHOUT_NDA = "ndas ending", "members ending", "without nda"
OPEN_CONTRACTS, OPEN_IP = "open contracts", "open ip"
SENT_BACK = "estimates sent back"
AWAY_SOON, ENDING_SOON = "away soon", "contracts ending"
OVERDUE_FOR, DUE_FOR, ANSWERED_FOR = "overdue for", "due for", "answered for"
AHEAD = timedelta(days=60)  # of contracts with companies
PEOPLE_AHEAD = timedelta(days=183)  # of people's leave and contracts
NAMED = 5


@dataclass(frozen=True)
class QueueItem:
    """One thing that waits: its id, what it is called in both languages, and the day, where there is one."""

    object_id: str
    name_ja: str = field(repr=False)
    name_en: str = field(repr=False)
    day: date | None = None
    need_id: str = ""


@dataclass(frozen=True)
class QueueEntry:
    """Things that wait for the same: how many, the first of them, and for whom, where somebody is away."""

    kind: str
    count: int
    items: tuple[QueueItem, ...] = ()
    away: StandIn | None = None


def queue_of(
    connection: Connection, viewer: Viewer, settings: CaseSettings
) -> tuple[QueueEntry, ...]:
    """Return what waits for a viewer, by their role and by those they stand in for; for the office."""
    if not may(viewer, WORK_ON_CASES):
        return ()
    clocks = Clocks(settings)
    today = clocks.days.today()
    found: list[QueueEntry] = []
    if viewer.role in {CHIEF, LEGAL}:
        found += [_ndas_ending(connection, viewer, today), _members_ending(connection, today)]
        found.append(_without_nda(connection, viewer, today))
    if viewer.role in {LEGAL, IP}:
        found.append(_open_contracts(connection, viewer))
    found.append(_sent_back(connection, viewer))
    if _looks_after_people(connection, viewer):
        found += _of_people(connection, today)
    when = When(today, clocks.soon(today))
    for away in viewer.stands_in:
        if OF_QUEUE in away.what:
            found += _in_stead(connection, viewer, away, when)
    return tuple(entry for entry in found if entry.count)


def _sent_back(connection: Connection, viewer: Viewer) -> QueueEntry:
    """Return the estimates of the viewer's that finance sent back, by their cases' numbers."""
    numbers = list(dict.fromkeys(str(one.case_id) for one in sent_back(connection, viewer)))
    items = tuple(QueueItem(one, one, one) for one in numbers[:NAMED])
    return QueueEntry(SENT_BACK, len(numbers), items)


def _looks_after_people(connection: Connection, viewer: Viewer) -> bool:
    """Return whether people's time waits for a viewer: HR, and finance while no account is of HR."""
    if viewer.role == HR:
        return True
    if viewer.role != FINANCE:
        return False
    there = select(UserAccount.user_id).where(
        UserAccount.role == HR, UserAccount.disabled_at.is_(None)
    )
    return connection.execute(there.limit(1)).first() is None


def _ndas_ending(connection: Connection, viewer: Viewer, today: date) -> QueueEntry:
    query = (
        select(NDAS.c.organisation_id, func.max(NDAS.c.valid_until))
        .outerjoin(StoredNeed, StoredNeed.need_id == NDAS.c.need_id)
        .where(
            NDAS.c.withdrawn_at.is_(None),
            NDAS.c.valid_until >= today,
            NDAS.c.valid_until <= today + AHEAD,
            or_(NDAS.c.need_id == "", visible_needs(viewer)),
        )
        .group_by(NDAS.c.organisation_id)
    )
    return _companies(connection, NDAS_ENDING, connection.execute(query).all())


def _members_ending(connection: Connection, today: date) -> QueueEntry:
    later = MEMBERSHIPS.alias("later")
    follows = exists(
        select(later.c.membership_id).where(
            later.c.organisation_id == MEMBERSHIPS.c.organisation_id,
            later.c.withdrawn_at.is_(None),
            later.c.since > MEMBERSHIPS.c.until,
        )
    )
    query = select(MEMBERSHIPS.c.organisation_id, MEMBERSHIPS.c.until).where(
        MEMBERSHIPS.c.withdrawn_at.is_(None),
        MEMBERSHIPS.c.until >= today,
        MEMBERSHIPS.c.until <= today + AHEAD,
        ~follows,
    )
    return _companies(connection, MEMBERS_ENDING, connection.execute(query).all())


def _companies(connection: Connection, kind: str, rows: Iterable[object]) -> QueueEntry:
    found = [(str(one[0]), one[1]) for one in rows]  # type: ignore[index]
    now = present_ids(connection, [company for company, _ in found])
    days = {now.get(company, company): day for company, day in found}
    columns = Organisation.organisation_id, Organisation.name_ja, Organisation.name_en
    query = select(*columns).where(Organisation.organisation_id.in_(sorted(days)))
    items = [QueueItem(key, ja, en, days[key]) for key, ja, en in connection.execute(query)]
    items.sort(key=lambda one: (one.day or date.max, one.object_id))
    return QueueEntry(kind, len(items), tuple(items[:NAMED]))


def _without_nda(connection: Connection, viewer: Viewer, today: date) -> QueueEntry:
    """Return the cases before the gate of the NDA whose company has none that holds."""
    holding = exists(
        select(NDAS.c.nda_id).where(
            NDAS.c.organisation_id == StoredNeed.organisation_id,
            NDAS.c.need_id.in_(("", StoredNeed.need_id)),
            NDAS.c.withdrawn_at.is_(None),
            NDAS.c.signed_on <= today,
            or_(NDAS.c.valid_until.is_(None), NDAS.c.valid_until >= today),
        )
    )
    query = with_needs(
        select(CASES.c.case_id, CASES.c.title, StoredNeed.title, CASES.c.due_on, CASES.c.need_id)
    ).where(
        visible_cases(viewer),
        and_(
            CASES.c.stage == DIALOGUE, CASES.c.state == RUNNING, CASES.c.submitted_at.is_not(None)
        ),
        StoredNeed.organisation_id.is_not(None),
        ~holding,
    )
    rows = connection.execute(query.order_by(CASES.c.due_on, CASES.c.case_id)).all()
    items = [
        QueueItem(str(n), own or title, own or title, due, need_id or "")
        for n, own, title, due, need_id in rows[:NAMED]
    ]
    return QueueEntry(WITHOUT_NDA, len(rows), tuple(items))


def _open_contracts(connection: Connection, viewer: Viewer) -> QueueEntry:
    cases = open_contracts(connection, viewer)
    items = [
        QueueItem(str(one.case_id), one.title, one.title, need_id=one.need_id)
        for one in cases[:NAMED]
    ]
    return QueueEntry(OPEN_IP if viewer.role == IP else OPEN_CONTRACTS, len(cases), tuple(items))


def _of_people(connection: Connection, today: date) -> list[QueueEntry]:
    """Return whose leave begins or lasts, and whose work ends, within half a year."""
    ahead = today + PEOPLE_AHEAD
    away = and_(
        LIMITS.c.kind == LEAVE,
        or_(LIMITS.c.since.is_(None), LIMITS.c.since <= ahead),
        or_(LIMITS.c.until.is_(None), LIMITS.c.until >= today),
    )
    ending = and_(
        LIMITS.c.kind.in_((CONTRACT_END, RETIREMENT)),
        LIMITS.c.until >= today,
        LIMITS.c.until <= ahead,
    )
    found = []
    for kind, condition, day in (
        (AWAY_SOON, away, LIMITS.c.since),
        (ENDING_SOON, ending, LIMITS.c.until),
    ):
        query = select(LIMITS.c.researcher_id, day).where(
            condition, LIMITS.c.withdrawn_at.is_(None)
        )
        rows = connection.execute(query).all()
        now = rows_of(connection, [person for person, _ in rows])
        days = {now.get(person, person): when for person, when in rows}
        columns = Researcher.researcher_id, Researcher.name_ja, Researcher.name_en
        named = select(*columns).where(
            Researcher.researcher_id.in_(sorted(days)), Researcher.withdrawn_at.is_(None)
        )
        items = [
            QueueItem(key, ja or en, en or ja, days[key])
            for key, ja, en in connection.execute(named)
        ]
        items.sort(key=lambda one: (one.day or date.min, one.object_id))
        found.append(QueueEntry(kind, len(items), tuple(items[:NAMED])))
    return found


def _in_stead(
    connection: Connection, viewer: Viewer, away: StandIn, when: When
) -> list[QueueEntry]:
    """Return what waits for a colleague who is away, as far as the viewer sees it."""
    gates, theirs = gates_of(connection, viewer), CaseFilter(manager=away.user_id)
    found = [
        QueueEntry(
            kind,
            count_cases(connection, viewer, replace(theirs, due=due), when, gates),
            away=away,
        )
        for kind, due in ((OVERDUE_FOR, OVERDUE), (DUE_FOR, DUE_SOON))
    ]
    if may(viewer, INQUIRE):
        colleague = replace(viewer, viewer_id=away.user_id)
        query = select(func.count()).select_from(StoredNeed).where(
            StoredNeed.withdrawn_at.is_(None), visible_needs(viewer), has_news(colleague)
        )  # fmt: skip
        found.append(
            QueueEntry(ANSWERED_FOR, int(connection.execute(query).scalar_one()), away=away)
        )
    return found
