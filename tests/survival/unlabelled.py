"""The catalogue without the names of its rows, which only say which of their records came first.

Two imports at once take turns, batch by batch, so which of two records came first may differ from row
to row: each row is as it is after one of the two orders.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from catalogue.database.models import Base
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS
from catalogue.records.source_records import RECORD
from tests.survival.office import Office

_ID_OF = {"organisation_id": ORGANISATIONS, "researcher_id": RESEARCHERS, "seed_id": SEEDS}
_LEFT_OUT = {"content_hash", "updated_at", "changed_at", "record_id", "run_id", "change"}
_OF_THE_SEED = {"position", "source"}  # what an authorship has from a row that is compared itself
_COMPARED = ("organisation", "researcher", "seed", "need", "authorship", "researcher_key", "record")
Row = tuple[tuple[str, Any], ...]
Unlabelled = dict[str, set[Row]]


def unlabelled(office: Office) -> Unlabelled:
    """Return the rows of each table, every row's id replaced by the least id of its records."""
    with office.catalogue() as catalogue, catalogue.reading() as connection:
        names = _least_ids(connection)
        return {table: _rows(connection, table, names) for table in _COMPARED}


def _least_ids(connection: Connection) -> dict[tuple[str, str], str]:
    homes = defaultdict[tuple[str, str], set[str]](set)
    query = select(RECORD.c.table_name, RECORD.c.row_id, RECORD.c.home_id)
    for table, row_id, home_id in connection.execute(query):
        homes[table, row_id].add(home_id)
    return {place: min(found) for place, found in homes.items()}


def _rows(connection: Connection, table: str, names: dict[tuple[str, str], str]) -> set[Row]:
    found = connection.execute(select(Base.metadata.tables[table])).mappings()
    return {tuple(_named(_kept(table, row), names).items()) for row in found}


def _kept(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    left_out = _LEFT_OUT | (_OF_THE_SEED if table == "authorship" else set())
    return {column: value for column, value in row.items() if column not in left_out}


def _named(kept: dict[str, Any], names: dict[tuple[str, str], str]) -> dict[str, Any]:
    for column, table in _ID_OF.items():
        if kept.get(column):
            kept[column] = names[table, kept[column]]
    if "row_id" in kept:
        kept["row_id"] = names[kept["table_name"], kept["row_id"]]
    return kept
