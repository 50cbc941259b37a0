"""Rows that go to the database many at a time arrive as they would one by one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from catalogue.database.bulk import insert_rows, update_rows
from catalogue.database.listing import among
from catalogue.database.models import Organisation
from catalogue.database.record_models import Record
from catalogue.records.row_writing import authorship_hash
from catalogue.records.table_rules import content_hash

ORGANISATION = Organisation.__table__
ODD = ("a'b", 'c"d', "霞野, {大学}", "back\\slash", "[1]", "🪵", "%s %(x)s ? :y")
NOON = datetime(2026, 4, 1, 12, tzinfo=timezone(timedelta(hours=9)))


def organisation(row_id, **changed):
    return {
        "organisation_id": row_id,
        "name_ja": "",
        "name_en": row_id,
        "ror_id": None,
        "kind": "other",
        "aliases": "",
        "content_hash": "",
        "source": "test",
        "updated_at": NOON,
        "withdrawn_at": None,
        **changed,
    }


def test_rows_of_any_text_and_time_come_back_as_they_went(catalogue):
    rows = [organisation(name, ror_id=name if n % 2 else None) for n, name in enumerate(ODD)]
    with catalogue.writing() as connection:
        insert_rows(connection, ORGANISATION, rows)
        insert_rows(connection, ORGANISATION, [])
        found = list(connection.execute(select(ORGANISATION)).mappings())
    assert sorted(map(dict, found), key=str) == sorted(rows, key=str)
    assert {row["updated_at"].tzinfo for row in found} == {UTC}


def test_an_update_changes_the_rows_that_it_names_and_no_others(catalogue):
    with catalogue.writing() as connection:
        insert_rows(connection, ORGANISATION, [organisation(name) for name in ODD])
        changed = [organisation(name, kind="company", withdrawn_at=NOON) for name in ODD[:3]]
        update_rows(connection, ORGANISATION, "organisation_id", changed)
        update_rows(connection, ORGANISATION, "organisation_id", [])
        found = connection.execute(select(ORGANISATION)).mappings()
        kinds = {row["organisation_id"]: (row["kind"], row["withdrawn_at"]) for row in found}
    assert kinds == {n: ("company", NOON) if n in ODD[:3] else ("other", None) for n in ODD}


def test_numbers_that_the_database_gives_rise_in_the_order_of_the_rows(catalogue):
    record = Record.__table__
    rows = [
        {
            "table_name": "seeds",
            "source": "test",
            "source_key": f"{n * 7919 % 1000:03}",
            "home_id": "s",
            "row_id": "s",
            "authority": "own",
            "rank": 0,
            "content": "{}",
            "changed_at": NOON,
            "withdrawn_at": None,
            "run_id": 0,
            "run_row": n,
            "change": "added",
        }
        for n in range(1_000)
    ]
    with catalogue.writing() as connection:
        insert_rows(connection, record, rows)
        found = connection.execute(select(record.c.run_row).order_by(record.c.record_id)).scalars()
        assert list(found) == list(range(1_000))


@pytest.mark.parametrize("wanted", [(), ODD, ODD[:2], ("nobody",)])
def test_a_listing_finds_what_it_names(catalogue, wanted):
    with catalogue.writing() as connection:
        insert_rows(connection, ORGANISATION, [organisation(name) for name in ODD])
        query = select(Organisation.organisation_id)
        found = connection.execute(query.where(among(ORGANISATION.c.organisation_id, wanted)))
        assert set(found.scalars()) == set(wanted) & set(ODD)


@pytest.mark.parametrize("choice", ["", "representative"])
def test_an_authorships_hash_is_that_of_its_columns(choice):
    for seed_id in (*ODD, "tab\t", "nul\0"):
        row = {"seed_id": seed_id, "researcher_id": "r'1", "position": 3, "choice": choice}
        assert authorship_hash(seed_id, "r'1", 3, choice) == content_hash(row)
