"""Forms that come twice: what a double click sends again is not done again, and is answered as before.

A form carries the token of the page that it stood on. What was done is remembered for ten minutes, in
this process's memory, by a hash of who sent the form and of all that it said: the same page filled in
otherwise is another form.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from fastapi import Form

from catalogue.database.viewer import Viewer

ONCE_FIELD = "once"
KEPT_S = 600
MAX_KEPT = 10_000  # the oldest are forgotten beyond
Result = TypeVar("Result")
Once = Annotated[str, Form(max_length=100)]  # a page's token, as its form sends it


@dataclass
class _Submission:
    """Something that a form asked for; who sends the form again waits until it is done."""

    since: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_done: bool = False
    result: Any = None


class FormDeduplicator:
    """Remembers what forms asked for, and what came of it."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._deeds: dict[str, _Submission] = {}
        self._lock = threading.Lock()

    def once(self, viewer: Viewer, token: str, sent: object, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, or returned when the same form came before.

        `sent` is what the form said, of plain values. Work that raises was not done. Without a token
        nothing is remembered.
        """
        if not token:
            return work()
        said = repr((viewer.owner, token, sent)).encode("utf-8", "surrogatepass")
        deed = self._deed(hashlib.sha256(said).hexdigest())
        with deed.lock:
            if not deed.is_done:
                deed.result = work()
                deed.is_done = True
            result: Result = deed.result
            return result

    def _deed(self, name: str) -> _Submission:
        now = self._clock()
        with self._lock:
            kept = [(key, d) for key, d in self._deeds.items() if now - d.since < KEPT_S]
            self._deeds = dict(kept[-MAX_KEPT:])
            return self._deeds.setdefault(name, _Submission(now))
