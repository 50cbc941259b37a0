"""How many threads the numeric libraries may use: one each, but for the encoder.

Torch, OpenMP, BLAS and FAISS each take all cores on their own, and requests are answered beside each
other already: together they would fight for the cores (docs/performance.md has what one thread each
brings). A library reads its variable when it is loaded, so this comes first; whoever has set one keeps it.
"""

import os
from pathlib import Path

_OPENMP = "OMP_NUM_THREADS"
_OF_LIBRARIES = (_OPENMP, "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_SET_HERE = "OMP_NUM_THREADS_BY_ENMUSUBI"  # for processes that this one starts
_CGROUP = Path("/sys/fs/cgroup")
MOST_FOR_ONE_NEED = 4  # a need is a hundred tokens: more threads wait for each other


def one_thread_each() -> None:
    """Let each library that is loaded from now on use one thread, unless its variable is set."""
    if _OPENMP not in os.environ:
        os.environ[_SET_HERE] = "1"
    for variable in _OF_LIBRARIES:
        os.environ.setdefault(variable, "1")


def usable_cores(cgroup: Path = _CGROUP) -> int:
    """Return how many cores this process may use.

    Those it is bound to, within its container's share, and not more than OMP_NUM_THREADS where somebody set
    it.
    """
    bound = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    bounds = [bound, _of_container(cgroup), _asked_for()]
    return max(1, min(one for one in bounds if one is not None))


def threads_beside_others(cores: int) -> int:
    """Return the encoder's threads in a service, which answers one need while it encodes the next."""
    return max(1, min(MOST_FOR_ONE_NEED, cores // 2))


def encoders_beside_others(cores: int, threads: int) -> int:
    """Return how many needs a service encodes beside each other, with so many threads for each.

    As many as the cores have room for, MOST_FOR_ONE_NEED at most: lists are made one after the other, and
    more would wait for that.
    """
    return max(1, min(MOST_FOR_ONE_NEED, cores // max(threads, 1)))


def _asked_for() -> int | None:
    value = os.environ.get(_OPENMP, "")
    return int(value) if value.isdigit() and _SET_HERE not in os.environ else None


def _of_container(cgroup: Path) -> int | None:
    """Return the whole cores of a container's share, rounded up; None where there is no bound."""
    try:
        quota, period = (cgroup / "cpu.max").read_text("ascii").split()
        return -(-int(quota) // int(period))
    except (OSError, ValueError):  # version 1 of cgroups keeps the same in two files
        pass
    try:
        quota = (cgroup / "cpu" / "cpu.cfs_quota_us").read_text("ascii")
        period = (cgroup / "cpu" / "cpu.cfs_period_us").read_text("ascii")
        return -(-int(quota) // int(period)) if int(quota) > 0 else None
    except (OSError, ValueError):
        return None
