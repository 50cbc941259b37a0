"""The steps and decisions of a ledger, kept in memory until one of its cases changes.

They are most of what figures are counted from, and the slowest to read. Each set of visible cases has its
own, so that nobody counts what they may not see. Names and money are not kept: they are read anew.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Connection, func, select

from catalogue.database.case_models import CaseDecision, CaseEvent
from catalogue.records.catalogue import Catalogue
from office.cases.kept import CASES, with_needs
from office.odds.stays import CaseHistory

KEPT = 8  # ledgers of a catalogue, as that many sets of cases


@dataclass(frozen=True)
class DecisionRow:
    """When a decision was made, and by when it was due."""

    case_id: int
    day: date
    due_on: date


@dataclass(frozen=True)
class LedgerSteps:
    """How cases went, and what was decided; `given` is what figures have of that, once worked out."""

    histories: tuple[CaseHistory, ...]
    decisions: tuple[DecisionRow, ...]
    given: list[tuple[Any, ...]] = field(default_factory=list, compare=False, repr=False)


class _Shelf:
    """The newest ledgers of one catalogue; safe to share among threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, LedgerSteps] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, read: Callable[[], LedgerSteps]) -> LedgerSteps:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = read()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made


_SHELVES: WeakKeyDictionary[Catalogue, _Shelf] = WeakKeyDictionary()
_LOCK = threading.Lock()


def steps_kept(catalogue: Catalogue, key: Hashable, read: Callable[[], LedgerSteps]) -> LedgerSteps:
    """Return what is kept under a key, or else what is read now, and keep that."""
    with _LOCK:
        shelf = _SHELVES.setdefault(catalogue, _Shelf())
    return shelf.get(key, read)


def versions_where(connection: Connection, visible: ColumnElement[bool]) -> Hashable:
    """Return what changes with the cases for which a condition holds, and with their steps."""
    query = with_needs(select(CASES.c.case_id, CASES.c.version)).where(visible)
    rows = connection.execute(query.order_by(CASES.c.case_id))
    newest = connection.execute(
        select(
            select(func.max(CaseEvent.event_id)).scalar_subquery(),
            select(func.max(CaseDecision.decision_id)).scalar_subquery(),
        )
    ).one()
    return tuple((row.case_id, row.version) for row in rows), tuple(newest)
