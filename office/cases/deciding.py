"""Putting a gate up for decision, and deciding it: go, hold, stop or recycle.

Nothing is skipped without a reason: a go needs everything that the gate looks at, or a reason; and it
waits while screening stops it, until that is cleared (`office.screening`). Decisions are never changed:
another one follows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, insert

from catalogue.database.case_models import (
    CASE_STAGES,
    DECLINE_REASONS,
    DECLINED,
    DISCOVERY,
    GATE_DECISIONS,
    GATES,
    GO,
    HELD,
    HOLD,
    OFFICE,
    RECYCLE,
    RUNNING,
    STOP,
)
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ConflictError, ForbiddenError, InputError, ReleaseStoppedError
from enmusubi.messages import ROLE, listed, word
from enmusubi.settings import Settings
from office.access.rules import SEE_SCREENING, may
from office.access.scoped import reading_as, writing_as
from office.cases.clocks import STOPPED, Clocks
from office.cases.decisions import DECISIONS
from office.cases.gates import UNMET, Gate, Looked, as_json, gates_of, looked_at
from office.cases.kept import KeptCase, case_of, check_version
from office.cases.portals import tell_portals
from office.cases.recorded_ndas import told_by_records
from office.cases.steps import CaseStep, changeable, keep_change, text_in
from office.cases.telling import tell_deciders
from office.delegations.acting import on_case
from office.needs.reading import need_of
from office.screening.clearances import ask_for_clearance
from office.screening.findings import Finding
from office.screening.rule_book import rule_book
from office.screening.screening import screen, stopping
from office.webhooks.events import CASE_STAGE_CHANGED, GATE_DECIDED


@dataclass(frozen=True)
class GateChoice:
    """What is decided: `to_stage` is empty for the next one (go), or the same one (recycle).

    `answers` are met, unmet or not_applicable by criterion; `reason_code` is of a stop.
    """

    decision: str
    answers: Mapping[str, str] = field(default_factory=dict)
    reason: str = field(default="", repr=False)
    reason_code: str = ""
    to_stage: str = ""


def submit(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    settings: Settings,
    *,
    expected_version: int | None,
    now: datetime | None = None,
) -> KeptCase:
    """Put the case's next gate up for decision: its clock starts, and who decides it is told by mail.

    Raises ForbiddenError, UnknownIdError, StaleVersionError, and ConflictError where it waits already.
    """
    moment = now or datetime.now(UTC)
    case = changeable(connection, viewer, case_id, expected_version)
    _check_running(case)
    if not case.gate or case.submitted_at:
        raise ConflictError("No gate of this case is to be put up for decision now.")
    clock = Clocks(settings.cases).started(
        case.stage, moment, is_submitted=True, is_paused=case.is_paused
    )
    values = {"submitted_by": viewer.viewer_id, "submitted_at": moment, **clock}
    keep_change(
        connection, viewer, case, values, CaseStep("submitted", {"gate": case.gate}), now=moment
    )
    gate = gates_of(connection, viewer)[case.gate]
    tell_deciders(connection, viewer, case_id, gate.roles, settings.mail)
    return case_of(connection, viewer, case_id)


def decide_gate(
    catalogue: Catalogue,
    viewer: Viewer,
    case_id: int,
    choice: GateChoice,
    settings: Settings,
    *,
    expected_version: int | None,
    now: datetime | None = None,
) -> KeptCase:
    """Decide the gate before which a case stands, and return the case.

    Raises as `check_choice` does, and ReleaseStoppedError where screening stops a go: who clears that was
    asked.
    """
    with reading_as(catalogue, viewer) as connection:
        today = Clocks(settings.cases).days.today(now)
        case, _, _ = check_choice(
            connection, viewer, case_id, choice, today, expected_version=expected_version
        )
        stops = _stops(connection, viewer, case, settings) if choice.decision == GO else []
    if stops:
        with writing_as(catalogue, viewer) as connection:
            ask_for_clearance(connection, viewer, case.need_id, stops)
        reasons = {str(finding.reason): finding.reason for finding in stops}
        raise ReleaseStoppedError(
            "Screening stops this gate: %(reasons)s Those who clear it were asked; see the queue.",
            reasons=listed(list(reasons.values()), " "),
        )
    with writing_as(catalogue, viewer) as connection:
        return record_decision(
            connection,
            viewer,
            case_id,
            choice,
            settings,
            expected_version=case.version,  # what screening saw
            now=now,
        )


def check_choice(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    choice: GateChoice,
    today: date,
    *,
    expected_version: int | None,
) -> tuple[KeptCase, Gate, tuple[Looked, ...]]:
    """Return the case, its gate and what is looked at, where the viewer may decide so.

    Whether an NDA holds today is told by its records, whatever was answered.

    Raises ForbiddenError for another role's gate, UnknownIdError, StaleVersionError, ConflictError
    behind the last gate, and InputError for what is missing: a reason above all.
    """
    case = case_of(connection, viewer, case_id)
    if expected_version is not None:
        check_version(case, expected_version)
    if not case.gate:
        raise ConflictError("The case is behind its last gate, or has ended.")
    gate = gates_of(connection, viewer)[case.gate]
    if not gate.is_decided_by(on_case(connection, viewer, case_id)):
        raise ForbiddenError(
            "This gate is decided by other roles: %(roles)s.",
            roles=listed([word(ROLE, role) for role in gate.deciding_roles]),
        )
    if choice.decision not in GATE_DECISIONS:
        raise InputError("expected go, hold, stop or recycle.", of_field="decision")
    looked = told_by_records(connection, viewer, case, looked_at(gate, choice.answers), today)
    reason = text_in(choice.reason, "reason", required=choice.decision != GO)
    to_stage = _to_stage(case, choice)
    if choice.decision == STOP and choice.reason_code not in DECLINE_REASONS:
        raise InputError("say which reason it is.", of_field="reason_code")
    unmet = [one for one in looked if one.answer == UNMET]
    skipped = _skipped(case, to_stage)
    if choice.decision == GO and (unmet or skipped) and not reason:
        raise InputError(
            "%(unmet)s criteria are not met and %(skipped)s gates are passed over: say why.",
            of_field="reason",
            unmet=len(unmet),
            skipped=len(skipped),
        )
    return case, gate, looked


def record_decision(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    choice: GateChoice,
    settings: Settings,
    *,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> KeptCase:
    """Write a decision in a transaction of the caller's, who has asked screening; as `decide_gate`."""
    moment = now or datetime.now(UTC)
    clocks = Clocks(settings.cases)
    today = clocks.days.today(moment)
    case, gate, looked = check_choice(
        connection, viewer, case_id, choice, today, expected_version=expected_version
    )
    to_stage, skipped = _to_stage(case, choice), _skipped(case, _to_stage(case, choice))
    reason = text_in(choice.reason, "reason")
    away = gate.stand_in(on_case(connection, viewer, case_id))
    row = {
        "case_id": case_id, "gate": gate.name, "decision": choice.decision,
        "from_stage": case.stage, "to_stage": to_stage, "skipped": " ".join(skipped),
        "criteria": as_json(looked), "reason": reason,
        "decided_by": viewer.viewer_id, "role": away.role if away else viewer.role,
        "decided_at": moment, "submitted_at": case.submitted_at, "due_on": case.due_on,
        "decided_for": away.user_id if away else "",
    }  # fmt: skip
    connection.execute(insert(DECISIONS).values(**row))
    detail: dict[str, Any] = {
        "gate": gate.name, "decision": choice.decision, "from_stage": case.stage,
        "to_stage": to_stage, "skipped": list(skipped),
        "unmet": [one.criterion.id for one in looked if one.answer == UNMET],
    }  # fmt: skip
    if away:
        detail["decided_for"] = away.user_id
    values = _values(case, choice, to_stage, clocks, moment)
    step = CaseStep("decided", detail, reason)
    keep_change(connection, viewer, case, values, step, now=moment)
    changed = case_of(connection, viewer, case_id)
    tell_portals(connection, changed, GATE_DECIDED, gate=gate.name, decision=choice.decision)
    if (changed.stage, changed.state) != (case.stage, case.state):
        told = {"stage": changed.stage, "state": changed.state}
        tell_portals(connection, changed, CASE_STAGE_CHANGED, **told)
    return changed


