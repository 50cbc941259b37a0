"""Veils as they are kept: the newest of a need that was not taken back stands, until an NDA lifts it."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, exists, select

from catalogue.database.models import StoredNeed
from catalogue.database.veil_models import ACCEPTED, NeedVeil, VeilMark
from catalogue.records.source_records import chunks
from office.veil.ndas import with_nda

VEILS = cast(Table, NeedVeil.__table__)
MARKS = cast(Table, VeilMark.__table__)
FIELDS = ("title", "text", "constraints", "horizon")  # of a need, which a veil says anew


@dataclass(frozen=True)
class Veil:
    """A veil: the need's fields as they may be shown, and what stands for the company's name."""

    veil_id: int
    need_id: str
    need_hash: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    constraints: str = field(repr=False)
    horizon: str = field(repr=False)
    company: str = field(repr=False)
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class KeptMark:
    """Something that a need says, and whether the veil keeps it secret."""

    kind: str
    said: str = field(repr=False)
    identifies: int
    decision: str
    instead: str = field(repr=False)


COLUMNS = tuple(VEILS.c[name] for name in Veil.__dataclass_fields__)
MARK_COLUMNS = tuple(MARKS.c[name] for name in KeptMark.__dataclass_fields__)


def need_hash(fields: Mapping[str, str]) -> str:
    """Return a hash of the fields that a veil is made of: a need with another one has changed."""
    said = [fields[name] for name in (*FIELDS, "company")]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


def standing_veils(connection: Connection, need_ids: Iterable[str]) -> dict[str, Veil]:
    """Return the veil of each need that has one which was not taken back, lifted or not."""
    found: dict[str, Veil] = {}
    for chunk in chunks(sorted(set(need_ids))):
        query = select(*COLUMNS).where(VEILS.c.need_id.in_(chunk), VEILS.c.revoked_at.is_(None))
        for row in connection.execute(query.order_by(VEILS.c.veil_id)).mappings():
            found[row["need_id"]] = as_veil(row)
    return found


def holding_veils(
    connection: Connection, need_ids: Iterable[str], today: date | None = None
) -> dict[str, Veil]:
    """Return the standing veils that no NDA lifts on a day, today unless another is named."""
    standing = standing_veils(connection, need_ids)
    lifted = with_nda(connection, standing, today or date.today())
    return {need_id: veil for need_id, veil in standing.items() if need_id not in lifted}


def is_veiled() -> ColumnElement[bool]:
    """Return the condition on `need` rows for those with a veil that was not taken back."""
    return exists(
        select(VEILS.c.veil_id).where(
            VEILS.c.need_id == StoredNeed.need_id, VEILS.c.revoked_at.is_(None)
        )
    )


def marks_of(connection: Connection, veil_id: int) -> tuple[KeptMark, ...]:
    """Return what was decided on for a veil, those that identify the most first."""
    query = select(*MARK_COLUMNS).where(MARKS.c.veil_id == veil_id)
    rows = connection.execute(query.order_by(MARKS.c.identifies.desc(), MARKS.c.mark_id))
    return tuple(KeptMark(**row) for row in rows.mappings())


def secrets_of(connection: Connection, veil: Veil) -> tuple[str, ...]:
    """Return what a veil keeps secret, the longest first."""
    query = select(MARKS.c.said).where(
        MARKS.c.veil_id == veil.veil_id, MARKS.c.decision == ACCEPTED
    )
    said: Sequence[str] = connection.execute(query).scalars().all()
    return tuple(sorted(set(said), key=lambda one: (-len(one), one)))


def as_veil(row: Any) -> Veil:
    """Return a row of COLUMNS."""
    return Veil(**{name: row[name] for name in Veil.__dataclass_fields__})
