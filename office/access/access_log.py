"""Access log: entries of the audit trail for reading needs that few may see, and hidden seeds.

A user who lists, matches or opens one is noted with its id, before it is shown; reading what is open
to the office, or to all, is not noted. Decisions on identities are noted here for page and command alike.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from catalogue.database.models import UNPUBLISHED, Seed, StoredNeed
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from catalogue.records.source_records import chunks
from matcher.records import COMPETITIVE, CONFIDENTIAL
from office.access import audit
from office.needs.reading import SeenNeed

NEED, SEED, RESEARCHER = "need", "seed", "researcher"  # kinds of the audit trail's objects
IN_AN_ENTRY = 200  # ids


def note_reading(catalogue: Catalogue, viewer: Viewer, need: SeenNeed, what: str) -> None:
    """Note that a user reads a need, if it is one that few may see; `what` is a code."""
    if need.facts.is_closed:
        audit.note(catalogue, viewer, "read", NEED, need.need_id, what=what)


def note_reading_by_id(catalogue: Catalogue, viewer: Viewer, need_id: str, what: str) -> None:
    """Note that a user reads the need of an id, as `note_reading` does; no id notes nothing."""
    for closed in _closed(catalogue, [need_id]):
        audit.note(catalogue, viewer, "read", NEED, closed, what=what)


def note_listing(
    catalogue: Catalogue, viewer: Viewer, needs: Iterable[SeenNeed], what: str
) -> None:
    """Note which needs that few may see stand in a list."""
    _note_all(
        catalogue, viewer, NEED, [need.need_id for need in needs if need.facts.is_closed], what
    )


def note_naming(catalogue: Catalogue, viewer: Viewer, need_ids: Iterable[str], what: str) -> None:
    """Note which of these needs, whose titles or lists are shown, are such that few may see."""
    _note_all(catalogue, viewer, NEED, _closed(catalogue, need_ids), what)


def note_seeds(catalogue: Catalogue, viewer: Viewer, seed_ids: Iterable[str], what: str) -> None:
    """Note which of these seeds, which are shown, are confidential or not published."""
    hidden = or_(Seed.visibility == CONFIDENTIAL, Seed.patent_status == UNPUBLISHED)
    _note_all(catalogue, viewer, SEED, _found(catalogue, Seed.seed_id, seed_ids, hidden), what)


def note_decision(
    connection: Connection, viewer: Viewer, decision: str, first: str, second: str
) -> None:
    """Note a decision on two researchers (join, apart or undo) in the transaction that makes it."""
    audit.record(
        connection, viewer, f"{_DECISIONS[decision]} researchers", RESEARCHER, first, other=second
    )


_DECISIONS = {"join": "join", "apart": "keep apart", "undo": "undo decision on"}


def _closed(catalogue: Catalogue, need_ids: Iterable[str]) -> list[str]:
    few = or_(StoredNeed.area == COMPETITIVE, StoredNeed.confidentiality == CONFIDENTIAL)
    return _found(catalogue, StoredNeed.need_id, need_ids, few)


def _found(
    catalogue: Catalogue, column: Any, ids: Iterable[str], condition: ColumnElement[bool]
) -> list[str]:
    found: list[str] = []
    wanted = sorted({its_id for its_id in ids if its_id})
    if not wanted:
        return found
    with catalogue.reading() as connection:
        for chunk in chunks(wanted):
            query = select(column).where(column.in_(chunk), condition).order_by(column)
            found += connection.execute(query).scalars()
    return found


def _note_all(catalogue: Catalogue, viewer: Viewer, kind: str, ids: list[str], what: str) -> None:
    if not ids:
        return
    with catalogue.writing() as connection:
        for chunk in chunks(ids, IN_AN_ENTRY):
            audit.record(connection, viewer, "list", kind, what=what, ids=chunk)
