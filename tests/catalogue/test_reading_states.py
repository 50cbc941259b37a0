"""Who reads the catalogue sees its newest state, whatever readers before left behind."""

from typing import Any

from sqlalchemy import text

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
