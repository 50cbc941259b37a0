"""Changes of a case besides its gates: what it says, whose turn it is, taking up, reopening, its end, notes.

Each is one transaction and a new version; a change of another version is refused, so that none is lost.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete

from catalogue.database.case_models import (
    COMPANY,
    COMPLETED,
    DEPLOYMENT,
    HELD,
    OFFICE,
    RUNNING,
    TURNS,
)
from catalogue.database.viewer import Viewer
from enmusubi.case_settings import CaseSettings
from enmusubi.errors import ConflictError, InputError
from office.cases.clocks import STOPPED, Clocks
from office.cases.kept import PEOPLE, KeptCase, case_of
from office.cases.opening import (
    CaseDraft,
    checked_people,
    checked_values,
    keep_people,
)
from office.cases.portals import tell_portals
from office.cases.steps import CaseStep, changeable, keep_change, text_in
from office.needs.reading import SeenNeed, need_of
from office.webhooks.events import CASE_STAGE_CHANGED


@dataclass(frozen=True)
class CaseChange:
    """What of a case is changed; what is None stays."""

    title: str | None = field(default=None, repr=False)
    company: str | None = field(default=None, repr=False)
    means: str | None = None
    amount_jpy: int | None = None
    clears_amount: bool = False
    next_step: str | None = field(default=None, repr=False)
    manager: str | None = None
    is_closed: bool | None = None
    researcher_ids: tuple[str, ...] | None = None
    lead: str | None = None


def change_case(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    change: CaseChange,
    *,
    expected_version: int | None,
) -> KeptCase:
    """Change what a case says and who is in it; returns it as it is now.

    Raises ForbiddenError, UnknownIdError, StaleVersionError and InputError.
    """
    case = changeable(connection, viewer, case_id, expected_version)
    need = need_of(connection, viewer, case.need_id) if case.need_id else None
    draft = _draft(case, change)
    if need and draft.title == need.title:
        draft = replace(draft, title="")  # it is the need's, and follows it
    values = checked_values(connection, viewer, draft, need)
    if not change.manager:  # taken away, or not named: then nobody comes in
        values["manager"] = case.manager if change.manager is None else ""
    elif change.manager == case.manager:
        values["manager"] = case.manager
    before = _values_of(case, need)
    changed = {name: value for name, value in values.items() if value != before[name]}
    steps = []
    if "manager" in changed:
        steps.append(CaseStep("assigned", {"manager": changed["manager"]}))
    told = sorted(set(changed) - {"manager"})
    if change.researcher_ids is not None or change.lead is not None:
        told += _keep_people(connection, viewer, case, change)
    if told:
        detail: dict[str, Any] = {"fields": told}
        if "means" in changed:  # odds are learned from what was known when
            detail["means"] = changed["means"]
        if "people" in told:
            detail["team"] = len(case_of(connection, viewer, case_id).people)
        steps.append(CaseStep("changed", detail))
    if steps:
        keep_change(connection, viewer, case, changed, *steps)
    return case_of(connection, viewer, case_id)


def set_turn(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    turn: str,
    settings: CaseSettings,
    *,
    expected_version: int | None,
    now: datetime | None = None,
) -> KeptCase:
    """Say that the company is on turn, so that the clock stands, or the office, so that it goes on.

    Raises ForbiddenError, UnknownIdError, StaleVersionError, InputError, and ConflictError for a case that
    is held or has ended.
    """
    moment, clocks = now or datetime.now(UTC), Clocks(settings)
    case = changeable(connection, viewer, case_id, expected_version)
    if turn not in TURNS:
        raise InputError("expected office or company.", of_field="turn")
    if case.state != RUNNING:
        raise ConflictError("The case is held or has ended. Take it up again first.")
    if turn == case.turn:
        return case
    clock = clocks.paused(case, moment) if turn == COMPANY else clocks.resumed(case, moment)
    keep_change(
        connection, viewer, case, {"turn": turn, **clock}, CaseStep("turned", {"turn": turn})
    )
    return case_of(connection, viewer, case_id)


def take_up(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    settings: CaseSettings,
    *,
    reason: str,
    expected_version: int | None,
    now: datetime | None = None,
) -> KeptCase:
    """Let a case that was held, declined or completed go on at its stage; the reason stays in its timeline.

    A held one has the days that its clock had left; the others begin their stage anew. Raises
    ForbiddenError, UnknownIdError, StaleVersionError, InputError without a reason, and ConflictError.
    """
    moment, clocks = now or datetime.now(UTC), Clocks(settings)
    case = changeable(connection, viewer, case_id, expected_version)
    if case.state == RUNNING:
        raise ConflictError("The case is running.")
    said = text_in(reason, "reason", required=True)
    values: dict[str, Any] = {"state": RUNNING, "turn": OFFICE, "reason": ""}
    if case.state == HELD:
        values |= clocks.resumed(case, moment)
    else:
        values |= clocks.started(case.stage, moment, is_submitted=False)
        values |= {"stage_since": moment}
    detail = {"stage": case.stage, "from_state": case.state}
    keep_change(connection, viewer, case, values, CaseStep("reopened", detail, said))
    return _told(connection, viewer, case_id)


def complete(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    *,
    outcome: str,
    expected_version: int | None,
) -> KeptCase:
    """End a case that reached deployment; what came of it stays in its timeline.

    Raises ForbiddenError, UnknownIdError, StaleVersionError, InputError without an outcome, and
    ConflictError for a case at another stage.
    """
    case = changeable(connection, viewer, case_id, expected_version)
    if case.stage != DEPLOYMENT or case.has_ended:
        raise ConflictError(
            "Only a case in deployment is completed. One that ends earlier is declined at its gate."
        )
    said = text_in(outcome, "outcome", required=True)
    values = {**STOPPED, "state": COMPLETED, "submitted_by": "", "submitted_at": None}
    keep_change(connection, viewer, case, values, CaseStep("completed", {}, said))
    return _told(connection, viewer, case_id)


def add_note(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    text: str,
    *,
    expected_version: int | None = None,
) -> KeptCase:
    """Put a note into a case's timeline; raises as `change_case` does."""
    case = changeable(connection, viewer, case_id, expected_version)
    keep_change(
        connection, viewer, case, {}, CaseStep("note", {}, text_in(text, "note", required=True))
    )
    return case_of(connection, viewer, case_id)


