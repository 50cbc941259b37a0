"""ROR's organisations are those that researchers belong to, whichever came first."""

from pathlib import Path

import pytest
from sqlalchemy import select

from catalogue.database.models import Organisation, Researcher

pytestmark = pytest.mark.exhaustive("postgresql")  # its SQL is the same on both

SAMPLES = Path(__file__).parents[2] / "samples" / "ror"
PEOPLE = """researcher_id,name_ja,institution_ja,institution_en
r1,森 彩,国立大学法人山辺大学,
r2,泉 隼人,,The University of Yamabe
r3,田村 光,山邊大學,
r4,小川 葵,㈱縁結,
r5,北条 蓮,霞野大学,
"""


def organisations(catalogue):
    query = select(Researcher.researcher_id, Organisation.ror_id, Organisation.name_ja).join(
        Organisation, Organisation.organisation_id == Researcher.organisation_id
    )
    with catalogue.reading() as connection:
        return {person: (ror, name) for person, ror, name in connection.execute(query)}


@pytest.mark.parametrize("ror_first", [True, False])
def test_researchers_find_their_organisation_by_any_of_its_names(catalogue, load, put, ror_first):
    people, ror = put("people.csv", PEOPLE), SAMPLES / "schema_v2.json"
    for path, name in [(ror, "ror"), (people, "general")][:: 1 if ror_first else -1]:
        load(path, format_name=name)
    yamabe = ("00made001", "山辺大学")
    found = organisations(catalogue)
    assert found["r1"] == found["r2"] == found["r3"] == yamabe
    assert found["r4"] == ("00made002", "株式会社縁結")
    assert found["r5"] == (None, "霞野大学")


def test_the_same_dump_twice_changes_nothing(load):
    assert load(SAMPLES / "schema_v2.json", format_name="ror").added == 4
    again = load(SAMPLES / "schema_v2.json", format_name="ror")
    assert (again.added, again.updated, again.unchanged, again.rejected) == (0, 0, 4, 2)


def test_the_older_schema_of_the_same_organisations_adds_none(load):
    load(SAMPLES / "schema_v2.json", format_name="ror")
    assert load(SAMPLES / "schema_v1.json", format_name="ror").added == 0
