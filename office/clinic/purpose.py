"""A need's purpose (目的) in one sentence: proposed from its parts and answers, edited by its manager."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Connection, Table, delete, insert, select

from catalogue.database.veil_models import NeedPurpose
from catalogue.database.viewer import Viewer
from enmusubi.errors import ForbiddenError, InputError
from enmusubi.language import clean_text
from matcher.records import MatchList
from office.access import audit
from office.access.rules import VEIL, require
from office.clinic.proposing import proposed_wish, with_answers
from office.clinic.questions import VALUE, WHOM
from office.needs.reading import SeenNeed, need_of

PURPOSES = cast(Table, NeedPurpose.__table__)
NEED = "need"  # the kind of the audit trail's object
MAX_CHARS = 300


def proposed_purpose(
    need_title: str, matches: MatchList, given: Mapping[str, str], language: str
) -> str:
    """Return a sentence made of what a need wishes, or of its trouble turned round, and of answers.

    It is a draft to be edited, in the need's own words as far as they go.
    """
    parts = [one.part.text for one in matches.matches[0].parts] if matches.matches else []
    whom, value = (given.get(one, "").strip() for one in (WHOM, VALUE))
    wish = proposed_wish(need_title, parts, language)
    return clean_text(with_answers(wish, whom, value, language))[:MAX_CHARS] if wish else ""


def purpose_of(connection: Connection, viewer: Viewer, need_id: str) -> str:
    """Return the purpose that was kept for a need, empty without one; raises as `need_of` does."""
    require(viewer, VEIL)
    need_of(connection, viewer, need_id)
    query = select(PURPOSES.c.purpose).where(PURPOSES.c.need_id == need_id)
    return str(connection.execute(query).scalar() or "")


def keep_purpose(connection: Connection, viewer: Viewer, need_id: str, purpose: str) -> str:
    """Keep a need's purpose, or take it away where it is empty; returns it as it is kept.

    Raises ForbiddenError, UnknownIdError and InputError.
    """
    require(viewer, VEIL)
    need = need_of(connection, viewer, need_id)
    check_may_consult(viewer, need)
    said = " ".join(clean_text(purpose).split())
    if len(said) > MAX_CHARS:
        raise InputError("longer than %(most)s characters", of_field="purpose", most=MAX_CHARS)
    connection.execute(delete(PURPOSES).where(PURPOSES.c.need_id == need_id))
    if said:
        row = {"need_id": need_id, "purpose": said, "said_by": viewer.viewer_id}
        connection.execute(insert(PURPOSES).values(**row, said_at=datetime.now(UTC)))
    audit.record(connection, viewer, "change", NEED, need_id, fields=["purpose"])
    return said


def check_may_consult(viewer: Viewer, need: SeenNeed) -> None:
    """Raise ForbiddenError unless the viewer may work on the need's wording."""
    require(viewer, VEIL)
    if not need.may_change:
        raise ForbiddenError("Only the need's manager and the chief change it.")
