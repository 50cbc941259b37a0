"""What an import says about itself: what went in, and what could not, where and why.

A rejection names the shape of a value and never the value: a need's text may be a trade secret.
"""

import math
from collections.abc import Callable, Sized
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from enmusubi.matcher.catalogue.drafts import ADDED, TABLES, UNCHANGED, UPDATED

ROW, VALUE, COLUMN, SHEET, FILE = "row", "value", "column", "sheet", "file"
MAX_KEPT_REJECTIONS = 10_000


@dataclass(frozen=True)
class Rejection:
    """Something that was not taken.

    `scope` says how much: the whole `row`, one `value` of a row that went in without it, a
    `column` or `sheet` that has no place in the catalogue, or a `file` that cannot be read on.
    """

    file: str
    row: int  # as a spreadsheet counts: the header is row 1; a line number in JSON lines; 0: none
    field: str
    reason: str
    shape: str = ""
    scope: str = ROW


@dataclass(frozen=True)
class TableCounts:
    """How many different rows of one table were added, updated, or left as they were."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class ImportReport:
    """The result of one import."""

    read: int = 0  # rows of the files, whatever became of them
    rejected: int = 0  # rows that were rejected as a whole
    tables: dict[str, TableCounts] = field(default_factory=dict)
    rejections: tuple[Rejection, ...] = ()  # by file and row, the first 10,000
    unreadable: tuple[str, ...] = ()  # files that could not be read, or not to their end

    @property
    def added(self) -> int:
        """Rows of the catalogue that are new."""
        return sum(counts.added for counts in self.tables.values())

    @property
    def updated(self) -> int:
        """Rows of the catalogue that changed."""
        return sum(counts.updated for counts in self.tables.values())

    @property
    def unchanged(self) -> int:
        """Rows of the catalogue that were in the files and stayed as they were."""
        return sum(counts.unchanged for counts in self.tables.values())

    @property
    def succeeded(self) -> bool:
        """Whether every file could be read and at least one row went in, if there was any."""
        return not self.unreadable and (self.read == 0 or self.rejected < self.read)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return {
            "read": self.read,
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "tables": {name: vars(counts) for name, counts in self.tables.items()},
            "unreadable": list(self.unreadable),
            "rejections": [vars(rejection) for rejection in self.rejections],
        }


@dataclass(frozen=True)
class Progress:
    """How far an import is, for a progress bar; bytes are of the files as they lie on disk."""

    file: str
    rows: int
    done_bytes: int
    total_bytes: int


OnProgress = Callable[[Progress], None]


class Tally:
    """Counts while an import runs; `report` freezes it."""

    def __init__(self) -> None:
        self.read = 0
        self._rejected: set[tuple[str, int]] = set()
        self._changes: dict[str, dict[str, str]] = {table: {} for table in TABLES}
        self._rejections: list[Rejection] = []
        self._unreadable: list[str] = []

    def reject(self, rejection: Rejection) -> None:
        """Note a rejection."""
        if rejection.scope == ROW:
            self._rejected.add((rejection.file, rejection.row))
        if rejection.scope == FILE:
            self._unreadable.append(rejection.file)
        if len(self._rejections) < MAX_KEPT_REJECTIONS:
            self._rejections.append(rejection)

    def count(self, table: str, row_id: str, change: str) -> None:
        """Note what became of a row; of several changes to one row, the strongest counts."""
        order = (UNCHANGED, UPDATED, ADDED)
        known = self._changes[table].get(row_id, UNCHANGED)
        self._changes[table][row_id] = max(known, change, key=order.index)

    def report(self) -> ImportReport:
        """Return the counts so far."""
        tables, noted = {}, list(self._rejections)
        for table, changes in self._changes.items():
            if changes:
                found = list(changes.values())
                tables[table] = TableCounts(*(found.count(c) for c in (ADDED, UPDATED, UNCHANGED)))
        files = {file: place for place, file in enumerate(dict.fromkeys(r.file for r in noted))}
        noted.sort(key=lambda rejection: (files[rejection.file], rejection.row or math.inf))
        return ImportReport(
            read=self.read,
            rejected=len(self._rejected),
            tables=tables,
            rejections=tuple(noted),
            unreadable=tuple(self._unreadable),
        )


def shape_of(value: object) -> str:
    """Return what kind of value it is and how long, in words, without the value."""
    if value is None or value == "":
        return "empty"
    if isinstance(value, str):
        return f"text of {len(value):,} characters"
    if isinstance(value, Sized):
        return f"{_KINDS.get(type(value), 'list')} of {len(value):,} entries"
    return _KINDS.get(type(value), "value")


_KINDS: dict[type, str] = {dict: "object", bool: "true or false", int: "number", float: "number"}
_KINDS |= {date: "date", datetime: "date"}
