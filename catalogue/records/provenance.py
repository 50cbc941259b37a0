"""Where each field of a row came from: computed from its records, so that it can't be out of date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from catalogue.records.affiliations import HOME
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS
from catalogue.records.lookups import Lookups
from catalogue.records.source_records import SourceRecord, load_records
from catalogue.records.survivorship import Origin, derive
from catalogue.records.table_rules import STORED, Row
from enmusubi.errors import UnknownIdError


@dataclass(frozen=True)
class Sourced:
    """A row with the origin of every field, and all the records that it is made of."""

    table: str
    row: Row
    origins: dict[str, Origin]
    records: tuple[SourceRecord, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "table": self.table,
            "fields": {
                name: {
                    "value": self.row[name],
                    "source": origin.source,
                    "source_key": origin.key,
                    "since": origin.changed_at.isoformat(timespec="seconds"),
                }
                for name, origin in self.origins.items()
            },
            "records": [
                {
                    "source": record.source,
                    "source_key": record.key,
                    "changed_at": record.changed_at.isoformat(timespec="seconds"),
                    "withdrawn_at": record.withdrawn_at
                    and record.withdrawn_at.isoformat(timespec="seconds"),
                    "values": {name: str(value) for name, value in record.values.items()},
                }
                for record in self.records
            ],
        }


def _organisations(connection: Connection, records: Sequence[SourceRecord]) -> Callable[[str], str]:
    """Return how to tell which row an organisation that the records name is part of."""
    lookups = Lookups()
    named = {str(r.values[HOME]) for r in records if r.values.get(HOME)}
    lookups.load_homes(connection, ORGANISATIONS, named)
    return lambda home: lookups.homes.get((ORGANISATIONS, home), home)


def read_sourced(
    connection: Connection, row_id: str, tables: Sequence[str] = (RESEARCHERS, SEEDS)
) -> Sourced:
    """Return the researcher or seed of an id, home ids included; raises UnknownIdError."""
    for table in tables:
        rows = {r.row_id for r in load_records(connection, table, "home_id", [row_id])}
        records = tuple(load_records(connection, table, "row_id", rows))
        if records:
            made = derive(table, records, _organisations(connection, records))
            shown = {n: o for n, o in made.origins.items() if n != STORED[table].key}
            return Sourced(table, made.row, shown, records)
    raise UnknownIdError("No researcher and no seed has the id %(id)r.", id=row_id)
