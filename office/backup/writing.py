"""Writes a backup: one consistent state of the catalogue, streamed, whole or not there."""

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Table, func, select

from catalogue.database.schema import current_revision, tables_in_order
from catalogue.records.catalogue import Catalogue
from enmusubi import __version__
from enmusubi.atomic_files import (
    PRIVATE,
    UNFINISHED,
    drop_unfinished_files,
    replaced_file,
    storage_errors,
)
from enmusubi.errors import InputError
from enmusubi.language_setting import settings_file
from enmusubi.settings import Settings
from indexes.versions import MANIFEST_NAME, version_folders
from office.backup.archive import (
    INDEXES,
    MANIFEST,
    SETTINGS,
    Manifest,
    TablePart,
    as_line,
    member,
)

ROWS_AT_ONCE = 1000
_WORDS = r"(?:password|passwd|secret|token|key)"
_LOGIN = re.compile(r"://[^\n]*@")  # up to the last @: a password may hold any character
_SECRET = re.compile(rf"(?im)^(.*?{_WORDS}[\"']?\s*=\s*).*$")
OnProgress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def write_backup(
    catalogue: Catalogue, settings: Settings, path: Path, on_progress: OnProgress | None = None
) -> Manifest:
    """Write the backup, readable by its owner only, and return what it holds.

    Parts of backups that were killed, in the same folder, are deleted: they would lie there hidden.
    Raises InputError when the file is there already, StorageError when it cannot be written.
    """
    if path.exists():
        raise InputError(
            "%(path)s is there already: name another file, or move it away.", path=path
        )
    with storage_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        drop_unfinished_files(path.parent, f".*{path.suffix}{UNFINISHED}")
        with (
            replaced_file(path, mode=PRIVATE) as target,
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            manifest = _write(catalogue, settings, archive, on_progress)
    return manifest


def _write(
    catalogue: Catalogue,
    settings: Settings,
    archive: zipfile.ZipFile,
    on_progress: OnProgress | None,
) -> Manifest:
    with catalogue.reading() as connection:
        tables = {
            table.name: _write_table(connection, table, archive, on_progress)
            for table in tables_in_order()
        }
        revision = current_revision(connection) or ""
    for name, content in _others(settings):
        archive.writestr(name, content)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = Manifest(revision, __version__, now, tables)
    archive.writestr(MANIFEST, manifest.as_json())
    return manifest


def _write_table(
    connection: Connection,
    table: Table,
    archive: zipfile.ZipFile,
    on_progress: OnProgress | None,
) -> TablePart:
    total = connection.execute(select(func.count()).select_from(table)).scalar_one()
    digest, rows, size = hashlib.sha256(), 0, 0
    query = select(table).order_by(*table.primary_key.columns)
    found = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
    names = tuple(table.c.keys())
    with archive.open(member(table.name), "w", force_zip64=True) as target:
        for row in found:
            line = as_line(dict(zip(names, row, strict=True)))
            target.write(line)
            digest.update(line)
            rows, size = rows + 1, size + len(line)
            if on_progress and (rows % ROWS_AT_ONCE == 0 or rows == total):
                on_progress(table.name, rows, total)
    return TablePart(rows, size, digest.hexdigest())


def without_secrets(text: str) -> str:
    """Return settings with logins in URLs and values named like secrets masked, rather too many."""
    return _SECRET.sub(r'\1"***"', _LOGIN.sub("://***@", text))


def _others(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Yield the settings without secrets, and what the index versions say of themselves."""
    file = settings_file()
    if file.is_file():
        yield SETTINGS, without_secrets(file.read_text("utf-8", errors="replace")).encode()
    for folder in version_folders(settings.index_dir):
        manifest = folder / MANIFEST_NAME
        if manifest.is_file():
            yield f"{INDEXES}{folder.name}/{MANIFEST_NAME}", manifest.read_bytes()
    for name in ("CURRENT", "PINNED"):
        if (settings.index_dir / name).is_file():
            yield f"{INDEXES}{name}", (settings.index_dir / name).read_bytes()
