"""What the tables hold of a person: found for an export, taken out when somebody is forgotten."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, Text, delete, or_, select, update

from catalogue.database.schema import tables_in_order
from catalogue.records.drafts import RESEARCHERS, SEEDS
from catalogue.records.lookups import NAME_REFERENCE, Lookups, name_in
from catalogue.records.source_records import (
    RECORD,
    SourceRecord,
    chunks,
    load_records,
    store_records,
)
from catalogue.records.suppression import keys_of_name
from catalogue.records.unit_of_work import AUTHORSHIP, UnitOfWork
from office.privacy.holdings import ANONYMISED, HOLDINGS, OF_RECORDS, Holding, without_person
from office.privacy.person import Person

DISABLED_AT = "disabled_at"
SECRETS = frozenset({"password_hash", "token_hash", "reminder_hash"})


@dataclass
class Taken:
    """How many rows of each table were deleted, kept without the person."""

    deleted: Counter[str] = field(default_factory=Counter)
    anonymised: Counter[str] = field(default_factory=Counter)


def rows_of(connection: Connection, person: Person) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each row that refers to a person by id, with its table's name; no secret of an account."""
    for table in tables_in_order():
        holding = HOLDINGS.get(table.name, Holding())
        theirs: list[Any] = [table.c[name].in_(person.ids) for name in holding.ids]
        if table.name == "record":
            theirs = [
                (table.c.table_name == RESEARCHERS) & (table.c.row_id == person.researcher_id)
            ]
        if table.name == "seed":
            made = select(AUTHORSHIP.c.seed_id).where(
                AUTHORSHIP.c.researcher_id == person.researcher_id
            )
            theirs = [table.c.seed_id.in_(made)]
        if theirs:
            for row in connection.execute(select(table).where(or_(*theirs))).mappings():
                yield table.name, {k: v for k, v in row.items() if k not in SECRETS}


def forget_records(connection: Connection, person: Person) -> Counter[str]:
    """Take a person out of what the sources say; returns how many rows went or changed.

    A work that nobody else made goes with them; of others their name alone.
    """
    seeds = _records_of_seeds(connection, person)
    theirs, changed, gone = _Theirs(connection, person, seeds), [], []
    for one in seeds:
        left = tuple(ref for ref in one.people if not theirs.holds(one.row_id, ref))
        by = tuple(ref for ref in one.chosen_by if not theirs.holds(one.row_id, ref))
        if one.people and not left:
            gone.append(one.record_id)
        elif (left, by) != (one.people, one.chosen_by):
            one.people, one.chosen_by, one.is_changed = left, by, True
            changed.append(one)
    store_records(connection, changed)
    gone += [one.record_id for one in person.records]
    connection.execute(delete(RECORD).where(RECORD.c.record_id.in_(gone)))
    seed_ids = {one.row_id for one in seeds}
    # the person first: a name that a namesake bears, too, is the namesake's alone from then on
    for table, row_ids in ((RESEARCHERS, [person.researcher_id]), (SEEDS, sorted(seed_ids))):
        rows = UnitOfWork(connection)
        rows.load_rows(table, row_ids)
        rows.touch(table, row_ids)
        rows.flush()
    return Counter({"record": len(gone), "seed": len(seed_ids), "researcher": 1})


def _records_of_seeds(connection: Connection, person: Person) -> list[SourceRecord]:
    """Return the records of seeds that name a person by an id, or by a name that leads to them."""
    made = select(AUTHORSHIP.c.seed_id).where(AUTHORSHIP.c.researcher_id == person.researcher_id)
    quoting = _quoting(RECORD, person.words)
    seeds = set(connection.execute(made).scalars()) | set(
        connection.execute(
            select(RECORD.c.row_id).where(RECORD.c.table_name == SEEDS, or_(*quoting))
        ).scalars()
    )
    return list(load_records(connection, SEEDS, "row_id", seeds))


class _Theirs:
    """Which references of seeds mean a person: a name of others, too, only where a work is linked to them."""

    def __init__(
        self, connection: Connection, person: Person, seeds: Sequence[SourceRecord]
    ) -> None:
        self._person, self._words = person, frozenset(person.words)
        self._keys = {key for name in person.names for key in keys_of_name(name)}
        self._lookups = Lookups()
        self._lookups.load_references(
            connection, {ref for one in seeds for ref in (*one.people, *one.chosen_by)}
        )
        self._authors: dict[str, set[str]] = defaultdict(set)
        for chunk in chunks(sorted({one.row_id for one in seeds})):
            query = select(AUTHORSHIP.c.seed_id, AUTHORSHIP.c.researcher_id)
            for seed, who in connection.execute(query.where(AUTHORSHIP.c.seed_id.in_(chunk))):
                self._authors[seed].add(who)

    def holds(self, seed_id: str, reference: str) -> bool:
        """Return whether a seed's reference means the person."""
        if not reference.startswith(NAME_REFERENCE):
            return reference in self._words
        if not self._keys & keys_of_name(name_in(reference)):
            return False
        own, authors = self._person.researcher_id, self._authors[seed_id]
        others = self._lookups.people_of_that_name(reference) - {own}
        return not others or (own in authors and not others & authors)


