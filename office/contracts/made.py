"""Contracts that were made for a case of the office's templates: kept in versions, taken again as files.

A version keeps what the fields said on its day, and the template stays, taken out or not: the file is made of
both again. Who sees the case sees them. Who is forgotten is taken out of the fields.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, func, insert, select

from catalogue.database.money_models import ContractTemplate, MadeContract
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, UnknownIdError
from office.access.rules import WORK_ON_CASES, require
from office.cases.kept import MOST, KeptCase
from office.contracts.fields import FieldsOf

MADE = cast(Table, MadeContract.__table__)
_TEMPLATES = cast(Table, ContractTemplate.__table__)
MAX_MADE = 200  # of a case


@dataclass(frozen=True)
class KeptContract:
    """A version of a contract of a case: who made it when, of which template."""

    contract_id: int
    kind: str
    version: int
    template_id: int
    template: str = field(repr=False)
    language: str
    content: str = field(repr=False)
    made_by: str
    made_at: datetime

    def file_name(self, case_id: int) -> str:
        """Return what its file is called."""
        return f"{self.kind}-{case_id}-v{self.version}.docx"


def contracts_made(connection: Connection, viewer: Viewer, case: KeptCase) -> list[KeptContract]:
    """Return the contracts that were made for a case that the viewer sees, the newest first."""
    require(viewer, WORK_ON_CASES)
    own = ("contract_id", "kind", "version", "template_id", "content", "made_by", "made_at")
    columns = [MADE.c[name] for name in own]
    query = (
        select(*columns, _TEMPLATES.c.name.label("template"), _TEMPLATES.c.language)
        .join(_TEMPLATES, _TEMPLATES.c.template_id == MADE.c.template_id)
        .where(MADE.c.case_id == case.case_id)
        .order_by(MADE.c.contract_id.desc())
    )
    return [KeptContract(**row) for row in connection.execute(query).mappings()]


def contract_made(
    connection: Connection, viewer: Viewer, case: KeptCase, contract_id: int
) -> KeptContract:
    """Return one of a case that the viewer sees; raises UnknownIdError."""
    wanted = min(contract_id, MOST)
    for one in contracts_made(connection, viewer, case):
        if one.contract_id == wanted:
            return one
    raise UnknownIdError("The case has no contract of that number.")


def keep_contract(
    connection: Connection, viewer: Viewer, case: KeptCase, template: Any, found: FieldsOf
) -> tuple[KeptContract, bool]:
    """Keep what a template was filled with as the next version; returns it, and whether it is new.

    What says the same as the newest of its kind, of the same template, is that one. Raises ConflictError for
    too many.
    """
    before = contracts_made(connection, viewer, case)
    content = found.as_json()
    newest = next((one for one in before if one.kind == template["kind"]), None)
    if newest and (newest.template_id, newest.content) == (template["template_id"], content):
        return newest, False
    if len(before) >= MAX_MADE:
        raise ConflictError("The case has %(count)s contracts, as many as it can.", count=MAX_MADE)
    mine = (MADE.c.case_id == case.case_id) & (MADE.c.kind == template["kind"])
    last = connection.execute(select(func.max(MADE.c.version)).where(mine)).scalar()
    row = {
        "case_id": case.case_id, "kind": template["kind"], "version": (last or 0) + 1,
        "template_id": template["template_id"], "content": content,
        "made_by": viewer.viewer_id, "made_at": datetime.now(UTC),
    }  # fmt: skip
    connection.execute(insert(MADE).values(**row))  # writers take turns
    return contracts_made(connection, viewer, case)[0], True
