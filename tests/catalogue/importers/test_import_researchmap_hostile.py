"""researchmap's objects in every wrong shape: what can be read goes in, nothing raises."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.importers.researchmap.entries import TITLES, Entry, entries, names_in, text_of, words
from catalogue.importers.researchmap.records import profile_records, subject_records, work_record
from catalogue.importers.researchmap.source import people_in
from catalogue.records.drafts import RESEARCHERS

SAMPLES = Path(__file__).parents[2] / "samples" / "researchmap"
PROFILE = json.loads((SAMPLES / "profile.json").read_text("utf-8"))
LINES = [
    json.loads(line)
    for line in (SAMPLES / "export.jsonl").read_text("utf-8").splitlines()
    if line.endswith("}")
]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["ja", "en", "items", "name", "year", "@id"]), inner)
    ),
    max_leaves=6,
)


def places(value, path=()):
    """Return the paths of all values inside."""
    yield path
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*path, key))


def replaced(value, path, new):
    if not path:
        return new
    changed = copy.copy(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], new)
    return changed


def read_all(row):
    """Return every record that a row gives."""
    records = [work_record(entry) for entry in entries(row) if entry.type in TITLES]
    for owner, person in people_in(row).items():
        if person.profile:
            records += profile_records(person.profile, person.subjects)
        else:
            records += subject_records(owner, person.subjects)
    return records


def paper(**fields):
    data = {"paper_title": {"ja": "紙"}, "rm:id": "1", **fields}
    return work_record(Entry("published_papers", "hana", data=data, item_id="1"))


def values_of(record):
    return record.drafts[-1].values


@given(st.sampled_from(list(places(PROFILE))[1:]), ANY_JSON)
def test_any_value_of_a_profile_may_be_anything(path, new):
    assert all(
        record.drafts or record.rejections for record in read_all(replaced(PROFILE, path, new))
    )


@given(st.sampled_from(LINES), st.data(), ANY_JSON)
def test_any_value_of_a_line_may_be_anything(line, data, new):
    path = data.draw(st.sampled_from(list(places(line))[1:]))
    assert all(record.drafts or record.rejections for record in read_all(replaced(line, path, new)))


@given(st.dictionaries(st.sampled_from([*PROFILE, "insert", "delete", "items", *TITLES]), ANY_JSON))
def test_any_object_may_come(row):
    assert all(record.drafts or record.rejections for record in read_all(row))


def test_an_object_nested_without_end_is_read_to_a_depth_and_then_no_work():
    row = {"award_name": "賞"}
    for _ in range(500):
        row = {"@graph": [row]}
    assert [entry.type for entry in entries(row)] == [""]


@pytest.mark.parametrize(
    ("value", "ja", "en"),
    [
        ({"ja": "紙", "en": "paper"}, "紙", "paper"),
        ({"ja": "Paper", "en": "Paper"}, "Paper", ""),
        ({"en": ["", "paper"]}, "", "paper"),
        ([None, {"ja": ""}, {"ja": "紙"}], "紙", ""),
        ("紙", "紙", ""),
        ("paper", "", "paper"),
        (12, "", "12"),
        (True, "", ""),
        (None, "", ""),
        ({}, "", ""),
    ],
)
def test_a_text_in_two_languages_comes_in_many_shapes(value, ja, en):
    assert (words(value).ja, words(value).en) == (ja, en)


@pytest.mark.parametrize("date", [2021, "2021", "2021-03", "2021-03-00", {"year": 2021}, ["2021"]])
def test_a_date_may_be_a_year_or_more(date):
    assert values_of(paper(publication_date=date))["year"] == 2021


def test_a_date_that_is_none_costs_the_year_only():
    record = paper(publication_date="未定")
    assert [(f.field, f.scope) for f in record.rejections] == [("year", "value")]
    assert values_of(record)["title"] == "紙"


def test_scripts_and_markup_become_plain_text():
    record = paper(description="<script>alert(1)</script><p>水を&lt;b&gt;はじく</p>")
    assert values_of(record)["text"] == "水をはじく"


@pytest.mark.parametrize("word", ["closed", "researchers_only", "CLOSED", "unheard_of"])
def test_every_word_but_disclosed_keeps_a_work_inside(word):
    assert values_of(paper(display=word))["visibility"] == "internal"


def test_a_work_that_says_nothing_of_its_display_leaves_it_open():
    assert "visibility" not in values_of(paper(display=None))


@pytest.mark.parametrize("mark", [False, "false", 0, None, {}, []])
def test_only_a_set_mark_makes_a_work_representative(mark):
    assert paper(major_achievement=mark).drafts[0].chosen_by == ()


def test_a_doi_may_be_a_link_only():
    record = paper(see_also=[{"@id": "https://doi.org/10.5555/A.1"}, "ftp://example.org", None])
    assert values_of(record)["doi"] == "10.5555/a.1"
    assert values_of(record)["url"] == "https://researchmap.jp/hana/published_papers/1"


def test_an_id_that_could_break_a_reference_is_not_used():
    (entry,) = entries({"permalink": "a;b", "@type": "misc", "id": "x/../y", "paper_title": "紙"})
    assert (entry.owner, entry.item_id) == ("", "")


def test_an_entry_marked_as_deleted_is_none():
    assert [e.type for e in entries({"@type": "misc", "paper_title": "紙", "deleted": 1})] == [
        "delete"
    ]


def test_names_are_found_in_lists_objects_and_texts():
    value = [{"applicant": {"ja": "霞野製紙", "en": "Kasumino Paper"}}, {"name": "B"}, "C", 4]
    assert list(names_in(value)) == ["霞野製紙", "B", "C"]
    assert text_of([[1], "a"]) == ""


def test_a_hidden_affiliation_profile_and_interest_stay_hidden():
    profile = {
        "permalink": "hana",
        "family_name": {"ja": "森", "en": "Smith"},
        "affiliations": [{"affiliation": "甲", "display": "closed"}, {"affiliation": "乙大学"}],
        "profile": "秘密",
        "display_profile": "closed",
        "research_interests": [{"keyword": "秘密", "display": "researchers_only"}, None],
    }
    (record,) = read_all(profile)
    assert [d.values.get("name_ja") for d in record.drafts] == ["乙大学", "森"]
    assert not any(n.startswith(("profile", "keywords")) for n in values_of(record))


def test_a_foreign_name_in_both_fields_stays_in_both():
    names = {
        "family_name": {"ja": "Smith", "en": "Smith"},
        "given_name": {"ja": "Ann", "en": "Ann"},
    }
    (record,) = read_all({"permalink": "ann", **names})
    assert (values_of(record)["name_ja"], values_of(record)["name_en"]) == (
        "Smith Ann",
        "Ann Smith",
    )


def test_a_profile_known_by_its_account_alone_claims_no_permalink():
    (record,) = read_all({"@type": "researchers", "rm:user_id": "R1", "display_name": "森 花"})
    (person,) = [d for d in record.drafts if d.table == RESEARCHERS]
    assert dict(person.values) == {"researcher_id": "researchmap:R1", "name_ja": "森 花"}


def test_a_profile_of_nobody_is_rejected():
    (record,) = read_all({"family_name": {"ja": "森"}})
    assert [(f.field, f.scope) for f in record.rejections] == [("permalink", "row")]


def test_a_bad_work_of_a_list_leaves_the_others(tmp_path):
    items = [{"rm:id": "1", "paper_title": "紙" * 2000}, {"rm:id": "2", "paper_title": "木"}]
    rows = list(entries({"@id": "https://api.researchmap.jp/hana/misc", "items": items}))
    assert [bool(work_record(entry).drafts) for entry in rows] == [False, True]
