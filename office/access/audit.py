"""The audit trail: who did what to which object, each entry chained to the one before by its hash.

Entries are numbered from 1 without a gap, so a missing one shows; an altered one doesn't have its
hash any more. That the newest were cut off shows against a head (number and hash) noted outside the
database: every export begins with one.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, func, insert, select

from catalogue.database.service_models import AuditEntry
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from office.access.keyset_pages import Page, rows_by_id
from office.access.rules import READ_AUDIT, require

ENTRY = cast(Table, AuditEntry.__table__)
BEGINNING = "0" * 64  # what stands as the hash before the first entry
MISSING, ALTERED, CUT = "missing", "altered", "cut"
RETENTION = "retention"  # the action of the entry that notes up to where the trail was cut off
MAX_DETAIL_CHARS = 200
_CHUNK = 1_000
_NAMES = tuple(column.name for column in ENTRY.columns)

Plain = str | int | bool | None
Detail = Plain | Sequence[str]


@dataclass(frozen=True)
class Head:
    """The newest entry: its number, which is how many there are, and its hash."""

    entries: int = 0
    hash: str = BEGINNING


@dataclass(frozen=True)
class AuditState:
    """What a check of the trail found: its head, and the first entry that is not as it was written.

    `fault` is empty for a whole trail, or missing, altered, or cut (entries that a known head has).
    """

    head: Head
    fault: str = ""
    entry_id: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.fault


@dataclass(frozen=True)
class AuditRecord:
    """One entry; `actor` is `person:login` or `machine:id`."""

    entry_id: int
    at: datetime
    actor: str
    role: str
    action: str
    object_kind: str
    object_id: str
    detail: Mapping[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are listed; an empty field allows all, `until` is the first moment left out."""

    actor: str = ""
    action: str = ""
    object_kind: str = ""
    object_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


ALL_ENTRIES = AuditFilter()


def record(
    connection: Connection,
    viewer: Viewer,
    action: str,
    object_kind: str = "",
    object_id: str = "",
    **detail: Detail,
) -> int:
    """Append an entry in this writing transaction; returns its number.

    `detail` takes codes, counts and ids, never a need's text nor a company's name.
    """
    head = head_of(connection)
    entry: dict[str, Any] = {
        "entry_id": head.entries + 1,
        "at": datetime.now(UTC),
        "actor": viewer.owner,
        "role": viewer.role,
        "action": action,
        "object_kind": object_kind,
        "object_id": object_id,
        "detail": _written(detail),
        "previous_hash": head.hash,
    }
    connection.execute(insert(ENTRY).values(**entry, hash=_hash(entry)))
    return int(entry["entry_id"])


def note(
    catalogue: Catalogue,
    viewer: Viewer,
    action: str,
    object_kind: str = "",
    object_id: str = "",
    **detail: Detail,
) -> int:
    """Append an entry in a transaction of its own: of what was read, which changes nothing."""
    with catalogue.writing() as connection:
        return record(connection, viewer, action, object_kind, object_id, **detail)


def head_of(connection: Connection) -> Head:
    """Return the newest entry's number and hash."""
    query = select(ENTRY.c.entry_id, ENTRY.c.hash).order_by(ENTRY.c.entry_id.desc()).limit(1)
    found = connection.execute(query).first()
    return Head(int(found[0]), found[1]) if found else Head()


def verify(connection: Connection, known: Head | None = None) -> AuditState:
    """Return the state of the whole trail; `known` is a head that was noted earlier.

    The beginning of its hash is enough.
    """
    head = _beginning(connection)
    for row in _rows(connection):
        expected = head.entries + 1
        if row["entry_id"] != expected:
            return AuditState(head, MISSING, expected)
        if row["previous_hash"] != head.hash or row["hash"] != _hash(row):
            return AuditState(head, ALTERED, expected)
        head = Head(expected, row["hash"])
        if known and known.entries == expected and not head.hash.startswith(known.hash):
            return AuditState(head, ALTERED, expected)
    if known and known.entries > head.entries:
        return AuditState(head, CUT, head.entries + 1)
    return AuditState(head)


