"""The rows that one transaction touches, with the records that they are made of.

Rows are derived from records in memory; `flush` writes what differs from the database.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Table, select

from catalogue.database.listing import among
from catalogue.database.models import Authorship
from catalogue.database.record_models import SeedChoice
from catalogue.records import row_writing as storing
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, SEEDS, TABLES
from catalogue.records.lookups import Lookups, name_keys
from catalogue.records.source_records import SourceRecord, chunks, load_records, store_records
from catalogue.records.suppression import OptOuts
from catalogue.records.survivorship import Derived, People, derive, resolve_authorship
from catalogue.records.table_rules import STORED, Row, content_hash

AUTHORSHIP = cast(Table, Authorship.__table__)
SEED_CHOICE = cast(Table, SeedChoice.__table__)
PLACED = (RESEARCHERS, NEEDS)  # tables whose rows belong to an organisation
INITIALS = "ini:"  # begins the keys that prove nothing
Place = tuple[str, str]  # table and row id


class UnitOfWork:
    """Rows and records of one transaction; used once."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.lookups = Lookups()
        self.rows: dict[Place, Derived] = {}
        self.people: dict[str, People] = {}  # seed → its researchers in order, with their choices
        self._records: dict[Place, list[SourceRecord]] = defaultdict(list)
        self._by_key: dict[tuple[str, str, str], SourceRecord] = {}
        self._looked_for: set[Place] = set()  # rows that are loaded, or known not to be there
        self._stored: dict[Place, Row] = {}  # full rows as the database has them
        self._stored_people: dict[str, People] = {}
        self._keys: dict[str, set[str]] = {}  # of researchers' names, as they are stored
        self._choices: dict[tuple[str, str], str] = {}
        self._touched: set[Place] = set()  # to be written
        self._outdated: set[Place] = set()  # to be derived anew before that
        self._added = 0
        self._opt_outs = OptOuts(connection)

    def load_rows(self, table: str, row_ids: Iterable[str]) -> None:
        """Load rows with all their records, and what these refer to."""
        wanted = {r for r in row_ids if (table, r) not in self._looked_for}
        if not wanted:
            return
        self._looked_for |= {(table, row_id) for row_id in wanted}
        stored = STORED[table]
        key = stored.table.c[stored.key]
        names = tuple(stored.table.c.keys())
        for chunk in chunks(sorted(wanted)):
            for found in self.connection.execute(select(stored.table).where(among(key, chunk))):
                row = dict(zip(names, found, strict=True))
                self._stored[table, str(row[stored.key])] = row
        loaded = [
            self._by_key.get(record.place_in_source, record)
            for record in load_records(self.connection, table, "row_id", wanted)
        ]
        for record in loaded:
            self._take(record)
        self._load_references(table, loaded)
        if table == SEEDS:
            self._load_people(wanted)
        for row_id in sorted(wanted):
            if self._records.get((table, row_id)):
                self._derive((table, row_id))

    def load_source(self, table: str, source: str, keys: Iterable[str]) -> None:
        """Load the rows of a source's records of these keys."""
        found = self.load_records(table, source, keys)
        self.load_rows(table, {record.row_id for record in found})

    def load_records(self, table: str, source: str, keys: Iterable[str]) -> list[SourceRecord]:
        """Return a source's records of these keys; their rows are loaded when they are asked for."""
        found = list(load_records(self.connection, table, "source_key", keys, source=source))
        for record in found:
            self._by_key.setdefault(record.place_in_source, record)
            self.lookups.homes.setdefault((table, record.home_id), record.row_id)
        return found

    def expect_new(self, table: str, row_ids: Iterable[str]) -> None:
        """Note that no row has any of these ids, so that none is looked for."""
        self._looked_for |= {(table, row_id) for row_id in row_ids}

    def load_references(self, references: Iterable[str]) -> None:
        """Make the people known whom new drafts of seeds refer to."""
        self.lookups.load_references(self.connection, references)

    def _load_references(self, table: str, records: Sequence[SourceRecord]) -> None:
        if table == SEEDS:
            self.load_references(ref for r in records for ref in (*r.people, *r.chosen_by))
        elif table in PLACED:
            homes = {
                str(r.values["organisation_id"]) for r in records if r.values.get("organisation_id")
            }
            self.lookups.load_homes(self.connection, ORGANISATIONS, homes)

    def _load_people(self, seed_ids: set[str]) -> None:
        for chunk in chunks(sorted(seed_ids)):
            columns = AUTHORSHIP.c.seed_id, AUTHORSHIP.c.researcher_id, AUTHORSHIP.c.choice
            query = select(*columns).where(among(AUTHORSHIP.c.seed_id, chunk))
            for seed, person, choice in self.connection.execute(
                query.order_by(AUTHORSHIP.c.seed_id, AUTHORSHIP.c.position)
            ):
                self._stored_people.setdefault(seed, {})[person] = choice
        homes = {r.home_id for s in seed_ids for r in self._records.get((SEEDS, s), ())}
        for chunk in chunks(sorted(homes)):
            query = select(SEED_CHOICE).where(among(SEED_CHOICE.c.seed_id, chunk))
            found = list(self.connection.execute(query).mappings())
            self.lookups.load_homes(
                self.connection, RESEARCHERS, [f["researcher_id"] for f in found]
            )
            for row in found:
                self._choices[row["researcher_id"], row["seed_id"]] = row["choice"]

    def _take(self, record: SourceRecord) -> None:
        self._records[record.table, record.row_id].append(record)
        self._by_key[record.place_in_source] = record
        self.lookups.homes[record.table, record.home_id] = record.row_id

    def record(self, table: str, source: str, key: str) -> SourceRecord | None:
        """Return the record of that source for that key, or None."""
        return self._by_key.get((table, source, key))

    def is_current(self, record: SourceRecord) -> bool:
        """Whether the record counts as it is, no newer state of it having been put."""
        return self._by_key.get(record.place_in_source) is record

    def records(self, place: Place) -> Sequence[SourceRecord]:
        """Return the records that a row is made of."""
        if place not in self._looked_for:
            self.load_rows(place[0], place[1:])
        return self._records.get(place, ())

    def row(self, place: Place) -> Row | None:
        """Return the row as it is now, or None."""
        if place not in self._looked_for:
            self.load_rows(place[0], place[1:])
        derived = self.rows.get(place)
        return derived.row if derived else None

    def trial(self, record: SourceRecord) -> tuple[Derived, People]:
        """Return the row that the record would make with the others of its row."""
        if record.record_id is None and not record.age:
            self._added += 1
            record.age = _NEW + self._added
        others = [r for r in self.records((record.table, record.row_id)) if not _same(r, record)]
        return self._made(record.table, [*others, record])

    def names_of(self, people: Iterable[str]) -> set[str]:
        """Return the keys of the full names of these researchers."""
        unloaded = {p for p in people if (RESEARCHERS, p) not in self.rows}
        loaded = (self.row((RESEARCHERS, p)) or {} for p in people if p not in unloaded)
        keys = {key for row in loaded for key in name_keys(RESEARCHERS, row)}
        self.load_names(unloaded)
        keys = keys.union(*(self._keys[person] for person in unloaded))
        return {key for key in keys if not key.startswith(INITIALS)}

    def load_names(self, people: Iterable[str]) -> None:
        """Load the keys of these researchers' names, as they are stored."""
        wanted = sorted({p for p in people if p not in self._keys})
        if wanted:
            self._keys |= storing.stored_keys(self.connection, RESEARCHERS, wanted)

    def put(self, record: SourceRecord, made: tuple[Derived, People]) -> None:
        """Let a record count, in place of an older state of it; `made` is what `trial` gave."""
        place = record.table, record.row_id
        self._records[place] = [r for r in self._records[place] if not _same(r, record)]
        self._take(record)
        self._keep(place, made)
        self._touched.add(place)

    def move(self, record: SourceRecord, row_id: str) -> None:
        """Make a record part of another row."""
        old = record.table, record.row_id
        self._records[old] = [r for r in self._records[old] if not _same(r, record)]
        record.row_id, record.is_changed = row_id, True
        self._take(record)
        self._outdated |= {old, (record.table, row_id)}

    def touch(self, table: str, row_ids: Iterable[str]) -> None:
        """Derive these rows anew when flushing: something that they refer to changed."""
        self._outdated |= {(table, row_id) for row_id in row_ids}

    def note(self, record: SourceRecord) -> None:
        """Store a record that says what it said before, under its new run."""
        record.is_changed = True
        self._touched.add((record.table, record.row_id))

    def withdraw(self, record: SourceRecord, now: datetime) -> None:
        """Let a record count no longer."""
        record.withdrawn_at, record.is_changed = now, True
        self._outdated.add((record.table, record.row_id))

    def _made(self, table: str, records: Sequence[SourceRecord]) -> tuple[Derived, People]:
        derived = derive(table, records, self._organisation)
        if table in PLACED and derived.row["organisation_id"]:
            row_id = self._organisation(str(derived.row["organisation_id"]))
            derived = replace(derived, row={**derived.row, "organisation_id": row_id})
        people = resolve_authorship(records, self.lookups, self._choices) if table == SEEDS else {}
        if table == RESEARCHERS:
            derived = self._opt_outs.heeded(derived, records)
        return derived, people

    def _organisation(self, home: str) -> str:
        return self.lookups.homes.get((ORGANISATIONS, home), home)

    def _derive(self, place: Place) -> None:
        self._keep(place, self._made(place[0], self._records[place]))

    def _keep(self, place: Place, made: tuple[Derived, People]) -> None:
        before = self.row(place) or {}
        derived, people = made
        self.rows[place] = derived
        if place[0] == SEEDS:
            self.people[place[1]] = people
        self.lookups.put(*place, before, derived.row)

    def flush(self) -> None:
        """Write the records and rows that changed; rows without records are deleted."""
        # A row that lost its last record leaves the lookups first: no row below may still find it.
        for place in [p for p in self._outdated if not self._records.get(p) and p in self.rows]:
            self.lookups.put(*place, self.rows.pop(place).row, {})
        # Rows are derived once, here, however many of their records changed: organisations before
        # researchers before seeds, because a row takes over the ids that the rows before it have now.
        for place in sorted(self._outdated):
            if self._records.get(place):
                self._derive(place)
        self._touched |= self._outdated
        touched = [r for place in sorted(self._touched) for r in self._records.get(place, ())]
        # Records go in by age, which their numbers are from now on: of two sources that say the same the
        # older one is named as the origin.
        store_records(self.connection, sorted(touched, key=lambda record: record.age))
        self._store({t: sorted(r for name, r in self._touched if name == t) for t in TABLES})

    def _store(self, row_ids: Mapping[str, Sequence[str]]) -> None:
        # Foreign keys set the order: what others refer to is written first and deleted last, and
        # authorships come when both of their ends are there.
        for table in TABLES:
            kept = [r for r in row_ids[table] if self._records.get((table, r))]
            rows = [
                (self._stored.get((table, row_id)), self._full_row(table, row_id))
                for row_id in kept
            ]
            storing.store_rows(self.connection, table, rows)
        seeds = {
            seed_id: self.people[seed_id]
            for seed_id in row_ids[SEEDS]
            if self._records.get((SEEDS, seed_id))
            and list(self.people[seed_id].items()) != self._people_before(seed_id)
        }
        had_people = [seed_id for seed_id in seeds if seed_id in self._stored_people]
        origins = {seed_id: self.rows[SEEDS, seed_id].latest for seed_id in seeds}
        storing.store_people(self.connection, seeds, origins, had_people)
        for table in reversed(TABLES):
            gone = [r for r in row_ids[table] if not self._records.get((table, r))]
            storing.delete_rows(
                self.connection, table, [r for r in gone if (table, r) in self._stored]
            )

    def _people_before(self, seed_id: str) -> list[tuple[str, str]]:
        return list(self._stored_people.get(seed_id, {}).items())

    def differing(self, place: Place) -> list[str]:
        """Return the fields of a loaded row that are stored otherwise than its records make them."""
        table, row_id = place
        stored = self._stored.get(place, {})
        if table == SEEDS and list(self.people[row_id].items()) != self._people_before(row_id):
            return ["authorship"]  # which the row's hash covers, too
        full = self._full_row(table, row_id)
        return sorted(name for name in full if name not in stored or stored[name] != full[name])

    def _full_row(self, table: str, row_id: str) -> Row:
        derived = self.rows[table, row_id]
        people = self.people.get(row_id, {}) if table == SEEDS else {}
        parts = tuple(f"{person}:{choice}" for person, choice in people.items())
        return {
            **derived.row,
            "content_hash": content_hash(derived.row, parts),
            "source": derived.latest.source,
            "updated_at": derived.latest.changed_at,
            "withdrawn_at": derived.withdrawn_at,
        }


_NEW = 2**62  # ages of records that the database has not numbered yet


def _same(first: SourceRecord, second: SourceRecord) -> bool:
    return (first.source, first.key) == (second.source, second.key)
