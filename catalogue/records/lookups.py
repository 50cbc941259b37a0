"""Which rows carry which ids and names: how a draft, or a seed's author, finds its row.

Holds what was loaded for one transaction and what the transaction itself adds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import Connection, Table, select

from catalogue.database.listing import among
from catalogue.database.models import Base
from catalogue.identity.affiliations import Affiliation, Workplace, read_affiliation
from catalogue.identity.name_spellings import MAX_NAME_CHARS, spellings
from catalogue.identity.organisation_names import loose_organisation_keys, organisation_keys
from catalogue.identity.person_names import person_keys
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Value
from catalogue.records.source_records import RECORD, chunks
from catalogue.records.table_rules import STORED

NAME_KEY = "name key"
UNIQUE_IDS = {
    ORGANISATIONS: ("ror_id",),
    RESEARCHERS: ("orcid", "openalex_id", "researchmap_id", "kaken_id", "erad_id"),
    SEEDS: ("doi", "family_id"),
}
LOOKUPS = {
    ORGANISATIONS: UNIQUE_IDS[ORGANISATIONS],
    RESEARCHERS: (*UNIQUE_IDS[RESEARCHERS], "local_id"),
    SEEDS: (*UNIQUE_IDS[SEEDS], "copy_key"),
}
NAMED = {RESEARCHERS: "researcher", ORGANISATIONS: "organisation"}  # tables that have keys of names
APPLICANT = "~"  # begins an organisation that applied for a patent and need not be the employer
NAMESAKE = "namesake:"  # begins the ids of people of whom nobody said yet which namesake they are
NAME_REFERENCE = "name:"  # begins a reference to a person by name: `name:organisation|name`


def name_keys(table: str, row: Mapping[str, Value]) -> frozenset[str]:
    """Return the keys of a row's names."""
    names = [str(row.get(name) or "") for name in ("name_ja", "name_en", "aliases")]
    if table == ORGANISATIONS:
        return organisation_keys(*names) | loose_organisation_keys(*names)
    return person_keys(names[0], str(row.get("name_kana") or ""), names[1], names[2])


