"""How often Python looks for garbage that refers to itself, and how free memory goes back to the system."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG_OBJECTS = 50_000  # as many more than before are made until they are looked through
ROUNDS = (20, 50)  # of those, until what lived on, and until everything is looked through


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Let the collector look seldom: where millions of rows are read it is a third of the work.

    It holds for the whole process until the block ends.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], YOUNG_OBJECTS), *map(max, before[1:], ROUNDS))
    try:
        yield
    finally:
        gc.set_threshold(*before)


def give_memory_back() -> None:
    """Throw garbage away and let the system have what is free: glibc keeps it for what comes, in pieces.

    After something large that came and went; elsewhere than with glibc only the garbage goes.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
