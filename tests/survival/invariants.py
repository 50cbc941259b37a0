"""What must hold of an office at any time, whatever was killed: the invariants of ARCHITECTURE.md."""

import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from catalogue.database.models import Base
from catalogue.records.consistency import check_catalogue
from enmusubi.private_files import open_to_others
from indexes.versions import check_contents, open_current, version_folders
from office.access.audit import verify
from office.index_versions import CACHE_NAME
from tests.survival.office import Office

_SAID = 40  # so many characters of a need tell it
_KEPT = ("data", "cache", "more")
# names that differ from run to run; a report, manifest or file of rejects that is there already gets a number
_VARYING = [
    (r"/v\d{6}", "/v"),
    (r"[0-9a-f]{32}", "x"),
    (r"(\d{4}-\d\d-\d\d|manifest|rejects)-\d+", r"\1"),
]
_LEFT_BY_A_LIBRARY = ".tantivy-meta.lock"


def assert_whole(office: Office) -> None:
    """Fail if anything of the office is broken, or open to others.

    Database, rows and their records, the chain of the audit trail; the index that serves, byte by byte; the
    cached vectors; what the last command printed.
    """
    with office.catalogue() as catalogue, catalogue.reading() as connection:
        faults = check_catalogue(connection)
        trail = verify(connection)
        needs = connection.scalars(select(Base.metadata.tables["need"].c.text)).all()
    assert not faults, "\n".join(map(str, faults))
    assert trail.is_whole, trail
    check_contents(open_current(office.settings.index_dir))
    if (vectors := office.settings.cache_dir / CACHE_NAME).exists():
        with closing(sqlite3.connect(vectors)) as connected:
            assert connected.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not open_to_others(office.settings.data_dir)
    printed = office.log.read_text("utf-8") if office.log.exists() else ""
    assert not [text for text in needs if text[:_SAID] in printed], "a need is in the log"


def versions(office: Office) -> dict[str, str]:
    """Return the digest of each index version that is kept; none may ever change."""
    return {folder.name: _digest(folder) for folder in version_folders(office.settings.index_dir)}


def assert_unchanged(found: dict[str, str], before: dict[str, str]) -> None:
    """Fail if a version is another than it was; old ones may be gone."""
    assert not [name for name in found.keys() & before.keys() if found[name] != before[name]]


def names_of_files(office: Office) -> set[str]:
    """Return what lies in the office's folders, without what differs from run to run."""
    names = {
        path.relative_to(office.folder).as_posix()
        for kept in _KEPT
        for path in (office.folder / kept).rglob("*")
        if path.name != _LEFT_BY_A_LIBRARY
    }
    for pattern, replacement in _VARYING:
        names = {re.sub(pattern, replacement, name) for name in names}
    return names


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != _LEFT_BY_A_LIBRARY:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
