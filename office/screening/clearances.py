"""Clearances: what was asked of the role that clears a finding, and what it decided.

A decision is of a need, a person, a rule and the evidence that there was: what is found later is asked
anew. Nothing is deleted; every step goes into the audit trail.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from catalogue.database.screening_models import CLEARED, REFUSED, WAITING
from catalogue.database.viewer import LOCAL_ID, Viewer
from catalogue.identity.links import rows_of
from enmusubi.errors import ConflictError, ForbiddenError, InputError
from office.access import audit
from office.access.rules import CLEAR
from office.delegations.acting import on_need, require_or_stand_in
from office.needs.reading import need_of
from office.screening.findings import Finding
from office.screening.kept_clearances import (
    CLEARANCES,
    KeptClearance,
    as_kept,
    clearance_of,
    cleared_for,
    decides_on,
)

CLEARANCE_KIND = "clearance"  # the kind of the audit trail's object
MAX_REASON_CHARS = 1_000
MANAGERS_PAST = "manager_employer"


def ask_for_clearance(
    connection: Connection, viewer: Viewer, need_id: str, findings: Sequence[Finding]
) -> int:
    """Put findings that stop a release before the roles that clear them; returns how many are new.

    What waits already, or was refused, is not asked again. The caller has checked the need.
    """
    grouped: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for one in findings:
        if one.stops and one.decision != REFUSED:
            grouped[one.researcher_id, one.shown_rule, one.role] |= set(one.evidence)
    asked = select(CLEARANCES).where(
        CLEARANCES.c.need_id == need_id,
        CLEARANCES.c.decision == WAITING,
        CLEARANCES.c.revoked_at.is_(None),
    )
    waiting = [as_kept(row) for row in connection.execute(asked).mappings()]
    now = rows_of(connection, {one.researcher_id for one in waiting} - {""})
    new = [
        (pair, evidence)
        for pair, evidence in grouped.items()
        if not any(
            (now.get(one.researcher_id, one.researcher_id), one.rule_id) == pair[:2]
            and one.evidence >= evidence
            for one in waiting
        )
    ]
    for (researcher_id, rule_id, role), evidence in new:
        row = _blank(viewer, need_id) | {"researcher_id": researcher_id, "rule_id": rule_id}
        row |= {"role": role, "evidence": " ".join(sorted(evidence))}
        key = connection.execute(insert(CLEARANCES).values(**row)).inserted_primary_key
        told = {"need_id": need_id, "researcher_id": researcher_id, "rule": rule_id}
        audit.record(
            connection,
            viewer,
            "ask for clearance",
            CLEARANCE_KIND,
            str(key[0] if key else 0),
            **told,
        )
    return len(new)


def _blank(viewer: Viewer, need_id: str) -> dict[str, Any]:
    empty = dict.fromkeys(("reason", "decided_by", "revoked_by"), "")
    asked = {"asked_by": viewer.viewer_id, "asked_at": datetime.now(UTC), "decision": WAITING}
    return {"need_id": need_id, **asked, **empty}


def decide(
    connection: Connection,
    viewer: Viewer,
    clearance_id: int,
    decision: str,
    *,
    reason: str,
    valid_until: date | None,
) -> KeptClearance:
    """Clear or refuse what waits; both need a reason, a clearance its last day.

    Raises ForbiddenError, UnknownIdError, InputError and ConflictError.
    """
    require_or_stand_in(viewer, CLEAR)
    asked = clearance_of(connection, viewer, clearance_id)
    acting = on_need(connection, viewer, asked.need_id)
    away = cleared_for(acting, asked.role)
    if not decides_on(acting, asked.role):
        raise ForbiddenError("This is cleared by another role. The queue names it.")
    deciding = {viewer.viewer_id, away.user_id if away else ""}
    if asked.rule_id == MANAGERS_PAST and _manages(connection, viewer, asked.need_id, deciding):
        raise ForbiddenError("Nobody clears their own past: another chief decides on this.")
    values = _checked(decision, reason, valid_until)
    if not asked.waits:
        raise ConflictError("This was decided already. Load the queue again.")
    values |= {"decided_by": viewer.viewer_id, "decided_at": datetime.now(UTC)}
    _change(connection, asked, values)
    told = {"until": valid_until.isoformat() if valid_until else ""}
    if away:
        told["decided_for"] = away.user_id
    audit.record(
        connection,
        viewer,
        "clear" if decision == CLEARED else "refuse to clear",
        CLEARANCE_KIND,
        str(asked.clearance_id),
        need_id=asked.need_id,
        researcher_id=asked.researcher_id,
        rule=asked.rule_id,
        **told,
    )
    return clearance_of(connection, viewer, clearance_id)


def _checked(decision: str, reason: str, valid_until: date | None) -> dict[str, Any]:
    """Return the columns of a decision; raises InputError."""
    text = reason.strip()
    if decision not in {CLEARED, REFUSED}:
        raise InputError("expected cleared or refused.", of_field="decision")
    if not text or len(text) > MAX_REASON_CHARS:
        raise InputError(
            "give a reason of at most %(most)s characters.",
            of_field="reason",
            most=MAX_REASON_CHARS,
        )
    if decision == CLEARED and (valid_until is None or valid_until < date.today()):
        raise InputError(
            "give the last day on which it holds, today or later.", of_field="valid_until"
        )
    return {"decision": decision, "reason": text, "valid_until": valid_until}


def _manages(connection: Connection, viewer: Viewer, need_id: str, people: set[str]) -> bool:
    """Return whether one of them looks after the need; this computer's own user is alone, and never does."""
    return viewer.viewer_id not in {LOCAL_ID, ""} and (
        need_of(connection, viewer, need_id).manager in people - {""}
    )


def revoke_clearance(connection: Connection, viewer: Viewer, clearance_id: int) -> KeptClearance:
    """Take a decision, or what waits, back: what it cleared stops releases again.

    Raises ForbiddenError, UnknownIdError, and ConflictError for one that was taken back.
    """
    require_or_stand_in(viewer, CLEAR)
    kept = clearance_of(connection, viewer, clearance_id)
    acting = on_need(connection, viewer, kept.need_id)
    away = cleared_for(acting, kept.role)
    if not decides_on(acting, kept.role):
        raise ForbiddenError("This is cleared by another role. The queue names it.")
    if kept.revoked_at:
        raise ConflictError("This was taken back already.")
    _change(connection, kept, {"revoked_by": viewer.viewer_id, "revoked_at": datetime.now(UTC)})
    told = {"need_id": kept.need_id, "researcher_id": kept.researcher_id, "rule": kept.rule_id}
    if away:
        told["decided_for"] = away.user_id
    audit.record(connection, viewer, "revoke", CLEARANCE_KIND, str(kept.clearance_id), **told)
    return clearance_of(connection, viewer, clearance_id)


def _change(connection: Connection, kept: KeptClearance, values: dict[str, Any]) -> None:
    chosen = CLEARANCES.c.clearance_id == kept.clearance_id
    connection.execute(update(CLEARANCES).where(chosen).values(**values))
