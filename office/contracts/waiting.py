"""Contracts of running cases with points that are still open: all of them, or those of IP alone."""

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select, tuple_

from catalogue.database.case_models import RUNNING
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import IP, Viewer
from office.access.rules import WORK_ON_CASES, may, visible_cases
from office.cases.kept import CASES, with_needs
from office.contracts.checklists import CHECKLISTS, OPEN, contract_items


@dataclass(frozen=True)
class OpenContract:
    """A case whose contract was begun and has open points; `title` is the case's or its need's."""

    case_id: int
    need_id: str
    title: str = field(repr=False)


def open_contracts(connection: Connection, viewer: Viewer) -> list[OpenContract]:
    """Return the running cases with a checklist that was begun and isn't done, the oldest first.

    To who looks after IP only what is of intellectual property counts.
    """
    if not may(viewer, WORK_ON_CASES):
        return []
    key = (CHECKLISTS.c.case_id, CHECKLISTS.c.kind)
    newest = select(*key, func.max(CHECKLISTS.c.version)).group_by(*key)
    columns = (
        CASES.c.case_id, CASES.c.need_id, CASES.c.title, StoredNeed.title, StoredNeed.area,
        CHECKLISTS.c.kind, CHECKLISTS.c.answers,
    )  # fmt: skip
    query = with_needs(select(*columns)).where(
        visible_cases(viewer),
        CASES.c.state == RUNNING,
        CHECKLISTS.c.case_id == CASES.c.case_id,
        tuple_(*key, CHECKLISTS.c.version).in_(newest),
    )
    found: dict[int, OpenContract] = {}
    for number, need_id, own, title, area, kind, answers in connection.execute(
        query.order_by(CASES.c.case_id)
    ):
        if _has_open(kind, json.loads(answers), area or "", only_ip=viewer.role == IP):
            found[number] = OpenContract(number, need_id or "", own or title or "")
    return list(found.values())


def _has_open(kind: str, said: dict[str, Any], area: str, *, only_ip: bool) -> bool:
    return any(
        said.get(one.id, (OPEN, ""))[0] == OPEN
        for one in contract_items(kind)
        if (not area or area in one.areas) and (one.is_ip or not only_ip)
    )
