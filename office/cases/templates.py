"""Cases that ended, kept as templates with what they taught, and the cases that were opened from them."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, func, insert, select, update

from catalogue.database.case_models import COMPLETED
from catalogue.database.figure_models import FAILURE, SUCCESS, CaseTemplate, CaseTemplateUse
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, UnknownIdError
from office.access import audit
from office.access.rules import WORK_ON_CASES, require, visible_cases
from office.cases.kept import CASE_KIND, CASES, MOST, KeptCase, with_needs
from office.cases.opening import CaseDraft
from office.cases.steps import MAX_TEXT_CHARS, changeable, line_in, text_in

TEMPLATES, USES = cast(Table, CaseTemplate.__table__), cast(Table, CaseTemplateUse.__table__)


@dataclass(frozen=True)
class CaseTemplateDraft:
    """What is kept of a case: a name for the template, what was learned, and a first step for others."""

    title: str = field(default="", repr=False)
    lessons: str = field(default="", repr=False)
    next_step: str = field(default="", repr=False)


@dataclass(frozen=True)
class KeptCaseTemplate:
    """A template; `uses` counts the cases that were opened from it."""

    template_id: int
    case_id: int
    outcome: str
    title: str = field(repr=False)
    lessons: str = field(repr=False)
    means: str
    next_step: str = field(repr=False)
    kept_by: str
    kept_at: datetime
    uses: int


def keep_template(
    connection: Connection, viewer: Viewer, case_id: int, draft: CaseTemplateDraft
) -> KeptCaseTemplate:
    """Keep a case that ended: completed as a success, declined as a failure to learn from.

    Raises ForbiddenError, UnknownIdError, InputError, and ConflictError for a case that has not ended.
    """
    case = changeable(connection, viewer, case_id, None)
    if not case.has_ended:
        raise ConflictError("Only a case that ended is kept as a template.")
    row = {
        "case_id": case_id,
        "outcome": SUCCESS if case.state == COMPLETED else FAILURE,
        "title": line_in(draft.title, "title", required=True),
        "lessons": text_in(draft.lessons, "lessons", required=True),
        "means": case.means,
        "next_step": line_in(draft.next_step, "next_step"),
        "kept_by": viewer.viewer_id,
        "kept_at": datetime.now(UTC),
        "withdrawn_by": "",
    }
    key = connection.execute(insert(TEMPLATES).values(**row)).inserted_primary_key
    template_id = int(key[0]) if key else 0
    audit.record(connection, viewer, "template kept", CASE_KIND, str(case_id), template=template_id)
    return template_of(connection, viewer, template_id)


def templates_of(
    connection: Connection, viewer: Viewer, *, case_id: int | None = None
) -> list[KeptCaseTemplate]:
    """Return the templates of the cases that a viewer sees, the newest first; raises ForbiddenError."""
    query = _seen(viewer)
    if case_id is not None:
        query = query.where(TEMPLATES.c.case_id == case_id)
    return [_kept(row) for row in connection.execute(query).mappings()]


def template_of(connection: Connection, viewer: Viewer, template_id: int) -> KeptCaseTemplate:
    """Return a template; raises ForbiddenError, and UnknownIdError for one that may not be seen."""
    query = _seen(viewer).where(TEMPLATES.c.template_id == min(template_id, MOST))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownIdError("There is no such template, or none that you may see.")
    return _kept(row)


def withdraw_template(connection: Connection, viewer: Viewer, template_id: int) -> KeptCaseTemplate:
    """Take a template away: it is offered no more; raises ForbiddenError and UnknownIdError."""
    found = template_of(connection, viewer, template_id)
    changeable(connection, viewer, found.case_id, None)
    gone = {"withdrawn_by": viewer.viewer_id, "withdrawn_at": datetime.now(UTC)}
    same = TEMPLATES.c.template_id == found.template_id
    connection.execute(update(TEMPLATES).where(same).values(**gone))
    audit.record(
        connection, viewer, "template withdrawn", CASE_KIND, str(found.case_id),
        template=found.template_id,
    )  # fmt: skip
    return found


def begun_from(
    connection: Connection, viewer: Viewer, draft: CaseDraft, template_id: int
) -> CaseDraft:
    """Return a draft with what it leaves empty taken from a template, and the lessons in its note.

    Raises ForbiddenError and UnknownIdError.
    """
    found = template_of(connection, viewer, template_id)
    note = "\n\n".join(filter(None, (draft.note, f"{found.title}\n{found.lessons}")))
    return replace(
        draft,
        means=draft.means or found.means,
        next_step=draft.next_step or found.next_step,
        note=note[:MAX_TEXT_CHARS],
    )


def note_use(
    connection: Connection,
    viewer: Viewer,
    case: KeptCase,
    template_id: int,
    *,
    now: datetime | None = None,
) -> None:
    """Note that a new case was opened from a template; raises ForbiddenError and UnknownIdError."""
    found = template_of(connection, viewer, template_id)
    row = {
        "case_id": case.case_id, "template_id": found.template_id, "used_by": viewer.viewer_id,
        "used_at": now or datetime.now(UTC),
    }  # fmt: skip
    connection.execute(insert(USES).values(**row))
    audit.record(
        connection, viewer, "template used", CASE_KIND, str(case.case_id),
        template=found.template_id,
    )  # fmt: skip


def _seen(viewer: Viewer) -> Any:
    require(viewer, WORK_ON_CASES)
    uses = (
        select(func.count())
        .select_from(USES)
        .where(USES.c.template_id == TEMPLATES.c.template_id)
        .scalar_subquery()
    )
    query = with_needs(
        select(TEMPLATES, uses.label("uses")).join(CASES, CASES.c.case_id == TEMPLATES.c.case_id)
    )
    stands = TEMPLATES.c.withdrawn_at.is_(None)
    return query.where(stands, visible_cases(viewer)).order_by(TEMPLATES.c.template_id.desc())


def _kept(row: Any) -> KeptCaseTemplate:
    names = (
        "template_id", "case_id", "outcome", "title", "lessons", "means", "next_step", "kept_by",
        "kept_at", "uses",
    )  # fmt: skip
    return KeptCaseTemplate(**{name: row[name] for name in names})
