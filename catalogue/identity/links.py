"""Decisions on who is who: links between home ids, and the rows that follow from them.

People are the same if a chain of joined links leads from one to the other; their row then bears the
id of whoever came first. Rows are a pure function of records and links, so undoing a link gives both
back as they were.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, insert, or_, select

from catalogue.database.models import APART, JOINED, QUEUED, Authorship
from catalogue.database.record_models import IdentityLink
from catalogue.identity.identity import Proposal
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, SEEDS
from catalogue.records.source_records import RECORD, chunks
from catalogue.records.table_rules import STORED
from catalogue.records.unit_of_work import UnitOfWork

AUTOMATIC = "automatic"
LINK = cast(Table, IdentityLink.__table__)
AUTHORSHIP = cast(Table, Authorship.__table__)


@dataclass(frozen=True)
class Link:
    """What was decided, or asked, about two home ids; the smaller id stands first."""

    first_id: str
    second_id: str
    state: str  # queued, joined or apart
    certainty: float
    reasons: tuple[str, ...]
    decided_by: str
    decided_at: datetime
    before: str = ""

    @property
    def ids(self) -> tuple[str, str]:
        """Both ids."""
        return self.first_id, self.second_id


def connect(connection: Connection, proposals: Sequence[Proposal], now: datetime) -> int:
    """Follow proposals of the program; returns how many pairs of rows became one.

    People who were told apart by hand stay apart, and a question that was asked is not asked again.
    """
    people = [p for p in proposals if p.table == RESEARCHERS and p.first != p.second]
    united = sum(_unite(connection, p) for p in proposals if p.table != RESEARCHERS)
    return united + sum(_propose(connection, proposal, now) for proposal in people)


def _propose(connection: Connection, proposal: Proposal, now: datetime) -> bool:
    rows = rows_of(connection, (proposal.first, proposal.second))
    first, second = sorted((proposal.first, proposal.second))
    homes = homes_of(connection, set(rows.values()))
    told_apart = any(
        link.state == APART and rows_differ(link, homes) for link in load_links(connection, homes)
    )
    known = load_link(connection, first, second)
    same_row = len(set(rows.values())) < 2
    if known and (known.state != QUEUED or proposal.state == QUEUED):
        return False
    if told_apart or (same_row and proposal.state == QUEUED):
        return False
    store_link(
        connection,
        Link(
            first,
            second,
            proposal.state,
            proposal.certainty,
            proposal.reasons,
            AUTOMATIC,
            now,
            known.state if known else "",
        ),
    )
    if proposal.state == JOINED and not same_row:
        regroup(connection, rows.values())
        return True
    return False


def rows_differ(link: Link, homes: dict[str, str]) -> bool:
    """Whether both ids of a link are among the homes, in different rows."""
    return homes.get(link.first_id, "") != homes.get(link.second_id, "") and all(
        home in homes for home in link.ids
    )


def rows_of(connection: Connection, homes: Iterable[str]) -> dict[str, str]:
    """Return the row of each researcher's home id."""
    query = select(RECORD.c.home_id, RECORD.c.row_id).where(
        RECORD.c.table_name == RESEARCHERS, RECORD.c.home_id.in_(sorted(set(homes)))
    )
    return {found[0]: found[1] for found in connection.execute(query)}


def homes_of(connection: Connection, rows: Iterable[str]) -> dict[str, str]:
    """Return the home ids that these researchers' rows are made of, each with its row."""
    query = select(RECORD.c.home_id, RECORD.c.row_id).where(
        RECORD.c.table_name == RESEARCHERS, RECORD.c.row_id.in_(sorted(set(rows)))
    )
    return {found[0]: found[1] for found in connection.execute(query)}


def load_links(connection: Connection, homes: Iterable[str]) -> list[Link]:
    """Return all links of these home ids."""
    found: dict[tuple[str, str], Link] = {}
    for chunk in chunks(sorted(set(homes))):
        query = select(LINK).where(or_(LINK.c.first_id.in_(chunk), LINK.c.second_id.in_(chunk)))
        for row in connection.execute(query).mappings():
            found[row["first_id"], row["second_id"]] = link_of(row)
    return [found[ids] for ids in sorted(found)]


