"""Commands that are killed, each with its checks: what must hold after a kill, and at the end."""

import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import MetaData, create_engine, func, make_url, select

from catalogue.database.engine import open_engine
from catalogue.database.schema import REVISION_TABLE, current_revision, downgrade, known_revisions
from enmusubi.private_files import close_to_others
from office.backup.archive import opened_archive, read_manifest
from tests.support.older_backups import write_older_backup
from tests.support.worlds import copied
from tests.survival.events import At
from tests.survival.invariants import assert_whole, names_of_files
from tests.survival.office import Office, Tables

BACK = 12  # so many schemas an older catalogue is behind
NIGHT = ("nightly", "--date", "2031-04-01")
# a kill after an import's last transaction lets the rerun import the same files once more, and one after the
# report lets it show the same lists, or look through the same dormant needs, once more
MAY_BE_MORE = ("import_run", "rejection", "shown_list", "shown_match", "dormant_look")


class Work:
    """A command that is killed; the checks are those of import, index and nightly.

    `extent` is how many events an undisturbed run has, and its milliseconds; `left_over` how much of it a
    run has after a kill, about; `files` what lies in the office's folders then.
    """

    left_over = 0.6

    def __init__(self, start: Office, arguments: Callable[[Office], tuple[str, ...]]) -> None:
        self.start, self._arguments = start, arguments
        self.extent: dict[str, int] = {}
        self.files: set[str] = set()

    def begin(self, office: Office) -> None:
        """Let the office be as before the command."""
        self.start.copy_to(office)
        close_to_others(office.settings.data_dir)

    def run(self, office: Office, *, at: At | None = None, extent: Path | None = None) -> int:
        """Run it, to its end or until it is killed; returns the exit code."""
        return office.run(*self._arguments(office), at=at, extent=extent)

    def learn(self, office: Office) -> None:
        """Run it undisturbed; remember what it has of events, and what it leaves."""
        self.begin(office)
        before = office.answer()
        self._measure(office)
        assert_whole(office)
        self._answers = (before, office.answer())
        self._left = (office.tables(), office.index(), matches_of(office))

    def _measure(self, office: Office) -> None:
        counts = office.folder / "extent.json"
        code = self.run(office, extent=counts)
        assert code == 0, office.log.read_text("utf-8")
        self.extent, self.files = json.loads(counts.read_text("ascii")), names_of_files(office)

    def make_way(self, office: Office) -> None:
        """Let it run once more, also where it was done before it could be killed."""

    def after_a_kill(self, office: Office) -> None:
        """Fail unless nothing is broken."""
        assert_whole(office)
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

    left_over = 1.0

    def __init__(self, start: Office) -> None:
        super().__init__(start, lambda office: ("backup", str(self.file(office))))

    def file(self, office: Office) -> Path:
        """Return the file that is written."""
        return office.folder / "more" / "backup.zip"

    def begin(self, office: Office) -> None:
        super().begin(office)
        self.file(office).unlink(missing_ok=True)
        office.succeed("backup", str(office.folder / "more" / "older.zip"))

    def learn(self, office: Office) -> None:
        self.begin(office)
        self._tables = office.tables()
        self._measure(office)
        self._counts = counts_of(self.file(office))

    def make_way(self, office: Office) -> None:
        self.file(office).unlink(missing_ok=True)

    def after_a_kill(self, office: Office) -> None:
        if self.file(office).exists():
            assert counts_of(self.file(office)) == self._counts
            self.file(office).unlink()
        # the audit trail has an entry of each backup more
        assert counts_of(office.folder / "more" / "older.zip").items() <= self._counts.items()
        assert_whole(office)
        assert office.tables() == self._tables

    def at_the_end(self, office: Office) -> None:
        self.after_a_kill(office)


class RestoreWork(Work):
    """The catalogue is as before or as the backup, never in between."""

    left_over = 1.0
    name = "kept.zip"

    def __init__(self, start: Office) -> None:
        self._file = start.folder / self.name
        super().__init__(start, lambda office: ("restore", "--replace", str(self._file)))
        if not self._file.exists():
            self.write_backup(start)
        with start.catalogue() as catalogue:
            self._need = catalogue.needs()[0].need_id

    def write_backup(self, start: Office) -> None:
        """Write what is restored."""
        start.succeed("backup", str(self._file))

    def begin(self, office: Office) -> None:
        super().begin(office)
        office.succeed("judge", self._need, min(office.answer()), "--suitable")

    def learn(self, office: Office) -> None:
        self.begin(office)
        before = office.tables()
        self._measure(office)
        self._states = (before, office.tables())
        assert before != self._states[1]

    def after_a_kill(self, office: Office) -> None:
        assert_whole(office)
        assert office.tables() in self._states

    def at_the_end(self, office: Office) -> None:
        assert_whole(office)
        assert office.tables() == self._states[1]


class OlderRestoreWork(RestoreWork):
    """The same with a backup of an older schema, which is upgraded in a database beside the catalogue."""

    name = "older.zip"

    def write_backup(self, start: Office) -> None:
        with TemporaryDirectory() as folder:
            url = copied("evening", Path(folder))
            become_older(url)
            write_older_backup(url, self._file)


class MigrationWork(Work):
    """The catalogue has the older schema or the newest one, and no row is lost."""

    def __init__(self, start: Office) -> None:
        super().__init__(start, lambda office: ("user", "list"))

    def begin(self, office: Office) -> None:
        super().begin(office)
        become_older(office.url)

    def learn(self, office: Office) -> None:
        self.begin(office)
        before = raw(office.url)
        self._measure(office)
        self._states = (before, raw(office.url))
        assert before[0] != self._states[1][0] == known_revisions()[0]
        self._tables = office.tables()

    def after_a_kill(self, office: Office) -> None:
        assert raw(office.url) in self._states

    def at_the_end(self, office: Office) -> None:
        assert raw(office.url) == self._states[1]
        assert_whole(office)
        assert office.tables() == self._tables


def become_older(url: str) -> None:
    """Give the database the schema of some versions ago."""
    engine = open_engine(url)
    downgrade(engine, known_revisions()[BACK])
    engine.dispose()


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
    sees_one_state = (
        {} if parsed.get_backend_name() == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    )
    engine = create_engine(parsed, **sees_one_state)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