def _told(connection: Connection, viewer: Viewer, case_id: int) -> KeptCase:
    case = case_of(connection, viewer, case_id)
    tell_portals(connection, case, CASE_STAGE_CHANGED, stage=case.stage, state=case.state)
    return case


def _draft(case: KeptCase, change: CaseChange) -> CaseDraft:
    def kept(value: Any, before: Any) -> Any:
        return before if value is None else value

    amount = None if change.clears_amount else kept(change.amount_jpy, case.amount_jpy)
    named = kept(change.manager, "")
    return CaseDraft(
        case.need_id,
        kept(change.title, case.title),
        kept(change.company, case.company),
        means=kept(change.means, case.means),
        amount_jpy=amount,
        next_step=kept(change.next_step, case.next_step),
        manager=named if named != case.manager else "",
        is_closed=kept(change.is_closed, case.is_closed),
        origin=case.origin,
    )


def _values_of(case: KeptCase, need: SeenNeed | None) -> dict[str, Any]:
    names = ("need_id", "means", "amount_jpy", "next_step", "origin", "manager")
    follows = need is not None and case.title == need.title
    return {
        **{name: getattr(case, name) for name in names},
        "title": "" if follows else case.title,
        "company": "" if need and need.company else case.company,
        "is_closed": case.is_closed and need is None,
    }


def _keep_people(
    connection: Connection, viewer: Viewer, case: KeptCase, change: CaseChange
) -> list[str]:
    """Write the people of a case anew; returns the name of what changed, if anything did."""
    ids = case.people_ids if change.researcher_ids is None else change.researcher_ids
    leads = [one.card.researcher_id for one in case.people if one.is_lead]
    lead = change.lead
    if lead is None:
        lead = leads[0] if leads and leads[0] in ids else ""
    people = checked_people(connection, viewer, ids, lead)
    if people == {one.card.researcher_id: one.part for one in case.people}:
        return []
    connection.execute(delete(PEOPLE).where(PEOPLE.c.case_id == case.case_id))
    keep_people(connection, case.case_id, people)
    return ["people"]
