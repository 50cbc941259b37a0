"""A user's own needs: those that they look after or were asked in to, and how far each has come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, or_, select

from catalogue.database.models import OPEN, StoredNeed
from catalogue.database.viewer import Viewer
from office.access.rules import GUEST_ROLES, asked_in, visible_needs
from office.needs.reading import SeenNeed, count_needs, needs_by_ids, needs_page
from office.needs.verdicts import counted_verdicts
from office.reports.past_nights import PastNeed, PastNight

SHOWN_NEEDS = 6


@dataclass(frozen=True)
class OwnNeed:
    """A need with how many people were judged for it, how many suit, and what the last night found."""

    need: SeenNeed
    judged: int
    suitable: int
    found: PastNeed | None


@dataclass(frozen=True)
class OwnNeeds:
    """The newest open needs; `are_own` is false for users without any, who see the newest of all."""

    needs: tuple[OwnNeed, ...]
    count: int
    are_own: bool


def own(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `need` rows for those that a user looks after or was asked in to."""
    mine: ColumnElement[bool] = StoredNeed.manager == viewer.viewer_id
    if viewer.role not in GUEST_ROLES:
        return mine
    return or_(mine, asked_in(viewer))


def open_needs(viewer: Viewer, *conditions: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `need` rows for open ones that the viewer sees."""
    there = StoredNeed.withdrawn_at.is_(None), StoredNeed.status == OPEN
    return visible_needs(viewer), *there, *conditions


def own_needs(connection: Connection, viewer: Viewer, night: PastNight | None) -> OwnNeeds:
    """Return the user's newest open needs; where they have none, the newest that they see."""
    conditions = open_needs(viewer, own(viewer))
    count = count_of(connection, conditions)
    if not count:
        newest = needs_page(connection, viewer, limit=SHOWN_NEEDS).items
        total = count_needs(connection, viewer)
        return OwnNeeds(_with_progress(connection, viewer, newest, night), total, are_own=False)
    query = select(StoredNeed.need_id).where(*conditions)
    newest_first = StoredNeed.posted_on.is_(None), StoredNeed.posted_on.desc(), StoredNeed.need_id
    ids = connection.execute(query.order_by(*newest_first).limit(SHOWN_NEEDS)).scalars().all()
    found = {need.need_id: need for need in needs_by_ids(connection, viewer, ids)}
    needs = [found[need_id] for need_id in ids if need_id in found]
    return OwnNeeds(_with_progress(connection, viewer, needs, night), count, are_own=True)


def count_of(connection: Connection, conditions: Iterable[ColumnElement[bool]]) -> int:
    """Return how many `need` rows fulfil the conditions."""
    query = select(func.count()).select_from(StoredNeed).where(*conditions)
    return int(connection.execute(query).scalar_one())


def _with_progress(
    connection: Connection, viewer: Viewer, needs: Iterable[SeenNeed], night: PastNight | None
) -> tuple[OwnNeed, ...]:
    listed = list(needs)
    judged = counted_verdicts(connection, viewer, [need.need_id for need in listed])
    found: Mapping[str, PastNeed] = night.needs if night else {}
    return tuple(
        OwnNeed(need, *judged.get(need.need_id, (0, 0)), found.get(need.need_id)) for need in listed
    )
