"""Whom lists put forward, and how far their chances go: attention and merit by need and group of people.

A person's attention in a list is 1 / log2(1 + rank), their merit the probability to be suitable, each as a
share of its list's first ranks ("equity of attention", Biega, Gummadi and Weikum 2018). Of each need the
newest list of each quarter of the last year counts: nights make thousands that hardly differ.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection, case, func, select

from catalogue.database.models import StoredNeed
from catalogue.database.viewer import Viewer
from catalogue.judgements.shown_lists import SHOWN_LIST, SHOWN_MATCH
from catalogue.records.source_records import chunks
from office.access.rules import visible_needs
from office.statistics.shares import FloatArray

PERIOD = timedelta(days=365)
QUARTERS = 4
DEPTH = 10  # ranks that are seen


@dataclass(frozen=True)
class ShownLine:
    """A line of a list; `quarter` counts from 0, the oldest."""

    list_id: int
    need_id: str
    person: str
    rank: int
    probability: float
    quarter: int


def shown_lines(connection: Connection, viewer: Viewer, now: datetime) -> list[ShownLine]:
    """Return the first DEPTH lines of the lists that count, of the viewer's needs, the oldest list first."""
    found: list[ShownLine] = []
    for quarter in range(QUARTERS):
        since = now - PERIOD * (QUARTERS - quarter) / QUARTERS
        lists = _newest(connection, viewer, since, since + PERIOD / QUARTERS)
        for chunk in chunks(lists):
            query = (
                select(SHOWN_LIST.c.list_id, SHOWN_LIST.c.need_id, SHOWN_MATCH.c.researcher_id)
                .add_columns(SHOWN_MATCH.c.rank, SHOWN_MATCH.c.probability)
                .join(SHOWN_MATCH, SHOWN_MATCH.c.list_id == SHOWN_LIST.c.list_id)
                .where(SHOWN_LIST.c.list_id.in_(chunk), SHOWN_MATCH.c.rank <= DEPTH)
                .order_by(SHOWN_LIST.c.list_id, SHOWN_MATCH.c.rank)
            )
            found += [
                ShownLine(int(key), str(need), str(person), int(rank), float(chance or 0), quarter)
                for key, need, person, rank, chance in connection.execute(query)
            ]
    return found


def _newest(connection: Connection, viewer: Viewer, since: datetime, until: datetime) -> list[int]:
    """Return the newest list of each need that was shown then, one with all ranks where there is one."""
    number = SHOWN_LIST.c.list_id
    is_whole = SHOWN_LIST.c.top >= DEPTH
    query = (
        select(func.max(case((is_whole, number))), func.max(number))
        .join(StoredNeed, StoredNeed.need_id == SHOWN_LIST.c.need_id)
        .where(visible_needs(viewer), SHOWN_LIST.c.shown_at > since, SHOWN_LIST.c.shown_at <= until)
        .group_by(SHOWN_LIST.c.need_id)
    )
    return sorted(int(whole or newest) for whole, newest in connection.execute(query))


def attention_and_merit(
    lines: Iterable[ShownLine], places: Mapping[str, int], rows: Mapping[str, int]
) -> tuple[FloatArray, FloatArray]:
    """Return attention and merit by need (row) and group (column), as sums of shares of lists.

    `places` are the columns of people; who has none is left out.
    """
    shape = len(rows), max(places.values(), default=-1) + 1
    attention, merit = np.zeros(shape), np.zeros(shape)
    for members in _lists(lines):
        seen = [1 / np.log2(1 + one.rank) for one in members]
        chances = sum(one.probability for one in members)
        for one, weight in zip(members, seen, strict=True):
            if (place := places.get(one.person)) is not None:
                cell = rows[one.need_id], place
                attention[cell] += weight / sum(seen)
                merit[cell] += one.probability / chances if chances else 1 / len(members)
    return attention, merit


def rows_of_needs(lines: Iterable[ShownLine]) -> dict[str, int]:
    """Return the row of each need, in the order in which they come."""
    return {need: row for row, need in enumerate(dict.fromkeys(one.need_id for one in lines))}


def _lists(lines: Iterable[ShownLine]) -> Iterable[Sequence[ShownLine]]:
    lists: defaultdict[int, list[ShownLine]] = defaultdict(list)
    for one in lines:
        lists[one.list_id].append(one)
    return lists.values()