def _beginning(connection: Connection) -> Head:
    """Return what stands before the first entry: nothing, or what was cut off, as the trail notes."""
    query = select(ENTRY.c.entry_id, ENTRY.c.previous_hash).order_by(ENTRY.c.entry_id).limit(1)
    first = connection.execute(query).first()
    if first is None or first.entry_id <= 1:
        return Head()
    cut = select(ENTRY.c.detail).where(
        ENTRY.c.action == RETENTION, ENTRY.c.object_id == str(first.entry_id - 1)
    )
    noted = {json.loads(detail).get("hash") for detail in connection.execute(cut).scalars()}
    is_noted = first.previous_hash in noted
    return Head(first.entry_id - 1, first.previous_hash) if is_noted else Head()


def entries_page(
    connection: Connection,
    viewer: Viewer,
    wanted: AuditFilter = ALL_ENTRIES,
    *,
    after: str = "",
    limit: int = 50,
) -> Page[AuditRecord]:
    """Return entries, the newest first; raises ForbiddenError and InputError."""
    require(viewer, READ_AUDIT)
    query = select(ENTRY).where(*_conditions(wanted))
    rows, cursor = rows_by_id(
        connection, query, ENTRY.c.entry_id, after=after, limit=limit, newest_first=True
    )
    return Page(tuple(_record(row) for row in rows), cursor)


def export_lines(connection: Connection, viewer: Viewer) -> Iterator[str]:
    """Yield the trail as JSON lines: its head with the count, then the entries from the first on.

    Raises ForbiddenError at the first line.
    """
    require(viewer, READ_AUDIT)
    head = head_of(connection)
    count = connection.execute(select(func.count()).select_from(ENTRY)).scalar_one()
    at = datetime.now(UTC).isoformat(timespec="seconds")
    first = {"entries": head.entries, "found": count, "head": head.hash, "exported_at": at}
    yield json.dumps(first) + "\n"
    for row in _rows(connection):
        told = {**_said(row), "hash": row["hash"]}
        yield json.dumps(told, ensure_ascii=False) + "\n"


def _rows(connection: Connection) -> Iterator[Any]:
    last = -1  # an entry numbered 0 would be a forged one
    while True:
        query = select(ENTRY).where(ENTRY.c.entry_id > last).order_by(ENTRY.c.entry_id)
        rows = connection.execute(query.limit(_CHUNK)).mappings().all()
        if not rows:
            return
        yield from rows
        last = rows[-1]["entry_id"]


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an entry says, all but its hash, as JSON takes it."""
    said = {name: row[name] for name in _NAMES if name != "hash"}
    at = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return {**said, "at": at}


def _hash(row: Mapping[str, Any]) -> str:
    text = json.dumps(_said(row), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _written(detail: Mapping[str, Detail]) -> str:
    for name, value in detail.items():
        parts = value if isinstance(value, tuple | list) else (value,)
        for part in parts:
            if not isinstance(part, Plain) or len(str(part)) > MAX_DETAIL_CHARS:
                raise TypeError(
                    f"The audit trail's detail {name!r} is no code, count or id: "
                    f"{type(part).__name__} of {len(str(part))} characters."
                )
    return json.dumps(detail, ensure_ascii=False, sort_keys=True)


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    names = ("actor", "action", "object_kind", "object_id")
    equal = {n: v.replace("\x00", "") for n in names if (v := getattr(wanted, n))}
    conditions: list[ColumnElement[bool]] = [ENTRY.c[n] == v for n, v in equal.items()]
    if wanted.since:
        conditions.append(ENTRY.c.at >= wanted.since.astimezone(UTC))
    if wanted.until:
        conditions.append(ENTRY.c.at < wanted.until.astimezone(UTC))
    return conditions


def _record(row: Any) -> AuditRecord:
    named = {name: row[name] for name in _NAMES}
    return AuditRecord(**{**named, "at": row["at"], "detail": json.loads(row["detail"])})