def load_all_links(connection: Connection) -> list[Link]:
    """Return every link, by its ids."""
    query = select(LINK).order_by(LINK.c.first_id, LINK.c.second_id)
    return [link_of(row) for row in connection.execute(query).mappings()]


def load_link(connection: Connection, first: str, second: str) -> Link | None:
    """Return the link of two home ids, or None."""
    query = select(LINK).where(LINK.c.first_id == first, LINK.c.second_id == second)
    row = connection.execute(query).mappings().first()
    return link_of(row) if row else None


def link_of(row: Any) -> Link:
    """Return a stored row as a link."""
    return Link(**{**row, "reasons": tuple(json.loads(row["reasons"]))})


def store_link(connection: Connection, link: Link) -> None:
    """Write a link, in place of what was known of the two."""
    remove_link(connection, *link.ids)
    values = {**vars(link), "reasons": json.dumps(link.reasons)}
    connection.execute(insert(LINK), values)


def remove_link(connection: Connection, first: str, second: str) -> None:
    """Forget what was known of two home ids."""
    connection.execute(delete(LINK).where(LINK.c.first_id == first, LINK.c.second_id == second))


def regroup(connection: Connection, rows: Iterable[str]) -> None:
    """Give every record of these researchers' rows the row that the links now make it part of."""
    unit_of_work, touched = UnitOfWork(connection), set(rows)
    unit_of_work.load_rows(RESEARCHERS, touched)
    records = [r for row in sorted(touched) for r in unit_of_work.records((RESEARCHERS, row))]
    homes: dict[str, int] = {}
    for record in sorted(records, key=lambda record: record.age):
        homes.setdefault(record.home_id, record.age)
    joined = [link.ids for link in load_links(connection, homes) if link.state == JOINED]
    groups = group_homes(homes, joined)
    for record in records:
        if record.row_id != groups[record.home_id]:
            unit_of_work.move(record, groups[record.home_id])
    unit_of_work.touch(RESEARCHERS, touched)
    seeds = _seeds_of(connection, touched)
    unit_of_work.load_rows(SEEDS, seeds)
    unit_of_work.touch(SEEDS, seeds)
    unit_of_work.flush()


def group_homes(homes: dict[str, int], joined: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return for each home id the id of the oldest one that a chain of links leads to."""
    leaders = {home: home for home in homes}

    def leader(home: str) -> str:
        while leaders[home] != home:
            home = leaders[home]
        return home

    for first, second in joined:
        if first in leaders and second in leaders:
            pair = sorted((leader(first), leader(second)), key=lambda home: homes[home])
            leaders[pair[1]] = pair[0]
    return {home: leader(home) for home in homes}


def _seeds_of(connection: Connection, people: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for chunk in chunks(sorted(people)):
        query = select(AUTHORSHIP.c.seed_id).where(AUTHORSHIP.c.researcher_id.in_(chunk))
        found |= {seed for (seed,) in connection.execute(query)}
    return found


def _unite(connection: Connection, proposal: Proposal) -> bool:
    """Make one row of two seeds or organisations; the older one stays."""
    unit_of_work, table = UnitOfWork(connection), proposal.table
    places = [(table, proposal.first), (table, proposal.second)]
    unit_of_work.load_rows(table, [row for _, row in places])
    ages = {
        place[1]: min((r.age for r in unit_of_work.records(place)), default=0) for place in places
    }
    if proposal.first == proposal.second or not all(ages.values()):
        return False  # an earlier proposal of the batch made one of them vanish
    kept, gone = sorted(ages, key=lambda row: ages[row])
    for record in list(unit_of_work.records((table, gone))):
        unit_of_work.move(record, kept)
    if table == ORGANISATIONS:
        _touch_placed(connection, unit_of_work, gone)
    unit_of_work.flush()
    return True


def _touch_placed(connection: Connection, unit_of_work: UnitOfWork, organisation_id: str) -> None:
    """Let everything that belongs to an organisation be derived anew."""
    for table in (RESEARCHERS, NEEDS):
        stored = STORED[table]
        query = select(stored.table.c[stored.key]).where(
            stored.table.c.organisation_id == organisation_id
        )
        rows = [row for (row,) in connection.execute(query)]
        unit_of_work.load_rows(table, rows)
        unit_of_work.touch(table, rows)
