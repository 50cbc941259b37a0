"""The directory: names in every script and spelling, the same on both databases, kept up with changes."""

import pytest

from catalogue.database.viewer import CHIEF, VIEWER, Viewer
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Draft
from office.access.scoped import reading_as
from office.directory import Directory, DirectoryQuery

HEAD = Viewer("head", CHIEF)
GUEST = Viewer("guest", VIEWER)
PEOPLE = {
    "R-1": {
        "name_ja": "大野 祐介",
        "name_kana": "おおの ゆうすけ",
        "name_en": "",
        "keywords_ja": "水素、触媒",
    },
    "R-2": {"name_ja": "佐藤 花子", "name_kana": "ｻﾄｳ ﾊﾅｺ", "name_en": "Hanako Satoh"},
    "R-3": {
        "name_ja": "渡邊 真一",
        "name_kana": "ワタナベ シンイチ",
        "name_en": "WATANABE, Shin-ichi",
    },
    "R-4": {"name_ja": "", "name_kana": "", "name_en": "Eva Müller", "department_en": "Chemistry"},
}


@pytest.fixture
def look(catalogue):
    """A function that looks for people in a directory and returns their ids."""
    rows = [Draft(ORGANISATIONS, {"organisation_id": "hu", "name_ja": "星ヶ野大学"})]
    rows += [
        Draft(RESEARCHERS, {"researcher_id": key, "organisation_id": "hu", **row})
        for key, row in PEOPLE.items()
    ]
    assert not [found for found in catalogue.write(rows, source="test") if found.rejections]
    directory = Directory()

    def find(language="ja", indexed=(), viewer=HEAD, **wanted):
        with reading_as(catalogue, viewer) as connection:
            query = DirectoryQuery(**wanted)
            found = directory.find(connection, viewer, query, language, indexed=indexed)
        return [one.researcher_id for one in found]

    return find


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("大野祐介", ["R-1"]),  # without the space
        ("オオノ", ["R-1"]),
        ("ohno yusuke", ["R-1"]),  # no name in Latin letters is known
        ("Ono Yuusuke", ["R-1"]),
        ("yusukeono", ["R-1"]),
        ("さとう", ["R-2"]),  # half-width katakana is stored
        ("Sato", ["R-2"]),
        ("hanako sato", ["R-2"]),
        ("渡辺", ["R-3"]),  # an old form of the kanji is stored
        ("shinichi watanabe", ["R-3"]),
        ("わたなべ しん", ["R-3"]),
        ("muller", ["R-4"]),
        ("ミュラー", []),
        ("sato yusuke", []),  # each word must be found
    ],
)
def test_a_name_is_found_in_any_script_and_spelling(look, name, expected):
    assert look(name=name) == expected


def test_everybody_stands_in_the_order_of_readings_or_of_family_names(look):
    assert look() == ["R-1", "R-2", "R-3", "R-4"]
    assert look("en") == ["R-4", "R-2", "R-3", "R-1"]


def test_department_institution_and_keywords_narrow(look):
    assert look(department="chem") == ["R-4"]
    assert look(institution="星ヶ野", name="えう") == []
    assert look(topic="水素 触媒") == ["R-1"]
    assert look(topic="水素 膜") == []


def test_what_the_index_finds_for_a_topic_counts_as_far_as_it_may_be_seen(look, catalogue):
    made = {"S-1": ("public", "R-3"), "S-2": ("confidential", "R-2"), "S-3": ("public", "R-3")}
    rows = [
        Draft(
            SEEDS,
            {"seed_id": key, "kind": "paper", "text": "膜", "visibility": seen},
            people=(who,),
        )
        for key, (seen, who) in made.items()
    ]
    assert not [found for found in catalogue.write(rows, source="test") if found.rejections]

    assert look(topic="膜") == []
    assert look(topic="膜", indexed=["S-1", "S-2", "S-3"]) == ["R-3", "R-2"]
    assert look(topic="膜", indexed=["S-1", "S-2", "gone"], viewer=GUEST) == ["R-3"]


def test_what_an_import_changes_is_found_at_once(look, catalogue):
    assert look(name="suzuki") == []
    row = {"researcher_id": "R-5", "name_ja": "鈴木 一", "name_kana": "スズキ ハジメ"}
    catalogue.write([Draft(RESEARCHERS, row)], source="test")
    assert look(name="suzuki") == ["R-5"]
    catalogue.write([Draft(RESEARCHERS, {**row, "name_kana": "ススキ ハジメ"})], source="test")
    assert look(name="suzuki") == [] and look(name="ススキ") == ["R-5"]


def test_a_zero_character_is_refused_as_wrong_input(look):
    from enmusubi.errors import InputError

    with pytest.raises(InputError, match="zero character"):
        look(name="a\x00b")
