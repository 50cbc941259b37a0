"""What a run of `enmusubi bench` found, as JSON, and what got worse since another run.

Runs of different machines are compared by ratios within a run, such as a match's time in encodings of its
need; times themselves are kept to be read.
"""

import datetime
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from enmusubi import __version__
from enmusubi.atomic_files import write_atomically
from enmusubi.errors import InputError
from enmusubi.threads import usable_cores

FORMAT = 1
WORSE = 0.15  # a ratio may be off by so much before it is told
LOWER, HIGHER = "lower", "higher"
LIBRARIES = ("faiss-cpu", "numpy", "pandas", "sqlalchemy", "tantivy", "torch", "uvicorn")


@dataclass(frozen=True)
class Ratio:
    """A quotient of two measurements of one run; `better` is LOWER or HIGHER."""

    value: float
    better: str = LOWER


@dataclass
class Findings:
    """What one part found: `ratios` that runs are compared by, `figures` with their unit in the name."""

    ratios: dict[str, Ratio] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Worsening:
    """A ratio that got worse: `by` is the share of what it was."""

    name: str
    before: float
    now: float
    by: float


class RunFile:
    """A run's file; it is written anew after each part, so that an interrupted run has what it found."""

    def __init__(self, path: Path, *, is_quick: bool, precision: str) -> None:
        self._path = path
        self._document: dict[str, Any] = {
            "format": FORMAT,
            "program": __version__,
            "began_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "quick": is_quick,
            "machine": {**machine(), "precision": precision},
            "libraries": _versions(),
            "parts": {},
        }

    def add(self, part: str, findings: Findings, seconds: float) -> None:
        """Write what a part found, with how long it took and what else the machine did after it."""
        self._document["parts"][part] = {
            "seconds": round(seconds, 1),
            "load_average": load_average(),
            "ratios": {
                name: {**asdict(ratio), "value": _short(ratio.value)}
                for name, ratio in findings.ratios.items()
            },
            "figures": {name: _short(value) for name, value in findings.figures.items()},
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path, json.dumps(self._document, indent=1).encode() + b"\n")


def read_run(path: Path) -> Mapping[str, Any]:
    """Return a run; raises InputError where the file holds none."""
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["format"] == FORMAT and isinstance(document["parts"], dict):
            return dict(document)
    except (ValueError, KeyError, TypeError):
        pass
    raise InputError(
        "%(path)s holds no measurements of `enmusubi bench run` that this version reads.", path=path
    )


def ratios_of(run: Mapping[str, Any]) -> dict[str, Ratio]:
    """Return all ratios of a run, named by part and ratio."""
    return {
        f"{part} {name}": Ratio(float(ratio["value"]), str(ratio["better"]))
        for part, found in run["parts"].items()
        for name, ratio in found["ratios"].items()
    }


def worsened(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[list[Worsening], int]:
    """Return the ratios that are worse by more than WORSE, the worst first, and how many were compared.

    Raises InputError where the runs have no ratio in common, or one was quick and the other not.
    """
    if before["quick"] != now["quick"]:
        raise InputError(
            "One of the two runs was made with --quick, which measures less. Compare runs of one kind."
        )
    old, new = ratios_of(before), ratios_of(now)
    common = [name for name in old if name in new]
    if not common:
        raise InputError("The two runs measured nothing in common, so there is nothing to compare.")
    found = list(_worse(common, old, new))
    return sorted(found, key=lambda one: -one.by), len(common)


def _worse(
    names: Sequence[str], old: Mapping[str, Ratio], new: Mapping[str, Ratio]
) -> Iterator[Worsening]:
    for name in names:
        before, now = old[name].value, new[name].value
        if min(before, now) <= 0:
            continue
        by = now / before - 1 if old[name].better == LOWER else before / now - 1
        if by > WORSE:
            yield Worsening(name, before, now, by)


def machine() -> dict[str, Any]:
    """Return what the times hang on: cores, processor, memory, what else runs."""
    return {
        "cores": usable_cores(),
        "processor": _processor(),
        "memory_gb": _memory_gb(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_average": load_average(),
    }


def load_average() -> list[float]:
    """Return how many processes wanted a core in the last 1, 5 and 15 minutes; none where unknown."""
    return [round(one, 2) for one in os.getloadavg()] if hasattr(os, "getloadavg") else []


def _processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    try:
        lines = cpuinfo.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())


def _memory_gb() -> float:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError, OSError):  # Windows has no such names
        return 0.0


def _versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _short(value: float) -> float:
    return float(f"{value:.4g}")
