"""Brings a backup back: checked as a whole first, then written in one transaction."""

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, delete, func, select, text
from sqlalchemy.exc import DataError, IntegrityError

from catalogue.database.bulk import insert_rows
from catalogue.database.engine import open_engine, refresh_statistics, writing
from catalogue.database.schema import REVISION_TABLE, known_revisions, tables_in_order, upgrade
from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.source_records import chunks
from enmusubi.atomic_files import storage_errors, write_atomically
from enmusubi.errors import InputError, UnreadableFileError
from enmusubi.messages import Message
from enmusubi.settings import Settings
from office.backup.archive import (
    INDEXES,
    MANIFEST,
    SETTINGS,
    Manifest,
    Row,
    damaged,
    member,
    opened_archive,
    read_manifest,
    read_others,
    read_rows,
    typed,
)
from office.backup.unfinished import drop_unfinished, scratch_folder
from office.backup.writing import OnProgress, write_backup
from office.mail.queue import hold_mails

ROWS_AT_ONCE = 500
SIGNED_IN = ("user_session", "access_token")  # one that was ended since must not come back
RESTORED = "restored"  # folder for what is not put back by itself


@dataclass(frozen=True)
class _Backup:
    """An opened file with its manifest."""

    archive: zipfile.ZipFile
    manifest: Manifest
    path: Path

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield the rows of a table; raises UnreadableFileError for one that is none."""
        part = self.manifest.tables[table.name]
        lines = read_rows(self.archive, table.name, part, self.path)
        for number, line in enumerate(lines, start=1):
            try:
                yield typed(table, json.loads(line))
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                place = {"number": number, "table": table.name}
                reason = Message("row %(number)s of the table %(table)s is no row", place)
                raise damaged(self.path, reason) from error


def restore_backup(
    catalogue: Catalogue,
    settings: Settings,
    path: Path,
    *,
    replace: bool = False,
    on_progress: OnProgress | None = None,
) -> Manifest:
    """Fill the catalogue with a backup and return what it held; killed half-way, nothing changed.

    All users have to sign in anew, and machines to ask for a new token: their keys are restored.
    Mails that waited when it was made may have been sent since: the administrator sends them anew.
    Settings and index manifests go into `restored` in the data folder, to be looked at; the index
    is built again by `enmusubi index`. Raises UnreadableFileError for a file that is no whole backup
    of a schema known here, InputError for a catalogue that is not empty, unless it is to be replaced.
    """
    drop_unfinished(settings)
    with _opened(path) as backup, _in_newest_schema(backup, settings) as newest:
        _check(newest, tables_in_order())
        others = _others(backup)
        with catalogue.writing() as connection:
            _empty(connection, replace=replace)
            for table in tables_in_order():
                _fill(connection, table, newest, on_progress)
                if table.name in SIGNED_IN:
                    connection.execute(delete(table))
            hold_mails(connection)
            refresh_statistics(connection)
    _lay_out(others, settings.data_dir / RESTORED)
    return backup.manifest


@contextmanager
def _opened(path: Path) -> Iterator[_Backup]:
    with opened_archive(path) as archive:
        yield _Backup(archive, read_manifest(archive, path), path)


@contextmanager
def _in_newest_schema(backup: _Backup, settings: Settings) -> Iterator[_Backup]:
    """Give the backup, or one of the newest schema that was made of an older one.

    The migrations alone know how rows change from a schema to the next. So the rows of an older backup
    are put into a scratch database of its schema, which is upgraded and backed up in its turn.
    """
    known, found = known_revisions(), backup.manifest.revision
    if found not in known:
        raise UnreadableFileError(
            "%(path)s has the schema %(found)r of enmusubi %(program)s; this version knows schemas "
            "up to %(newest)r. Upgrade enmusubi, then restore it.",
            path=backup.path,
            found=found,
            program=backup.manifest.program,
            newest=known[0],
        )
    if found == known[0]:
        yield backup
        return
    with scratch_folder(settings) as folder:
        url = f"sqlite:///{folder / 'older.sqlite'}"
        _fill_older(url, backup)
        with open_catalogue(url) as upgraded:
            write_backup(upgraded, settings, folder / "newest.zip")
        with _opened(folder / "newest.zip") as newest:
            yield newest


def _fill_older(url: str, backup: _Backup) -> None:
    """Make a database of the backup's schema and put its rows there."""
    engine = open_engine(url)
    try:
        upgrade(engine, backup.manifest.revision)
        with writing(engine) as connection:
            shape = MetaData()  # the models know the newest schema alone
            shape.reflect(connection)
            tables = [table for table in shape.sorted_tables if table.name != REVISION_TABLE]
            _check(backup, tables)
            for table in tables:
                _fill(connection, table, backup, None)
    finally:
        engine.dispose()


