"""Opening a case: of a need and people, from a list, a team, a release, a portal or by hand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from catalogue.database.case_models import (
    BY_HAND,
    CASE_ORIGINS,
    DISCOVERY,
    FROM_LIST,
    FROM_PORTAL,
    FROM_RELEASE,
    FROM_TEAM,
    GATES,
    LEAD,
    MEANS,
    MEMBER,
    OFFICE,
    RUNNING,
)
from catalogue.database.judgement_models import NIGHTLY
from catalogue.database.models import OPEN
from catalogue.database.viewer import PORTAL, Viewer
from catalogue.judgements.shown_lists import SHOWN_LIST, SHOWN_MATCH
from enmusubi.errors import ConflictError, ForbiddenError, InputError
from enmusubi.settings import Settings
from office.access.rules import OPEN_CASES, require
from office.access.scoped import without_row_security
from office.cases.clocks import Clocks
from office.cases.gates import gates_of
from office.cases.kept import CASES, PEOPLE, KeptCase, cases_of_need, kept_cases, seen
from office.cases.steps import CaseStep, line_in, note_step, text_in
from office.cases.telling import tell_deciders
from office.needs.managers import can_manage
from office.needs.reading import SeenNeed, need_of
from office.needs.releases import RELEASED, people_of_document
from office.researchers import researcher_of

MAX_PEOPLE = 20
MAX_AMOUNT_JPY = 10**15
STRENGTHS = ((0.5, "strong"), (0.2, "middle"), (0.0, "weak"))  # of a match, by its chance
FROM = (FROM_LIST, FROM_TEAM, FROM_RELEASE, BY_HAND)  # what a user may name as the origin


@dataclass(frozen=True)
class CaseDraft:
    """What a case is to be: its need or, without one, a title and a company; people, who leads, means."""

    need_id: str = ""
    title: str = field(default="", repr=False)
    company: str = field(default="", repr=False)
    researcher_ids: tuple[str, ...] = ()
    lead: str = ""
    means: str = ""
    amount_jpy: int | None = None
    next_step: str = field(default="", repr=False)
    manager: str = ""
    is_closed: bool = False
    origin: str = BY_HAND
    note: str = field(default="", repr=False)


def open_case(
    connection: Connection,
    viewer: Viewer,
    draft: CaseDraft,
    settings: Settings,
    *,
    now: datetime | None = None,
) -> KeptCase:
    """Open a case at its first stage and return it; its first review waits for its decision at once.

    A portal opens cases of its companies' needs, with people whom released lists named to it, and tells
    no more. Raises ForbiddenError, UnknownIdError, InputError, and ConflictError for a closed need and
    for a case that runs already with the same people.
    """
    require(viewer, OPEN_CASES)
    moment = now or datetime.now(UTC)
    need = need_of(connection, viewer, draft.need_id) if draft.need_id else None
    if viewer.role == PORTAL:
        draft = _of_portal(connection, viewer, need, draft)
    if need and need.status != OPEN:
        raise ConflictError("The need is closed. Open it again before you open a case.")
    values = checked_values(connection, viewer, draft, need)
    people = checked_people(connection, viewer, draft.researcher_ids, draft.lead)
    _refuse_twice(connection, viewer, need, people)
    clock = Clocks(settings.cases).started(DISCOVERY, moment, is_submitted=True)
    by = viewer.viewer_id
    row = {
        **values, **clock, "stage": DISCOVERY, "state": RUNNING, "reason": "", "turn": OFFICE,
        "is_shared": draft.origin == FROM_PORTAL, "stage_since": moment, "submitted_by": by,
        "submitted_at": moment, "opened_by": by, "opened_at": moment, "changed_by": by,
        "changed_at": moment, "version": 1,
    }  # fmt: skip
    key = connection.execute(insert(CASES).values(**row)).inserted_primary_key
    case_id = int(key[0]) if key else 0
    keep_people(connection, case_id, people)
    facts = facts_at_opening(connection, values["means"], need, people, moment)
    detail: dict[str, str | int | bool | list[str] | None] = {
        "origin": draft.origin,
        "researchers": list(people),
        **facts,
    }
    step = CaseStep("opened", detail, values_note(draft))
    note_step(connection, viewer, case_id, draft.need_id, step, moment)
    first = gates_of(connection, viewer)[GATES[0]]
    tell_deciders(connection, viewer, case_id, first.roles, settings.mail)
    return kept_cases(connection, viewer, seen(viewer).where(CASES.c.case_id == case_id))[0]


def checked_values(
    connection: Connection, viewer: Viewer, draft: CaseDraft, need: SeenNeed | None
) -> dict[str, Any]:
    """Return the columns that a draft says; raises InputError with the field that is at fault."""
    if draft.means not in {"", *MEANS}:
        raise InputError("not one of the means that there are.", of_field="means")
    if draft.amount_jpy is not None and not 0 <= draft.amount_jpy <= MAX_AMOUNT_JPY:
        raise InputError("not an amount in yen.", of_field="amount_jpy")
    if draft.origin not in CASE_ORIGINS:
        raise InputError("not where cases come from.", of_field="origin")
    manager = draft.manager or (need.manager if need else "")
    if draft.manager and not (
        can_manage(connection, draft.manager) or draft.manager == viewer.viewer_id
    ):
        raise InputError("no user of the office has this login.", of_field="manager")
    if not manager and viewer.role != PORTAL:
        manager = viewer.viewer_id
    return {
        "need_id": need.need_id if need else "",
        "is_closed": draft.is_closed and need is None,
        "title": line_in(draft.title, "title", required=need is None),
        "company": "" if need and need.company else line_in(draft.company, "company"),
        "means": draft.means,
        "amount_jpy": draft.amount_jpy,
        "next_step": line_in(draft.next_step, "next_step"),
        "origin": draft.origin,
        "manager": manager,
    }


def checked_people(
    connection: Connection, viewer: Viewer, researcher_ids: Sequence[str], lead: str
) -> dict[str, str]:
    """Return the part of each researcher by their present id; raises UnknownIdError and InputError."""
    if len(researcher_ids) > MAX_PEOPLE:
        raise InputError(
            "%(count)s people found, at most %(most)s are in a case.",
            count=len(researcher_ids),
            most=MAX_PEOPLE,
        )
    found = [researcher_of(connection, viewer, one).card.researcher_id for one in researcher_ids]
    people = dict.fromkeys(found, MEMBER)
    if lead:
        leading = researcher_of(connection, viewer, lead).card.researcher_id
        if leading not in people:
            raise InputError("Whoever leads is not in the case. Add them, or name another lead.")
        people[leading] = LEAD
    return people


def facts_at_opening(
    connection: Connection,
    means: str,
    need: SeenNeed | None,
    people: Iterable[str],
    moment: datetime,
) -> dict[str, str]:
    """Return what odds are learned from, as it was when the case was opened; unknown facts are left out.

    The strength of the match is that of the newest night's list, which public seeds alone make.
    """
    known = {"means": means, "area": need.facts.area if need else ""}
    if need and people:
        query = (
            select(func.max(SHOWN_MATCH.c.probability))
            .join(SHOWN_LIST, SHOWN_LIST.c.list_id == SHOWN_MATCH.c.list_id)
            .where(SHOWN_LIST.c.need_id == need.need_id, SHOWN_LIST.c.source == NIGHTLY)
            .where(SHOWN_LIST.c.shown_at <= moment, SHOWN_MATCH.c.researcher_id.in_(list(people)))
            .group_by(SHOWN_LIST.c.list_id)
            .order_by(SHOWN_LIST.c.list_id.desc())
        )
        with without_row_security(connection):  # a portal reads no list of the night
            chance = connection.execute(query.limit(1)).scalar()
        if chance is not None:
            known["strength"] = next(name for least, name in STRENGTHS if chance >= least)
    return {name: value for name, value in known.items() if value}


def keep_people(connection: Connection, case_id: int, people: dict[str, str]) -> None:
    """Write the people of a new case."""
    rows = [
        {"case_id": case_id, "researcher_id": one, "part": part} for one, part in people.items()
    ]
    if rows:
        with without_row_security(connection):
            connection.execute(insert(PEOPLE), rows)


def values_note(draft: CaseDraft) -> str:
    """Return the note of a draft as the timeline keeps it; raises InputError."""
    return text_in(draft.note, "note")


def _of_portal(
    connection: Connection, viewer: Viewer, need: SeenNeed | None, draft: CaseDraft
) -> CaseDraft:
    """Return what of a draft a portal may say; raises InputError and ForbiddenError."""
    if need is None:
        raise InputError("missing.", of_field="need_id")
    asked = set(draft.researcher_ids)
    if asked - _given(connection, need.need_id):
        raise ForbiddenError(
            "A portal asks for people whom a released list of the need names, and which stands."
        )
    return CaseDraft(
        need.need_id, researcher_ids=draft.researcher_ids, origin=FROM_PORTAL, note=draft.note
    )


def _given(connection: Connection, need_id: str) -> set[str]:
    query = select(RELEASED.c.content).where(
        RELEASED.c.need_id == need_id, RELEASED.c.revoked_at.is_(None)
    )
    documents = connection.execute(query).scalars()
    return {one for content in documents for one in people_of_document(content)}


def _refuse_twice(
    connection: Connection, viewer: Viewer, need: SeenNeed | None, people: dict[str, str]
) -> None:
    if need is None:
        return
    for case in cases_of_need(connection, viewer, need.need_id):
        if viewer.role == PORTAL:
            with without_row_security(connection):
                same = select(PEOPLE.c.researcher_id).where(PEOPLE.c.case_id == case.case_id)
                there = set(connection.execute(same).scalars())
        else:
            there = set(case.people_ids)
        if not case.has_ended and there == set(people):
            raise ConflictError(
                "Case %(case)s of this need is running with the same people. Go on with that one.",
                case=case.number_for(viewer),
            )
