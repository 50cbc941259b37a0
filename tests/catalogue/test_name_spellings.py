"""Names in two scripts, in either order and in lists are taken apart as people mean them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.identity.name_lists import split_people
from catalogue.identity.name_spellings import columns_of, spellings, two_part_spellings
from catalogue.importers.general.columns import read_record
from catalogue.records.drafts import RESEARCHERS


@pytest.mark.parametrize(
    ("text", "columns", "others"),
    [
        ("鈴木 次郎 / Jiro Suzuki", {"name_ja": "鈴木 次郎", "name_en": "Jiro Suzuki"}, []),
        ("田中吾郎;田中 五郎", {"name_ja": "田中 吾郎"}, ["田中 五郎"]),
        ("佐藤 花子（サトウ ハナコ）", {"name_ja": "佐藤 花子", "name_kana": "サトウ ハナコ"}, []),
        ("佐藤 花子 さとう はなこ", {"name_ja": "佐藤 花子", "name_kana": "さとう はなこ"}, []),
        ("佐藤 さくら", {"name_ja": "佐藤 さくら"}, []),
        ("佐藤花子 (Sato, Hanako)", {"name_ja": "佐藤花子", "name_en": "Hanako Sato"}, []),
        ("Hanako SATO 佐藤花子", {"name_en": "Hanako SATO", "name_ja": "佐藤花子"}, []),
        ("SATO Hanako", {"name_en": "Hanako Sato"}, []),
        ("J. SATO", {"name_en": "J. SATO"}, []),
        ("マイケル J. スミス", {"name_kana": "マイケル J. スミス"}, []),
        ("髙橋（旧姓 田中） 康弘", {"name_ja": "髙橋 康弘"}, ["田中 康弘"]),
        ("髙橋 康弘（旧姓：田中）", {"name_ja": "髙橋 康弘"}, ["田中 康弘"]),
        ("William (Bill) Gates", {"name_en": "William Gates"}, ["Bill Gates"]),
        ("山田 太郎（霞野大学）", {"name_ja": "山田 太郎"}, []),
        ("YAMADA TARO [JP]", {"name_en": "YAMADA TARO"}, []),
    ],
)
def test_one_field_may_hold_several_spellings(text, columns, others):
    assert columns_of(spellings(text)) == (columns, others)


@pytest.mark.parametrize(
    ("family", "given", "columns"),
    [
        ("Sato (佐藤 花子)", "Hanako", {"name_ja": "佐藤 花子", "name_en": "Hanako Sato"}),
        ("Yamada", "Taro Yamada", {"name_en": "Taro Yamada"}),
        ("Taro Yamada", "Taro", {"name_en": "Taro Yamada"}),
        ("山田太郎", "太郎", {"name_ja": "山田 太郎"}),
        ("Taro", "YAMADA", {"name_en": "Taro YAMADA"}),
        ("森 Mori", "花 Hana", {"name_ja": "森 花", "name_en": "Hana Mori"}),
        ("Mori", "H.", {"name_en": "H. Mori"}),
        ("", "山田太郎", {"name_ja": "山田太郎"}),
    ],
)
def test_family_and_given_name_are_joined_in_each_script(family, given, columns):
    assert columns_of(two_part_spellings(family, given))[0] == columns


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("山田　太郎，高橋　康弘，濱崎　由紀子", ["山田 太郎", "高橋 康弘", "濱崎 由紀子"]),
        ("山田，太郎", ["山田, 太郎"]),
        ("山田,太郎,高橋,康弘", ["山田, 太郎", "高橋, 康弘"]),
        ("山田太郎・高橋康弘", ["山田太郎", "高橋康弘"]),
        ("ジョン・スミス", ["ジョン・スミス"]),
        ("山田太郎／高橋康弘 他2名", ["山田太郎", "高橋康弘"]),
        ("鈴木 次郎 / Jiro Suzuki", ["鈴木 次郎 / Jiro Suzuki"]),
        ("山田太郎\n高橋康弘", ["山田太郎", "高橋康弘"]),
        ("山田太郎 ほか３名", ["山田太郎"]),
        ("山田太郎、外", ["山田太郎"]),
        ("森 鷗外", ["森 鷗外"]),
        ("王 一外", ["王 一外"]),
        ("Mori, Hana", ["Mori, Hana"]),
        ("Mori, Hana, Jr.", ["Mori, Hana, Jr."]),
        ("Mori, H., Sato, K.", ["Mori, H.", "Sato, K."]),
        ("Mori H, Sato K, et al.", ["Mori H", "Sato K"]),
        ("Hana Mori, Ken Sato, and Rin Abe", ["Hana Mori", "Ken Sato", "Rin Abe"]),
        ("Hana Mori and others", ["Hana Mori"]),
        ("van den Berg, Jan", ["van den Berg, Jan"]),
        ("他", []),
    ],
)
def test_lists_of_people_are_divided_whatever_stands_between_them(text, names):
    assert split_people(text) == names


def test_a_column_of_names_gives_what_belongs_into_others_and_keeps_what_they_have():
    fields = {
        "researcher_id": "R1",
        "name_ja": "佐藤 花子（サトウ ハナコ）/ Hana Sato",
        "name_en": "Hanako Sato",
    }
    (draft,) = read_record(RESEARCHERS, fields).drafts
    names = {
        name: draft.values.get(name) for name in ("name_ja", "name_kana", "name_en", "aliases")
    }
    assert names == {
        "name_ja": "佐藤 花子",
        "name_kana": "サトウ ハナコ",
        "name_en": "Hanako Sato",
        "aliases": "Hana Sato",
    }


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_names_are_read(one, other):
    for script, name in (*spellings(one), *two_part_spellings(one, other)):
        assert script in ("ja", "kana", "en")
        assert name.strip()
    assert all(name.strip() for name in split_people(one))


@pytest.mark.parametrize(
    "odd",
    [
        "3" * 200_000,
        "A" + " " * 200_000 + "B",
        ", " * 100_000,
        " /" * 100_000,
        "-" * 200_000,
        "外2 " * 60_000,
    ],
    ids=["digits", "blanks", "commas", "slashes", "dashes", "others"],
)
def test_a_list_as_long_as_a_cell_can_be_is_divided_at_once(odd: str) -> None:
    began = time.process_time()

    split_people(odd)

    assert time.process_time() - began < 5  # tried again from every letter it would take hours
