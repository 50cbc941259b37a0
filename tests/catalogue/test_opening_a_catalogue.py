"""A catalogue is opened, or it is said why not: the URL, the file, the folder, the server, the disk."""

import pytest
from sqlalchemy import event, text

from catalogue.database import schema
from catalogue.database.engine import open_engine, reading
from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.drafts import NEEDS, Draft
from enmusubi.errors import (
    CatalogueUnusableError,
    SettingsError,
    StorageError,
)

NEED = Draft(NEEDS, {"need_id": "N1", "text": "A coating that keeps oxygen out."})


def test_sqlite_keeps_a_write_ahead_log_and_its_foreign_keys(tmp_path):
    url = f"sqlite:///{tmp_path}/a/new/folder/catalogue.sqlite"
    open_catalogue(url).close()
    engine = open_engine(url)
    with reading(engine) as connection:
        values = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        ]
    assert values == ["wal", 1, 60_000]
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://host/db", "only sqlite and postgresql"),
        ("catalogue.sqlite", "not a database URL"),
        ("nosuch://x", "only sqlite and postgresql|not a database URL"),
        ("sqlite://", "must name a file"),
    ],
)
def test_a_url_that_cannot_be_used_says_what_is_expected(url, message):
    with pytest.raises(SettingsError, match=message):
        open_catalogue(url)


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "notes.sqlite"
    path.write_bytes(b"these are notes and no database " * 100)
    with pytest.raises(CatalogueUnusableError, match=r"notes\.sqlite.*not a database"):
        open_catalogue(f"sqlite:///{path}")


def test_a_folder_that_cannot_be_created_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be created"):
        open_catalogue(f"sqlite:///{tmp_path}/file/catalogue.sqlite")


def test_a_server_that_is_not_there_is_named_without_its_password():
    url = "postgresql://someone:sesame@127.0.0.1:1/nothing"
    with pytest.raises(CatalogueUnusableError, match="cannot be used") as refusal:
        open_catalogue(url)
    assert "sesame" not in str(refusal.value)


def test_a_read_only_catalogue_can_be_read_and_refuses_to_be_written(tmp_path):
    path = tmp_path / "catalogue.sqlite"
    open_catalogue(f"sqlite:///{path}").close()
    with open_catalogue(f"sqlite:///file:{path}?mode=ro&uri=true") as catalogue:
        assert catalogue.counts()["needs"] == 0
        with pytest.raises(StorageError, match=r"readonly database.*permissions"):
            catalogue.write([NEED], source="test")


def test_a_full_disk_is_a_storage_error_and_what_was_there_stays(tmp_path):
    url = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    engine = open_engine(url)
    schema.upgrade(engine)
    with reading(engine) as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one() + 40
    engine.dispose()
    event.listen(engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count = {pages}"))
    with Catalogue(engine) as catalogue:
        catalogue.write([NEED], source="test")
        big = [Draft(NEEDS, {"need_id": f"n{n}", "text": "x" * 9000}) for n in range(80)]
        with pytest.raises(StorageError, match=r"disk is full.*Free some space"):
            catalogue.write(big, source="test")
        assert [need.need_id for need in catalogue.needs()] == ["N1"]
