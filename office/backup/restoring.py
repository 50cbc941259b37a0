"""Brings a backup back: checked as a whole first, then written in one transaction."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from sqlalchemy import Connection, Table, delete, func, insert, select, text
from sqlalchemy.exc import DataError, IntegrityError

from catalogue.database.engine import refresh_statistics
from catalogue.database.schema import current_revision, tables_in_order
from catalogue.records.catalogue import Catalogue
from catalogue.records.source_records import chunks
from enmusubi.atomic_files import storage_errors, write_atomically
from enmusubi.errors import InputError, UnreadableFileError
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
from office.backup.writing import OnProgress

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
                reason = f"row {number} of the table {table.name} is no row"
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

    Everybody has to sign in anew, and machines to ask for a new token: their keys are restored.
    Settings and index manifests go into `restored` in the data folder, to be looked at; the index
    is built again by `enmusubi index`. Raises UnreadableFileError for a file that is no whole backup
    of this schema, InputError for a catalogue that is not empty, unless it is to be replaced.
    """
    with opened_archive(path) as archive:
        manifest = read_manifest(archive, path)
        backup = _Backup(archive, manifest, path)
        with catalogue.reading() as connection:
            others = _check(backup, current_revision(connection))
        with catalogue.writing() as connection:
            _empty(connection, replace=replace)
            for table in tables_in_order():
                _fill(connection, table, backup, on_progress)
                if table.name in SIGNED_IN:
                    connection.execute(delete(table))
            refresh_statistics(connection)
    _lay_out(others, settings.data_dir / RESTORED)
    return manifest


def _check(backup: _Backup, revision: str | None) -> dict[str, bytes]:
    """Read all of it once, what is wrong shows before anything is written; returns the others."""
    manifest, path = backup.manifest, backup.path
    if manifest.revision != revision:
        raise UnreadableFileError(
            "%(path)s has the schema %(found)r, this catalogue %(present)r. "
            "Restore it with enmusubi %(program)s, which wrote it; then upgrade.",
            path=path,
            found=manifest.revision,
            present=revision,
            program=manifest.program,
        )
    known = {table.name for table in tables_in_order()}
    if set(manifest.tables) != known:
        raise damaged(path, "its tables are not those of a catalogue")
    allowed = {member(name) for name in known} | {MANIFEST, SETTINGS}
    names = backup.archive.namelist()
    strange = [name for name in names if name not in allowed and not _is_index_file(name)]
    if strange or len(names) != len(set(names)):
        raise damaged(path, "it holds files that no backup has")
    for table in tables_in_order():
        for _ in backup.rows(table):
            pass
    others = [name for name in names if name == SETTINGS or _is_index_file(name)]
    return read_others(backup.archive, others, path)


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
            connection.execute(insert(table), rows)
        except (IntegrityError, DataError) as error:
            place = f"rows {done + 1} to {done + len(rows)} of {table.name}"
            raise damaged(backup.path, f"{place} contradict the others") from error
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
            write_atomically(_free(target), content)


def _free(path: Path) -> Path:
    """Return the path, or the first numbered one beside it that is not there yet."""
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next(one for one in chain([path], numbered) if not one.exists())
