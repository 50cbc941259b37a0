"""The numeric libraries take one thread each, whatever the cores, and the encoder its own number."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from enmusubi.threads import (
    encoders_beside_others,
    one_thread_each,
    threads_beside_others,
    usable_cores,
)

SHOWN = """
from enmusubi.threads import one_thread_each
one_thread_each()
import json, faiss, numpy, torch
from threadpoolctl import threadpool_info
torch.set_num_threads(3)
numpy.ones((300, 300)) @ numpy.ones((300, 300))
others = [pool for pool in threadpool_info() if "torch" not in pool["filepath"]]
pools = {(pool["user_api"], pool["num_threads"]) for pool in others}
print(json.dumps([sorted(pools), faiss.omp_get_max_threads(), torch.get_num_threads()]))
"""


def test_each_library_has_one_thread_and_the_encoder_as_many_as_it_was_given() -> None:
    """Looked at from within a new process, where no library had been loaded."""
    free = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    printed = subprocess.run(
        [sys.executable, "-c", SHOWN], env=free, capture_output=True, text=True, check=True
    ).stdout

    pools, of_faiss, of_torch = json.loads(printed)

    assert {count for _, count in pools} == {1}
    assert (of_faiss, of_torch) == (1, 3)


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}, 1),
    ],
)
def test_a_containers_share_bounds_the_cores(
    tmp_path: Path, files: dict[str, str], cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both versions of control groups; parts of a core count as one."""
    sixteen_cores(monkeypatch)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "ascii")

    assert usable_cores(tmp_path) == cores


def test_without_a_share_all_cores_that_it_is_bound_to_are_usable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No control group, or one without a bound."""
    sixteen_cores(monkeypatch)
    assert usable_cores(tmp_path) == 16
    (tmp_path / "cpu.max").write_text("max 100000\n", "ascii")
    assert usable_cores(tmp_path) == 16


def test_whoever_sets_the_threads_of_openmp_bounds_the_encoder_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But not the program's own setting, which a process that it starts finds."""
    sixteen_cores(monkeypatch)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert usable_cores(tmp_path) == 3
    monkeypatch.delenv("OMP_NUM_THREADS")
    for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(variable, "1")
    monkeypatch.setenv("OMP_NUM_THREADS_BY_ENMUSUBI", "")  # taken back after the test
    one_thread_each()
    assert os.environ["OMP_NUM_THREADS"] == "1"
    assert usable_cores(tmp_path) == 16


def sixteen_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be so many, and nobody who set a number of threads."""
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(16)), raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS_BY_ENMUSUBI", raising=False)


def test_a_service_leaves_cores_for_its_answers() -> None:
    """Half of them, one at least and four at most."""
    assert [threads_beside_others(n) for n in (1, 2, 4, 64)] == [1, 1, 2, 4]


def test_a_service_encodes_on_all_of_its_cores() -> None:
    """With the threads that it gives each need, and with those that somebody set."""
    cores = (1, 2, 4, 8, 64)
    assert [encoders_beside_others(n, threads_beside_others(n)) for n in cores] == [1, 2, 2, 2, 4]
    assert [encoders_beside_others(8, threads) for threads in (1, 3, 8, 16)] == [4, 2, 1, 1]
