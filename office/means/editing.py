"""The table of means as the office edited it: rows in versions, and a way back to the row as it ships.

An edit is a whole row; the older ones stay. A row without edits follows the office's own file, or ships.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Table, func, insert, select

from catalogue.database.case_models import MEANS
from catalogue.database.project_models import WEIGHTS, MeansEdit
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError, SettingsError, StaleVersionError, UnknownIdError
from office.access import audit
from office.access.rules import EDIT_MEANS, require
from office.cases.steps import text_in
from office.means.recommending import (
    QUESTIONS,
    MeansRules,
    made_rule,
    made_weights,
    means_rules,
    plain_table,
)

EDITS = cast(Table, MeansEdit.__table__)
MEANS_KIND = "means"  # the kind of the audit trail's object
UNEDITED = 0  # the version of a row that nobody edited
ROWS = (*MEANS, WEIGHTS)
TEXTS = ("watch_ja", "watch_en", "figures_ja", "figures_en")
MOST_WEIGHT = 100


@dataclass(frozen=True)
class EditedRow:
    """The newest version of a row; `content` is None where it is again as it ships."""

    version: int
    content: Mapping[str, Any] | None
    changed_by: str
    changed_at: datetime


def edits_of(connection: Connection) -> dict[str, EditedRow]:
    """Return the newest version of each row that was ever edited."""
    newest = select(EDITS.c.name, func.max(EDITS.c.version).label("version")).group_by(EDITS.c.name)
    last = newest.subquery()
    same = (EDITS.c.name == last.c.name) & (EDITS.c.version == last.c.version)
    rows = connection.execute(select(EDITS).join(last, same)).mappings()
    return {
        row["name"]: EditedRow(
            row["version"],
            json.loads(row["content"]) if row["content"] else None,
            row["changed_by"],
            row["changed_at"],
        )
        for row in rows
    }


def means_table(connection: Connection, changed: Path | None) -> MeansRules:
    """Return the table in force: as it ships, an office's own file, and edits; as `means_rules` does."""
    edits = {n: e.content for n, e in edits_of(connection).items() if e.content is not None}
    return means_rules(changed, edits)


def plain_row(connection: Connection, name: str, changed: Path | None) -> dict[str, Any]:
    """Return what a row says now, as it stands in the table's file; raises UnknownIdError."""
    if name not in ROWS:
        raise UnknownIdError("The table of means has no row of that name.")
    edit = edits_of(connection).get(name)
    if edit and edit.content is not None:
        return dict(edit.content)
    table = plain_table(changed)
    return dict(table[WEIGHTS] if name == WEIGHTS else table["means"][name])


def edit_row(
    connection: Connection,
    viewer: Viewer,
    name: str,
    row: Mapping[str, Any],
    *,
    expected_version: int,
) -> int:
    """Write a row as its next version, and return that.

    Raises ForbiddenError, UnknownIdError, InputError with the field, and StaleVersionError where another
    edited it meanwhile.
    """
    require(viewer, EDIT_MEANS)
    checked = _weights(row) if name == WEIGHTS else _means(name, row)
    return _write(
        connection, viewer, name, json.dumps(checked, ensure_ascii=False), expected_version
    )


def reset_row(connection: Connection, viewer: Viewer, name: str, *, expected_version: int) -> int:
    """Let a row be again as it ships, or as the office's own file has it; raises as `edit_row`."""
    require(viewer, EDIT_MEANS)
    return _write(connection, viewer, name, "", expected_version)


def _write(
    connection: Connection, viewer: Viewer, name: str, content: str, expected_version: int
) -> int:
    if name not in ROWS:
        raise UnknownIdError("The table of means has no row of that name.")
    edit = edits_of(connection).get(name)
    version = edit.version if edit else UNEDITED
    if version != expected_version:
        raise StaleVersionError(
            "Another user edited this row meanwhile. Look at it as it is now, and repeat your change."
        )
    row = {
        "name": name, "version": version + 1, "content": content, "changed_by": viewer.viewer_id,
        "changed_at": datetime.now(UTC),
    }  # fmt: skip
    connection.execute(insert(EDITS).values(**row))
    done = {"version": version + 1, "shipped": not content}
    audit.record(connection, viewer, "edit means", MEANS_KIND, name, **done)
    return version + 1


def _weights(row: Mapping[str, Any]) -> dict[str, int]:
    try:
        weights = made_weights(row)
    except SettingsError:
        raise InputError("expected whole numbers from 0 on.", of_field="weights") from None
    if max(weights.values()) > MOST_WEIGHT or not any(weights.values()):
        raise InputError(
            "expected 0 to %(most)s, and one of them above 0.", of_field="weights", most=MOST_WEIGHT
        )
    return dict(weights)


def _means(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    if name not in MEANS:
        raise UnknownIdError("The table of means has no row of that name.")
    checked = {
        **{question: list(row.get(question, ())) for question in QUESTIONS},
        **{part: row.get(part, "") for part in ("difficulty", "kind", "lens")},
        "next": [one for one in row.get("next", ()) if one],
        **{text: text_in(str(row.get(text, "")), text, required=True) for text in TEXTS},
    }
    if empty := [question for question in QUESTIONS if not checked[question]]:
        raise InputError("choose one answer or more that it is meant for.", of_field=empty[0])
    if name in checked["next"]:
        raise InputError("a means does not lead on to itself.", of_field="next")
    try:
        made_rule(name, checked)
    except SettingsError:
        raise InputError("not a value that there is.", of_field="means") from None
    return checked
