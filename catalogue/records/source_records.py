"""Source records: what one source says of one row, loaded and stored.

Nothing here decides what a row looks like; see `catalogue.records.survivorship`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from catalogue.database.record_models import Record
from catalogue.records.table_rules import STORED, Row

CHUNK = 500  # values of one IN list
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
        return json.dumps(said, ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def load_records(
    connection: Connection, table: str, column: str, values: Iterable[str], *, source: str = ""
) -> Iterator[SourceRecord]:
    """Yield the records of a table whose `column` is among the values, of one source or of all."""
    for chunk in chunks(sorted(set(values))):
        query = select(RECORD).where(RECORD.c.table_name == table, RECORD.c[column].in_(chunk))
        if source:
            query = query.where(RECORD.c.source == source)
        for found in connection.execute(query.order_by(RECORD.c.record_id)).mappings():
            yield _record(found)


def _record(found: Any) -> SourceRecord:
    said = json.loads(found["content"])
    return SourceRecord(
        table=found["table_name"],
        key=found["source_key"],
        values=_typed(found["table_name"], said["values"]),
        people=tuple(said.get("people", ())),
        chosen_by=tuple(said.get("chosen_by", ())),
        as_of=said.get("as_of", ""),
        record_id=found["record_id"],
        age=found["record_id"],
        **{name: found[name] for name in _NAMED_ALIKE},
    )


def _typed(table: str, values: Mapping[str, Any]) -> Row:
    """Return the values with dates made of their text."""
    columns = STORED[table].table.c
    return {
        name: date.fromisoformat(value)
        if value and columns[name].type.python_type is date
        else value
        for name, value in values.items()
    }


def store_records(connection: Connection, records: Sequence[SourceRecord]) -> None:
    """Insert the records that are new and update those that changed."""
    added = [_columns(record) for record in records if record.record_id is None]
    changed = [
        {"_id": record.record_id, **_columns(record)}
        for record in records
        if record.record_id is not None and record.is_changed
    ]
    if added:
        connection.execute(insert(RECORD), added)
    if changed:
        connection.execute(update(RECORD).where(RECORD.c.record_id == bindparam("_id")), changed)


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
