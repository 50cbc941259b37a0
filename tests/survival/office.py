"""An office's folders and database: copied, put to work by commands, looked at and compared."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, make_url, select, text

from catalogue.database.models import Base
from catalogue.records.catalogue import Catalogue, open_catalogue
from enmusubi.settings import NightlySettings, Settings
from indexes.columns import Table
from matcher.records import Need
from matcher.version_files import TABLE_NAMES, open_snapshot
from office.configured import open_recommender
from tests.conftest import WordEncoder
from tests.survival.launcher import Launcher

ASKED = Need("Luminous yarn that glows on safety jackets, from a cellulose film", "asked")
_SERIAL = {"record_id", "rejection_id", "run_id", "list_id", "judgement_id", "look_id", "public_id"}
_TIMES = {"updated_at", "changed_at", "decided_at", "shown_at", "judged_at", "looked_at"}
# where and when, what the last run did, and how many versions of the index there were
_JOURNAL = {"fingerprint", "progress", "change", "index_version"}
Tables = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Office:
    """Where one office keeps everything; `url` is its catalogue's."""

    folder: Path
    url: str
    launcher: Launcher

    @property
    def environment(self) -> dict[str, str]:
        """What tells a command to work for this office."""
        return {
            "ENMUSUBI_DATA_DIR": str(self.folder / "data"),
            "ENMUSUBI_CACHE_DIR": str(self.folder / "cache"),
            "ENMUSUBI_DATABASE_URL": self.url,
            "ENMUSUBI_NIGHTLY__INBOX": str(self.folder / "inbox"),
            "COLUMNS": "300",
        }

    @property
    def settings(self) -> Settings:
        """The same as settings."""
        return Settings(
            data_dir=self.folder / "data",
            cache_dir=self.folder / "cache",
            database_url=self.url,
            nightly=NightlySettings(inbox=self.folder / "inbox"),
        )

    @property
    def log(self) -> Path:
        """What the last command printed."""
        return self.folder / "log.txt"

    def start(self, *arguments: str, log: Path | None = None, **limits: Any) -> int:
        """Start a command and return its process id."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.launcher.start(arguments, self.environment, log or self.log, **limits)

    def run(self, *arguments: str, **limits: Any) -> int:
        """Run a command to its end and return its exit code."""
        return self.launcher.wait(self.start(*arguments, **limits))

    def succeed(self, *arguments: str) -> None:
        """Run a command that must succeed."""
        assert self.run(*arguments) == 0, self.log.read_text("utf-8")

    @contextmanager
    def catalogue(self) -> Iterator[Catalogue]:
        """Give its catalogue."""
        with open_catalogue(self.url) as catalogue:
            yield catalogue

    def tables(self, *, journal: bool = True) -> Tables:
        """Return all tables without times and serial numbers, sorted; the imports' own if wanted.

        The audit trail is of times and of runs that were killed, too: `assert_whole` looks at it instead.
        """
        with self.catalogue() as catalogue, catalogue.reading() as connection:
            return {
                name: _content(connection, name)
                for name in sorted(Base.metadata.tables)
                if name != "audit_entry" and (journal or name not in ("import_run", "rejection"))
            }

    def finished_runs(self) -> int:
        """Return how many imports the catalogue remembers as finished."""
        return sum("finished_at=True" in str(row) for row in self.tables()["import_run"])

    def answer(self) -> dict[str, float]:
        """Return the researchers whom the index that serves finds for a need, with scores."""
        matches = open_recommender(self.settings, WordEncoder()).match(ASKED, top=30).matches
        return {match.researcher.researcher_id: round(match.score, 4) for match in matches}

    def index(self) -> dict[str, Any]:
        """Return what the index that serves holds: the catalogue's state and its tables."""
        found = open_snapshot(self.settings.index_dir)
        digests = {name: _rows_of(getattr(found, name)) for name in TABLE_NAMES}
        return {"state": found.manifest["catalogue_state"], **digests}

    def copy_to(self, other: "Office") -> None:
        """Let the other office be as this one is, whatever it was."""
        _copy_database(self.url, other.url)
        for name in ("data", "cache", "inbox", "news", "more"):
            shutil.rmtree(other.folder / name, ignore_errors=True)
            if (self.folder / name).exists():
                shutil.copytree(self.folder / name, other.folder / name)


def _content(connection: Connection, name: str) -> list[tuple[Any, ...]]:
    rows = connection.execute(select(Base.metadata.tables[name])).mappings()
    return sorted(
        tuple(f"{column}={_plain(column, value)}" for column, value in row.items() if _kept(column))
        for row in rows
    )


def _kept(column: str) -> bool:
    return column not in _SERIAL | _TIMES | _JOURNAL and column != "started_at"


def _plain(column: str, value: Any) -> Any:
    return value is not None if column in ("withdrawn_at", "finished_at") else value


def _rows_of(table: Table) -> str:
    rows = [table.row(row) for row in range(len(table))]
    return json.dumps(rows, sort_keys=True, default=lambda value: value.item())


def _copy_database(source: str, target: str) -> None:
    url = make_url(target)
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        for suffix in ("", "-wal", "-shm"):  # of a killed command they are part of the file
            Path(f"{path}{suffix}").unlink(missing_ok=True)
            if (found := Path(f"{make_url(source).database}{suffix}")).exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(found, f"{path}{suffix}")
        return
    engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)'))
        template = make_url(source).database
        connection.execute(text(f'CREATE DATABASE "{url.database}" TEMPLATE "{template}"'))
    engine.dispose()