def forget_rows(connection: Connection, person: Person, stand_in: str, now: datetime) -> Taken:
    """Take a person out of all other tables; `stand_in` is the id that leads to nobody."""
    taken = Taken()
    for table in reversed(tables_in_order()):
        holding = HOLDINGS.get(table.name)
        if holding is None or table.name in OF_RECORDS:
            continue
        if holding.ids:
            theirs = or_(*(table.c[name].in_(person.ids) for name in holding.ids))
            if holding.then == ANONYMISED:
                values = {**dict.fromkeys(holding.ids, stand_in), **holding.blank}
                if DISABLED_AT in table.c:  # an account
                    values |= {"researcher_id": None, DISABLED_AT: now}
                done = connection.execute(update(table).where(theirs).values(values))
                taken.anonymised[table.name] += done.rowcount
            else:
                done = connection.execute(delete(table).where(theirs))
                taken.deleted[table.name] += done.rowcount
        for name in holding.lists:
            taken.anonymised[table.name] += _prune(connection, table, name, person.ids)
        for name in holding.pairs:
            taken.deleted[table.name] += _drop(connection, table, name, person.ids)
        for name in holding.cleared:
            taken.anonymised[table.name] += _clear(connection, table, name, person.words)
    return taken


def quoting_rows(connection: Connection, person: Person) -> Counter[str]:
    """Count the rows that quote a person, by table and column: texts that somebody wrote, and lists."""
    found: Counter[str] = Counter()
    for table in tables_in_order():
        for name in _texts(table):
            quoting = _quoting(table, person.words, (name,))
            said = connection.execute(select(table.c[name]).where(or_(*quoting))).scalars()
            if rows := sum(mentions(str(text), person.words) for text in said):
                found[f"{table.name}.{name}"] = rows
    return found


def mentions(text: str, words: Sequence[str]) -> bool:
    """Return whether a text has one of the words in it, not just its letters in a longer word of them."""
    forms = (form for word in words for form in (word, json.dumps(word)[1:-1]))
    return any(
        re.search(rf"(?<![a-z0-9]){re.escape(form)}(?![a-z0-9])", text, re.I) for form in forms
    )


def _clear(connection: Connection, table: Table, name: str, words: Sequence[str]) -> int:
    """Empty a column where it names a person; a longer id that begins like theirs does not."""
    quoting, key = _quoting(table, words, (name,)), list(table.primary_key)
    empty, cleared = None if table.c[name].nullable else "", 0
    for *key_values, said in connection.execute(
        select(*key, table.c[name]).where(or_(*quoting))
    ).all():
        if mentions(str(said), words):
            row = [column == value for column, value in zip(key, key_values, strict=True)]
            connection.execute(update(table).where(*row).values({name: empty}))
            cleared += 1
    return cleared


def _prune(connection: Connection, table: Table, name: str, ids: frozenset[str]) -> int:
    """Take a person out of a column of JSON, of ids joined by `; `, or of one id."""
    quoting, key, changed = _quoting(table, sorted(ids), (name,)), list(table.primary_key), 0
    for *key_values, said in connection.execute(
        select(*key, table.c[name]).where(or_(*quoting))
    ).all():
        left = _pruned(str(said), ids)
        if left == said:
            continue
        row = [column == value for column, value in zip(key, key_values, strict=True)]
        connection.execute(update(table).where(*row).values({name: left}))
        changed += 1
    return changed


def _drop(connection: Connection, table: Table, name: str, ids: frozenset[str]) -> int:
    """Delete the rows whose list of JSON in a column has a person in it; return how many."""
    quoting, dropped = _quoting(table, sorted(ids), (name,)), 0
    for said in connection.execute(select(table.c[name]).where(or_(*quoting))).scalars().all():
        if _pruned(str(said), ids) != said:
            dropped += connection.execute(delete(table).where(table.c[name] == said)).rowcount
    return dropped


def _pruned(said: str, ids: frozenset[str]) -> str:
    try:
        parsed = json.loads(said)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict | list):
        return json.dumps(without_person(parsed, ids), ensure_ascii=False)
    for separator in ("; ", "\n", " "):
        if separator in said:
            return separator.join(part for part in said.split(separator) if part not in ids)
    return "" if said in ids else said


def _texts(table: Table) -> list[str]:
    return [column.name for column in table.c if isinstance(column.type, Text)]


def _quoting(table: Table, words: Sequence[str], names: Sequence[str] = ()) -> list[Any]:
    """Return the conditions that a text of a row has one of the words in it, as it stands or as JSON."""
    spelt = dict.fromkeys(form for word in words for form in (word, json.dumps(word)[1:-1]))
    return [
        table.c[name].contains(word, autoescape=True)
        for name in names or _texts(table)
        for word in spelt
    ]
