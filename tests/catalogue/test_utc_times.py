"""Times are stored as before and come back in UTC with their zone, from SQLite and PostgreSQL alike."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select, text

from catalogue.records.import_runs import RUN

NOON = datetime(2026, 4, 1, 3, 30, 15, 250_000, tzinfo=UTC)
IN_TOKYO = NOON.astimezone(timezone(timedelta(hours=9)))
RUN_OF_A_TEST = {"fingerprint": "f", "format": "general", "progress": "{}", "counts": "{}"}


@pytest.mark.parametrize("given", [NOON, IN_TOKYO, NOON.replace(tzinfo=None)])
def test_a_time_comes_back_in_utc_whatever_its_zone(catalogue, given):
    with catalogue.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL TIME ZONE 'Asia/Tokyo'"))
        connection.execute(insert(RUN).values(**RUN_OF_A_TEST, started_at=given, finished_at=None))
        found = connection.execute(select(RUN.c.started_at, RUN.c.finished_at)).one()
        same = connection.execute(select(RUN.c.run_id).where(RUN.c.started_at == IN_TOKYO)).all()
    assert (found.started_at, found.started_at.tzinfo, found.finished_at) == (NOON, UTC, None)
    assert len(same) == 1


def test_sqlite_stores_times_as_it_always_did(catalogue):
    with catalogue.writing() as connection:
        if connection.dialect.name != "sqlite":
            return
        connection.execute(insert(RUN).values(**RUN_OF_A_TEST, started_at=IN_TOKYO))
        stored = connection.exec_driver_sql("SELECT started_at FROM import_run").scalar_one()
    assert stored == "2026-04-01 03:30:15.250000"
