"""How a row is made of its records: which source's value wins, and where each value came from.

A pure function of the records, so that records that are parted again give their rows back exactly.
Order of precedence: sources that describe the thing before those that mention it, then by the rank
of the source, then what changed last; fields that are decided otherwise are in `field_rules`. Of
several records with the winning value the one that said it first is named as its origin.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from catalogue.database.models import MENTION
from catalogue.identity.title_keys import copy_key
from catalogue.records.affiliations import affiliation_of
from catalogue.records.drafts import NEEDS, RESEARCHERS, SEEDS
from catalogue.records.field_rules import OWN_RULES, newest_affiliation
from catalogue.records.lookups import Lookups
from catalogue.records.source_records import SourceRecord
from catalogue.records.table_rules import STORED, Row, StoredTable
from matcher.records import REPRESENTATIVE

People = dict[
    str, str
]  # researcher → their choice (representative, withdrawn or nothing), in order


@dataclass(frozen=True)
class Origin:
    """Where a value came from: the source, its own id for the row, and when it said so first."""

    source: str
    key: str
    changed_at: datetime


@dataclass(frozen=True)
class Derived:
    """A row, the records that won in it or lost, and when its last source withdrew it."""

    row: Row
    ordered: tuple[SourceRecord, ...]
    withdrawn_at: datetime | None

    @cached_property
    def origins(self) -> Mapping[str, Origin]:
        """The origin of each value that a source gave; of the id, that of the oldest record."""
        key = STORED[self.ordered[0].table].key
        found = {key: _origin(self.ordered)}
        for name in self.row:
            given = [r for r in self.ordered if r.values.get(name) not in (None, "")]
            if given and name != key:
                saying = [r for r in given if r.values[name] == self.row[name]]
                winning = given[0].values[name]  # of what is made of several, the strongest
                found[name] = _origin(saying or [r for r in given if r.values[name] == winning])
        return found

    @cached_property
    def latest(self) -> Origin:
        """The newest of the origins."""
        if len(self.ordered) == 1:
            return _origin(self.ordered)
        return max(self.origins.values(), key=lambda origin: (origin.changed_at, origin.source))


def by_precedence(records: Sequence[SourceRecord]) -> list[SourceRecord]:
    """Return the records that count, the winning one first: the live ones, or all if none lives."""
    # Withdrawn records count only where no living one is left: the row keeps its last content, so that it
    # can be shown and revived.
    live = [record for record in records if record.withdrawn_at is None] or list(records)
    if len(live) == 1:
        return live
    return sorted(live, key=_precedence)


def _precedence(record: SourceRecord) -> tuple[bool, int, float, int]:
    # A list of patents that names a professor may outrank the staff list and yet know less of them: so
    # describing beats mentioning before any rank is asked. Age makes the order total: two runs over the
    # same records give the same row.
    mentions = record.authority == MENTION
    return mentions, record.rank, -record.changed_at.timestamp(), -record.age


def derive(
    table: str, records: Sequence[SourceRecord], row_of: Callable[[str], str] = str
) -> Derived:
    """Return the row that these records make; at least one is needed.

    `row_of` tells which organisation an id that a record names is part of.
    """
    stored = STORED[table]
    ordered = by_precedence(records)
    row = _combined(stored, ordered)
    if table == NEEDS and len(ordered) < len(records) and stored.lacking(row):
        # changes by hand alone are no need: it is withdrawn with the text that they belong to
        ordered = sorted(records, key=_precedence)
        row = _combined(stored, ordered)
    for name, rule in OWN_RULES[table].items() if len(ordered) > 1 else ():
        if rule is not newest_affiliation:  # which is one for all of its fields
            row[name] = rule(ordered, name)
    if table == RESEARCHERS and len(ordered) > 1:
        row |= affiliation_of(ordered, row_of)
    row[stored.key] = ordered[0].row_id
    if table == SEEDS:
        row["copy_key"] = copy_key(row)
    withdrawn = [record.withdrawn_at for record in ordered if record.withdrawn_at]
    return Derived(stored.completed(row), tuple(ordered), max(withdrawn, default=None))


def _combined(stored: StoredTable, ordered: Sequence[SourceRecord]) -> Row:
    # From the weakest to the strongest: each value overwrites the weaker one, and what a strong source
    # leaves out stays with the next one that has it.
    row = stored.empty_row()
    for record in reversed(ordered):
        row.update(record.values)
    return row


def _origin(saying: Sequence[SourceRecord]) -> Origin:
    first = min(saying, key=lambda record: (record.changed_at, record.age))
    return Origin(first.source, first.key, first.changed_at)


def resolve_authorship(
    records: Sequence[SourceRecord], lookups: Lookups, choices: Mapping[tuple[str, str], str]
) -> People:
    """Return the researchers of a seed, those of the winning record first; unknown ones are left out.

    `choices` are the decisions by hand, by home ids of researcher and seed; they beat what sources
    say.
    """
    # Three passes, weakest first. Sources add up to one list of people: a copy that names fewer authors
    # takes none away. A source's choice, and above it a decision by hand, says something only of people
    # who are named; so neither can make someone an author.
    ordered = by_precedence(records)
    people: People = {}
    for record in ordered:
        for reference in record.people:
            if person := lookups.person(reference):
                people.setdefault(person, "")
    for record in ordered:
        for reference in record.chosen_by:
            person = lookups.person(reference)
            if person in people:
                people[person] = REPRESENTATIVE
    # Decisions are kept by home ids, which never change: they follow seeds and people through every
    # join and its undoing.
    homes = {record.home_id for record in records}
    for (researcher_id, seed_id), choice in sorted(choices.items()):
        person = lookups.person(researcher_id)
        if seed_id in homes and person in people:
            people[person] = choice
    return people
