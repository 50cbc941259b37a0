"""Odds of cases for viewers: learned from the cases that each sees, and kept until one of these changes."""

import threading
from collections import OrderedDict
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from catalogue.database.viewer import Viewer
from enmusubi.settings import Settings
from office.odds.history import day_counter, histories_of, visible_versions
from office.odds.predicting import OddsOfCases

KEPT = 8  # offices as that many viewers see them
_Key = tuple[date, tuple[tuple[int, int], ...]]


class OddsFinder:
    """Learns the odds of an office's cases; safe to share among requests."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.cases
        self._kept: OrderedDict[_Key, OddsOfCases] = OrderedDict()
        self._lock = threading.Lock()

    def find(
        self, connection: Connection, viewer: Viewer, *, now: datetime | None = None
    ) -> OddsOfCases:
        """Return the odds as of now, from what the viewer sees and nothing else; raises ForbiddenError."""
        moment = now or datetime.now(UTC)
        key = moment.date(), visible_versions(connection, viewer)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        histories = histories_of(connection, viewer)
        made = OddsOfCases(histories, moment, day_counter(self._settings))
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made
