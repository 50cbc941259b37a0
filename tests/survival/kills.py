"""Commands of an office are killed again and again; what must hold then, and at the end, is looked at.

`Work` is a command with its checks. Kills come at named events (a file, a sync to the disk, before and after
a commit) and at random moments.
"""

import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from signal import SIGKILL
from typing import Any

from sqlalchemy import MetaData, create_engine, func, make_url, select

from catalogue.database.engine import open_engine
from catalogue.database.schema import REVISION_TABLE, current_revision, downgrade, known_revisions
from office.backup.archive import opened_archive, read_manifest
from tests.survival.events import EVENTS, At
from tests.survival.office import Office, Tables

RANDOM = "random"
A_ROUND = 4  # kills until the command may end, and all is compared
REACH = 40  # events of a kind that a command is thought to have, until one ends before
BACK = 12  # so many schemas an older catalogue is behind
NIGHT = ("nightly", "--date", "2031-04-01")
# a kill after an import's last transaction lets the rerun import the same files once more, and one after the
# report lets it show the same lists, or look through the same dormant needs, once more
MAY_BE_MORE = ("import_run", "rejection", "shown_list", "shown_match", "dormant_look")


@dataclass
class Tally:
    """How many kills came where."""

    at: dict[str, int] = field(default_factory=dict)
    missed: int = 0

    def count(self, event: str) -> None:
        """Count a kill."""
        self.at[event] = self.at.get(event, 0) + 1

    @property
    def kills(self) -> int:
        """How many there were."""
        return sum(self.at.values())


class Work:
    """A command that is killed; the checks are those of import, index and nightly."""

    def __init__(self, start: Office, arguments: Callable[[Office], tuple[str, ...]]) -> None:
        self.start, self._arguments = start, arguments

    def begin(self, office: Office) -> None:
        """Let the office be as before the command."""
        self.start.copy_to(office)

    def arguments(self, office: Office) -> tuple[str, ...]:
        """Return the command line."""
        return self._arguments(office)

    def learn(self, office: Office) -> float:
        """Run it undisturbed, remember what it leaves, and return how many seconds it took."""
        self.begin(office)
        before, began = office.answer(), time.monotonic()
        office.succeed(*self.arguments(office))
        seconds = time.monotonic() - began
        office.check()
        self._answers = (before, office.answer())
        self._left = (office.tables(), office.index(), matches_of(office))
        return seconds

    def make_way(self, office: Office) -> None:
        """Let it run once more, also where it was done before it could be killed."""

    def after_a_kill(self, office: Office) -> None:
        """Fail unless nothing is broken."""
        office.check()
        assert office.answer() in self._answers

    def at_the_end(self, office: Office) -> None:
        """Fail unless a rerun left what an undisturbed run leaves."""
        self.after_a_kill(office)
        tables, index, matches = self._left
        assert_equal(office.tables(), tables)
        assert office.index() == index
        assert matches_of(office) == matches


class BackupWork(Work):
    """A backup is whole or not there; an older one and the catalogue stay as they are."""

    def __init__(self, start: Office) -> None:
        super().__init__(start, lambda office: ("backup", str(self.file(office))))

    def file(self, office: Office) -> Path:
        """Return the file that is written."""
        return office.folder / "more" / "backup.zip"

    def begin(self, office: Office) -> None:
        super().begin(office)
        self.file(office).unlink(missing_ok=True)
        office.succeed("backup", str(office.folder / "more" / "older.zip"))

    def learn(self, office: Office) -> float:
        self.begin(office)
        self._tables, began = office.tables(), time.monotonic()
        office.succeed(*self.arguments(office))
        self._counts = counts_of(self.file(office))
        return time.monotonic() - began

    def make_way(self, office: Office) -> None:
        self.file(office).unlink(missing_ok=True)

    def after_a_kill(self, office: Office) -> None:
        if self.file(office).exists():
            assert counts_of(self.file(office)) == self._counts
            self.file(office).unlink()
        # the audit trail has an entry of each backup more
        assert counts_of(office.folder / "more" / "older.zip").items() <= self._counts.items()
        office.check()
        assert office.tables() == self._tables

    def at_the_end(self, office: Office) -> None:
        self.after_a_kill(office)


class RestoreWork(Work):
    """The catalogue is as before or as the backup, never in between."""

    def __init__(self, start: Office) -> None:
        self._file = start.folder / "kept.zip"
        super().__init__(start, lambda office: ("restore", "--replace", str(self._file)))
        if not self._file.exists():
            start.succeed("backup", str(self._file))
        with start.catalogue() as catalogue:
            self._need = catalogue.needs()[0].need_id

    def begin(self, office: Office) -> None:
        super().begin(office)
        office.succeed("judge", self._need, min(office.answer()), "--suitable")

    def learn(self, office: Office) -> float:
        self.begin(office)
        before, began = office.tables(), time.monotonic()
        office.succeed(*self.arguments(office))
        seconds = time.monotonic() - began
        self._states = (before, office.tables())
        assert before != self._states[1]
        return seconds

    def after_a_kill(self, office: Office) -> None:
        office.check()
        assert office.tables() in self._states

    def at_the_end(self, office: Office) -> None:
        office.check()
        assert office.tables() == self._states[1]


