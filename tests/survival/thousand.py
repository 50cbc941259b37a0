"""Kills every command on both databases in turns, and writes down what came of each: may be broken off.

`python -m tests.survival.thousand RESULTS` does the rounds that RESULTS does not have yet, 1,024 kills in
all; with `--full-disk` it lets the disk be full at each write of every command instead. `--kinds` and
`--databases` name some. Ctrl-C or SIGTERM ends it in order. `--table` prints what is there.
"""

import argparse
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from tests.support.fixtures import served_postgres
from tests.survival.events import FULL
from tests.survival.full_disk import COMMANDS, fill_at, writes_of
from tests.survival.kills import A_ROUND, KINDS, kill_in_a_round, work_of
from tests.survival.launcher import Launcher
from tests.survival.office import Office
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

    def kill(self, rounds: int, kinds: Sequence[str], databases: Sequence[str]) -> None:
        """Do so many rounds of each kind."""
        for number, kind, database in product(range(rounds), kinds, databases):
            of = Round(kind, database, number)
            if self._results.lacks(of):
                with self._told(of):
                    for at in kill_in_a_round(
                        self._work(kind, database), self._office(of), of.name
                    ):
                        self._results.add(of, HELD, event=at.event, number=at.number)
                    self._results.add(of, ENDED, kills=A_ROUND)

    def fill(self, kinds: Sequence[str], databases: Sequence[str]) -> None:
        """Let the disk be full at each write of each command."""
        for database, kind in product(databases, kinds):
            work, office = self._work(kind, database), self._offices[database].killed
            for at in writes_of(work, office):
                of = Round(f"{FULL} {kind} {at.event}", database, at.number)
                if self._results.lacks(of):
                    with self._told(of):
                        ended = fill_at(work, office, at)
                        self._results.add(of, HELD, event=ended, number=at.number)
                        self._results.add(of, ENDED, kills=1)

    def _office(self, of: Round) -> Office:
        return self._offices[of.database].killed

    def _work(self, kind: str, database: str) -> Work:
        if (found := self._works.get((kind, database))) is None:
            offices = self._offices[database]
            found = work_of(kind, offices.prepared, offices.imported)
            found.learn(offices.killed)
            self._works[kind, database] = found
        return found

    @contextmanager
    def _told(self, of: Round) -> Iterator[None]:
        """Write a fault down, and put a copy of the office's files beside the results."""
        try:
            yield
        except Exception:
            kept = self._results.path.parent / "faults" / of.name.replace(" ", "-")
            copytree(self._office(of).folder, kept, dirs_exist_ok=True)
            self._results.add(of, FAULT, fault=traceback.format_exc())


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
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--full-disk", action="store_true")
    parser.add_argument("--table", action="store_true")
    chosen = parser.parse_args()
    results = Results(chosen.results)
    if not chosen.table:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with TemporaryDirectory() as root, _opened(Path(root)) as offices:
            killing = Killing(offices, results)
            if chosen.full_disk:
                kinds = [kind for kind in chosen.kinds if kind in COMMANDS]
                killing.fill(kinds, chosen.databases)
            else:
                killing.kill(chosen.rounds, chosen.kinds, chosen.databases)
        results = Results(chosen.results)
    sys.stdout.write(results.table() + "\n")


if __name__ == "__main__":
    main()