def _check(backup: _Backup, tables: Sequence[Table]) -> None:
    """Read all of it once: what is wrong shows before anything is written."""
    path = backup.path
    known = {table.name for table in tables}
    if set(backup.manifest.tables) != known:
        raise damaged(path, Message("its tables are not those of a catalogue"))
    allowed = {member(name) for name in known} | {MANIFEST, SETTINGS}
    names = backup.archive.namelist()
    strange = [name for name in names if name not in allowed and not _is_index_file(name)]
    if strange or len(names) != len(set(names)):
        raise damaged(path, Message("it holds files that no backup has"))
    for table in tables:
        for _ in backup.rows(table):
            pass


def _others(backup: _Backup) -> dict[str, bytes]:
    """Return the settings and what the index versions say of themselves."""
    names = [n for n in backup.archive.namelist() if n == SETTINGS or _is_index_file(n)]
    return read_others(backup.archive, names, backup.path)


def _is_index_file(name: str) -> bool:
    parts = name.removeprefix(INDEXES).split("/")
    plain = all(part and not part.startswith(".") for part in parts) and "\\" not in name
    return name.startswith(INDEXES) and plain and len(parts) <= 2


def _empty(connection: Connection, *, replace: bool) -> None:
    for table in reversed(tables_in_order()):
        if replace:
            connection.execute(delete(table))
        elif connection.execute(select(table).limit(1)).first():
            raise InputError(
                "The catalogue is not empty. `--replace` puts the backup in its place; take a "
                "backup of it first."
            )


def _fill(
    connection: Connection, table: Table, backup: _Backup, on_progress: OnProgress | None
) -> None:
    done, total = 0, backup.manifest.tables[table.name].rows
    for rows in chunks(backup.rows(table), ROWS_AT_ONCE):
        try:
            insert_rows(connection, table, rows)
        except (IntegrityError, DataError) as error:
            place = {"first": done + 1, "last": done + len(rows), "table": table.name}
            reason = Message("rows %(first)s to %(last)s of %(table)s contradict the others", place)
            raise damaged(backup.path, reason) from error
        done += len(rows)
        if on_progress:
            on_progress(table.name, done, total)
    if connection.dialect.name == "postgresql":
        _go_on_counting(connection, table)


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after those that were restored."""
    (key, *others) = table.primary_key.columns
    if others or key.type.python_type is not int:
        return
    newest = connection.execute(select(func.max(key))).scalar_one()
    names = {"table": table.name, "key": key.name, "newest": newest or 1, "is_used": bool(newest)}
    connection.execute(
        text("SELECT setval(pg_get_serial_sequence(:table, :key), :newest, :is_used)"), names
    )


def _lay_out(others: Mapping[str, bytes], folder: Path) -> None:
    """Write settings and index manifests for people to look at, never over what is there."""
    with storage_errors(folder):
        for name, content in others.items():
            target = folder / name  # checked: no step upwards, no hidden name
            target.parent.mkdir(parents=True, exist_ok=True)
            place = _place_for(target, content)
            if not place.exists():
                write_atomically(place, content)


def _place_for(path: Path, content: bytes) -> Path:
    """Return the path, or the first numbered one beside it, that is free or has just this content.

    It has where a restore was killed at its end, and is done again.
    """
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next(
        one
        for one in chain([path], numbered)
        if not one.exists() or (one.is_file() and one.read_bytes() == content)
    )
