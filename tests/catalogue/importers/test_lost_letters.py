"""Letters that cannot be kept: they stand as 〓, the report says where, and two names stay two."""

import json

import pytest
from sqlalchemy import select

from catalogue.database.models import Organisation
from catalogue.identity.person_matching import PersonForm, compare_people, decide
from catalogue.identity.person_names import name_keys
from catalogue.records.drafts import name_id

COLUMNS = "researcher_id,name_ja,institution_ja,department_ja"


def told(report):
    return [(r.row, r.field, r.scope) for r in report.rejections]


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-16", "euc_jp"])
def test_user_defined_letters_go_in_as_missing_and_are_told(catalogue, put, load, encoding):
    rows = [
        "G1,\ue000田 花子,霞野大学,工学部",
        "G2,田 花子,霞野大学,工学部",
        "G3,\ue001木 次郎,霞野大学,工学部",
    ]
    content = "\r\n".join([COLUMNS, *rows])
    if encoding == "euc_jp":  # Python's codec has no user-defined letters
        written = content.replace("\ue000", "\udcf5\udca1").replace("\ue001", "\udcf5\udca2")
        report = load(put("people.csv", written.encode("euc_jp", "surrogateescape")))
    else:
        report = load(put("people.csv", content, encoding))
    assert (report.added, report.rejected) == (4, 0)
    assert told(report) == [(2, "name_ja", "letters"), (4, "name_ja", "letters")]
    assert "外字" in report.rejections[0].reason
    names = [catalogue.researcher(row).name_ja for row in ("G1", "G2", "G3")]
    assert names == ["〓田 花子", "田 花子", "〓木 次郎"]


def test_lone_surrogates_of_json_and_utf_16_are_missing_letters(catalogue, put, load):
    line = json.dumps({"researcher_id": "r1", "name_ja": "\ud842田 花子"})
    assert told(load(put("people.jsonl", line))) == [(1, "name_ja", "letters")]
    assert catalogue.researcher("r1").name_ja == "〓田 花子"
    content = "researcher_id,name_ja\nr2,X木 次郎\n".encode("utf-16-le").replace(
        b"X\0", b"\x42\xd8"
    )
    assert told(load(put("people.csv", content))) == [(2, "name_ja", "letters")]
    assert catalogue.researcher("r2").name_ja == "〓木 次郎"


def test_variants_of_kanji_are_kept_and_are_one_name(catalogue, put, load):
    name = "葛\U000e0100城 花子"
    report = load(put("people.csv", f"researcher_id,name_ja\nr1,{name}\nr2,辻\ufe00 健\n"))
    assert report.rejections == ()
    assert catalogue.researcher("r1").name_ja == name
    assert name_keys(name) == name_keys("葛城 花子")


def test_a_name_with_a_missing_letter_joins_nobody(catalogue, put, load):
    rows = ["a1,\ue000田 花子,霞野大学,工学部"]
    load(put("a.csv", "\n".join([COLUMNS, *rows])))
    report = load(
        put(
            "b.csv",
            "\n".join([COLUMNS, "b1,\ue001田 花子,霞野大学,工学部", "b2,田 花子,霞野大学,工学部"]),
        )
    )
    assert (report.joined, report.queued) == (0, 0)
    assert name_keys("〓田 花子") == frozenset()


def test_people_whose_kana_agree_are_queued_at_most_while_a_letter_is_missing():
    evidence = compare_people(
        PersonForm("〓田 花子", "ヨシダ ハナコ", "Hanako Yoshida"),
        PersonForm("吉田 花子", "ヨシダ ハナコ", "Hanako Yoshida"),
    )
    known = {"same_organisation": True, "same_department": True, "conflicting_ids": False}
    assert decide(evidence, shared_seed=True, **known).state == "queued"
    assert decide(evidence, shared_seed=False, **known).state == "queued"


def test_ids_made_of_names_differ_where_their_missing_letters_do():
    assert len({name_id("\ue000田 花子"), name_id("\ue001田 花子"), name_id("田 花子")}) == 3
    assert name_id("〓田 花子") != name_id("田 花子")


def test_two_organisations_whose_names_differ_in_a_missing_letter_stay_two(catalogue, put, load):
    rows = ["r1,森 花,\ue000野製作所,", "r2,林 健,\ue001野製作所,", "r3,辻 葵,野製作所,"]
    load(put("people.csv", "\n".join([COLUMNS, *rows])))
    with catalogue.reading() as connection:
        found = list(connection.execute(select(Organisation.name_ja)).scalars())
    assert sorted(found) == ["〓野製作所", "〓野製作所", "野製作所"]


def test_an_escape_of_iso_2022_jp_in_a_value_rejects_its_row(put, load):
    lines = [
        json.dumps({"researcher_id": "r1", "name_ja": "\x1b$B?9\x1b(B"}),
        json.dumps({"researcher_id": "r2", "name_ja": "森 花"}),
    ]
    report = load(put("people.jsonl", "\n".join(lines)))
    assert told(report) == [(1, "name_ja", "row")]
    assert report.added == 1
