"""The dates of a user's needs as an iCalendar file (RFC 5545): by their ids, never by text or title."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from icalendar import Calendar, Event
from sqlalchemy import Connection, select

from catalogue.database.models import StoredNeed
from catalogue.database.viewer import Viewer
from enmusubi.messages import N_
from enmusubi.translation import translations
from office.access.rules import SEE_NEEDS, WORK_ON_CASES, may, require
from office.cases.gates import gates_of
from office.cases.kept import CASES, seen
from office.cases.listing import to_decide
from office.home.own_needs import open_needs, own
from office.need_dates import horizon_days
from office.projects.waiting import planned_milestones

POSTED, WANTED, CASE_DUE, PROJECT_DUE = "posted", "wanted", "case", "milestone"
TO_BE_DECIDED = "decision"
_OF_CASES = {CASE_DUE, TO_BE_DECIDED, PROJECT_DUE}
_SUMMARIES = {
    POSTED: N_("Need %(id)s: posted"),
    WANTED: N_("Need %(id)s: wanted by then"),
    CASE_DUE: N_("Case %(id)s: due"),
    TO_BE_DECIDED: N_("Case %(id)s: your decision is due"),
    PROJECT_DUE: N_("Case %(id)s: milestone %(number)s"),
}
_NAME = N_("Enmusubi: dates of my needs")
_PRODUCT = "-//Enmusubi//Dates of needs//EN"


@dataclass(frozen=True)
class NeedDate:
    """A day of a need: when it was posted, or by when something is wanted; or of a case, its last one.

    Of a project's milestone, `need_id` is the case's number, and `number` the milestone's.
    """

    need_id: str
    kind: str
    day: date
    changed_at: datetime
    number: int = 0


def dates_of(connection: Connection, viewer: Viewer) -> list[NeedDate]:
    """Return the dates of the open needs that the viewer manages or was asked in to, by day.

    Raises ForbiddenError.
    """
    require(viewer, SEE_NEEDS)
    columns = StoredNeed.need_id, StoredNeed.posted_on, StoredNeed.horizon, StoredNeed.updated_at
    query = select(*columns).where(*open_needs(viewer, own(viewer)))
    found: list[NeedDate] = []
    for need_id, posted_on, horizon, changed_at in connection.execute(query):
        if posted_on:
            found.append(NeedDate(need_id, POSTED, posted_on, changed_at))
        days = horizon_days(horizon, posted_on)
        found += [NeedDate(need_id, WANTED, day, changed_at) for day in days]
    return sorted(found, key=lambda one: (one.day, one.need_id, one.kind))


def dates_of_cases(connection: Connection, viewer: Viewer) -> list[NeedDate]:
    """Return the last days of the viewer's own cases, and of gates that wait for their decision.

    `need_id` is the case's number.
    """
    if not may(viewer, WORK_ON_CASES):
        return []
    own = CASES.c.manager == viewer.viewer_id
    asked = to_decide(viewer, gates_of(connection, viewer))
    found: list[NeedDate] = []
    for kind, which in ((CASE_DUE, own), (TO_BE_DECIDED, asked)):
        query = seen(viewer).where(which, CASES.c.due_on.is_not(None))
        rows = connection.execute(query.order_by(CASES.c.due_on, CASES.c.case_id)).mappings()
        found += [NeedDate(str(r["case_id"]), kind, r["due_on"], r["changed_at"]) for r in rows]
    return found


def dates_of_projects(connection: Connection, viewer: Viewer) -> list[NeedDate]:
    """Return the planned days of the milestones of the viewer's own projects."""
    return [
        NeedDate(str(one.case_id), PROJECT_DUE, one.due_on, one.changed_at, one.entry_id)
        for one in planned_milestones(connection, viewer)
    ]


def calendar_file(dates: list[NeedDate], *, language: str, address: str) -> bytes:
    """Return the file: one event of a whole day for each date, with a link to the need's page.

    An event has the same UID in every file, so that a calendar that reads it again keeps one of each; its
    SEQUENCE (minutes) grows with each change, so that a day that moved is taken over.
    """
    texts = translations(language)
    made = Calendar()
    made.add("prodid", _PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", texts.say(_NAME))
    for one in dates:
        event = Event()
        of_case = one.kind in _OF_CASES
        # a case has one last day, which moves, and so does that of a milestone
        day = (one.number or "") if of_case else one.day
        named = hashlib.sha256(f"{one.need_id}\n{one.kind}\n{day}".encode()).hexdigest()[:32]
        event.add("uid", f"{named}@enmusubi")
        event.add("dtstamp", one.changed_at)
        event.add("last-modified", one.changed_at)
        event.add("sequence", int(one.changed_at.timestamp()) // 60)
        event.add("dtstart", one.day)
        event.add("summary", texts.say(_SUMMARIES[one.kind], id=one.need_id, number=one.number))
        place = "cases" if of_case else "needs"
        page = "/project" if one.kind == PROJECT_DUE else ""
        event.add("url", f"{address}/{place}/{quote(one.need_id, safe='')}{page}")
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    return bytes(made.to_ical())
