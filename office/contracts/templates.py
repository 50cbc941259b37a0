"""The office's own templates of contracts: uploaded and taken out by legal, filled for a case."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, cast

from sqlalchemy import Connection, Table, func, insert, select, update

from catalogue.database.models import LANGUAGES
from catalogue.database.money_models import CONTRACT_KINDS, ContractTemplate
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, InputError, UnknownIdError
from enmusubi.settings import Settings
from office.access import audit
from office.access.rules import KEEP_TEMPLATES, WORK_ON_CASES, require
from office.cases.kept import MOST, KeptCase, case_of
from office.cases.steps import CaseStep, line_in, note_step
from office.contracts.fields import FIELDS, SAMPLE, FieldsOf, fields_from_json, fields_of_case
from office.contracts.filling import fields_used, filled
from office.contracts.made import KeptContract, contract_made, keep_contract

TEMPLATES = cast(Table, ContractTemplate.__table__)
TEMPLATE_KIND = "contract template"  # the kind of the audit trail's object
MAX_TEMPLATES = 50
MAX_NAME_CHARS = 120


@dataclass(frozen=True)
class KeptContractTemplate:
    """A template that was not taken out; `fields` are those that it uses."""

    template_id: int
    kind: str
    language: str
    name: str
    sha256: str
    fields: tuple[str, ...]
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True)
class FilledContract:
    """A contract made of a template: its name, and fields that it uses and that are empty.

    `is_new` says that it is a version that there was not before.
    """

    name: str
    template: bytes = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    empty: tuple[str, ...]
    kept: KeptContract
    is_new: bool = False

    @cached_property
    def content(self) -> bytes:
        """The file, made when it is asked for: outside of a transaction. Raises as `filled` does."""
        return filled(self.template, self.values)


def templates_of(connection: Connection, viewer: Viewer) -> list[KeptContractTemplate]:
    """Return the templates by kind, language and name; raises ForbiddenError."""
    require(viewer, WORK_ON_CASES)
    columns = [TEMPLATES.c[name] for name in KeptContractTemplate.__dataclass_fields__]
    order = (TEMPLATES.c.kind, TEMPLATES.c.language, TEMPLATES.c.name, TEMPLATES.c.template_id)
    query = select(*columns).where(TEMPLATES.c.withdrawn_at.is_(None)).order_by(*order)
    return [_kept(row) for row in connection.execute(query).mappings()]


def add_template(  # noqa: PLR0917 - what it is for, what it is called, the file
    connection: Connection, viewer: Viewer, kind: str, language: str, name: str, content: bytes
) -> KeptContractTemplate:
    """Keep a template once all its fields are known.

    Raises ForbiddenError, ConflictError for too many, and InputError, which names an unknown field.
    """
    require(viewer, KEEP_TEMPLATES)
    if kind not in CONTRACT_KINDS:
        raise InputError("not a kind of contract that there is.", of_field="kind")
    if language not in LANGUAGES:
        raise InputError("expected ja or en.", of_field="language")
    there = select(func.count()).select_from(TEMPLATES).where(TEMPLATES.c.withdrawn_at.is_(None))
    if connection.execute(there).scalar_one() >= MAX_TEMPLATES:
        raise ConflictError(
            "There are %(count)s templates, as many as there can be.", count=MAX_TEMPLATES
        )
    used = fields_used(content, SAMPLE)
    row = {
        "kind": kind, "language": language, "uploaded_by": viewer.viewer_id,
        "name": line_in(name, "name", most=MAX_NAME_CHARS, required=True),
        "content": base64.b64encode(content).decode(), "fields": json.dumps(used),
        "sha256": hashlib.sha256(content).hexdigest(), "uploaded_at": datetime.now(UTC),
        "withdrawn_by": "", "withdrawn_at": None,
    }  # fmt: skip
    key = connection.execute(insert(TEMPLATES).values(**row)).inserted_primary_key
    number = int(key[0]) if key else 0
    told: dict[str, Any] = {"kind": kind, "language": language, "fields": len(used)}
    audit.record(connection, viewer, "add", TEMPLATE_KIND, str(number), **told)
    return next(one for one in templates_of(connection, viewer) if one.template_id == number)


def withdraw_template(connection: Connection, viewer: Viewer, template_id: int) -> None:
    """Take a template out; raises ForbiddenError and UnknownIdError."""
    require(viewer, KEEP_TEMPLATES)
    there = (TEMPLATES.c.template_id == min(template_id, MOST)) & TEMPLATES.c.withdrawn_at.is_(None)
    values = {"withdrawn_by": viewer.viewer_id, "withdrawn_at": datetime.now(UTC)}
    if not connection.execute(update(TEMPLATES).where(there).values(**values)).rowcount:
        raise _unknown()
    audit.record(connection, viewer, "withdraw", TEMPLATE_KIND, str(template_id))


def fill_template(  # noqa: PLR0917 - whose case, which template, for a day
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    template_id: int,
    settings: Settings,
    day: date,
) -> FilledContract:
    """Return a template filled for a case, in the template's language; it is kept as a version.

    The timeline says so. Raises ForbiddenError, UnknownIdError, and ConflictError for too many.
    """
    require(viewer, WORK_ON_CASES)
    case = case_of(connection, viewer, case_id)
    there = (TEMPLATES.c.template_id == min(template_id, MOST)) & TEMPLATES.c.withdrawn_at.is_(None)
    row: Any = connection.execute(select(TEMPLATES).where(there)).mappings().first()
    if row is None:
        raise _unknown()
    found = fields_of_case(connection, viewer, case, settings, row["language"], day)
    kept, is_new = keep_contract(connection, viewer, case, row, found)
    if is_new:
        _note(connection, viewer, case, row, kept.version)
    return _filled(case_id, row, found, kept, is_new=is_new)


def contract_again(
    connection: Connection, viewer: Viewer, case_id: int, contract_id: int
) -> FilledContract:
    """Return the file of a contract that was made; raises ForbiddenError and UnknownIdError."""
    require(viewer, WORK_ON_CASES)
    case = case_of(connection, viewer, case_id)
    kept = contract_made(connection, viewer, case, contract_id)
    there = TEMPLATES.c.template_id == kept.template_id  # taken out or not
    row: Any = connection.execute(select(TEMPLATES).where(there)).mappings().one()
    return _filled(case_id, row, fields_from_json(kept.content, kept.language), kept)


def empty_of(
    connection: Connection, contracts: Iterable[KeptContract]
) -> Mapping[int, tuple[str, ...]]:
    """Return for each contract that was made the fields of its template that had no value."""
    query = select(TEMPLATES.c.template_id, TEMPLATES.c.fields)  # taken out or not
    used = {number: json.loads(names) for number, names in connection.execute(query)}
    return {
        one.contract_id: tuple(
            name
            for name in fields_from_json(one.content, one.language).empty
            if name in used[one.template_id]
        )
        for one in contracts
    }


def empty_fields(
    connection: Connection, viewer: Viewer, case: KeptCase, settings: Settings, day: date
) -> Mapping[int, tuple[str, ...]]:
    """Return for each template the fields that it uses and that a case has no value for."""
    found = fields_of_case(connection, viewer, case, settings, "ja", day).empty
    return {
        one.template_id: tuple(name for name in found if name in one.fields)
        for one in templates_of(connection, viewer)
    }


def described_fields(language: str) -> list[tuple[str, str]]:
    """Return all fields with what each says."""
    return [(name, said[language != "ja"]) for name, said in FIELDS.items()]


def _filled(
    case_id: int, row: Any, found: FieldsOf, kept: KeptContract, *, is_new: bool = False
) -> FilledContract:
    used, template = json.loads(row["fields"]), base64.b64decode(row["content"])
    empty = tuple(name for name in found.empty if name in used)
    return FilledContract(kept.file_name(case_id), template, found.values, empty, kept, is_new)


def _note(connection: Connection, viewer: Viewer, case: KeptCase, row: Any, version: int) -> None:
    detail = {"contract": row["kind"], "template": row["template_id"], "made": version}
    step = CaseStep("contract", detail)
    note_step(connection, viewer, case.case_id, case.need_id, step, datetime.now(UTC))


def _kept(row: Any) -> KeptContractTemplate:
    return KeptContractTemplate(**{**row, "fields": tuple(json.loads(row["fields"]))})


def _unknown() -> UnknownIdError:
    return UnknownIdError("No template of a contract has that number.")