def _values(
    case: KeptCase, choice: GateChoice, to_stage: str, clocks: Clocks, now: datetime
) -> dict[str, Any]:
    """Return the columns that a decision changes."""
    waits_no_more = {"submitted_by": "", "submitted_at": None}
    if choice.decision == STOP:
        return {**waits_no_more, **STOPPED, "state": DECLINED, "reason": choice.reason_code}
    if choice.decision == HOLD:
        return {"state": HELD, **clocks.paused(case, now)}
    clock = clocks.started(to_stage, now, is_submitted=False)
    moved = {"stage": to_stage, "stage_since": now} if to_stage != case.stage else {}
    is_shared = case.is_shared or to_stage != DISCOVERY
    again = {"state": RUNNING, "turn": OFFICE, "is_shared": is_shared}
    return {**waits_no_more, **clock, **moved, **again}


def _to_stage(case: KeptCase, choice: GateChoice) -> str:
    """Return the stage that a case has after a decision; raises InputError for one that it cannot have."""
    place = CASE_STAGES.index(case.stage)
    if choice.decision == GO:
        wanted = choice.to_stage or case.gate
        if wanted not in CASE_STAGES[place + 1 :]:
            raise InputError("a go leads to a later stage.", of_field="to_stage")
        return wanted
    if choice.decision == RECYCLE:
        wanted = choice.to_stage or case.stage
        if wanted not in CASE_STAGES[: place + 1]:
            raise InputError(
                "a recycle leads to this stage or an earlier one.", of_field="to_stage"
            )
        return wanted
    return case.stage


def _skipped(case: KeptCase, to_stage: str) -> tuple[str, ...]:
    """Return the gates that are passed over between the one that is decided and the new stage."""
    first, last = CASE_STAGES.index(case.stage), CASE_STAGES.index(to_stage)
    return GATES[first + 1 : last] if last > first else ()


def _check_running(case: KeptCase) -> None:
    if case.state != RUNNING:
        raise ConflictError("The case is held or has ended. Take it up again first.")


def _stops(
    connection: Connection, viewer: Viewer, case: KeptCase, settings: Settings
) -> list[Finding]:
    if not may(viewer, SEE_SCREENING):
        return []
    need = need_of(connection, viewer, case.need_id) if case.need_id else None
    if need is None:
        return []  # of people without a need, screening knows their time alone, which stops nothing
    book = rule_book(settings.screening)
    return stopping(screen(connection, viewer, need, case.people_ids, book))
