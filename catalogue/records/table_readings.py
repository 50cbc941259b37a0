"""How an office's tables are to be read, as somebody corrected it: kept by a hash of the header."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Table, delete, insert, select

from catalogue.database.record_models import TableReading

READING = cast(Table, TableReading.__table__)


@dataclass(frozen=True)
class Reading:
    """What the rows of a table are about, the role of each column by its label, and what stands for all rows.

    Without a kind the table is left out.
    """

    kind: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    institution: str = ""


Readings = Mapping[str, Reading]


def load_readings(connection: Connection) -> dict[str, Reading]:
    """Return all readings by the hash of their header."""
    rows = connection.execute(select(READING.c.header_hash, READING.c.content))
    return {header_hash: Reading(**json.loads(content)) for header_hash, content in rows}


def keep_reading(
    connection: Connection, header_hash: str, reading: Reading, *, changed_by: str, at: datetime
) -> None:
    """Keep how a table is read, in place of what was kept before."""
    content = json.dumps(asdict(reading), ensure_ascii=False, sort_keys=True)
    connection.execute(delete(READING).where(READING.c.header_hash == header_hash))
    values = {"content": content, "changed_by": changed_by, "changed_at": at}
    connection.execute(insert(READING).values(header_hash=header_hash, **values))
