"""A backup of an older schema is restored: its rows take the way that an older catalogue takes."""

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, insert

from catalogue.database.engine import open_engine, reading, writing
from catalogue.database.schema import known_revisions, upgrade
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import organisation_id
from enmusubi.errors import UnreadableFileError
from enmusubi.settings import Settings
from office.backup.archive import member
from office.backup.restoring import RESTORED, restore_backup
from tests.support.older_backups import write_older_backup
from tests.support.worlds.whole import content

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FIRM = "霞ヶ浦つくだ煮株式会社"
NEED = {
    "need_id": "N-1",
    "text": "膜",
    "lang": "ja",
    "status": "open",
    "confidentiality": "public",
    "organisation_id": FIRM,
}
SAID = {
    "table_name": "organisations",
    "source_key": FIRM,
    "home_id": FIRM,
    "row_id": FIRM,
    "authority": "mention",
    "content": json.dumps({"values": {"name_ja": FIRM}, "people": []}),
}
BY_NAME = "0008"  # in this schema an organisation's id was its name
Older = Callable[[], Path]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")


@pytest.fixture
def older(tmp_path: Path) -> Older:
    """Write a backup of the schema before, as that version wrote it, with a need of a company."""

    def write() -> Path:
        engine = open_engine(f"sqlite:///{tmp_path / 'older.sqlite'}")
        upgrade(engine, BY_NAME)
        shape = MetaData()
        with reading(engine) as connection:
            shape.reflect(connection)
        told = {"source": "office", "updated_at": NOW, "content_hash": "h"}
        with writing(engine) as connection:
            firm = {"organisation_id": FIRM, "name_ja": FIRM, "kind": "company", **told}
            asked = {**NEED, **told}
            rows = {"organisation": firm, "need": asked, "record": {**SAID, **told}}
            for name, row in rows.items():
                filled = _filled(shape.tables[name], row)
                connection.execute(insert(shape.tables[name]), [filled])
        engine.dispose()
        path = tmp_path / "older.zip"
        write_older_backup(f"sqlite:///{tmp_path / 'older.sqlite'}", path)
        return path

    return write


def _filled(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    empty = {str: "", int: 0, datetime: NOW}
    needed = [c for c in table.columns if not (c.nullable or c.name in {*row, "record_id"})]
    return {**{c.name: empty[c.type.python_type] for c in needed}, **row}


def test_an_older_backup_becomes_rows_of_today(
    catalogue: Catalogue, settings: Settings, older: Older
) -> None:
    manifest = restore_backup(catalogue, settings, older())

    assert (manifest.revision, manifest.rows) == (BY_NAME, 3)
    assert catalogue.need("N-1").company == FIRM
    (row,) = content(catalogue)["organisation"]
    assert organisation_id(FIRM) in row
    assert (settings.data_dir / RESTORED / "settings.toml").read_text() == 'language = "ja"\n'


@pytest.mark.exhaustive("postgresql")
def test_nothing_of_the_way_stays_on_disk(
    catalogue: Catalogue, settings: Settings, older: Older
) -> None:
    restore_backup(catalogue, settings, older())

    names = sorted(path.name for path in settings.data_dir.iterdir())
    assert names == ["restore.lock", RESTORED]


@pytest.mark.exhaustive("postgresql")
def test_an_older_backup_that_is_damaged_changes_nothing(
    catalogue: Catalogue, settings: Settings, older: Older
) -> None:
    path = older()
    with zipfile.ZipFile(path) as good, zipfile.ZipFile(path.with_name("bad.zip"), "w") as bad:
        for name in good.namelist():
            data = good.read(name)
            bad.writestr(name, data.replace(b"N-1", b"N-2") if name == member("need") else data)
    before = content(catalogue)

    with pytest.raises(UnreadableFileError, match="not what its manifest says"):
        restore_backup(catalogue, settings, path.with_name("bad.zip"))

    assert content(catalogue) == before
    assert [path.name for path in settings.data_dir.iterdir()] == ["restore.lock"]


def test_the_newest_schema_is_told_from_the_older_ones() -> None:
    newest, *older = known_revisions()
    assert BY_NAME in older
    assert older == sorted(older, reverse=True)
    assert newest > older[0]
