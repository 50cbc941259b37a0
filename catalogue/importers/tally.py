"""Counts an import as it goes: kept with the run in the catalogue, so that a resumed one goes on."""

from collections.abc import Sequence, Set
from typing import Any

from catalogue.importers.report import TableCounts
from catalogue.records.drafts import ADDED, MERGED, TABLES, UNCHANGED, UPDATED, Outcome
from catalogue.records.rejections import ROW, Rejection

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

    def saw(self, source: str, tables: Set[str]) -> None:
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
            for table in TABLES
            if table in found
        }
