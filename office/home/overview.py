"""The beginning of a user's day in one reading: what is new, what waits, own needs, released lists.

Each part is bounded: the newest few, and how many there are in all.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.case_settings import CaseSettings
from office.access.access_log import note_naming
from office.access.rules import NOTE, RELEASE, SAVE_SEARCH, SEE_NEEDS, SEE_REPORTS, may
from office.access.scoped import reading_as
from office.business_days import BusinessDays
from office.cases.waiting import WaitingCases, waiting_cases
from office.estimates.kept import KeptEstimate
from office.estimates.waiting import count_to_check, estimates_to_check
from office.home.answers import AnsweredRelease, answered_releases
from office.home.own_needs import OwnNeeds, own_needs
from office.home.queues import QueueEntry, queue_of
from office.home.waiting import Waiting, waiting_for
from office.notes import Note, recent_notes
from office.projects.waiting import WaitingEntries, waiting_entries
from office.reports.night_reading import (
    NightDetails,
    NightNeed,
    details_of,
    needs_seen,
    order_of,
)
from office.reports.past_nights import PastNight, newest_night
from office.saved_searches import Search, searches_of

SHOWN_NEWS, SHOWN_PEOPLE, SHOWN_NOTES, SHOWN_ESTIMATES = 5, 3, 5, 5
RECENT = timedelta(days=1)
USUAL_CASES = CaseSettings()


@dataclass(frozen=True)
class NightNews:
    """Needs of the last night with news, the user's own first; `count` of them in all."""

    name: str
    needs: tuple[NightNeed, ...]
    count: int
    details: NightDetails


@dataclass(frozen=True)
class Home:
    """What a user's home page shows; what their role has nothing of is None or empty."""

    night: NightNews | None
    notes: tuple[Note, ...]
    searches: tuple[Search, ...]  # those with news
    waiting: tuple[Waiting, ...]
    own: OwnNeeds | None
    releases: tuple[AnsweredRelease, ...]
    cases: tuple[WaitingCases, ...] = ()
    projects: tuple[WaitingEntries, ...] = ()
    estimates: tuple[KeptEstimate, ...] = ()  # that wait for a check, the first of so many
    estimates_count: int = 0
    queue: tuple[QueueEntry, ...] = ()  # of the role, and of colleagues who are away


def home_of(
    catalogue: Catalogue,
    viewer: Viewer,
    reports: Path,
    *,
    cases: CaseSettings = USUAL_CASES,
    now: datetime | None = None,
) -> Home:
    """Return what is shown to a user, and note which closed needs it names."""
    since = (now or datetime.now(UTC)) - RECENT
    night = newest_night(reports) if may(viewer, SEE_REPORTS) else None
    with reading_as(catalogue, viewer) as connection:
        seen = _of_night(connection, viewer, night)
        managed = [need for need in seen if need.manager == viewer.viewer_id]
        sees_needs = may(viewer, SEE_NEEDS)
        own = own_needs(connection, viewer, night) if sees_needs else None
        waiting = waiting_for(connection, viewer, managed) if sees_needs else ()
        releases = answered_releases(connection, viewer) if may(viewer, RELEASE) else ()
        news = _news(connection, viewer, night, seen)
        waiting_of_cases = waiting_cases(connection, viewer, cases)
        of_projects = waiting_entries(connection, viewer, BusinessDays(cases).today(now))
        to_check = estimates_to_check(connection, viewer, limit=SHOWN_ESTIMATES)
        to_check_count = count_to_check(connection, viewer)
        queue = queue_of(connection, viewer, cases)
    notes = recent_notes(catalogue, viewer, since, SHOWN_NOTES) if may(viewer, NOTE) else ()
    searches = searches_of(catalogue, viewer) if may(viewer, SAVE_SEARCH) else []
    home = Home(
        night=news,
        notes=tuple(notes),
        searches=tuple(search for search in searches if search.news),
        waiting=waiting,
        own=own,
        releases=releases,
        cases=waiting_of_cases,
        projects=of_projects,
        estimates=to_check,
        estimates_count=to_check_count,
        queue=queue,
    )
    note_naming(catalogue, viewer, _named(home), "home")
    return home


def _of_night(connection: Connection, viewer: Viewer, night: PastNight | None) -> list[NightNeed]:
    """Return the night's needs that the user sees and of which there is something to say."""
    if night is None:
        return []
    told = [
        need_id
        for need_id, found in night.needs.items()
        if found.has_news or found.failed or found.fits_nobody
    ]
    return needs_seen(connection, viewer, night, told)


def _news(
    connection: Connection, viewer: Viewer, night: PastNight | None, seen: list[NightNeed]
) -> NightNews | None:
    if night is None:
        return None
    fresh = [need for need in seen if need.found.has_news]
    needs = sorted(fresh, key=lambda need: order_of(need, viewer))[:SHOWN_NEWS]
    people = [person for need in needs for person in need.found.new_people[:SHOWN_PEOPLE]]
    details = details_of(connection, viewer, people)
    return NightNews(night.name, tuple(needs), len(fresh), details)


def _named(home: Home) -> set[str]:
    """Return the ids of the needs whose titles are shown."""
    named = {release.need_id for release in home.releases}
    named |= {need.need_id for waiting in home.waiting for need in waiting.needs}
    named |= {note.need_id for note in home.notes}
    named |= {one.need_id for waiting in home.cases for one in waiting.cases} - {""}
    named |= {one.need_id for waiting in home.projects for one in waiting.entries} - {""}
    named |= {item.need_id for entry in home.queue for item in entry.items} - {""}
    named |= {search.need_id for search in home.searches} - {""}
    named |= {need.need_id for need in home.night.needs} if home.night else set()
    named |= {one.need.need_id for one in home.own.needs} if home.own else set()
    return named