@dataclass
class Lookups:
    """Row ids by table, field and value; the field NAME_KEY holds the keys of names."""

    owners: dict[tuple[str, str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    homes: dict[tuple[str, str], str] = field(default_factory=dict)  # home id → row id
    _asked: set[tuple[str, str, str]] = field(default_factory=set)

    def put(
        self, table: str, row_id: str, before: Mapping[str, Value], now: Mapping[str, Value]
    ) -> None:
        """Note what a row says now, in place of what it said before."""
        for name in LOOKUPS.get(table, ()):
            if before.get(name) != now.get(name):
                self.owners[table, name, str(before.get(name))].discard(row_id)
                if now.get(name):
                    self.owners[table, name, str(now[name])].add(row_id)
        if table == ORGANISATIONS:
            for key in name_keys(table, now) if now else ():
                self.owners[table, NAME_KEY, key].add(row_id)

    def all_owners(self, table: str, name: str, value: Value) -> set[str]:
        """Return the ids of the rows whose field has that value."""
        return self.owners.get((table, name, str(value)), set()) if value else set()

    def owner(self, table: str, name: str, value: Value) -> str | None:
        """Return the id of the one row whose field has that value; None for none or several."""
        owners = self.all_owners(table, name, value)
        return next(iter(owners)) if len(owners) == 1 else None

    def rows_of(self, table: str) -> set[str]:
        """Return the ids of all rows of a table that were found so far."""
        found = {row for (name, _), row in self.homes.items() if name == table}
        owners = (rows for (name, _, _), rows in self.owners.items() if name == table)
        return found.union(*owners)

    def person(self, reference: str) -> str | None:
        """Return the researcher that a seed names by any of their ids, or by name, or None."""
        if reference.startswith(NAME_REFERENCE):
            return self._person_by_name(reference.removeprefix(NAME_REFERENCE))
        if home := self.homes.get((RESEARCHERS, reference)):
            return home
        owners = (self.owner(RESEARCHERS, name, reference) for name in LOOKUPS[RESEARCHERS])
        return next((owner for owner in owners if owner), None)

    def _person_by_name(self, reference: str) -> str | None:
        found = self.people_named(reference)
        return next(iter(found)) if len(found) == 1 else None

    def people_named(self, reference: str) -> set[str]:
        """Return the researchers whom a reference by name may mean: several are namesakes.

        An employer parts them; an applicant for a patent, who may be somebody else, only where one of
        them works there.
        """
        organisation, name = _split(reference.removeprefix(NAME_REFERENCE))
        found = self._people_of_name(name)
        if not organisation:
            return found
        applicant = organisation.startswith(APPLICANT)
        places = self.places(read_affiliation(organisation.removeprefix(APPLICANT)))[1]
        there = {p for p in found if self._works_at(p, places)}
        return found if applicant and not there else there

    def people_in_doubt(self, reference: str) -> set[str]:
        """Return those of a name whose employer, as the reference tells it, is unknown here.

        It may be one of them, at a place that they left or that is called otherwise, or somebody else.
        """
        organisation, name = _split(reference.removeprefix(NAME_REFERENCE))
        if not organisation or organisation.startswith(APPLICANT):
            return set()
        known = self.places(read_affiliation(organisation))[1]
        return set() if known else self._people_of_name(name)

    def people_of_that_name(self, reference: str) -> set[str]:
        """Return all whom a reference by name may mean, also where it is in doubt who of them it is."""
        return self.people_named(reference) or self.people_in_doubt(reference)

    def places(self, affiliation: Affiliation) -> tuple[Workplace, set[str]]:
        """Return what an affiliation names, and the organisations of that name; none known: none."""
        for candidate in affiliation.candidates:
            for keys in (candidate.keys, candidate.loose_keys):
                if owners := {o for k in keys for o in self.all_owners(ORGANISATIONS, NAME_KEY, k)}:
                    return candidate.place, owners
        return affiliation.guess, set()

    def _people_of_name(self, name: str) -> set[str]:
        """Return the people of a full name; where nobody has it, of the name in the other order.

        A name in two scripts is that of those who have both, if there are such.
        """
        for order in _orders(name):
            found: dict[str, set[str]] = defaultdict(set)
            for key in _full_keys(order):
                owners = self.all_owners(RESEARCHERS, NAME_KEY, key)
                found[key.partition(":")[0]] |= {p for p in owners if not p.startswith(NAMESAKE)}
            named = [people for people in found.values() if people]
            if named:
                return set.intersection(*named) or set.union(*named)
        return set()

    def _works_at(self, person: str, places: set[str]) -> bool:
        return any(person in self.owners[RESEARCHERS, "organisation_id", p] for p in places)

    def load_references(self, connection: Connection, references: Iterable[str]) -> None:
        """Look up the people whom seeds refer to and whom nothing loaded so far tells of."""
        wanted = set(references)
        names = {r for r in wanted if r.startswith(NAME_REFERENCE)}
        ids = {r for r in wanted - names if not self.person(r)}
        self.load_homes(connection, RESEARCHERS, ids)
        ids = {r for r in ids if (RESEARCHERS, r) not in self.homes}
        for name in LOOKUPS[RESEARCHERS]:
            self.load_owners(connection, RESEARCHERS, name, ids)
        if names:
            self._load_names(connection, [_split(r.removeprefix(NAME_REFERENCE)) for r in names])

    def _load_names(self, connection: Connection, wanted: list[tuple[str, str]]) -> None:
        keys = {k for _, name in wanted for order in _orders(name) for k in _full_keys(order)}
        self.load_keys(connection, RESEARCHERS, keys)
        texts = {place.removeprefix(APPLICANT) for place, _ in wanted if place}
        places = {key for text in texts for key in read_affiliation(text).keys}
        self.load_keys(connection, ORGANISATIONS, places)
        people = {p for key in keys for p in self.all_owners(RESEARCHERS, NAME_KEY, key)}
        table = STORED[RESEARCHERS].table
        for chunk in chunks(sorted(people)):
            query = select(table.c.researcher_id, table.c.organisation_id).where(
                among(table.c.researcher_id, chunk)
            )
            for person, place in connection.execute(query):
                self.owners[RESEARCHERS, "organisation_id", str(place)].add(person)

    def load_homes(self, connection: Connection, table: str, homes: Iterable[str]) -> None:
        """Look up the rows that records of these home ids are part of."""
        wanted = sorted({h for h in homes if (table, h) not in self.homes})
        for chunk in chunks(wanted):
            query = select(RECORD.c.home_id, RECORD.c.row_id).where(
                RECORD.c.table_name == table, among(RECORD.c.home_id, chunk)
            )
            for home, row in connection.execute(query.distinct()):
                self.homes[table, home] = row

    def load_owners(
        self, connection: Connection, table: str, name: str, values: Iterable[str]
    ) -> None:
        """Look up the rows whose field has one of the values."""
        stored = STORED[table]
        column, key = stored.table.c[name], stored.table.c[stored.key]
        wanted = sorted({v for v in values if (table, name, v) not in self._asked})
        self._asked |= {(table, name, value) for value in wanted}
        for chunk in chunks(wanted):
            for row_id, value in connection.execute(
                select(key, column).where(among(column, chunk))
            ):
                self.owners[table, name, str(value)].add(row_id)

    def load_keys(self, connection: Connection, table: str, keys: Iterable[str]) -> None:
        """Look up the rows whose names have one of the keys."""
        found: Table = Base.metadata.tables[f"{NAMED[table]}_key"]
        wanted = sorted({k for k in keys if (table, NAME_KEY, k) not in self._asked})
        self._asked |= {(table, NAME_KEY, key) for key in wanted}
        for chunk in chunks(wanted):
            query = select(found).where(among(found.c.key, chunk))
            for key, row_id in connection.execute(query):
                self.owners[table, NAME_KEY, key].add(row_id)


def _split(reference: str) -> tuple[str, str]:
    organisation, _, name = reference.rpartition("|")
    return organisation, name


def name_in(reference: str) -> str:
    """Return the name in a reference by name."""
    return _split(reference.removeprefix(NAME_REFERENCE))[1]


def _orders(name: str) -> tuple[str, ...]:
    """Return a name as it stands and, of two Japanese words, in the other order: 太郎 山田."""
    words = name.replace(",", " ").split()
    is_japanese = len(words) == 2 and all(any(c > "\u3040" for c in word) for word in words)
    return (name, f"{words[1]} {words[0]}") if is_japanese else (name,)


@lru_cache(maxsize=1 << 14)  # a name of a seed is looked for several times on its way
def _full_keys(name: str) -> frozenset[str]:
    """Return the keys of a full name; those of initials prove nothing."""
    spelt = [text for _, text in spellings(name)] if len(name) <= MAX_NAME_CHARS else []
    return frozenset(
        key
        for text in dict.fromkeys((name, *spelt))
        for key in person_keys(text, "", text)
        if not key.startswith("ini:")
    )
