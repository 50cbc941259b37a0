"""Who reads the catalogue sees its newest state, whatever readers before left behind."""

from threading import Timer
from typing import Any

from sqlalchemy import text

from catalogue.database.engine import compact, open_engine, reading, writing
from catalogue.records.catalogue import Catalogue


def test_a_result_that_was_left_in_the_middle_keeps_no_state_for_the_next_reader(
    catalogue: Catalogue,
) -> None:
    left: list[Any] = []  # as garbage that was not collected yet
    _add(catalogue, 1, 2, 3)
    with catalogue.reading() as first, catalogue.reading() as second:
        for connection in (first, second):
            result = connection.execute(text("SELECT day FROM closing_day_of_test"))
            assert result.fetchone()
            left.append(result)

    _add(catalogue, 4)

    for _ in range(4):  # each of the connections comes in turn
        with catalogue.reading() as connection:
            assert connection.scalar(text("SELECT count(*) FROM closing_day_of_test")) == 4


def _add(catalogue: Catalogue, *days: int) -> None:
    with catalogue.writing() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS closing_day_of_test (day INTEGER)"))
        for day in days:
            connection.execute(text("INSERT INTO closing_day_of_test VALUES (:day)"), {"day": day})


def test_deleted_rows_are_gone_from_the_files_though_somebody_still_read_them(
    postgres_url: str,
) -> None:
    engine = open_engine(postgres_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE told (what TEXT)"))
        connection.execute(text("INSERT INTO told SELECT 'a secret' FROM generate_series(1, 500)"))
    reader = engine.connect().execution_options(isolation_level="REPEATABLE READ")
    assert (
        reader.scalar(text("SELECT 1")) == 1
    )  # sees what there is now, as the server's own counting does
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM told"))
    ends = Timer(1.0, reader.close)
    ends.start()

    compact(engine)

    ends.join()
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT pg_relation_size('told')")) == 0
    engine.dispose()
