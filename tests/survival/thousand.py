"""Kills every command on both databases in turns, and writes down what came of each: may be broken off.

`python -m tests.survival.thousand RESULTS` does the rounds that RESULTS does not have yet, 1,024 kills in
all; Ctrl-C or SIGTERM ends it in order. `--table` prints what is there.
"""

import argparse
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from tests.support.fixtures import served_postgres
from tests.survival.kills import A_ROUND, KINDS, kill_in_a_round, work_of
from tests.survival.launcher import Launcher
from tests.survival.offices import Offices
from tests.survival.results import ENDED, FAULT, HELD, Results, Round
from tests.survival.works import Work

DATABASES = ("sqlite", "postgresql")
ROUNDS = 16
PATIENCE_S = 900.0  # behind everything else on a busy machine


class Killing:
    """The offices and commands of both databases, each made when it is needed."""

    def __init__(self, offices: dict[str, Offices], results: Results) -> None:
        self._offices, self._results = offices, results
        self._works: dict[tuple[str, str], Work] = {}

    def do(self, of: Round) -> None:
        """Do a round; a fault is written down, with a copy of the office's files beside the results."""
        offices, began = self._offices[of.database], time.monotonic()
        office = offices.killed
        try:
            if (work := self._works.get((of.kind, of.database))) is None:
                work = work_of(of.kind, offices.prepared, offices.imported)
                work.learn(office)
                self._works[of.kind, of.database] = work
            for at in kill_in_a_round(work, office, of.name):
                self._results.add(of, HELD, event=at.event, number=at.number)
        except Exception:
            kept = self._results.path.parent / "faults" / of.name.replace(" ", "-")
            copytree(office.folder, kept, dirs_exist_ok=True)
            self._results.add(of, FAULT, fault=traceback.format_exc())
            return
        seconds = round(time.monotonic() - began, 1)
        self._results.add(of, ENDED, kills=A_ROUND, seconds=seconds)


@contextmanager
def _opened(root: Path) -> Iterator[dict[str, Offices]]:
    launcher = Launcher(PATIENCE_S)
    with served_postgres() as server:
        offices = {
            name: Offices(root / name, launcher, server if name == "postgresql" else None)
            for name in DATABASES
        }
        try:
            yield offices
        finally:
            launcher.close()


def main() -> None:
    """Do what is still to be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--table", action="store_true")
    chosen = parser.parse_args()
    results = Results(chosen.results)
    if not chosen.table:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        rounds = [
            Round(kind, database, number)
            for number in range(chosen.rounds)
            for kind in chosen.kinds
            for database in DATABASES
        ]
        with TemporaryDirectory() as root, _opened(Path(root)) as offices:
            killing = Killing(offices, results)
            for of in rounds:
                if of not in results.ended and of not in results.faults:
                    killing.do(of)
        results = Results(chosen.results)
    sys.stdout.write(results.table() + "\n")


if __name__ == "__main__":
    main()
