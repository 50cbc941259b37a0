"""Finds the row that a draft is about: by its own id, or by the ids of other systems.

Works on the rows that were loaded for one batch and on those that the batch itself adds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from enmusubi.matcher.catalogue.drafts import ORGANISATIONS, RESEARCHERS, Draft, Merge, Value
from enmusubi.matcher.catalogue.stored import STORED, Row

UNIQUE_IDS = {
    ORGANISATIONS: ("ror_id",),
    RESEARCHERS: ("orcid", "openalex_id", "researchmap_id", "kaken_id"),
}
LOOKUPS = {
    ORGANISATIONS: ("ror_id", "name_ja", "name_en"),
    RESEARCHERS: (*UNIQUE_IDS[RESEARCHERS], "local_id"),
}


class RefusedError(Exception):
    """A draft contradicts the catalogue; carries the field and the reason."""

    def __init__(self, field_name: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field_name
        self.reason = reason


@dataclass
class KnownRows:
    """The rows of a batch by id, and by everything else that they can be looked up by."""

    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    owners: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)
    aliases: dict[tuple[str, str], str] = field(default_factory=dict)  # drafted id → row's id

    def get(self, table: str, row_id: str) -> Row | None:
        """Return the row of that id, or None."""
        return self.rows.get(table, {}).get(row_id)

    def put(self, table: str, row_id: str, row: Row) -> None:
        """Remember a row, in place of what was known of it."""
        before = self.get(table, row_id) or {}
        for name in LOOKUPS.get(table, ()):
            self.owners.get((table, name, str(before.get(name))), set()).discard(row_id)
            if row[name]:
                self.owners.setdefault((table, name, str(row[name])), set()).add(row_id)
        self.rows.setdefault(table, {})[row_id] = row

    def owner(self, table: str, name: str, value: Value) -> str | None:
        """Return the id of the one row whose field has that value; None for none or several."""
        owners = self.owners.get((table, name, str(value)), set()) if value else set()
        return next(iter(owners)) if len(owners) == 1 else None

    def person(self, reference: str) -> str | None:
        """Return the researcher that a seed names by any of their ids, or None."""
        resolved = self.aliases.get((RESEARCHERS, reference), reference)
        if self.get(RESEARCHERS, resolved):
            return resolved
        owners = (self.owner(RESEARCHERS, name, reference) for name in LOOKUPS[RESEARCHERS])
        return next((owner for owner in owners if owner), None)


def settle(draft: Draft, known: KnownRows) -> Row:
    """Return the draft's values under the id of the row that they are about.

    A row that is known under another id by ORCID, OpenAlex, researchmap, KAKEN or ROR id is
    joined, an organisation also by its name; a researcher's own id stays as `local_id`.
    Raises RefusedError where the ids contradict each other.
    """
    values = dict(draft.values)
    key = STORED[draft.table].key
    own = str(values[key])
    owners = {
        name: known.owner(draft.table, name, values.get(name))
        for name in UNIQUE_IDS.get(draft.table, ())
    }
    target = own
    if not known.get(draft.table, own):
        found = [*owners.values(), _namesake(draft, known)]
        target = next((owner for owner in found if owner), own)
    for name, owner in owners.items():
        if owner and owner != target:
            _contradict(draft, name, f"belongs to {owner!r} already, and this row is {target!r}")
            del values[name]
    if draft.table == RESEARCHERS and draft.merge is Merge.REPLACE:
        if target != own:
            values["local_id"] = _local_id(own, target, known)
        elif not known.get(draft.table, own):
            values.setdefault("local_id", own)
    values[key] = target
    known.aliases[draft.table, own] = target
    return values


def _contradict(draft: Draft, name: str, reason: str) -> None:
    if draft.merge is Merge.REPLACE:
        raise RefusedError(name, reason)


def _namesake(draft: Draft, known: KnownRows) -> str | None:
    """Return the organisation of the same name, unless both have a ROR id: those differ."""
    if draft.table != ORGANISATIONS:
        return None
    for name in ("name_ja", "name_en"):
        owner = known.owner(ORGANISATIONS, name, draft.values.get(name))
        row = known.get(ORGANISATIONS, owner) if owner else None
        if row and not (row["ror_id"] and draft.values.get("ror_id")):
            return owner
    return None


def _local_id(own: str, target: str, known: KnownRows) -> str:
    taken = (known.get(RESEARCHERS, target) or {}).get("local_id")
    if taken and taken != own:
        raise RefusedError(
            "researcher_id",
            f"{own!r} is by its other ids {target!r}, who has the local id {taken!r} already: "
            f"write {target!r} here, or mend the ids",
        )
    return own


def wanted_rows(drafts: Iterable[Draft]) -> dict[str, dict[str, set[str]]]:
    """Return table → field → the values by which the drafts' rows are to be looked up."""
    wanted: dict[str, dict[str, set[str]]] = {}
    for draft in drafts:
        by_field = wanted.setdefault(draft.table, {})
        for name in (STORED[draft.table].key, *LOOKUPS.get(draft.table, ())):
            if draft.values.get(name):
                by_field.setdefault(name, set()).add(str(draft.values[name]))
        people = wanted.setdefault(RESEARCHERS, {})
        for name in ("researcher_id", *LOOKUPS[RESEARCHERS]) if draft.people else ():
            people.setdefault(name, set()).update(draft.people or ())
    return wanted
