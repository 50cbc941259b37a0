"""What people decide about identities: the queue of doubtful pairs, join, keep apart, undo."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from catalogue.database.models import APART, JOINED, LINK_STATES, QUEUED, Organisation, Researcher
from catalogue.identity.links import (
    AUTOMATIC,
    LINK,
    Link,
    homes_of,
    link_of,
    load_link,
    load_links,
    regroup,
    remove_link,
    rows_differ,
    rows_of,
    store_link,
)
from enmusubi.errors import InputError, UnknownIdError
from enmusubi.messages import STATE, listed, word

BY_HAND = "by hand"


@dataclass(frozen=True)
class Side:
    """One of the two people of a link, as the catalogue has them now."""

    home_id: str
    researcher_id: str
    name_ja: str
    name_en: str
    department: str
    organisation: str


@dataclass(frozen=True)
class LinkedPair:
    """A link with both people."""

    link: Link
    first: Side
    second: Side


def list_pairs(
    connection: Connection, state: str = QUEUED, *, limit: int = 100, offset: int = 0
) -> list[LinkedPair]:
    """Return the pairs of a state, the most certain first, then by id; raises InputError."""
    if state not in LINK_STATES:
        raise InputError(
            "No pair has the state %(state)r: expected %(known)s.",
            state=state,
            known=listed(LINK_STATES),
        )
    query = select(LINK).where(LINK.c.state == state)
    ordered = query.order_by(LINK.c.certainty.desc(), LINK.c.first_id, LINK.c.second_id)
    links = [
        link_of(row) for row in connection.execute(ordered.limit(limit).offset(offset)).mappings()
    ]
    sides = _sides(connection, {home for link in links for home in link.ids})
    return [
        LinkedPair(link, sides[link.first_id], sides[link.second_id])
        for link in links
        if link.first_id in sides and link.second_id in sides
    ]


def count_pairs(connection: Connection) -> dict[str, int]:
    """Return how many pairs have each state."""
    query = select(LINK.c.state, func.count()).group_by(LINK.c.state)
    found = {row[0]: row[1] for row in connection.execute(query)}
    return {state: found.get(state, 0) for state in LINK_STATES}


def join_people(connection: Connection, first: str, second: str, now: datetime) -> str:
    """Decide that two are the same; returns the id of their row. Raises UnknownIdError, InputError."""
    link = _decision(connection, first, second, JOINED, now)
    rows = set(rows_of(connection, link.ids).values())
    homes = homes_of(connection, rows)
    for other in load_links(connection, homes):
        if other.state == APART and other.ids != link.ids and rows_differ(other, homes):
            raise InputError(
                "%(first_id)r and %(second_id)r were told apart and would become one. Undo "
                "that first: enmusubi identities undo %(first_id)s %(second_id)s",
                first_id=other.first_id,
                second_id=other.second_id,
            )
    store_link(connection, link)
    regroup(connection, rows)
    return rows_of(connection, link.ids)[link.first_id]


def keep_apart(connection: Connection, first: str, second: str, now: datetime) -> None:
    """Decide that two are not the same; raises UnknownIdError, InputError where others join them."""
    link = _decision(connection, first, second, APART, now)
    store_link(connection, link)
    regroup(connection, set(rows_of(connection, link.ids).values()))
    rows = rows_of(connection, link.ids)
    if len(set(rows.values())) == 1:
        joined = homes_of(connection, rows.values())
        chain = listed(
            f"{other.first_id} {other.second_id}"
            for other in load_links(connection, joined)
            if other.state == JOINED
        )
        raise InputError(
            "%(first)r and %(second)r are also joined by other pairs: %(chain)s. Keep "
            "one of these apart instead.",
            first=first,
            second=second,
            chain=chain,
        )


def undo_decision(connection: Connection, first: str, second: str, now: datetime) -> str:
    """Take back what was decided on two; returns the state of the pair then, or nothing.

    A pair that came from the queue goes back into it. One that the program joined stays apart from
    now on, or the next import would join it again.
    """
    ids = _sorted_ids(connection, first, second)
    link = load_link(connection, *ids)
    if link is None or (link.state == QUEUED and not link.before):
        raise InputError(
            "Nothing was decided on %(first)r and %(second)r.", first=first, second=second
        )
    rows = set(rows_of(connection, ids).values())
    if link.before:
        store_link(connection, replace(link, state=link.before, before="", decided_at=now))
    elif link.decided_by == AUTOMATIC:
        undone = replace(link, state=APART, before=JOINED, decided_by=BY_HAND, decided_at=now)
        store_link(connection, undone)
    else:
        remove_link(connection, *ids)
    regroup(connection, rows)
    now_known = load_link(connection, *ids)
    return now_known.state if now_known else ""


def _decision(connection: Connection, first: str, second: str, state: str, now: datetime) -> Link:
    ids = _sorted_ids(connection, first, second)
    known = load_link(connection, *ids)
    if known and known.state == state:
        raise InputError(
            "%(first)r and %(second)r are %(state)s already.",
            first=first,
            second=second,
            state=word(STATE, state),
        )
    if known:
        before = known.state
        return replace(known, state=state, before=before, decided_by=BY_HAND, decided_at=now)
    return Link(*ids, state, 1.0, (), BY_HAND, now)


def _sorted_ids(connection: Connection, first: str, second: str) -> tuple[str, str]:
    if first == second:
        raise InputError(
            "%(first)r was given twice: two different researchers are needed.", first=first
        )
    known = rows_of(connection, (first, second))
    for researcher_id in (first, second):
        if researcher_id not in known:
            raise UnknownIdError(
                "No source has a researcher with the id %(id)r. `enmusubi "
                "identities list` shows the ids.",
                id=researcher_id,
            )
    low, high = sorted((first, second))
    return low, high


def _sides(connection: Connection, homes: set[str]) -> dict[str, Side]:
    rows = rows_of(connection, homes)
    name = func.coalesce(func.nullif(Organisation.name_ja, ""), Organisation.name_en, "")
    query = (
        select(Researcher.__table__, name.label("organisation"))
        .outerjoin(Organisation, Organisation.organisation_id == Researcher.organisation_id)
        .where(Researcher.researcher_id.in_(sorted(rows.values())))
    )
    people = {row["researcher_id"]: row for row in connection.execute(query).mappings()}
    return {home: _side(home, people[row]) for home, row in rows.items() if row in people}


def _side(home: str, row: Any) -> Side:
    return Side(
        home_id=home,
        researcher_id=row["researcher_id"],
        name_ja=row["name_ja"],
        name_en=row["name_en"],
        department=row["department_ja"] or row["department_en"],
        organisation=row["organisation"] or row["organisation_id"] or "",
    )
