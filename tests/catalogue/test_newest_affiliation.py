"""Where a person works: the newest dated affiliation, whole, and nothing of a former one mixed in."""

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from catalogue.database.models import MENTION, OWN
from catalogue.records.drafts import RESEARCHERS
from catalogue.records.source_records import SourceRecord
from catalogue.records.survivorship import derive

START = datetime(2024, 4, 1, tzinfo=UTC)
FIELDS = ("organisation_id", "department_ja", "position_ja")


def person(number, values, *, rank=0, as_of="", authority=OWN):
    """Return a record of the source of a number, which last changed so many days after April 2024."""
    now = START + timedelta(days=number)
    said = {"name_ja": "森 彩", **values}
    return SourceRecord(
        RESEARCHERS,
        f"s{number}",
        "k",
        "k",
        "k",
        authority,
        rank,
        now,
        said,
        as_of=as_of,
        age=number,
    )


def place(home, department="", position=""):
    told = zip(FIELDS, (home, department, position), strict=True)
    return {name: value for name, value in told if value}


@pytest.mark.parametrize(
    ("strong", "weak", "found"),
    [
        ((place("A", "工学部", "教授"), ""), (place("B", "理学部"), ""), ("A", "工学部", "教授")),
        (
            (place("A", "工学部", "教授"), ""),
            (place("B", "理学部"), "2024-10"),
            ("B", "理学部", ""),
        ),
        (
            (place("A", "工学部", "教授"), ""),
            (place("B", "理学部"), "2015-04"),
            ("A", "工学部", "教授"),
        ),
        ((place("A", "工学部"), "2020"), (place("B", "理学部"), "2021"), ("B", "理学部", "")),
        ((place("A", "工学部"), "2022"), (place("B", "理学部"), "2021"), ("A", "工学部", "")),
        ((place("A"), ""), (place("A", "工学部", "教授"), ""), ("A", "工学部", "教授")),
        ((place("", "工学部"), ""), (place("B", "理学部", "教授"), ""), ("B", "理学部", "教授")),
        ((place("", "工学部"), ""), (place("B", "", "教授"), ""), ("B", "工学部", "教授")),
        ((place("A"), ""), (place("B", "理学部", "教授"), ""), ("A", "", "")),
    ],
)
def test_the_newest_affiliation_counts_as_a_whole(strong, weak, found):
    records = [person(1, strong[0], as_of=strong[1]), person(2, weak[0], rank=5, as_of=weak[1])]
    for order in permutations(records):
        row = derive(RESEARCHERS, order).row
        assert tuple(row[name] or "" for name in FIELDS) == found


def test_a_mention_is_never_newer_than_a_description():
    described, mention = place("A", "工学部"), place("B", "理学部")
    records = [person(1, described), person(2, mention, as_of="2030", authority=MENTION)]
    assert derive(RESEARCHERS, records).row["organisation_id"] == "A"


def test_organisations_of_two_names_are_one_place():
    records = [person(1, place("A")), person(2, place("A-en", "工学部"), rank=5)]
    assert derive(RESEARCHERS, records).row["department_ja"] == ""
    assert derive(RESEARCHERS, records, lambda home: home[:1]).row["department_ja"] == "工学部"


def test_of_several_works_the_latest_tells_the_affiliation_in_whatever_order_they_come(
    catalogue, put, load
):
    def work(number, year, name):
        author = {"id": "https://openalex.org/A55", "display_name": "Hana Mori"}
        entry = {"author": author, "institutions": [{"display_name": name}]}
        return {
            "id": f"https://openalex.org/W{number}",
            "title": f"On the matter of number {number}",
            "publication_year": year,
            "authorships": [entry],
        }

    works = [
        work(1, 2015, "Kasumino University"),
        work(2, 2022, "Wakaba University"),
        work(3, 2019, "Hatano University"),
    ]
    path = put("works.jsonl", "\n".join(map(json.dumps, works)))
    for _ in range(2):
        report = load(path, format_name="openalex")
        assert catalogue.researcher("A55").institution_en == "Wakaba University"
    assert (report.added, report.updated) == (0, 0)
