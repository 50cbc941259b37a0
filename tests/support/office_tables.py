"""Twenty tables of people, seeds, patents, needs and judgements as offices keep them, all of them made up.

`tests/samples/office_tables.json` has them. Each is given by its rows as they stand, titles, notes and
blank rows included, and by what a person would say of its columns: the role of each label, or nothing
for a column that is left out.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl

SAMPLES = Path(__file__).parents[1] / "samples"


@dataclass(frozen=True)
class OfficeTable:
    """A table: its file's name, its rows, what they are about, and the roles of its columns by label."""

    id: str
    about: str
    name: str
    sheet: str
    encoding: str
    kind: str
    records: int
    roles: Mapping[str, str]
    rows: Sequence[Sequence[Any]]

    @property
    def filled_rows(self) -> list[Sequence[Any]]:
        """The rows that are not blank."""
        return [row for row in self.rows if any(cell not in (None, "") for cell in row)]

    def write(self, folder: Path) -> Path:
        """Write the table as its name's ending says."""
        path = folder / self.name
        if path.suffix == ".csv":
            text = io.StringIO()
            csv.writer(text).writerows([["" if c is None else c for c in row] for row in self.rows])
            path.write_bytes(text.getvalue().encode(self.encoding))
            return path
        book = openpyxl.Workbook()
        book.active.title = self.sheet
        for row in self.rows:
            book.active.append(list(row))
        book.save(path)
        return path


def _cell(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    return (
        date.fromisoformat(cell["date"]) if "date" in cell else datetime.fromisoformat(cell["time"])
    )


def read_tables(name: str) -> tuple[OfficeTable, ...]:
    """Return the tables of a file of samples."""
    told = json.loads((SAMPLES / name).read_text("utf-8"))
    return tuple(
        OfficeTable(**{**one, "rows": [[_cell(cell) for cell in row] for row in one["rows"]]})
        for one in told
    )


TABLES = read_tables("office_tables.json")
MORE_TABLES = tuple(table for n in range(2, 6) for table in read_tables(f"office_tables_{n}.json"))
TABLE = {table.id: table for table in TABLES}
