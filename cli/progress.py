"""How far a command is, on stderr: bars on a terminal, plain lines now and then elsewhere."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cli.telling import tell, told
from enmusubi.messages import Message, verbatim

if TYPE_CHECKING:
    from matcher.corpus_source import OnTotal

STEPS = {
    "encode": Message("Encoding passages"),
    "words": Message("Encoding words"),
    "index": Message("Writing the index"),
    "import": Message("Importing the inbox"),
    "calibrate": Message("Learning from judgements"),
    "match": Message("Matching needs"),
    "measure": Message("Measuring"),
    "measure match": Message("Measuring matches"),
    "measure http": Message("Measuring the service"),
    "measure import": Message("Measuring imports"),
}
INTERVAL_S = 5.0  # between two plain lines; what is done sooner needs none
PREPARING = Message("Preparing the encoder (the first time takes half a minute)")


@contextmanager
def progress_bars() -> Iterator["OnTotal"]:
    """Give a function that shows how far each step is that it is told of."""
    if sys.stderr.isatty():
        with _bars() as report:
            yield report
    else:
        with plain_lines() as lines:
            yield lines.report


@contextmanager
def preparing() -> Iterator[None]:
    """Say that the encoder is loaded, as long as that takes."""
    if sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status(told(PREPARING)):
            yield
    else:
        with plain_lines() as lines:
            lines.show(PREPARING)
            yield


class PlainLines:
    """Keeps what is to be said of the progress, and says the newest of it every few seconds."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._latest: Message | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._say_now_and_then, daemon=True)

    def report(self, what: str, done: int, total: int) -> None:
        """Take how far a step is."""
        values = {"step": step(what), "done": f"{done:,}", "total": f"{total:,}"}
        self.show(Message("%(step)s: %(done)s of %(total)s", values))

    def show(self, message: Message) -> None:
        """Take what is to be said, in place of what was not said yet."""
        self._latest = message

    def start(self) -> None:
        """Begin to say it."""
        self._thread.start()

    def stop(self) -> None:
        """Say nothing any more."""
        self._over.set()
        self._thread.join()

    def _say_now_and_then(self) -> None:
        said = None
        while not self._over.wait(self._interval_s):
            latest = self._latest
            if latest is not None and latest is not said:
                tell(latest, error=True)
                said = latest


@contextmanager
def plain_lines() -> Iterator[PlainLines]:
    """Give lines that are said until the block ends."""
    lines = PlainLines(INTERVAL_S)
    lines.start()
    try:
        yield lines
    finally:
        lines.stop()


def step(what: str) -> Message:
    """Return the name of a step; one that is not known, such as a file's name, is said as it is."""
    return STEPS.get(what) or verbatim(what)


@contextmanager
def _bars() -> Iterator["OnTotal"]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(told(step(what)), total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield report
