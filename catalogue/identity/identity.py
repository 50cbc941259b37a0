"""Finds the row that a new record is part of, and says which rows turn out to be the same.

People: by the ids of other systems; by name only afterwards, see `resolution`. Organisations: by ROR id,
then by name. Seeds: by DOI, by patent family, then by title, year and people together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from catalogue.database.models import JOINED, OWN, QUEUED
from catalogue.identity.affiliations import read_affiliation
from catalogue.identity.organisation_names import organisation_keys
from catalogue.identity.title_keys import copy_key
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Draft, Merge
from catalogue.records.lookups import NAME_KEY, UNIQUE_IDS, name_keys
from catalogue.records.table_rules import STORED, Row
from catalogue.records.unit_of_work import UnitOfWork

CERTAIN, DOUBTFUL = 1.0, 0.5
TWO_IDS_OF_ONE_SOURCE = "two_ids_of_one_source"


@dataclass(frozen=True)
class Proposal:
    """Two home ids of one table that belong to one row, or may do so."""

    table: str
    first: str
    second: str
    state: str = JOINED
    reasons: tuple[str, ...] = ()
    certainty: float = CERTAIN


@dataclass(frozen=True)
class RowMatch:
    """The row that a draft is about, and what this says of other rows."""

    row_id: str
    proposals: tuple[Proposal, ...] = ()


def find_row(draft: Draft, source: str, unit_of_work: UnitOfWork) -> RowMatch:
    """Return the row that a record not seen before is part of: a known one, or one of its own."""
    own = str(draft.values[STORED[draft.table].key])
    if home := unit_of_work.lookups.homes.get((draft.table, own)):
        return RowMatch(home)
    if draft.is_apart:
        return RowMatch(own)
    if draft.table == RESEARCHERS:
        return _find_person(draft, own, source, unit_of_work)
    row_id = own
    if draft.table == ORGANISATIONS:
        row_id = next(_organisations(draft, unit_of_work), "") or _named(draft, unit_of_work) or own
    elif draft.table == SEEDS:
        row_id = next(_copies(draft, unit_of_work), own)
    return RowMatch(row_id, tuple(same_rows(draft, row_id, source, unit_of_work)))


def same_rows(
    draft: Draft, row_id: str, source: str, unit_of_work: UnitOfWork
) -> Iterator[Proposal]:
    """Yield what a draft about a known row says of other rows: they are, or may be, the same."""
    if draft.table == RESEARCHERS:
        for name, other in _owners(draft, unit_of_work):
            if other != row_id:
                yield _proposal(draft, (row_id, other), name, source, unit_of_work)
    elif draft.table == SEEDS:
        for name, other in _owners(draft, unit_of_work):
            if other != row_id and _may_be_copies(draft, unit_of_work.row((SEEDS, other)) or {}):
                yield Proposal(SEEDS, row_id, other, reasons=(f"same_{name}",))
    elif draft.table == ORGANISATIONS and draft.values.get("ror_id"):
        for other in _organisations(draft, unit_of_work):
            if other != row_id:
                yield Proposal(ORGANISATIONS, row_id, other, reasons=("same_name",))


def _owners(draft: Draft, unit_of_work: UnitOfWork) -> Iterator[tuple[str, str]]:
    for name in UNIQUE_IDS[draft.table]:
        owners = unit_of_work.lookups.all_owners(draft.table, name, draft.values.get(name))
        yield from ((name, owner) for owner in sorted(owners))


def _find_person(draft: Draft, own: str, source: str, unit_of_work: UnitOfWork) -> RowMatch:
    target, proposals = own, list[Proposal]()
    for name, other in _owners(draft, unit_of_work):
        if other in {p.second for p in proposals}:
            continue
        proposal = _proposal(draft, (own, other), name, source, unit_of_work)
        proposals.append(proposal)
        if proposal.state == JOINED and target == own:
            target = other
    return RowMatch(target, tuple(proposals))


def _proposal(
    draft: Draft, homes: tuple[str, str], name: str, source: str, unit_of_work: UnitOfWork
) -> Proposal:
    """Return what a shared id proves: that two are the same, unless something contradicts it."""
    rows = [unit_of_work.row((RESEARCHERS, home)) or {} for home in homes]
    mine = {n: draft.values.get(n) or rows[0].get(n) for n in UNIQUE_IDS[RESEARCHERS]}
    against = [f"different_{n}" for n, value in mine.items() if _differ(value, rows[1].get(n))]
    describing = [
        {r.source for r in unit_of_work.records((RESEARCHERS, home)) if r.authority == OWN}
        for home in homes
    ]
    if draft.merge is Merge.REPLACE:
        describing[0].add(source)
    if describing[0] & describing[1]:
        against.append(TWO_IDS_OF_ONE_SOURCE)
    reasons = (f"same_{name.removesuffix('_id')}", *against)
    if against:
        return Proposal(RESEARCHERS, *homes, QUEUED, reasons, DOUBTFUL)
    return Proposal(RESEARCHERS, *homes, JOINED, reasons)


def _differ(first: object, second: object) -> bool:
    return bool(first and second and first != second)


def _organisations(draft: Draft, unit_of_work: UnitOfWork) -> Iterator[str]:
    """Yield the organisations of the same ROR id or name; of two ROR ids they differ."""
    ror_id, lookups = draft.values.get("ror_id"), unit_of_work.lookups
    if owner := lookups.owner(ORGANISATIONS, "ror_id", ror_id):
        yield owner
    for key in sorted(name_keys(ORGANISATIONS, draft.values)):
        owner = lookups.owner(ORGANISATIONS, NAME_KEY, key)
        row = unit_of_work.row((ORGANISATIONS, owner)) if owner else None
        if owner and row and not _differ(row["ror_id"], ror_id):
            yield owner


def _named(draft: Draft, unit_of_work: UnitOfWork) -> str:
    """Return the organisation that an affiliation leads to, or nothing.

    Of several that one is taken whose own name it is, not a further one. Names that stand in no
    affiliation, such as a need's company, are never taken apart or compared loosely.
    """
    lookups = unit_of_work.lookups
    for text in draft.affiliation.texts if draft.affiliation else ():
        place, owners = lookups.places(read_affiliation(text))
        keys = organisation_keys(place.organisation, "")
        rows = {owner: unit_of_work.row((ORGANISATIONS, owner)) or {} for owner in owners}
        own = [o for o, row in rows.items() if keys & _proper_keys(row)] if len(rows) > 1 else rows
        fitting = [o for o in own if not _differ(rows[o].get("ror_id"), draft.values.get("ror_id"))]
        if len(fitting) == 1:
            return fitting[0]
    return ""


def _proper_keys(row: Row) -> frozenset[str]:
    return organisation_keys(str(row.get("name_ja") or ""), str(row.get("name_en") or ""))


def _copies(draft: Draft, unit_of_work: UnitOfWork) -> Iterator[str]:
    """Yield the seeds that a new one is a copy of."""
    for _, owner in _owners(draft, unit_of_work):
        if _may_be_copies(draft, unit_of_work.row((SEEDS, owner)) or {}):
            yield owner
    key = copy_key(draft.values)
    for owner in sorted(unit_of_work.lookups.all_owners(SEEDS, "copy_key", key)):
        row = unit_of_work.row((SEEDS, owner))
        if row and _same_title_and_year(draft, row) and _share_people(draft, owner, unit_of_work):
            yield owner


def _may_be_copies(draft: Draft, row: Row) -> bool:
    """Whether ids may make one seed of two: a paper and a grant stay two, whatever they share."""
    return draft.values.get("kind") in (None, row.get("kind"))


def _same_title_and_year(draft: Draft, row: Row) -> bool:
    differing = any(_differ(draft.values.get(n), row[n]) for n in ("doi", "family_id", "year"))
    return not differing and _may_be_copies(draft, row)


def _share_people(draft: Draft, seed_id: str, unit_of_work: UnitOfWork) -> bool:
    """Whether both have a person in common, or two people of one full name."""
    found = {unit_of_work.lookups.person(reference) for reference in draft.people or ()} - {None}
    others = set(unit_of_work.people.get(seed_id, {}))
    if found & others:
        return True
    names = unit_of_work.names_of(others)
    return bool(names & unit_of_work.names_of({p for p in found if p}))
