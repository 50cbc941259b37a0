"""What workers of a test's Ray cluster encode with: words as vectors, slowly if asked to."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from matcher.sharding.jobs import Tools
from tests.conftest import WordEncoder


class SlowEncoder(WordEncoder):
    """Takes a while for each passage, and says once in which process it does."""

    def __init__(self, pause_s: float, told: Path) -> None:
        super().__init__()
        self._pause_s, self._told = pause_s, told

    def _encode_missing(self, *arguments: Any) -> Iterator[Any]:
        if not self._told.exists():
            own = self._told.with_name(f"{self._told.name}-{os.getpid()}")
            own.write_text(str(os.getpid()), "ascii")
            with suppress(FileExistsError):  # of two that begin at once, one is the first
                os.link(own, self._told)
        time.sleep(self._pause_s)
        yield from super()._encode_missing(*arguments)


def tools() -> Tools:
    """Return an encoder for a worker."""
    return Tools(WordEncoder(), None)


def _slow(pause_s: float, told: Path) -> Tools:
    return Tools(SlowEncoder(pause_s, told), None)


def slow_tools(pause_s: float, told: Path) -> Callable[[], Tools]:
    """Return what makes a slow encoder in a worker, which writes its process id into `told`."""
    return partial(_slow, pause_s, told)
