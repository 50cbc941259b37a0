"""PostgreSQL shows what was declared to the chief and legal managers alone, whatever a query asks for."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import insert, text

from catalogue.database.screening_models import DeclaredInterest
from catalogue.database.viewer import VIEWER, Viewer
from catalogue.records.catalogue import Catalogue, open_catalogue
from enmusubi.errors import CatalogueUnusableError
from office.access.rules import READ_INTERESTS, SEE_SCREENING, may
from office.access.scoped import reading_as, writing_as
from office.screening.clearances import ask_for_clearance
from office.screening.own_records import own_records
from office.screening.screening import stopping
from tests.office.screening.steps import of_rule, screened
from tests.support.worlds import furnish
from tests.support.worlds.access import NAMES, VIEWERS
from tests.support.worlds.screened import (
    CLOSED,
    COMPANY,
    HEAD,
    LAW,
    NEED,
    NOW,
    RIVAL,
    SATO,
    employer,
    interest,
    limit,
    rivals,
)

TABLES = ("company_group", "competitor_pair", "person_limit", "past_employer")


@pytest.fixture(scope="module")
def walled(
    module_postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Catalogue]:
    """The office on PostgreSQL, opened as an ordinary role, with something in every table."""
    with open_catalogue(module_postgres_url) as catalogue:
        furnish("screened", catalogue, tmp_path_factory.mktemp("walled"))
        with catalogue.writing() as connection:
            interest(connection, "R-5", COMPANY, "startup")
            limit(connection, "R-5", "teaching", amount=9)
            employer(connection, "houmu", COMPANY, date(2025, 3, 31))
            rivals(connection, COMPANY, RIVAL)
        for need_id in (NEED, CLOSED):
            found = stopping(screened(catalogue, HEAD, need_id, ["R-5"]))
            with writing_as(catalogue, HEAD) as connection:
                ask_for_clearance(connection, HEAD, need_id, found)
        yield catalogue


def count(connection, table):
    return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608


@pytest.mark.parametrize("viewer", VIEWERS, ids=NAMES)
def test_row_security_shows_interests_to_two_roles_and_the_rest_to_the_office(walled, viewer):
    with reading_as(walled, viewer) as connection:
        assert count(connection, "declared_interest") == int(may(viewer, READ_INTERESTS))
        for table in TABLES:
            assert bool(count(connection, table)) == may(viewer, SEE_SCREENING), table
        assert bool(count(connection, "clearance")) == may(viewer, SEE_SCREENING)


def test_what_waits_of_a_closed_need_is_behind_the_wall_too(walled):
    for viewer, expected in ((HEAD, 2), (SATO, 2), (LAW, 1)):
        with reading_as(walled, viewer) as connection:
            assert count(connection, "clearance") == expected, viewer


def test_the_flag_is_seen_through_the_wall_and_nothing_else(walled):
    found = of_rule(screened(walled, SATO, people=["R-5"])["R-5"], "declared_interest")
    assert found.stops
    with reading_as(walled, SATO) as connection:
        assert count(connection, "declared_interest") == 0


def test_nobody_else_writes_a_declaration(walled):
    row = {"researcher_id": "R-1", "organisation": "x", "organisation_key": "x", "kind": "role",
           "remark": "", "source": "", "recorded_at": NOW}  # fmt: skip
    with (
        pytest.raises(CatalogueUnusableError, match="violates row-level security policy"),
        writing_as(walled, SATO) as connection,
    ):
        connection.execute(insert(DeclaredInterest).values(**row))


def test_a_researcher_reads_their_own_through_the_wall_and_nobody_elses(walled):
    own = Viewer("own", VIEWER, researcher_id="R-5")
    with reading_as(walled, own) as connection:
        found = own_records(connection, own, "R-5")
        assert found and [one.remark for one in found.interests] == ["内密"]
        assert len(found.limits) == 1
        assert own_records(connection, own, "R-1") is None
        assert count(connection, "declared_interest") == 0  # the wall stands again
    with reading_as(walled, HEAD) as connection:
        assert own_records(connection, HEAD, "R-5") is None
