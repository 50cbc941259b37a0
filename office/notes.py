"""Notes on a researcher for a need: read by users of the office who see the need, deleted by their author."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, insert, select

from catalogue.database.account_models import UserAccount
from catalogue.database.models import StoredNeed
from catalogue.database.service_models import MatchNote
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ForbiddenError, InputError, UnknownIdError
from enmusubi.language import clean_text
from matcher.records import ResearcherCard
from office.access import audit
from office.access.rules import NOTE, require, visible_needs
from office.access.scoped import reading_as, writing_as
from office.needs.reading import need_of
from office.people import cards_of, ids_of
from office.researchers import researcher_of

NOTES = cast(Table, MatchNote.__table__)
NOTE_KIND = "note"  # the kind of the audit trail's object
MAX_NOTE_CHARS = 4_000


@dataclass(frozen=True)
class Note:
    """What a user wrote of a researcher for a need; `author_name` is the login where unknown."""

    note_id: int
    need_id: str
    need_title: str = field(repr=False)
    researcher: ResearcherCard
    author: str
    author_name: str
    text: str = field(repr=False)
    written_at: datetime


def write_note(
    catalogue: Catalogue, viewer: Viewer, need_id: str, researcher_id: str, text: str
) -> int:
    """Write a note and return its number.

    Raises ForbiddenError, UnknownIdError for a need or researcher that the viewer cannot see, and
    InputError for an empty or overlong text.
    """
    require(viewer, NOTE)
    cleaned = clean_text(text).strip()
    if not cleaned or len(cleaned) > MAX_NOTE_CHARS:
        raise InputError(
            "The note has %(count)s characters; expected 1 to %(most)s.",
            count=len(cleaned),
            most=MAX_NOTE_CHARS,
        )
    with writing_as(catalogue, viewer) as connection:
        need_of(connection, viewer, need_id)
        card = researcher_of(connection, viewer, researcher_id).card
        values = {
            "need_id": need_id,
            "researcher_id": card.researcher_id,
            "author": viewer.viewer_id,
            "text": cleaned,
            "written_at": datetime.now(UTC),
        }
        key = connection.execute(insert(NOTES).values(values)).inserted_primary_key
        note_id = int(key[0]) if key else 0
        where = {"need_id": need_id, "researcher_id": card.researcher_id}
        audit.record(connection, viewer, "write", NOTE_KIND, str(note_id), **where)
        return note_id


def notes_of(
    catalogue: Catalogue, viewer: Viewer, *, need_id: str = "", researcher_id: str = ""
) -> list[Note]:
    """Return the notes on a need, on a researcher or on both, the newest first.

    Only those of needs that the viewer sees. Raises ForbiddenError.
    """
    require(viewer, NOTE)
    with reading_as(catalogue, viewer) as connection:
        query = _seen_notes(viewer)
        if need_id:
            query = query.where(NOTES.c.need_id == need_id)
        if researcher_id:
            query = query.where(NOTES.c.researcher_id.in_(ids_of(connection, researcher_id)))
        newest = query.order_by(NOTES.c.written_at.desc(), NOTES.c.note_id.desc())
        return _notes(connection, connection.execute(newest).all())


def recent_notes(catalogue: Catalogue, viewer: Viewer, since: datetime, limit: int) -> list[Note]:
    """Return what others wrote since then on needs that the viewer sees, the newest first.

    Raises ForbiddenError.
    """
    require(viewer, NOTE)
    with reading_as(catalogue, viewer) as connection:
        query = _seen_notes(viewer).where(
            NOTES.c.author != viewer.viewer_id, NOTES.c.written_at >= since
        )
        newest = query.order_by(NOTES.c.written_at.desc(), NOTES.c.note_id.desc())
        return _notes(connection, connection.execute(newest.limit(limit)).all())


def _seen_notes(viewer: Viewer) -> Any:
    return (
        select(NOTES, StoredNeed.title, UserAccount.name)
        .join(StoredNeed, StoredNeed.need_id == NOTES.c.need_id)
        .outerjoin(UserAccount, UserAccount.user_id == NOTES.c.author)
        .where(visible_needs(viewer), StoredNeed.withdrawn_at.is_(None))
    )


@dataclass(frozen=True)
class NotePlace:
    """Of which need and researcher a note was."""

    need_id: str
    researcher_id: str


def delete_note(catalogue: Catalogue, viewer: Viewer, note_id: int) -> NotePlace:
    """Delete a note of one's own; returns where it stood.

    Raises UnknownIdError for one that isn't there or is on a need that the viewer cannot see, and
    ForbiddenError for another's.
    """
    require(viewer, NOTE)
    with writing_as(catalogue, viewer) as connection:
        query = (
            select(NOTES.c.author, NOTES.c.need_id, NOTES.c.researcher_id)
            .join(StoredNeed, StoredNeed.need_id == NOTES.c.need_id)
            .where(NOTES.c.note_id == note_id, visible_needs(viewer))
        )
        found = connection.execute(query).first()
        if found is None:
            raise UnknownIdError("No note has that number, or none that you may see.")
        if found.author != viewer.viewer_id:
            raise ForbiddenError("The note is another user's: only its author may delete it.")
        connection.execute(delete(NOTES).where(NOTES.c.note_id == note_id))
        where = {"need_id": found.need_id, "researcher_id": found.researcher_id}
        audit.record(connection, viewer, "delete", NOTE_KIND, str(note_id), **where)
        return NotePlace(found.need_id, found.researcher_id)


def _notes(connection: Connection, rows: Any) -> list[Note]:
    cards = cards_of(connection, [row.researcher_id for row in rows])
    return [
        Note(
            row.note_id,
            row.need_id,
            row.title,
            cards[row.researcher_id],
            row.author,
            row.name or row.author,
            row.text,
            row.written_at,
        )
        for row in rows
        if row.researcher_id in cards
    ]
