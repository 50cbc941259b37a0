"""Handing over all that somebody manages in one step, and taking that back.

People hand over their own work, the chief anybody's, the administrator that of an account that is closed, of
which they see numbers alone. What was given is noted piece by piece: taking back gives back what the other
still has, and leaves what has moved on since.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, insert, select, update

from catalogue.database.delegation_models import (
    HANDED_KINDS,
    OF_CASE,
    OF_INQUIRY,
    OF_NEED,
    OF_SEARCH,
    OF_SHORTLIST,
    HandOver,
    HandOverItem,
)
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ConflictError, ForbiddenError, InputError, UnknownIdError
from enmusubi.messages import N_
from office.access import audit
from office.access.rules import HAND_OVER, require
from office.accounts.users import required_user
from office.cases.kept import CASES
from office.cases.steps import CaseStep, note_step
from office.delegations.holdings import (
    INQUIRIES,
    SEARCHES,
    SHORTLISTED,
    Holdings,
    entry_of,
    holdings_of,
    ids_held,
)
from office.needs.assigning import assign_managers
from office.needs.managers import can_manage

HAND_OVERS = cast(Table, HandOver.__table__)
ITEMS = cast(Table, HandOverItem.__table__)
HAND_OVER_KIND = "hand-over"  # the kind of the audit trail's object
NOT_YOURS = N_("Only who handed it over takes it back, and the chief.")
UNKNOWN_HAND_OVER = N_("No hand-over has that number, or none that you may see.")
_MOST = 2**63 - 1


@dataclass(frozen=True)
class KeptHandOver:
    """A hand-over: who gave what to whom; `counts` by kind is what was given."""

    hand_over_id: int
    from_user: str
    to_user: str
    made_by: str
    made_at: datetime
    undone_by: str
    undone_at: datetime | None
    counts: Mapping[str, int]


def preview(catalogue: Catalogue, viewer: Viewer, from_user: str) -> Holdings:
    """Return what would be handed over; raises ForbiddenError and UnknownIdError."""
    with catalogue.reading() as connection:
        _check_may(connection, viewer, from_user)
        held = ids_held(connection, from_user)
        return holdings_of(connection, viewer, from_user, held)


def hand_over(catalogue: Catalogue, viewer: Viewer, from_user: str, to_user: str) -> KeptHandOver:
    """Give all that somebody manages to a colleague, in one transaction.

    Raises ForbiddenError, UnknownIdError, InputError for somebody who cannot manage it, and ConflictError
    where there is nothing.
    """
    with catalogue.writing() as connection:
        _check_may(connection, viewer, from_user)
        if from_user == to_user or not can_manage(connection, to_user):
            raise InputError("not the login of another user of the office.", of_field="to_user")
        held = ids_held(connection, from_user)
        moved = {
            kind: _move(connection, viewer, kind, held[kind], from_user, to_user) for kind in held
        }
        if not any(moved.values()):
            raise ConflictError("There is nothing to hand over.")
        row = {
            "from_user": from_user, "to_user": to_user, "made_by": viewer.viewer_id,
            "made_at": datetime.now(UTC), "undone_by": "",
        }  # fmt: skip
        key = connection.execute(insert(HAND_OVERS).values(**row)).inserted_primary_key
        number = int(key[0]) if key else 0
        items = [
            {"hand_over_id": number, "kind": kind, "object_id": one}
            for kind, ids in moved.items()
            for one in ids
        ]
        connection.execute(insert(ITEMS), items)
        told = {f"of_{kind}": len(ids) for kind, ids in moved.items()}
        named = {"from_user": from_user, "to_user": to_user}
        audit.record(connection, viewer, "hand over", HAND_OVER_KIND, str(number), **named, **told)
        return _kept(connection, number)


def undo(catalogue: Catalogue, viewer: Viewer, hand_over_id: int) -> tuple[KeptHandOver, int]:
    """Give back what was handed over and is still where it went; returns how many pieces went back.

    Who handed it over takes it back, and the chief: not who lost the work by somebody else's word.
    Raises ForbiddenError, UnknownIdError, and ConflictError for one that was undone, or whose giver's
    account does not work any more.
    """
    with catalogue.writing() as connection:
        kept = _seen(connection, viewer, hand_over_id)
        if not takes_back(viewer, kept):
            raise ForbiddenError(NOT_YOURS)
        if kept.undone_at:
            raise ConflictError("That hand-over was taken back already.")
        if not can_manage(connection, kept.from_user):
            raise ConflictError("The account that it came from is closed. Open it first.")
        query = select(ITEMS.c.kind, ITEMS.c.object_id).where(ITEMS.c.hand_over_id == hand_over_id)
        given: dict[str, list[str]] = {kind: [] for kind in HANDED_KINDS}
        for kind, object_id in connection.execute(query):
            given[kind].append(object_id)
        back = 0
        for kind, ids in given.items():
            back += len(_move(connection, viewer, kind, ids, kept.to_user, kept.from_user))
        chosen = HAND_OVERS.c.hand_over_id == hand_over_id
        values = {"undone_by": viewer.viewer_id, "undone_at": datetime.now(UTC)}
        connection.execute(update(HAND_OVERS).where(chosen).values(**values))
        told: dict[str, Any] = {
            "from_user": kept.from_user,
            "to_user": kept.to_user,
            "pieces": back,
        }
        audit.record(
            connection, viewer, "undo hand-over", HAND_OVER_KIND, str(hand_over_id), **told
        )
        return _kept(connection, hand_over_id), back


def hand_overs(catalogue: Catalogue, viewer: Viewer, *, limit: int = 20) -> list[KeptHandOver]:
    """Return the newest that the viewer may see; raises ForbiddenError."""
    require(viewer, HAND_OVER)
    with catalogue.reading() as connection:
        query = select(HAND_OVERS.c.hand_over_id).where(_of(viewer))
        newest = query.order_by(HAND_OVERS.c.hand_over_id.desc()).limit(limit)
        return [_kept(connection, number) for number in connection.execute(newest).scalars().all()]


def hand_over_of(catalogue: Catalogue, viewer: Viewer, hand_over_id: int) -> KeptHandOver:
    """Return one; raises ForbiddenError and UnknownIdError."""
    with catalogue.reading() as connection:
        return _seen(connection, viewer, hand_over_id)


def takes_back(viewer: Viewer, kept: KeptHandOver) -> bool:
    """Return whether a viewer who sees a hand-over may take it back."""
    return viewer.role == CHIEF or viewer.viewer_id == kept.made_by


def _check_may(connection: Connection, viewer: Viewer, from_user: str) -> None:
    require(viewer, HAND_OVER)
    user = required_user(connection, from_user)
    if viewer.role == CHIEF or from_user == viewer.viewer_id:
        return
    if viewer.role == ADMINISTRATOR and user.disabled_at is not None:
        return
    raise ForbiddenError(
        "People hand over their own work, the chief anybody's, the administrator that of closed accounts."
    )


def _of(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.role in {CHIEF, ADMINISTRATOR}:
        return HAND_OVERS.c.hand_over_id > 0
    mine = viewer.viewer_id
    return (HAND_OVERS.c.from_user == mine) | (HAND_OVERS.c.made_by == mine)


def _seen(connection: Connection, viewer: Viewer, hand_over_id: int) -> KeptHandOver:
    require(viewer, HAND_OVER)
    number = min(hand_over_id, _MOST)
    query = select(HAND_OVERS.c.hand_over_id).where(
        HAND_OVERS.c.hand_over_id == number, _of(viewer)
    )
    if connection.execute(query).first() is None:
        raise UnknownIdError(UNKNOWN_HAND_OVER)
    return _kept(connection, number)


def _kept(connection: Connection, number: int) -> KeptHandOver:
    chosen = HAND_OVERS.c.hand_over_id == number
    row = connection.execute(select(HAND_OVERS).where(chosen)).mappings().one()
    kinds = select(ITEMS.c.kind).where(ITEMS.c.hand_over_id == number)
    counts = dict.fromkeys(HANDED_KINDS, 0)
    for kind in connection.execute(kinds).scalars():
        counts[kind] += 1
    return KeptHandOver(**row, counts=counts)


def _move(  # noqa: PLR0917 - in the order of the sentence
    connection: Connection,
    viewer: Viewer,
    kind: str,
    ids: Sequence[str],
    giver: str,
    taker: str,
) -> list[str]:
    """Give things of a kind that the giver still has to the taker; returns the ids of those that moved."""
    return _MOVERS[kind](connection, viewer, ids, giver, taker) if ids else []


def _move_needs(
    connection: Connection, viewer: Viewer, ids: Sequence[str], giver: str, taker: str
) -> list[str]:
    wanted = set(ids)
    query = select(StoredNeed.need_id).where(
        StoredNeed.manager == giver, StoredNeed.withdrawn_at.is_(None)
    )
    theirs = sorted(wanted & set(connection.execute(query).scalars()))
    assign_managers(connection, viewer, theirs, taker)
    return theirs


def _move_cases(
    connection: Connection, viewer: Viewer, ids: Sequence[str], giver: str, taker: str
) -> list[str]:
    moved, now = [], datetime.now(UTC)
    for case_id in map(int, ids):
        chosen = (CASES.c.case_id == case_id, CASES.c.manager == giver)
        values: dict[str, Any] = {
            "manager": taker,
            "changed_by": viewer.viewer_id,
            "changed_at": now,
        }
        done = connection.execute(
            update(CASES).where(*chosen).values(**values, version=CASES.c.version + 1)
        )
        if done.rowcount:
            need = select(CASES.c.need_id).where(CASES.c.case_id == case_id)
            need_id = str(connection.execute(need).scalar_one())
            step = CaseStep("assigned", {"manager": taker})
            note_step(connection, viewer, case_id, need_id, step, now)
            moved.append(str(case_id))
    return moved


def _move_shortlist(
    connection: Connection, viewer: Viewer, ids: Sequence[str], giver: str, taker: str
) -> list[str]:
    """Move entries, but those that the taker has as well: they stay where they are."""
    mine = select(SHORTLISTED.c.need_id, SHORTLISTED.c.researcher_id).where(
        SHORTLISTED.c.user_id == taker
    )
    there = {tuple(row) for row in connection.execute(mine)}
    moved = []
    for object_id in ids:
        need_id, researcher_id = entry_of(object_id)
        if (need_id, researcher_id) in there:
            continue
        chosen = (
            SHORTLISTED.c.user_id == giver,
            SHORTLISTED.c.need_id == need_id,
            SHORTLISTED.c.researcher_id == researcher_id,
        )
        if connection.execute(update(SHORTLISTED).where(*chosen).values(user_id=taker)).rowcount:
            moved.append(object_id)
    return moved


def _mover_of(table: Table, key: str, owner: str) -> Callable[..., list[str]]:
    def move(
        connection: Connection, viewer: Viewer, ids: Sequence[str], giver: str, taker: str
    ) -> list[str]:
        moved = []
        for one in map(int, ids):
            chosen = (table.c[key] == one, table.c[owner] == giver)
            if connection.execute(update(table).where(*chosen).values({owner: taker})).rowcount:
                moved.append(str(one))
        return moved

    return move


_MOVERS: Mapping[str, Callable[..., list[str]]] = {
    OF_NEED: _move_needs,
    OF_CASE: _move_cases,
    OF_SHORTLIST: _move_shortlist,
    OF_SEARCH: _mover_of(SEARCHES, "search_id", "user_id"),
    OF_INQUIRY: _mover_of(INQUIRIES, "inquiry_id", "asked_by"),
}
