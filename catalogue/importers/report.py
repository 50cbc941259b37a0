"""The report of an import: what went in, what could not and why; and the counts while it goes."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from catalogue.records.drafts import (
    ADDED,
    IN_ORDER,
    MERGED,
    ROW,
    UNCHANGED,
    UPDATED,
    Outcome,
    Rejection,
)

MAX_KEPT_REJECTIONS = 10_000


@dataclass(frozen=True)
class TableCounts:
    """What the records of one table did: each counts once.

    A merged one became part of a row that another source, or another row of the file, had brought.
    """

    added: int = 0
    updated: int = 0
    merged: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class ImportReport:
    """The result of one import."""

    read: int = 0  # rows of the files, whatever became of them
    rejected: int = 0  # rows that were rejected as a whole
    tables: dict[str, TableCounts] = field(default_factory=dict)
    rejections: tuple[Rejection, ...] = ()  # by file and row, the first 10,000
    unreadable: tuple[str, ...] = ()  # files that could not be read, or not to their end
    withdrawn: int = 0  # records that the source no longer has, with `sync`
    sync_refused: str = ""  # why nothing was withdrawn, though it was asked for
    joined: int = 0  # pairs of people found to be one by their names
    queued: int = 0  # pairs of people that may be one, for a user to decide
    resumed: int = 0  # rows that an interrupted import of the same files had read
    rejects: tuple[str, ...] = ()  # files with the rejected rows, to be mended and imported
    is_trial: bool = False  # nothing was kept

    @property
    def added(self) -> int:
        """Rows of the catalogue that are new."""
        return sum(counts.added for counts in self.tables.values())

    @property
    def updated(self) -> int:
        """Rows of the catalogue that changed."""
        return sum(counts.updated for counts in self.tables.values())

    @property
    def merged(self) -> int:
        """Records that became part of rows of other sources."""
        return sum(counts.merged for counts in self.tables.values())

    @property
    def unchanged(self) -> int:
        """Rows of the catalogue that were in the files and stayed as they were."""
        return sum(counts.unchanged for counts in self.tables.values())

    @property
    def succeeded(self) -> bool:
        """Whether all files were read, a row went in if there was any, and `sync` was followed."""
        whole = not self.unreadable and not self.sync_refused
        return whole and (self.read == 0 or self.rejected < self.read)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return {
            "read": self.read,
            "added": self.added,
            "updated": self.updated,
            "merged": self.merged,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "withdrawn": self.withdrawn,
            "sync_refused": self.sync_refused,
            "joined": self.joined,
            "queued": self.queued,
            "resumed": self.resumed,
            "dry_run": self.is_trial,
            "rejects": list(self.rejects),
            "tables": {name: vars(counts) for name, counts in self.tables.items()},
            "unreadable": list(self.unreadable),
            "rejections": [rejection.as_dict() for rejection in self.rejections],
        }


@dataclass(frozen=True)
class ImportProgress:
    """How far an import is, for a progress bar; bytes are of the files as they lie on disk."""

    file: str
    rows: int
    done_bytes: int
    total_bytes: int


OnProgress = Callable[[ImportProgress], None]


CHANGES = (ADDED, UPDATED, MERGED, UNCHANGED)


class Tally:
    """Plain counts in a dictionary that JSON can hold; nothing grows with the files."""

    def __init__(self, counts: dict[str, Any]) -> None:
        self.counts = counts
        counts.setdefault("read", 0)
        counts.setdefault("rejected", 0)
        counts.setdefault("tables", {})
        counts.setdefault("sources", {})  # source → tables that it had records of

    def count(self, outcome: Outcome) -> None:
        """Note what a record did; of several changes in one run, the strongest counts once."""
        before, now = outcome.counted
        changes = self.counts["tables"].setdefault(outcome.table, {})
        if before != now:
            changes[now] = changes.get(now, 0) + 1
            if before:
                changes[before] -= 1

    def read(self, rows: int) -> None:
        """Note rows that were read."""
        self.counts["read"] += rows

    def note_source(self, source: str, tables: Set[str]) -> None:
        """Note which tables a source had records of."""
        sources = self.counts["sources"]
        sources[source] = sorted({*sources.get(source, ()), *tables})

    def reject(self, rejections: Sequence[Rejection]) -> None:
        """Note the rejections of some rows, all of each row's at once."""
        rows = {(r.file, r.row) for r in rejections if r.scope == ROW}
        self.counts["rejected"] += len(rows)

    def tables(self) -> dict[str, TableCounts]:
        """Return the counts of each table that the import touched."""
        found = self.counts["tables"]
        return {
            table: TableCounts(*(found[table].get(change, 0) for change in CHANGES))
            for table in IN_ORDER
            if table in found
        }
