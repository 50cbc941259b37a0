"""What waits for a user: needs to be looked after, judged, released or worded anew."""

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, exists, not_, select

from catalogue.database.judgement_models import SUITABLE
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import CHIEF, Viewer
from office.access.rules import (
    CHANGE_NEED,
    CLEAR,
    FIND_COMPANIES,
    GUEST_ROLES,
    INQUIRE,
    JUDGE,
    RELEASE,
    may,
)
from office.delegations.acting import may_or_stands_in
from office.home.own_needs import count_of, open_needs, own
from office.inquiries.kept import has_news
from office.needs.managers import unmanaged
from office.needs.releases import RELEASED
from office.needs.verdicts import JUDGEMENT
from office.notes import NOTES
from office.outbound.dormant import dormant_news
from office.reports.night_reading import NightNeed
from office.screening.kept_clearances import CLEARANCES, waiting_for_role

UNMANAGED, UNJUDGED, UNRELEASED = "unmanaged", "unjudged", "unreleased"
NOBODY, FAILED, ASKED_IN = "nobody", "failed", "asked in"
TO_CLEAR, ANSWERED, ASLEEP = "to clear", "answered", "dormant"
NAMED_NEEDS = 3


@dataclass(frozen=True)
class NamedNeed:
    """A need, as far as its title says it."""

    need_id: str
    title: str = field(repr=False)
    lang: str


@dataclass(frozen=True)
class Waiting:
    """Needs that wait for the same: how many, and the first of them."""

    kind: str
    count: int
    needs: tuple[NamedNeed, ...]


def waiting_for(
    connection: Connection, viewer: Viewer, night_needs: list[NightNeed]
) -> tuple[Waiting, ...]:
    """Return what waits for a user; `night_needs` are the user's own needs of the last night."""
    asked: list[tuple[str, ColumnElement[bool]]] = []
    mine = StoredNeed.manager == viewer.viewer_id
    if viewer.role == CHIEF:
        asked.append((UNMANAGED, unmanaged()))
    if viewer.role in GUEST_ROLES:
        asked.append((ASKED_IN, own(viewer) & ~mine & not_(_noted(viewer)) & not_(_judged())))
    if may_or_stands_in(viewer, CLEAR):
        asked.append((TO_CLEAR, _to_be_cleared(viewer)))
    if may(viewer, INQUIRE):
        asked.append((ANSWERED, has_news(viewer)))
    if may(viewer, JUDGE) and may(viewer, CHANGE_NEED):
        asked.append((UNJUDGED, mine & not_(_judged())))
    if may(viewer, RELEASE):
        company = StoredNeed.organisation_id.is_not(None)
        asked.append((UNRELEASED, mine & company & _judged(SUITABLE) & not_(_released())))
    found = [_waiting(connection, viewer, kind, condition) for kind, condition in asked]
    found += [
        _asleep(connection, viewer),
        _of_night(FAILED, [need for need in night_needs if need.found.failed]),
        _of_night(NOBODY, [need for need in night_needs if need.found.fits_nobody]),
    ]
    return tuple(waiting for waiting in found if waiting.count)


def _waiting(
    connection: Connection, viewer: Viewer, kind: str, condition: ColumnElement[bool]
) -> Waiting:
    conditions = open_needs(viewer, condition)
    count = count_of(connection, conditions)
    if not count:
        return Waiting(kind, 0, ())
    query = select(StoredNeed.need_id, StoredNeed.title, StoredNeed.lang).where(*conditions)
    oldest = query.order_by(
        StoredNeed.posted_on.is_(None), StoredNeed.posted_on, StoredNeed.need_id
    )
    rows = connection.execute(oldest.limit(NAMED_NEEDS))
    return Waiting(kind, count, tuple(NamedNeed(*row) for row in rows))


def _asleep(connection: Connection, viewer: Viewer) -> Waiting:
    """Return the dormant needs for which new seeds were found: the user's own, for the chief all."""
    manager = "" if viewer.role == CHIEF else viewer.viewer_id
    may_see = may(viewer, FIND_COMPANIES)
    news = dormant_news(connection, viewer, manager=manager) if may_see else ()
    named = tuple(NamedNeed(one.need_id, one.title, one.lang) for one in news[:NAMED_NEEDS])
    return Waiting(ASLEEP, len(news), named)


def _of_night(kind: str, needs: list[NightNeed]) -> Waiting:
    first = sorted(needs, key=lambda need: (need.title, need.need_id))[:NAMED_NEEDS]
    return Waiting(kind, len(needs), tuple(NamedNeed(n.need_id, n.title, n.lang) for n in first))


def _judged(verdict: str = "") -> ColumnElement[bool]:
    query = select(JUDGEMENT.c.judgement_id).where(
        JUDGEMENT.c.need_id == StoredNeed.need_id, JUDGEMENT.c.withdrawn_at.is_(None)
    )
    return exists(query.where(JUDGEMENT.c.verdict == verdict) if verdict else query)


def _released() -> ColumnElement[bool]:
    query = select(RELEASED.c.release_id).where(RELEASED.c.need_id == StoredNeed.need_id)
    return exists(query.where(RELEASED.c.revoked_at.is_(None)))


def _to_be_cleared(viewer: Viewer) -> ColumnElement[bool]:
    query = select(CLEARANCES.c.clearance_id).where(CLEARANCES.c.need_id == StoredNeed.need_id)
    return exists(query.where(waiting_for_role(viewer)))


def _noted(viewer: Viewer) -> ColumnElement[bool]:
    query = select(NOTES.c.note_id).where(NOTES.c.need_id == StoredNeed.need_id)
    return exists(query.where(NOTES.c.author == viewer.viewer_id))
