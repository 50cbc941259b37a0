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

FORM_TOKEN_FIELD = "once"  # noqa: S105 - the name of a field
KEPT_S = 600
MAX_KEPT = 10_000  # the oldest are forgotten beyond
Result = TypeVar("Result")
FormToken = Annotated[
    str, Form(alias=FORM_TOKEN_FIELD, max_length=100)
]  # a page's, as its form sends it


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
        self._submissions: dict[str, _Submission] = {}
        self._lock = threading.Lock()

    def run_once(
        self, viewer: Viewer, token: str, sent: object, work: Callable[[], Result]
    ) -> Result:
        """Return what `work` returns, or returned when the same form came before.

        `sent` is what the form said, of plain values. Work that raises was not done. Without a token
        nothing is remembered.
        """
        if not token:
            return work()
        said = repr((viewer.owner, token, sent)).encode("utf-8", "surrogatepass")
        submission = self._submission(hashlib.sha256(said).hexdigest())
        with submission.lock:
            if not submission.is_done:
                submission.result = work()
                submission.is_done = True
            result: Result = submission.result
            return result

    def _submission(self, name: str) -> _Submission:
        now = self._clock()
        with self._lock:
            kept = [(key, d) for key, d in self._submissions.items() if now - d.since < KEPT_S]
            self._submissions = dict(kept[-MAX_KEPT:])
            return self._submissions.setdefault(name, _Submission(now))
