"""How long work takes: processor time of this process, which others' work lengthens less than a clock's."""

import time
from collections.abc import Callable
from statistics import median


def cpu_s(work: Callable[[], object]) -> float:
    """Return the processor time of the work, of all threads, in seconds."""
    began = time.process_time()
    work()
    return time.process_time() - began


def usual_cpu_s(work: Callable[[], object], times: int) -> float:
    """Return the median of several runs, in seconds, after one that fills caches."""
    work()
    return median(cpu_s(work) for _ in range(times))