class MigrationWork(Work):
    """The catalogue has the older schema or the newest one, and no row is lost."""

    def __init__(self, start: Office) -> None:
        super().__init__(start, lambda office: ("user", "list"))

    def begin(self, office: Office) -> None:
        super().begin(office)
        engine = open_engine(office.url)
        downgrade(engine, known_revisions()[BACK])
        engine.dispose()

    def learn(self, office: Office) -> float:
        self.begin(office)
        before, began = raw(office.url), time.monotonic()
        office.succeed(*self.arguments(office))
        seconds = time.monotonic() - began
        self._states = (before, raw(office.url))
        assert before[0] != self._states[1][0] == known_revisions()[0]
        self._tables = office.tables()
        return seconds

    def after_a_kill(self, office: Office) -> None:
        assert raw(office.url) in self._states

    def at_the_end(self, office: Office) -> None:
        assert raw(office.url) == self._states[1]
        office.check()
        assert office.tables() == self._tables


def kill_often(work: Work, office: Office, random: Random, kills: int) -> Tally:
    """Kill the command so often, at most A_ROUND times until it may end; returns where the kills came."""
    tally, seconds = Tally(), work.learn(office)
    reach = dict.fromkeys(EVENTS, REACH)
    while tally.kills < kills:
        assert tally.missed < 10 + 3 * kills, f"it is done before it can be killed: {tally}"
        work.begin(office)
        for _ in range(min(A_ROUND, kills - tally.kills)):
            event = random.choice((RANDOM, *EVENTS))
            if not _was_killed(work, office, event, random, seconds, reach):
                tally.missed += 1
                break
            tally.count(event)
            work.after_a_kill(office)
        work.make_way(office)
        if (code := office.run(*work.arguments(office))) != 0:
            raise AssertionError(f"{code}: {office.log.read_text('utf-8')}")
        work.at_the_end(office)
    return tally


def _was_killed(  # noqa: PLR0917
    work: Work, office: Office, event: str, random: Random, seconds: float, reach: dict[str, int]
) -> bool:
    arguments = work.arguments(office)
    if event == RANDOM:
        pid = office.start(*arguments)
        time.sleep(random.uniform(0, 0.9 * seconds))
        if (code := office.launcher.exit_code(pid)) is None:
            os.killpg(pid, SIGKILL)
            code = office.launcher.wait(pid)
    else:
        number = random.randint(1, reach[event])
        code = office.run(*arguments, at=At(event, number))
        if code == 0:  # it has fewer
            reach[event] = max(1, number - 1)
    assert code in (0, -SIGKILL), office.log.read_text("utf-8")
    return code == -SIGKILL


def matches_of(office: Office) -> dict[str, Any]:
    """Return need id → researchers with their seeds in the newest report; empty without any."""
    reports = sorted((office.folder / "data" / "reports").glob("*/run.json"))
    return json.loads(reports[-1].read_text("utf-8"))["needs"] if reports else {}


def assert_equal(found: Tables, expected: Tables) -> None:
    """Fail if the tables differ, but for what a rerun may do once more."""
    for name, rows in expected.items():
        if name in MAY_BE_MORE:
            assert set(rows) <= set(found[name]), name
        else:
            assert found[name] == rows, name


def counts_of(path: Path) -> dict[str, int]:
    """Return the rows by table of a backup that is whole."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    with opened_archive(path) as archive:
        tables = read_manifest(archive, path).tables
    return {name: part.rows for name, part in tables.items() if name != "audit_entry"}


def raw(url: str) -> tuple[str | None, dict[str, int]]:
    """Return schema and rows by table of a database as it lies there, after looking for damage."""
    with _opened(url) as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None
        shape = MetaData()
        shape.reflect(connection)
        counts = {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in shape.sorted_tables
            if table.name != REVISION_TABLE
        }
        return current_revision(connection), counts


@contextmanager
def _opened(url: str) -> Iterator[Any]:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(parsed)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def work_of(name: str, prepared: Office, imported: Callable[[], Office]) -> Work:
    """Return a command with its checks, by its name."""
    if name == "import":
        return Work(prepared, lambda o: ("import", "general", str(o.folder / "news")))
    if name == "index":
        return Work(imported(), lambda o: ("index",))
    if name == "nightly":
        return Work(prepared, lambda o: NIGHT)
    return {"backup": BackupWork, "restore": RestoreWork, "migration": MigrationWork}[name](
        prepared
    )
