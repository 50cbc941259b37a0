"""Refusals in the audit trail: keys, tokens, roles and rates that were refused, so that a flood costs little.

They are counted in memory, by what was refused and to whom. One entry for each of a few kinds is written
within 5 s of the first, then after 10, 20 and 40 s, then once a minute while they go on, however many there
were. What is left is written when the service stops; one that is killed loses 5 s of what had just begun,
or a minute of a flood whose beginning is in the trail.
"""

import logging
import threading

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import EnmusubiError
from office.access import audit

KEY, TOKEN, OAUTH = "key", "token", "oauth2"
ROLE, RATE, FACTOR = "role", "rate", "second factor"
FIRST_WINDOW_S, WINDOW_S = 5.0, 60.0  # after a quiet while, and at the longest
MOST_NAMED = 20  # askers named in an entry; others are counted together
_log = logging.getLogger(__name__)
REFUSER = Viewer("door", "none", "outside")


class Refusals:
    """Counts refusals and writes them down; safe to share among threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._counts: dict[str, dict[str, int]] = {}  # kind → who → how often
        self._others: dict[str, int] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def note(self, kind: str, who: str) -> None:
        """Count one refusal to somebody: a login, a machine, or a network's address; never a secret."""
        with self._lock:
            named = self._counts.setdefault(kind, {})
            if who in named or len(named) < MOST_NAMED:
                named[who] = named.get(who, 0) + 1
            else:
                self._others[kind] = self._others.get(kind, 0) + 1

    def start(self) -> None:
        """Write what is counted, in a thread of its own: soon after the first, once a minute in a flood."""
        threading.Thread(target=self._run, name="refusals", daemon=True).start()

    def stop(self) -> None:
        """Write what is left, and no more."""
        self._ended.set()
        self._try_to_write()

    def _run(self) -> None:
        window = FIRST_WINDOW_S
        while not self._ended.wait(window):
            window = min(2 * window, WINDOW_S) if self._try_to_write() else FIRST_WINDOW_S

    def _try_to_write(self) -> int:
        try:
            return self.write()
        except EnmusubiError as error:  # the database is away: the service says so elsewhere
            _log.warning("refusals were not written: %s", type(error).__name__)
            return 0

    def write(self) -> int:
        """Write what was counted since, an entry for each kind; returns how many entries."""
        with self._lock:
            counts, others = self._counts, self._others
            self._counts, self._others = {}, {}
        if not counts:
            return 0
        try:
            self._record(counts, others)
        except BaseException:
            self._take_back(counts, others)
            raise
        return len(counts)

    def _take_back(self, counts: dict[str, dict[str, int]], others: dict[str, int]) -> None:
        """Count again what could not be written."""
        with self._lock:
            for kind, named in counts.items():
                mine = self._counts.setdefault(kind, {})
                for who, count in named.items():
                    mine[who] = mine.get(who, 0) + count
            for kind, count in others.items():
                self._others[kind] = self._others.get(kind, 0) + count

    def _record(self, counts: dict[str, dict[str, int]], others: dict[str, int]) -> None:
        with self._catalogue.writing() as connection:
            for kind, named in sorted(counts.items()):
                most = sorted(named.items(), key=lambda one: (-one[1], one[0]))
                audit.record(
                    connection,
                    REFUSER,
                    "refuse",
                    kind,
                    count=sum(named.values()) + others.get(kind, 0),
                    who=[f"{who[:100]} ×{count}" for who, count in most],
                    others=others.get(kind, 0),
                )
