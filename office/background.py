"""The threads beside the requests: they send messages and mails and work at jobs; no fault ends them."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from office.jobs.runner import JobRunner
from office.mail.sender import MailSender
from office.matching import ServedMatching
from office.webhooks.sender import Sender

LOOK_EVERY_S = 1.0
_log = logging.getLogger(__name__)


class Step(Protocol):
    """Does what there is to do and returns whether there is more to do at once."""

    def __call__(self, stopping: threading.Event) -> bool:
        """Work; a long step looks at `stopping` between its parts."""
        ...


class Loop:
    """Calls `step`, at once again while it says that there is more, else after `every_s`."""

    def __init__(self, name: str, step: Step, *, every_s: float) -> None:
        self._name = name
        self._step = step
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work."""
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Let the step that runs be the last one."""
        self._stopping.set()

    def wait(self, timeout_s: float) -> bool:
        """Return whether the work ended within the time."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return self._thread is None or not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            more = False
            try:
                more = self._step(self._stopping)
            except Exception as error:  # its text may quote what was worked on
                _log.warning("%s failed: %s; it goes on", self._name, type(error).__name__)
            if not more:
                self._stopping.wait(self._every_s)


class Background:
    """What a service does by itself while it serves; `on_…` are told the outcomes."""

    def __init__(
        self,
        matching: ServedMatching,
        *,
        on_message: Callable[[str], None],
        on_job: Callable[[str], None],
        on_mail: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self._gate = matching.gate
        sender = Sender(
            matching.catalogue,
            matching.settings.webhooks,
            matching.settings.sealing,
            on_message,
        )
        mails = MailSender(matching.catalogue, matching.settings, on_mail)
        runner = JobRunner(matching, on_job)
        self._loops = (
            Loop("webhooks", sender.send_due, every_s=LOOK_EVERY_S),
            Loop("mail", mails.send_due, every_s=LOOK_EVERY_S),
            Loop("jobs", runner.work, every_s=LOOK_EVERY_S),
        )

    def start(self) -> None:
        """Begin to work."""
        for loop in self._loops:
            loop.start()

    def stop(self, timeout_s: float) -> bool:
        """End what runs, within a time; returns whether all of it ended. Nothing is lost by either."""
        until = time.monotonic() + timeout_s
        for loop in self._loops:
            loop.ask_to_stop()
        ended = [loop.wait(max(0.0, until - time.monotonic())) for loop in self._loops]
        self._gate.close()
        return all(ended)
