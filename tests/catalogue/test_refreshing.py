"""All rows are made anew by the rules of this version, as an import would make them."""

from contextlib import contextmanager

import pytest
from sqlalchemy import text

from catalogue.records import refreshing
from catalogue.records.consistency import check_catalogue
from catalogue.records.refreshing import refresh_rows

PEOPLE = """researcher_id,name_ja,institution_ja,department_ja
R1,髙橋 康弘,霞野大学,工学部
R2,森 彩,霞野大学,農学部
R3,鈴木 葵,若葉大学,理学部
"""
SEEDS = """seed_id,kind,title,researcher_ids
s1,paper,膜分離による排水処理,R1;R2
s2,paper,香りの分析,R3
"""


@pytest.fixture
def office(catalogue, put, load):
    load(put("people.csv", PEOPLE))
    load(put("seeds.csv", SEEDS))
    return catalogue


def change(catalogue, *statements):
    """Leave rows behind as another version would have made them."""
    with catalogue.writing() as connection:
        for statement in statements:
            connection.execute(text(statement))


def faults(catalogue):
    with catalogue.reading() as connection:
        return [str(fault) for fault in check_catalogue(connection)]


def test_rows_keys_and_authors_of_an_older_version_follow_the_rules_of_this_one(office):
    change(
        office,
        "UPDATE researcher SET department_ja = '旧' WHERE researcher_id = 'R1'",
        "DELETE FROM researcher_key WHERE researcher_id = 'R2'",
        "UPDATE researcher_key SET key = 'en:old' WHERE researcher_id = 'R3'",
        "DELETE FROM authorship WHERE researcher_id = 'R2'",
    )
    assert len(faults(office)) == 4
    done = refresh_rows(office.writing)
    assert faults(office) == []
    assert done.rows == {"organisations": 2, "researchers": 3, "seeds": 2, "needs": 0}
    assert done.changed == {"organisations": 0, "researchers": 1, "seeds": 1, "needs": 0}
    assert done.renamed == {"organisations": 0, "researchers": 2, "seeds": 0, "needs": 0}
    assert office.researcher("R1").department_ja == "工学部"


def test_a_catalogue_that_follows_already_is_left_as_it_is(office):
    done = refresh_rows(office.writing)
    assert {*done.changed.values(), *done.renamed.values(), done.joined, done.queued} == {0}
    assert faults(office) == []


def test_what_was_stopped_half_way_is_finished_the_next_time(office, monkeypatch):
    monkeypatch.setattr(refreshing, "CHUNK", 1)
    change(office, "UPDATE researcher SET department_ja = '旧'")
    left = [6]  # transactions

    @contextmanager
    def breaking():
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        with office.writing() as connection:
            yield connection

    with pytest.raises(KeyboardInterrupt):
        refresh_rows(breaking)
    assert 0 < len(faults(office)) < 3
    refresh_rows(office.writing)
    assert faults(office) == []


def test_people_whom_an_older_version_did_not_compare_are_looked_at(office, put, load):
    load(
        put(
            "more.csv",
            "researcher_id,name_ja,institution_ja,department_ja\nR9,高橋 康弘,霞野大学,工学部\n",
        )
    )
    change(office, "DELETE FROM identity_link")
    done = refresh_rows(office.writing)
    assert done.joined + done.queued == 1


def test_progress_counts_the_rows_of_each_table(office, monkeypatch):
    monkeypatch.setattr(refreshing, "CHUNK", 2)
    steps = []
    refresh_rows(office.writing, lambda *step: steps.append(step))
    assert steps == [
        ("organisations", 2, 2),
        ("researchers", 2, 3),
        ("researchers", 3, 3),
        ("seeds", 2, 2),
    ]
