"""The gates: who decides each, and what is looked at; as they ship, and as the office edited them.

An edit is a new version and the older ones stay, so that what was decided by them can be read as it was.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Table, func, insert, select

from catalogue.database.case_models import GATES, GateTemplate
from catalogue.database.viewer import CHIEF, OFFICE_ROLES, StandIn, Viewer
from enmusubi.errors import InputError, StaleVersionError, UnknownIdError
from office.access import audit
from office.access.rules import EDIT_GATES, SEE_CASES, WORK_ON_CASES, may, require
from office.cases.steps import line_in
from office.delegations.standing_in import decided_for

TEMPLATES = cast(Table, GateTemplate.__table__)
GATE_KIND = "gate"  # the kind of the audit trail's object
SHIPPED = 0  # the version of a gate that nobody edited
MAX_CRITERIA = 30
NDA_HOLDS = "nda_holds"  # the criterion that the records of NDAs answer
MET, UNMET, NOT_APPLICABLE = "met", "unmet", "not_applicable"
ANSWERS = (MET, UNMET, NOT_APPLICABLE)
_ID = re.compile(r"[a-z][a-z0-9_]{0,40}")


@dataclass(frozen=True)
class Criterion:
    """What is looked at before a gate is opened, in both languages."""

    id: str
    ja: str
    en: str

    def text(self, language: str) -> str:
        """Return it in a language, in the other one where it has not got that."""
        return (self.ja or self.en) if language == "ja" else (self.en or self.ja)


@dataclass(frozen=True)
class Gate:
    """A gate; `roles` decide it, and the chief."""

    name: str
    roles: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    version: int = SHIPPED
    changed_by: str = ""
    changed_at: datetime | None = None

    @property
    def deciding_roles(self) -> tuple[str, ...]:
        """The roles that decide it, the chief's last."""
        return tuple(dict.fromkeys((*self.roles, CHIEF)))

    def is_decided_by(self, viewer: Viewer) -> bool:
        """Return whether the viewer's role decides it, or that of somebody for whom they stand in."""
        if not may(viewer, WORK_ON_CASES):
            return False
        return viewer.role in self.deciding_roles or self.stand_in(viewer) is not None

    def stand_in(self, viewer: Viewer) -> StandIn | None:
        """Return in whose stead the viewer decides it; None in their own right, or not at all."""
        return decided_for(viewer, self.deciding_roles)


@dataclass(frozen=True)
class Looked:
    """A criterion with what was found of it."""

    criterion: Criterion
    answer: str


@cache
def shipped_gates() -> Mapping[str, Gate]:
    """Return the gates as they ship, by the stage that each opens."""
    stored = tomllib.loads((Path(__file__).parent / "gates.toml").read_text("utf-8"))
    return {
        name: Gate(name, tuple(gate["roles"]), tuple(Criterion(**one) for one in gate["criteria"]))
        for name, gate in stored.items()
    }


def gates_of(connection: Connection, viewer: Viewer) -> dict[str, Gate]:
    """Return the gates in force, in their order; raises ForbiddenError."""
    require(viewer, SEE_CASES)
    newest = select(TEMPLATES.c.gate, func.max(TEMPLATES.c.version).label("version"))
    newest_of = newest.group_by(TEMPLATES.c.gate).subquery()
    query = select(TEMPLATES).join(
        newest_of,
        (newest_of.c.gate == TEMPLATES.c.gate) & (newest_of.c.version == TEMPLATES.c.version),
    )
    edited = {row["gate"]: _gate(row) for row in connection.execute(query).mappings()}
    return {name: edited.get(name, shipped_gates()[name]) for name in GATES}


def edit_gate(
    connection: Connection,
    viewer: Viewer,
    name: str,
    *,
    roles: Iterable[str],
    criteria: Sequence[Criterion],
    expected_version: int,
) -> Gate:
    """Keep a gate as it is to be from now on; decisions that were made keep what they were made by.

    Raises ForbiddenError, UnknownIdError, InputError, and StaleVersionError where another edited it.
    """
    require(viewer, EDIT_GATES)
    if name not in GATES:
        raise UnknownIdError("There is no gate %(name)r.", name=name)
    if gates_of(connection, viewer)[name].version != expected_version:
        raise StaleVersionError(
            "Another user changed the gate meanwhile. Read it again, and repeat your change."
        )
    deciding = tuple(role for role in OFFICE_ROLES if role in set(roles))
    if not deciding or set(roles) - set(OFFICE_ROLES):
        raise InputError("name one or more roles of the office.", of_field="roles")
    kept = _checked(criteria)
    now, version = datetime.now(UTC), expected_version + 1
    connection.execute(
        insert(TEMPLATES).values(
            gate=name, version=version, roles=" ".join(deciding),
            criteria=json.dumps([asdict(one) for one in kept], ensure_ascii=False),
            changed_by=viewer.viewer_id, changed_at=now,
        )
    )  # fmt: skip
    told: dict[str, Any] = {"version": version, "criteria": len(kept), "roles": list(deciding)}
    audit.record(connection, viewer, "edit gate", GATE_KIND, name, **told)
    return gates_of(connection, viewer)[name]


def looked_at(gate: Gate, answers: Mapping[str, str]) -> tuple[Looked, ...]:
    """Return every criterion of a gate with its answer, unmet where nothing was said.

    Raises InputError for an answer or a criterion that there is not.
    """
    known = {one.id for one in gate.criteria}
    if set(answers) - known or set(answers.values()) - set(ANSWERS):
        raise InputError(
            "not the criteria of this gate, or not met, unmet or not_applicable. The gate may have been "
            "edited: load it again.",
            of_field="criteria",
        )
    return tuple(Looked(one, answers.get(one.id, UNMET)) for one in gate.criteria)


def as_json(looked: Sequence[Looked]) -> str:
    """Return what was looked at as a decision keeps it."""
    said = [{**asdict(one.criterion), "answer": one.answer} for one in looked]
    return json.dumps(said, ensure_ascii=False)


def from_json(stored: str) -> tuple[Looked, ...]:
    """Return what a decision keeps of what was looked at."""
    return tuple(
        Looked(Criterion(one["id"], one["ja"], one["en"]), one["answer"])
        for one in json.loads(stored)
    )


def _checked(criteria: Sequence[Criterion]) -> list[Criterion]:
    kept = [
        Criterion(one.id, line_in(one.ja, "criteria"), line_in(one.en, "criteria"))
        for one in criteria
    ]
    if len(kept) > MAX_CRITERIA:
        raise InputError(
            "%(count)s criteria found, at most %(most)s are kept.",
            of_field="criteria",
            count=len(kept),
            most=MAX_CRITERIA,
        )
    ids = [one.id for one in kept]
    if len(set(ids)) < len(ids) or not all(_ID.fullmatch(one) for one in ids):
        raise InputError(
            "every criterion needs an id of its own, of small letters, digits and _.",
            of_field="criteria",
        )
    if not all(one.ja or one.en for one in kept):
        raise InputError("every criterion needs a text.", of_field="criteria")
    return kept


def _gate(row: Any) -> Gate:
    criteria = tuple(Criterion(**one) for one in json.loads(row["criteria"]))
    roles = tuple(row["roles"].split())
    return Gate(row["gate"], roles, criteria, row["version"], row["changed_by"], row["changed_at"])
