"""A database that restarts, a clock that goes back, and another version at the same catalogue."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from api.problems import status_of
from catalogue.database.engine import PATIENCE
from catalogue.judgements import judgements as module
from catalogue.judgements.judgements import Judgement, judgements, record_judgement
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import CatalogueUnusableError, CatalogueVersionError
from tests.support.worlds import indexed

ENDING = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Clock:
    """Stands for `datetime` where a moment is asked for."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self, _: object) -> datetime:
        return self.at


def all_connections_are_cut(catalogue: Catalogue) -> None:
    """Cut every connection of the service, as a restart and a failover do."""
    with catalogue._engine.connect() as connection:
        connection.execute(ENDING)
        connection.detach()  # it goes, too


@pytest.mark.parametrize("catalogue_url", ["postgresql"], indirect=True)
def test_after_a_failover_no_request_fails_but_those_that_were_under_way(
    catalogue: Catalogue,
) -> None:
    with catalogue.reading(), catalogue.reading(), catalogue.reading():
        pass  # so many connections wait for the next
    all_connections_are_cut(catalogue)
    for _ in range(5):
        with catalogue.reading() as connection:
            assert connection.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize("catalogue_url", ["postgresql"], indirect=True)
def test_what_a_failover_breaks_off_is_told_and_leaves_nothing(catalogue: Catalogue) -> None:
    counts = catalogue.counts()
    with (
        pytest.raises(CatalogueUnusableError) as error,
        catalogue.writing() as connection,
    ):
        connection.execute(text("DELETE FROM alembic_version"))
        all_connections_are_cut(catalogue)
        connection.execute(text("SELECT 1"))
    assert status_of(error.value) == 503
    assert catalogue.counts() == counts
    with catalogue.writing() as connection:  # the schema is known as before
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
        told = {name: connection.connection.driver_connection.info.get_parameters() for name in "x"}
    assert told["x"]["keepalives_idle"] == str(PATIENCE["keepalives_idle"])


def test_a_program_writes_nothing_once_another_version_changed_the_schema(
    catalogue: Catalogue,
) -> None:
    set_revision = text("UPDATE alembic_version SET version_num = :found")
    with catalogue.writing() as connection:
        connection.execute(set_revision, {"found": "9999"})
    with (
        pytest.raises(CatalogueVersionError, match=r"to '?9999.*writes nothing.*Restart") as error,
        catalogue.writing(),
    ):
        raise AssertionError("it could have written")
    assert status_of(error.value) == 503


def test_what_is_judged_last_stands_though_the_clock_went_back(
    catalogue: Catalogue, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed.furnish(catalogue, tmp_path)  # type: ignore[arg-type]
    start = datetime.now(UTC)
    clock = Clock(start)
    monkeypatch.setattr(module, "datetime", clock)
    with catalogue.reading() as connection:
        someone = connection.scalar(text("SELECT min(researcher_id) FROM researcher"))
    said = (("suitable", ""), ("not_suitable", "wrong_field"), ("suitable", ""))
    for hours_back, codes in enumerate(said):
        clock.at = start - timedelta(hours=hours_back)
        with catalogue.writing() as connection:
            record_judgement(connection, Judgement("n-1", someone, *codes))
        with catalogue.reading() as connection:
            (standing,) = judgements(connection).to_dict("records")
        assert (standing["verdict"], standing["reason"]) == codes
