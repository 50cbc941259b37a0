"""What was decided of a case, and what was looked at: read, and never changed."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast

from sqlalchemy import Connection, Table, select

from catalogue.database.case_models import CaseDecision
from office.cases.gates import Looked, from_json
from office.cases.kept import KeptCase

DECISIONS = cast(Table, CaseDecision.__table__)


@dataclass(frozen=True)
class KeptDecision:
    """What was decided at a gate, and what was looked at."""

    decision_id: int
    gate: str
    decision: str
    from_stage: str
    to_stage: str
    skipped: tuple[str, ...]
    looked: tuple[Looked, ...]
    reason: str = field(repr=False)
    decided_by: str
    role: str
    decided_at: datetime
    submitted_at: datetime | None
    due_on: date | None
    decided_for: str = ""  # who was away


def decisions_of(connection: Connection, case: KeptCase) -> list[KeptDecision]:
    """Return what was decided of a case, the newest first."""
    query = select(DECISIONS).where(DECISIONS.c.case_id == case.case_id)
    rows = connection.execute(query.order_by(DECISIONS.c.decision_id.desc())).mappings()
    plain = (
        "decision_id", "gate", "decision", "from_stage", "to_stage", "reason", "decided_by", "role",
        "decided_at", "submitted_at", "due_on", "decided_for",
    )  # fmt: skip
    return [
        KeptDecision(
            **{name: row[name] for name in plain},
            skipped=tuple(row["skipped"].split()),
            looked=from_json(row["criteria"]),
        )
        for row in rows
    ]
