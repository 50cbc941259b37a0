"""What every change of a case does besides: its version, its step in the timeline, its entry in the trail."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, insert, select, update

from catalogue.database.case_models import CaseEvent
from catalogue.database.viewer import Viewer
from enmusubi.errors import ForbiddenError, InputError, StaleVersionError
from enmusubi.language import clean_text
from office.access import audit
from office.access.rules import WORK_ON_CASES, require
from office.access.scoped import without_row_security
from office.cases.kept import CASE_KIND, CASES, KeptCase, case_of, check_version

EVENTS = cast(Table, CaseEvent.__table__)
MAX_TEXT_CHARS = 5_000
MAX_LINE_CHARS = 300
Plain = str | int | bool | None | list[str]


@dataclass(frozen=True)
class CaseStep:
    """What happened: its kind, codes and ids for timeline and trail, and what somebody wrote."""

    kind: str
    detail: Mapping[str, Plain] = field(default_factory=dict)
    text: str = field(default="", repr=False)


@dataclass(frozen=True)
class TimelineEvent:
    """A step of a case."""

    event_id: int
    kind: str
    at: datetime
    actor: str
    detail: Mapping[str, Any]
    text: str = field(repr=False)


def changeable(
    connection: Connection, viewer: Viewer, case_id: int, expected_version: int | None
) -> KeptCase:
    """Return a case that the viewer may change, in the version that they read, None: in any.

    Raises ForbiddenError, UnknownIdError and StaleVersionError.
    """
    require(viewer, WORK_ON_CASES)
    case = case_of(connection, viewer, case_id)
    if not case.may_change:
        raise ForbiddenError(
            "Only the manager of the case or of its need, and the chief, change it."
        )
    if expected_version is not None:
        check_version(case, expected_version)
    return case


def keep_change(
    connection: Connection,
    viewer: Viewer,
    case: KeptCase,
    values: Mapping[str, Any],
    *steps: CaseStep,
    now: datetime | None = None,
) -> None:
    """Write columns and steps; raises StaleVersionError where another was faster."""
    moment = now or datetime.now(UTC)
    changed = {**values, "version": case.version + 1, "changed_at": moment}
    same = (CASES.c.case_id == case.case_id) & (CASES.c.version == case.version)
    done = connection.execute(
        update(CASES).where(same).values(**changed, changed_by=viewer.viewer_id)
    )
    if not done.rowcount:
        raise StaleVersionError(
            "Another user changed the case meanwhile. Read it again, and repeat your change."
        )
    for step in steps:
        note_step(connection, viewer, case.case_id, case.need_id, step, moment)


def note_step(  # noqa: PLR0917 - in the order of the sentence
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    need_id: str,
    step: CaseStep,
    at: datetime,
) -> None:
    """Put a step into the timeline, and into the audit trail without what was written."""
    row = {
        "case_id": case_id, "kind": step.kind, "at": at, "actor": viewer.viewer_id,
        "detail": json.dumps(dict(step.detail)), "text": step.text,
    }  # fmt: skip
    with without_row_security(connection):  # a portal that asks for a case does not read its steps
        connection.execute(insert(EVENTS).values(**row))
    about = {"need_id": need_id, **step.detail} if need_id else dict(step.detail)
    audit.record(connection, viewer, f"case {step.kind}", CASE_KIND, str(case_id), **about)


def timeline_of(connection: Connection, case: KeptCase) -> list[TimelineEvent]:
    """Return the steps of a case that the viewer sees, the newest first."""
    query = select(EVENTS).where(EVENTS.c.case_id == case.case_id)
    rows = connection.execute(query.order_by(EVENTS.c.event_id.desc())).mappings()
    names = ("event_id", "kind", "at", "actor", "text")
    return [
        TimelineEvent(**{n: row[n] for n in names}, detail=json.loads(row["detail"]))
        for row in rows
    ]


def line_in(
    text: str, field_name: str, *, most: int = MAX_LINE_CHARS, required: bool = False
) -> str:
    """Return a text of one line; raises InputError for one that is too long, or missing."""
    line = " ".join(clean_text(text).split())
    _check(line, field_name, most, required=required)
    return line


def text_in(text: str, field_name: str, *, required: bool = False) -> str:
    """Return a text of several lines; raises InputError for one that is too long, or missing."""
    cleaned = clean_text(text.replace("\r\n", "\n")).strip()
    _check(cleaned, field_name, MAX_TEXT_CHARS, required=required)
    return cleaned


def _check(text: str, field_name: str, most: int, *, required: bool) -> None:
    if required and not text:
        raise InputError("missing.", of_field=field_name)
    if len(text) > most:
        raise InputError(
            "%(count)s characters found, at most %(most)s are kept.",
            of_field=field_name,
            count=len(text),
            most=most,
        )
