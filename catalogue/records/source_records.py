"""Source records: what one source says of one row, loaded and stored.

Nothing here decides what a row looks like; see `catalogue.records.survivorship`.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Table, select

from catalogue.database.bulk import insert_rows, update_rows
from catalogue.database.listing import among
from catalogue.database.record_models import Record
from catalogue.records.table_rules import STORED, Row

CHUNK = 2_000  # values of one IN list
RECORD = cast(Table, Record.__table__)
Item = TypeVar("Item")
_NAMED_ALIKE = (  # columns that the fields of a record are called by, too
    "source",
    "home_id",
    "row_id",
    "authority",
    "rank",
    "changed_at",
    "withdrawn_at",
    "run_id",
    "run_row",
    "change",
)
_COLUMNS = tuple(RECORD.c[name] for name in ("record_id", "source_key", "content", *_NAMED_ALIKE))


@dataclass
class SourceRecord:
    """One record; `age` orders records by when they first came, `changed` asks to be stored."""

    table: str
    source: str
    key: str
    home_id: str
    row_id: str
    authority: str
    rank: int
    changed_at: datetime
    values: Row = field(default_factory=dict, repr=False)
    people: tuple[str, ...] = ()
    chosen_by: tuple[str, ...] = ()
    as_of: str = ""  # when the researcher worked where the record says, if the source tells it
    withdrawn_at: datetime | None = None
    run_id: int = 0
    run_row: int = 0
    change: str = ""
    record_id: int | None = None
    age: int = 0
    is_changed: bool = False

    @property
    def place_in_source(self) -> tuple[str, str, str]:
        """What it is found by: the table, the source and the source's key."""
        return self.table, self.source, self.key

    def says_the_same(self, other: "SourceRecord") -> bool:
        """Whether both say the same of the row, whenever and under whatever rank."""
        said = self.values, self.people, self.chosen_by, self.as_of, self.authority
        others = other.values, other.people, other.chosen_by, other.as_of, other.authority
        return said == others

    @property
    def content(self) -> str:
        """What the source says, as JSON; equal content gives equal text."""
        said: dict[str, Any] = {"values": {k: _plain(v) for k, v in self.values.items()}}
        if self.people:
            said["people"] = self.people
        if self.chosen_by:
            said["chosen_by"] = self.chosen_by
        if self.as_of:
            said["as_of"] = self.as_of
        return _as_json(said)


_as_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode  # made once, not a record


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def load_records(
    connection: Connection, table: str, column: str, values: Iterable[str], *, source: str = ""
) -> Iterator[SourceRecord]:
    """Yield the records of a table whose `column` is among the values, of one source or of all."""
    for chunk in chunks(sorted(set(values))):
        query = select(*_COLUMNS).where(
            RECORD.c.table_name == table, among(RECORD.c[column], chunk)
        )
        if source:
            query = query.where(RECORD.c.source == source)
        for found in connection.execute(query.order_by(RECORD.c.record_id)):
            yield _record(table, *found)


def _record(table: str, record_id: int, key: str, content: str, *named: Any) -> SourceRecord:
    said = json.loads(content)
    return SourceRecord(
        table=table,
        key=key,
        values=_typed(table, said["values"]),
        people=tuple(said.get("people", ())),
        chosen_by=tuple(said.get("chosen_by", ())),
        as_of=said.get("as_of", ""),
        record_id=record_id,
        age=record_id,
        **dict(zip(_NAMED_ALIKE, named, strict=True)),
    )


def _typed(table: str, values: Row) -> Row:
    """Return the values with dates made of their text."""
    for name in _dates(table):
        if value := values.get(name):
            values[name] = date.fromisoformat(str(value))
    return values


@cache
def _dates(table: str) -> tuple[str, ...]:
    return tuple(c.name for c in STORED[table].table.c if c.type.python_type is date)


def store_records(connection: Connection, records: Sequence[SourceRecord]) -> None:
    """Insert the records that are new and update those that changed."""
    added = [_columns(record) for record in records if record.record_id is None]
    changed = [
        {"record_id": record.record_id, **_columns(record)}
        for record in records
        if record.record_id is not None and record.is_changed
    ]
    insert_rows(connection, RECORD, added)
    update_rows(connection, RECORD, "record_id", changed)


def _columns(record: SourceRecord) -> dict[str, Any]:
    return {
        "table_name": record.table,
        "source_key": record.key,
        "content": record.content,
        **{name: getattr(record, name) for name in _NAMED_ALIKE},
    }


def chunks(values: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Yield the values in lists of at most `size`."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk
