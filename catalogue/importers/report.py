"""The report of an import: what went in, and what could not, where and why."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from catalogue.records.rejections import Rejection

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
    queued: int = 0  # pairs of people that may be one, for somebody to decide
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
