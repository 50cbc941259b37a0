"""What is older than the settings say is gone after a night, the rest stays, the trail one chain."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from catalogue.database.schema import tables_in_order
from catalogue.records.catalogue import Catalogue
from enmusubi.retention_settings import RetentionSettings
from enmusubi.settings import Settings
from office.access import audit
from office.privacy.retention import NIGHT, OF_FILES, OF_TABLES, OF_TRAIL, keep_no_longer
from tests.office.privacy.rows_of_a_person import filler

NOW = datetime(2026, 11, 30, 2, tzinfo=UTC)
DATED = ("created_at", "shown_at", "started_at", "finished_at", "expires_at", "at")
NAMES = sorted(RetentionSettings.model_fields)


def count(catalogue: Catalogue, name: str) -> int:
    table = next(t for t in tables_in_order() if t.name == name)
    with catalogue.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_every_setting_is_obeyed() -> None:
    assert sorted({*OF_TABLES, *OF_FILES, OF_TRAIL}) == NAMES


def test_what_ends_by_itself_goes_afterwards() -> None:
    kept = {"api_key", "inquiry"}  # the office's records: which key there was, what was answered
    ending = {table.name for table in tables_in_order() if "expires_at" in table.c} - kept
    assert {model.__tablename__ for model, _ in OF_TABLES["sessions_days"]} == ending


@pytest.mark.parametrize("setting", sorted(OF_TABLES))
def test_rows_go_on_the_day_the_settings_name_and_not_before(
    catalogue: Catalogue, tmp_path: Path, setting: str
) -> None:
    tables = [model.__table__ for model, _ in OF_TABLES[setting]]
    with catalogue.writing() as connection:
        for table in tables:
            dated = {name: NOW for name in DATED if name in table.c}
            waiting = {"next_at": None} if "next_at" in table.c else {}
            if table.name == "rejection":
                runs = next(t for t in tables_in_order() if t.name == "import_run")
                connection.execute(
                    insert(runs).values(filler(connection, runs) | {"started_at": NOW})
                )
            connection.execute(insert(table).values(filler(connection, table) | dated | waiting))
    settings = Settings(data_dir=tmp_path)
    days = timedelta(days=getattr(settings.retention, setting))
    keep_no_longer(catalogue, settings, now=NOW + days - timedelta(hours=1))
    assert [count(catalogue, table.name) for table in tables] == [1] * len(tables)
    gone = keep_no_longer(catalogue, settings, now=NOW + days + timedelta(hours=1))
    assert gone[setting] == len(tables)
    assert [count(catalogue, table.name) for table in tables] == [0] * len(tables)


def test_the_trail_is_cut_and_still_one_chain(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (0, 1, 2, 400):
        moment = NOW + timedelta(days=days)

        class Clock(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:
                return moment  # noqa: B023 - called within this round

        monkeypatch.setattr(audit, "datetime", Clock)
        audit.note(catalogue, NIGHT, "sign-in")
    settings = Settings(data_dir=tmp_path, retention=RetentionSettings(audit_days=365))
    gone = keep_no_longer(catalogue, settings, now=NOW + timedelta(days=400))
    assert gone[OF_TRAIL] == 3
    with catalogue.reading() as connection:
        state = audit.verify(connection)
        assert (state.is_whole, state.head.entries) == (True, 5)
    with catalogue.writing() as connection:  # somebody else's cut is told
        connection.execute(audit.ENTRY.delete().where(audit.ENTRY.c.entry_id == 4))
    with catalogue.reading() as connection:
        assert audit.verify(connection).fault == audit.MISSING


def test_files_go_likewise_and_nothing_goes_where_the_setting_is_0(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    places = [
        tmp_path / folder / "2024-01-01" for folders in OF_FILES.values() for folder in folders
    ]
    for place in places:
        place.mkdir(parents=True)
        (place / "x.json").write_text("{}")
        os.utime(place, (0, 0))
    forever = RetentionSettings(**dict.fromkeys(NAMES, 0))
    assert not keep_no_longer(catalogue, Settings(data_dir=tmp_path, retention=forever), now=NOW)
    assert sum(keep_no_longer(catalogue, Settings(data_dir=tmp_path), now=NOW).values()) == 3
    assert [place for place in places if place.exists()] == []
