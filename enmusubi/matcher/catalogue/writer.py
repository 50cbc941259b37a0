"""Writes one batch of drafts: loads what they touch, decides row by row, stores the difference.

All of a batch is one transaction of the caller; rows that say nothing new are left alone.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from enmusubi.matcher.catalogue.drafts import (
    ADDED,
    ORGANISATIONS,
    REFUSED,
    SEEDS,
    TABLES,
    UNCHANGED,
    UPDATED,
    Draft,
    Fault,
    Merge,
    Outcome,
)
from enmusubi.matcher.catalogue.identity import KnownRows, RefusedError, settle, wanted_rows
from enmusubi.matcher.catalogue.models import Authorship
from enmusubi.matcher.catalogue.stored import STORED, Row, content_hash, merged

CHUNK = 500  # values of one IN list
AUTHORSHIP = cast(Table, Authorship.__table__)


class BatchWriter:
    """Upserts drafts in one transaction; used once."""

    def __init__(self, connection: Connection, *, source: str, written_at: datetime) -> None:
        self._connection = connection
        self._provenance = {"source": source, "updated_at": written_at}
        self._known = KnownRows()
        self._people: dict[str, tuple[str, ...]] = {}  # seed → researchers in order
        self._changes: dict[str, dict[str, str]] = {table: {} for table in TABLES}
        self._new_people: set[str] = set()  # seeds whose authorships are to be written

    def write(self, drafts: Sequence[Draft]) -> list[Outcome]:
        """Upsert the drafts in their order; returns one outcome for each."""
        self._load(drafts)
        outcomes = [self._apply(draft) for draft in drafts]
        self._store()
        return outcomes

    def _apply(self, draft: Draft) -> Outcome:
        stored = STORED[draft.table]
        own = str(draft.values[stored.key])
        try:
            values = settle(draft, self._known)
            row_id = str(values[stored.key])
            if values.get("organisation_id") and draft.table != ORGANISATIONS:
                alias = (ORGANISATIONS, str(values["organisation_id"]))
                values["organisation_id"] = self._known.aliases.get(alias, alias[1])
            people, faults = self._settle_people(draft, row_id)
            row = stored.completed(self._merged(draft, row_id, values))
            if fault := stored.fault(row):
                raise RefusedError(fault.field, fault.reason)
        except RefusedError as refusal:
            self._known.aliases.pop((draft.table, own), None)
            return Outcome(draft.table, own, REFUSED, (Fault(refusal.field, refusal.reason),))
        change = self._decide(draft.table, row_id, row, people)
        return Outcome(draft.table, row_id, change, faults)

    def _merged(self, draft: Draft, row_id: str, values: Row) -> Row:
        before = self._known.get(draft.table, row_id)
        if before is None:
            return merged(STORED[draft.table].empty_row(), values, Merge.REPLACE)
        return merged(before, values, draft.merge)

    def _settle_people(
        self, draft: Draft, seed_id: str
    ) -> tuple[tuple[str, ...], tuple[Fault, ...]]:
        if draft.table != SEEDS:
            return (), ()
        if draft.people is None and seed_id in self._people:
            return self._people[seed_id], ()
        found = {reference: self._known.person(reference) for reference in draft.people or ()}
        people = tuple(dict.fromkeys(person for person in found.values() if person))
        faults = tuple(
            Fault("researcher_ids", f"no researcher has the id {reference!r}: import them first")
            for reference, person in found.items()
            if not person
        )
        if not people:
            reason = faults[0].reason if faults else "empty: a seed needs a researcher"
            raise RefusedError("researcher_ids", reason)
        return people, faults

    def _decide(self, table: str, row_id: str, row: Row, people: tuple[str, ...]) -> str:
        before = self._known.get(table, row_id)
        if before is not None:
            same_people = self._people.get(row_id, ()) == people or table != SEEDS
            if before == row and same_people:
                return UNCHANGED
        self._known.put(table, row_id, row)
        if table == SEEDS and self._people.get(row_id) != people:
            self._people[row_id] = people
            self._new_people.add(row_id)
        change = ADDED if before is None else UPDATED
        self._changes[table].setdefault(row_id, change)
        return change

    def _load(self, drafts: Sequence[Draft]) -> None:
        for table, by_field in wanted_rows(drafts).items():
            stored = STORED[table]
            for name, values in by_field.items():
                for chunk in _chunks(sorted(values)):
                    columns = [stored.table.c[column] for column in stored.columns]
                    query = select(*columns).where(stored.table.c[name].in_(chunk))
                    for row in self._connection.execute(query).mappings():
                        self._known.put(table, str(row[stored.key]), dict(row))
        self._load_people()

    def _load_people(self) -> None:
        columns = AUTHORSHIP.c.seed_id, AUTHORSHIP.c.researcher_id
        for chunk in _chunks(sorted(self._known.rows.get(SEEDS, {}))):
            query = (
                select(*columns)
                .where(AUTHORSHIP.c.seed_id.in_(chunk))
                .order_by(AUTHORSHIP.c.seed_id, AUTHORSHIP.c.position)
            )
            for seed_id, researcher_id in self._connection.execute(query):
                self._people[seed_id] = (*self._people.get(seed_id, ()), researcher_id)

    def _store(self) -> None:
        for table in TABLES:
            stored, changes = STORED[table], self._changes[table]
            added = [self._full_row(table, key) for key, how in changes.items() if how == ADDED]
            changed = [self._full_row(table, key) for key, how in changes.items() if how == UPDATED]
            if added:
                self._connection.execute(insert(stored.table), added)
            if changed:
                key_column = stored.table.c[stored.key]
                statement = update(stored.table).where(key_column == bindparam("_key"))
                rows = [
                    {"_key": row[stored.key]}
                    | {name: value for name, value in row.items() if name != stored.key}
                    for row in changed
                ]
                self._connection.execute(statement, rows)
        self._store_people()

    def _full_row(self, table: str, row_id: str) -> dict[str, Any]:
        row = self._known.rows[table][row_id]
        people = self._people.get(row_id, ()) if table == SEEDS else ()
        return {**row, "content_hash": content_hash(row, people), **self._provenance}

    def _store_people(self) -> None:
        for chunk in _chunks(sorted(self._new_people)):
            self._connection.execute(delete(AUTHORSHIP).where(AUTHORSHIP.c.seed_id.in_(chunk)))
        rows: list[Row] = [
            {"seed_id": seed_id, "researcher_id": person, "position": position}
            for seed_id in sorted(self._new_people)
            for position, person in enumerate(self._people[seed_id], start=1)
        ]
        if rows:
            full = [{**row, "content_hash": content_hash(row), **self._provenance} for row in rows]
            self._connection.execute(insert(AUTHORSHIP), full)


def _chunks(values: Iterable[str]) -> Iterable[list[str]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
