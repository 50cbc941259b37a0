"""Shortlists of users: researchers kept for a need, or for none.

It is its owner's alone. What was kept for a need that its owner may no longer see is not shown.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Table, delete, insert, select

from catalogue.database.service_models import Shortlisted
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ConflictError
from matcher.records import ResearcherCard
from office.access import audit
from office.access.rules import SHORTLIST, require
from office.access.scoped import reading_as, writing_as
from office.needs.reading import need_of, titles_of
from office.people import cards_of, ids_of
from office.researchers import researcher_of

SHORTLISTED = cast(Table, Shortlisted.__table__)
PERSON_KIND = "researcher"  # the kind of the audit trail's object
MAX_ENTRIES = 2_000


@dataclass(frozen=True)
class ShortlistEntry:
    """A researcher on a user's shortlist; `need_id` and `need_title` are empty without a need."""

    researcher: ResearcherCard
    need_id: str
    need_title: str = field(repr=False)
    added_at: datetime


def add_to_shortlist(
    catalogue: Catalogue, viewer: Viewer, researcher_id: str, need_id: str = ""
) -> bool:
    """Put a researcher on the viewer's shortlist; returns whether they were not on it before.

    Raises ForbiddenError, UnknownIdError for a researcher or need that the viewer cannot see, and
    ConflictError when the shortlist is full.
    """
    require(viewer, SHORTLIST)
    with writing_as(catalogue, viewer) as connection:
        card = researcher_of(connection, viewer, researcher_id).card
        if need_id:
            need_of(connection, viewer, need_id)
        mine = SHORTLISTED.c.user_id == viewer.viewer_id
        kept = connection.execute(
            select(SHORTLISTED.c.need_id, SHORTLISTED.c.researcher_id).where(mine)
        ).all()
        ids = ids_of(connection, card.researcher_id)
        if any(row.need_id == need_id and row.researcher_id in ids for row in kept):
            return False
        if len(kept) >= MAX_ENTRIES:
            raise ConflictError(
                "The shortlist holds %(count)s researchers, as many as it can. Remove some first.",
                count=len(kept),
            )
        connection.execute(
            insert(SHORTLISTED).values(
                user_id=viewer.viewer_id,
                need_id=need_id,
                researcher_id=card.researcher_id,
                added_at=datetime.now(UTC),
            )
        )
        audit.record(connection, viewer, "keep", PERSON_KIND, card.researcher_id, need_id=need_id)
        return True


def remove_from_shortlist(
    catalogue: Catalogue, viewer: Viewer, researcher_id: str, need_id: str = ""
) -> bool:
    """Take a researcher off the viewer's shortlist; returns whether they were on it."""
    require(viewer, SHORTLIST)
    with writing_as(catalogue, viewer) as connection:
        removed = connection.execute(
            delete(SHORTLISTED).where(
                SHORTLISTED.c.user_id == viewer.viewer_id,
                SHORTLISTED.c.need_id == need_id,
                SHORTLISTED.c.researcher_id.in_(ids_of(connection, researcher_id)),
            )
        )
        if removed.rowcount:
            audit.record(connection, viewer, "drop", PERSON_KIND, researcher_id, need_id=need_id)
        return removed.rowcount > 0


def shortlist(
    catalogue: Catalogue, viewer: Viewer, need_id: str | None = None
) -> list[ShortlistEntry]:
    """Return the viewer's shortlist by need, those without a need last, the newest first in each.

    With `need_id` only what was kept for that need, or, where it is empty, for none.
    """
    require(viewer, SHORTLIST)
    with reading_as(catalogue, viewer) as connection:
        query = select(SHORTLISTED).where(SHORTLISTED.c.user_id == viewer.viewer_id)
        if need_id is not None:
            query = query.where(SHORTLISTED.c.need_id == need_id)
        rows = connection.execute(query).all()
        titles = {"": ""} | titles_of(connection, viewer, {row.need_id for row in rows} - {""})
        cards = cards_of(connection, [row.researcher_id for row in rows])
    entries = [
        ShortlistEntry(cards[row.researcher_id], row.need_id, titles[row.need_id], row.added_at)
        for row in rows
        if row.need_id in titles and row.researcher_id in cards
    ]
    entries.sort(key=lambda e: (-e.added_at.timestamp(), e.researcher.researcher_id))
    return sorted(entries, key=lambda e: (not e.need_id, e.need_id))
