"""Changes of a project: its days, a light by hand, and what belongs to it.

Each is one transaction, a new version of the project and a step in its case's timeline; a change of another
version is refused, so that none is lost. What is taken out stays in the database, and the trail says so.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from catalogue.database.project_models import LIGHTS, SPENT_BY_HAND
from catalogue.database.viewer import Viewer
from enmusubi.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    StaleVersionError,
    UnknownIdError,
)
from enmusubi.messages import N_
from office.cases.kept import MOST
from office.cases.steps import CaseStep, Plain, note_step, text_in
from office.projects.drafts import (
    BUDGET,
    FIRST_DAY,
    LAST_DAY,
    MINUTES,
    PART,
    SPENDING,
    Draft,
    EntryKind,
    checked,
    kind_of,
)
from office.projects.kept import PROJECTS, UNTOUCHED, KeptProject, project_of
from office.projects.portals import PERIOD, tell_of_project

PROJECT_STEP = "project"  # the kind of a case's step
ADD, CHANGE, REMOVE = "add", "change", "remove"
_HANGING = {
    PART: "part_id",
    BUDGET: "budget_id",
    MINUTES: "minutes_id",
}  # what may name one of these
STALE = N_("Another user changed the project meanwhile. Read it again, and repeat your change.")


def add_entry(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    kind_name: str,
    draft: Draft,
    *,
    expected_version: int | None,
) -> KeptProject:
    """Put something into a project and return it.

    Raises ForbiddenError, UnknownIdError, StaleVersionError, InputError, and ConflictError where it has as
    many as it can.
    """
    kind = kind_of(kind_name)
    project = changeable(connection, viewer, case_id, expected_version, is_money=kind.is_money)
    check_room(kind, len(project.entries[kind.name]))
    values = checked(connection, viewer, draft, project.numbers())
    entry_id = write_entry(connection, viewer, case_id, kind, values)
    told: dict[str, Plain] = {"part": kind.name, "do": ADD, "entry": entry_id}
    return _kept(connection, viewer, project, {}, told)


def check_room(kind: EntryKind, count: int) -> None:
    """Raise ConflictError where a project has as many entries of a kind as it can."""
    if count >= kind.most:
        raise ConflictError(
            "The project has %(count)s of these, as many as it can.", count=kind.most
        )


def write_entry(  # noqa: PLR0917 - in the order of the sentence
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    kind: EntryKind,
    values: Mapping[str, Any],
    origin: str = SPENT_BY_HAND,
) -> int:
    """Write the row of something new, without a version of its own; returns its number."""
    now, by = datetime.now(UTC), viewer.viewer_id
    row = {
        **values, "case_id": case_id, "added_by": by, "added_at": now, "changed_by": by,
        "changed_at": now, "removed_by": "", "removed_at": None,
    }  # fmt: skip
    if kind.name == SPENDING:
        row["origin"] = origin
    key = connection.execute(insert(kind.table).values(**row)).inserted_primary_key
    return int(key[0]) if key else 0


def change_entry(  # noqa: PLR0917 - in the order of the sentence
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    kind_name: str,
    entry_id: int,
    draft: Draft,
    *,
    expected_version: int | None,
) -> KeptProject:
    """Let something in a project say what a draft says; raises as `add_entry` does."""
    kind = kind_of(kind_name)
    project = changeable(connection, viewer, case_id, expected_version, is_money=kind.is_money)
    entry = project.entry(kind.name, entry_id)
    if entry is None:
        raise UnknownIdError("The project has none of that number.")
    values = checked(connection, viewer, draft, project.numbers())
    changed = {n: v for n, v in values.items() if v != getattr(entry.said, n)}
    if not changed:
        return project
    by = {"changed_by": viewer.viewer_id, "changed_at": datetime.now(UTC)}
    chosen = kind.table.c.entry_id == entry_id
    connection.execute(update(kind.table).where(chosen).values(**changed, **by))
    told: dict[str, Plain] = {
        "part": kind.name, "do": CHANGE, "entry": entry_id, "fields": sorted(changed),
    }  # fmt: skip
    return _kept(connection, viewer, project, {}, told)


def remove_entry(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    kind_name: str,
    entry_id: int,
    *,
    expected_version: int | None,
) -> KeptProject:
    """Take something out of a project; raises as `add_entry` does, and ConflictError where others name it."""
    kind = kind_of(kind_name)
    project = changeable(connection, viewer, case_id, expected_version, is_money=kind.is_money)
    if project.entry(kind.name, entry_id) is None:
        raise UnknownIdError("The project has none of that number.")
    column = _HANGING.get(kind.name)
    naming = [
        e for of in project.entries.values() for e in of if column and hasattr(e.said, column)
    ]
    if any(getattr(entry.said, column or "") == entry_id for entry in naming):
        raise ConflictError("Other entries of the project belong to it. Take those out first.")
    gone = {"removed_by": viewer.viewer_id, "removed_at": datetime.now(UTC)}
    chosen = kind.table.c.entry_id == entry_id
    connection.execute(update(kind.table).where(chosen).values(**gone))
    told: dict[str, Plain] = {"part": kind.name, "do": REMOVE, "entry": entry_id}
    return _kept(connection, viewer, project, {}, told)


def set_period(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    starts_on: date | None,
    ends_on: date | None,
    *,
    expected_version: int | None,
) -> KeptProject:
    """Say from when to when a project runs; raises as `add_entry` does."""
    project = changeable(connection, viewer, case_id, expected_version)
    if any(day and not FIRST_DAY <= day <= LAST_DAY for day in (starts_on, ends_on)):
        raise InputError("not a day from 1949 to 2199.", of_field="period")
    if starts_on and ends_on and ends_on < starts_on:
        raise InputError("it ends before it begins.", of_field="ends_on")
    values = {"starts_on": starts_on, "ends_on": ends_on}
    return _kept(connection, viewer, project, values, {"part": PERIOD, "do": CHANGE})


def set_light(  # noqa: PLR0917 - in the order of the sentence
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    light: str,
    reason: str,
    until: date | None,
    today: date,
    *,
    expected_version: int | None,
) -> KeptProject:
    """Set the light by hand until the end of a day, or, with an empty one, let it be computed again.

    Raises as `add_entry` does, and InputError without a reason or a day that is to come.
    """
    project = changeable(connection, viewer, case_id, expected_version)
    if light not in {"", *LIGHTS[:3]}:
        raise InputError("expected green, amber or red.", of_field="light")
    said = text_in(reason, "reason", required=bool(light))
    if light and (until is None or not today <= until <= LAST_DAY):
        raise InputError("say until which day it holds, today or later.", of_field="until_day")
    by = viewer.viewer_id if light else ""
    values = {
        "light": light, "light_reason": said if light else "",
        "light_until": until if light else None, "light_by": by,
    }  # fmt: skip
    told: dict[str, Plain] = {"part": "light", "do": CHANGE if light else REMOVE, "light": light}
    return _kept(connection, viewer, project, values, told, said)


def changeable(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    expected_version: int | None,
    *,
    is_money: bool = False,
) -> KeptProject:
    """Return a project that the viewer may change, in the version that they read, None: in any.

    Raises ForbiddenError, UnknownIdError, StaleVersionError, and ConflictError as `project_of`.
    """
    project = project_of(connection, viewer, min(case_id, MOST))
    if is_money and not project.handles_money:
        raise ForbiddenError(
            "Money of projects is for the chief, project and finance managers, and the case's manager."
        )
    if not (is_money or project.may_change):
        raise ForbiddenError(
            "Projects are edited by the chief, project managers and the case's manager."
        )
    if expected_version not in {None, project.version}:
        raise StaleVersionError(STALE)
    return project


def keep_version(
    connection: Connection, viewer: Viewer, project: KeptProject, values: Mapping[str, Any]
) -> None:
    """Write columns of the project as its next version; raises StaleVersionError where another was faster."""
    by = {"changed_by": viewer.viewer_id, "changed_at": datetime.now(UTC)}
    changed = {**values, **by, "version": project.version + 1}
    if project.version == UNTOUCHED:
        empty = {
            "case_id": project.case.case_id, "starts_on": None, "ends_on": None, "light": "",
            "light_reason": "", "light_until": None, "light_by": "",
        }  # fmt: skip
        connection.execute(insert(PROJECTS).values(**{**empty, **changed}))  # writers take turns
        return
    same = PROJECTS.c.case_id == project.case.case_id
    query = update(PROJECTS).where(same, PROJECTS.c.version == project.version)
    if not connection.execute(query.values(**changed)).rowcount:
        raise StaleVersionError(STALE)


def _kept(  # noqa: PLR0917 - in the order of the sentence
    connection: Connection,
    viewer: Viewer,
    project: KeptProject,
    values: Mapping[str, Any],
    told: dict[str, Plain],
    text: str = "",
) -> KeptProject:
    keep_version(connection, viewer, project, values)
    case = project.case
    step = CaseStep(PROJECT_STEP, told, text)
    note_step(connection, viewer, case.case_id, case.need_id, step, datetime.now(UTC))
    after = project_of(connection, viewer, case.case_id)
    tell_of_project(connection, project, after, told)
    return after
