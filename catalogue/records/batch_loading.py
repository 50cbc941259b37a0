"""Reads what a batch of drafts can meet, before the first of them is taken.

A query for each table and kind of id instead of several for each draft. What turns out to be needed besides
is loaded when it is asked for.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from catalogue.identity.affiliations import read_affiliation
from catalogue.identity.title_keys import copy_key
from catalogue.records.affiliations import HOME
from catalogue.records.drafts import ORGANISATIONS, SEEDS, TABLES, Draft, Merge
from catalogue.records.lookups import LOOKUPS, NAME_KEY, name_keys
from catalogue.records.places import Places
from catalogue.records.source_records import SourceRecord
from catalogue.records.table_rules import STORED
from catalogue.records.unit_of_work import UnitOfWork


def each_once(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts, of an object that stands in them several times the last place alone."""
    last = {id(draft): draft for draft in reversed(drafts)}
    return list(last.values())[::-1]


def adds_nothing(draft: Draft, known: SourceRecord, run_id: int) -> bool:
    """Whether this is one more mention in the same import that adds nothing: most are."""
    if draft.merge is not Merge.FILL or draft.people or not run_id or known.run_id != run_id:
        return False
    if known.withdrawn_at or (draft.as_of > known.as_of and draft.values.get(HOME)):
        return False
    missing = draft.values.keys() - known.values.keys()
    missing.discard(STORED[draft.table].key)
    return all(draft.values[name] in (None, "") for name in missing)


class BatchLoader:
    """Loads for one unit of work, of one source and import."""

    def __init__(self, unit_of_work: UnitOfWork, source: str, run_id: int) -> None:
        self._unit_of_work, self._lookups = unit_of_work, unit_of_work.lookups
        self._connection = unit_of_work.connection
        self._source, self._run_id = source, run_id
        self._loaded: set[str] = set()  # organisations whose records were looked for
        self.repeated: dict[int, tuple[Draft, SourceRecord]] = {}
        """Drafts, by their objects, that add nothing to what their records say."""

    def load(self, drafts: Sequence[Draft]) -> None:
        """Load the rows that the drafts are about or may be parts of, and whom they refer to."""
        drafts = each_once(drafts)
        self._load_places(drafts)
        first_look = Places(self._lookups)
        drafts = [first_look.settled(draft) for draft in drafts]
        for table in TABLES:
            own = defaultdict[str, list[Draft]](list)
            for draft in drafts:
                if draft.table == table:
                    own[str(draft.values[STORED[table].key])].append(draft)
            if own:
                self._load_table(table, own)
        self._unit_of_work.load_references(
            r for d in drafts for r in (*(d.people or ()), *d.chosen_by)
        )
        self._load_names([draft for draft in drafts if draft.table == SEEDS])

    def _load_names(self, drafts: Iterable[Draft]) -> None:
        """Load the names of the people of seeds of one title, who tell whether these are copies."""
        people = set[str]()
        for draft in drafts:
            alike = self._lookups.all_owners(SEEDS, "copy_key", copy_key(draft.values))
            for seed_id in alike:
                people.update(self._unit_of_work.people.get(seed_id, ()))
            if alike:
                found = map(self._lookups.person, draft.people or ())
                people.update(person for person in found if person)
        self._unit_of_work.load_names(people)

    def load_settled(self, draft: Draft) -> None:
        """Load what a draft is about whose organisation a draft before it brought."""
        own = str(draft.values[STORED[draft.table].key])
        if draft.table == ORGANISATIONS and own not in self._loaded:
            self._loaded.add(own)
            self._unit_of_work.load_source(ORGANISATIONS, self._source, [own])

    def _load_places(self, drafts: Iterable[Draft]) -> None:
        """Find the organisations that affiliations may name."""
        printed = {id(draft.affiliation): draft.affiliation for draft in drafts}
        texts = {text for found in printed.values() if found for text in found.texts}
        keys = {key for text in texts for key in read_affiliation(text).keys}
        self._lookups.load_keys(self._connection, ORGANISATIONS, keys)

    def _load_table(self, table: str, own: dict[str, list[Draft]]) -> None:
        """Load the rows of a table that the drafts of these ids need.

        Thousands of works mention the same people and organisations: those of which nothing new is said
        need no rows, only their records.
        """
        unit_of_work, lookups = self._unit_of_work, self._lookups
        records = {r.key: r for r in unit_of_work.load_records(table, self._source, own)}
        if table == ORGANISATIONS:
            self._loaded |= own.keys()
        telling = dict[str, list[Draft]]()
        for key, drafts in own.items():
            known = records.get(key)
            if known and all(adds_nothing(draft, known, self._run_id) for draft in drafts):
                self.repeated |= {id(draft): (draft, known) for draft in drafts}
            else:
                telling[key] = drafts
        told = [draft for drafts in telling.values() for draft in drafts]
        lookups.load_homes(self._connection, table, telling)
        rows = {lookups.homes[table, key] for key in telling if (table, key) in lookups.homes}
        for name in LOOKUPS.get(table, ()):
            values = _values(told, name)
            lookups.load_owners(self._connection, table, name, values)
            rows.update(*(lookups.all_owners(table, name, value) for value in values))
        if table == ORGANISATIONS:
            keys = {key for draft in told for key in name_keys(table, draft.values)}
            lookups.load_keys(self._connection, table, keys)
            rows.update(*(lookups.all_owners(table, NAME_KEY, key) for key in keys))
        unit_of_work.load_rows(table, rows)
        unit_of_work.expect_new(table, telling.keys() - rows)


def _values(drafts: Iterable[Draft], name: str) -> set[str]:
    """Return what the drafts have in a field by which rows are found."""
    if name == "copy_key":
        return {key for draft in drafts if (key := copy_key(draft.values))}
    return {str(value) for draft in drafts if (value := draft.values.get(name))}
