"""Survivorship: every field has a documented rule, and no rule depends on the order of arrival."""

import re
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from catalogue.database.models import MENTION, OWN
from catalogue.records.drafts import NEEDS, RESEARCHERS, SEEDS
from catalogue.records.field_rules import OWN_RULES, RULES, strongest
from catalogue.records.source_records import SourceRecord
from catalogue.records.survivorship import derive
from catalogue.records.table_rules import STORED

DOCS = Path(__file__).parents[2] / "docs" / "catalogue.md"
START = datetime(2024, 4, 1, tzinfo=UTC)


def record(table, number, values, *, rank=0, day=0, authority=OWN, withdrawn=False):
    now = START + timedelta(days=day)
    gone = now if withdrawn else None
    return SourceRecord(
        table,
        f"source {number}",
        "k",
        "k",
        "k",
        authority,
        rank,
        now,
        values,
        withdrawn_at=gone,
        age=number,
    )


def seed(number, *, rank=0, day=0, **values):
    return record(
        SEEDS, number, {"kind": "patent", "title": "膜の洗浄方法", **values}, rank=rank, day=day
    )


def row_of(*records):
    """Return the row that the records make, the same in whatever order they are given."""
    table = records[0].table
    rows = [derive(table, order).row for order in permutations(records)]
    assert all(row == rows[0] for row in rows)
    return rows[0]


def test_every_field_has_a_rule_and_the_document_names_those_of_its_own():
    assert {table: set(rules) for table, rules in RULES.items()} == {
        table: set(stored.columns) for table, stored in STORED.items()
    }
    rows = re.findall(
        r"^\| ((?:`\w+` ?)+)[^|]*\| (?!what it)", DOCS.read_text("utf-8"), re.MULTILINE
    )
    documented = {name for cell in rows for name in re.findall(r"`(\w+)`", cell)}
    own = {name for rules in OWN_RULES.values() for name in rules}
    assert own == documented & {name for rules in RULES.values() for name in rules}


@pytest.mark.parametrize(
    ("table", "name"),
    [
        (table, name)
        for table, rules in RULES.items()
        for name, rule in rules.items()
        if rule is strongest and name != STORED[table].key and name != "copy_key"
    ],
)
def test_of_every_other_field_the_strongest_source_decides_and_absence_is_no_claim(table, name):
    column = STORED[table].table.c[name].type.python_type
    values = {"kind": ("company", "university")} if table != SEEDS else {"kind": ("paper", "grant")}
    values |= {"lang": ("ja", "en"), "area": ("competitive", "non-competitive")}
    values |= {"status": ("closed", "open"), "confidentiality": ("internal", "public")}
    plain = (2001, 2002) if column is int else ("2001-01-01", "2002-02-02")
    first, second = values.get(name, plain)
    base = {"text": "A need has a text."} if table == NEEDS and name != "text" else {}
    weak = record(table, 1, {**base, name: second}, rank=5, day=9)
    told, silent = {**base, name: first}, dict(base)
    assert row_of(record(table, 2, told), weak)[name] == first
    assert row_of(record(table, 2, silent), weak)[name] == second
    assert row_of(record(table, 2, told, withdrawn=True), weak)[name] == second
    mention = record(table, 3, {**base, name: second}, authority=MENTION)
    assert row_of(record(table, 2, told, rank=5), mention)[name] == first


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ([("unpublished", 0), ("granted", 5)], "granted"),
        ([("granted", 0), ("unpublished", 5)], "granted"),
        ([("published", 0), ("granted", 1), ("unpublished", 2)], "granted"),
        ([("unpublished", 9), ("published", 1)], "published"),
        ([("granted", 1), ("lapsed", 2)], "lapsed"),
        ([("granted", 2), ("lapsed", 1)], "granted"),
        ([("granted", 1), ("lapsed", 1)], "granted"),
        ([("unpublished", 3), ("lapsed", 1)], "lapsed"),
        ([("", 3), ("granted", 1)], "granted"),
        ([("", 3), ("unpublished", 1)], "unpublished"),
    ],
)
def test_the_furthest_proven_stage_of_a_patent_wins_and_a_lapse_by_a_later_date(told, status):
    for ranks in permutations(range(len(told))):  # whatever the order of the sources
        records = [
            seed(number, rank=rank, day=day, **({"patent_status": stage} if stage else {}))
            for number, ((stage, day), rank) in enumerate(zip(told, ranks, strict=True))
        ]
        assert row_of(*records)["patent_status"] == status


@pytest.mark.parametrize(
    ("told", "visibility"),
    [
        ([{"visibility": "public"}, {"visibility": "confidential"}], "confidential"),
        ([{"patent_status": "granted"}, {"visibility": "confidential"}], "confidential"),
        ([{"visibility": "public"}, {"visibility": "internal"}], "internal"),
        ([{}, {"visibility": "internal"}], "internal"),
        ([{"patent_status": "granted"}, {"visibility": "internal"}], "public"),
        ([{"patent_status": "granted", "visibility": "internal"}, {}], "internal"),
        ([{"patent_status": "published"}, {"visibility": "internal"}], "internal"),
        ([{}, {}], "public"),
    ],
)  # fmt: skip
def test_what_one_source_closes_is_not_opened_by_another_but_a_granted_patent(told, visibility):
    for ranks in permutations(range(len(told))):
        records = [
            seed(n, rank=r, **values) for n, (values, r) in enumerate(zip(told, ranks, strict=True))
        ]
        assert row_of(*records)["visibility"] == visibility


def test_texts_of_an_unpublished_application_stay_out_of_the_published_patent():
    secret = seed(
        1, title="社内の呼び名", text="まだ書いていない実施例", patent_status="unpublished"
    )
    gazette = seed(2, rank=5, text="膜を洗う。", patent_status="published")
    assert (row := row_of(secret, gazette))["text"] == "膜を洗う。"
    assert row["title"] == "膜の洗浄方法"
    assert row_of(secret)["text"] == "まだ書いていない実施例"
    assert row_of(secret, seed(2, rank=5, patent_status="published"))["text"] == ""


def test_the_longest_abstract_of_each_language_is_kept():
    short = seed(1, text="膜を洗う。")
    longer = seed(2, rank=5, text="膜を泡で洗い、長く使えるようにする。")
    english = seed(3, rank=6, text="Membranes are cleaned by bubbles, and last for many years.")
    also = seed(4, rank=7, text="Membranes are cleaned.")
    assert row_of(short, longer, english, also)["text"] == (
        "膜を泡で洗い、長く使えるようにする。\n\n"
        "Membranes are cleaned by bubbles, and last for many years."
    )


@pytest.mark.parametrize(
    ("strong", "weak", "name"),
    [
        ("T. Yamada", "Taro Yamada", "Taro Yamada"),
        ("TARO YAMADA", "Taro Yamada", "Taro Yamada"),
        ("Taro Yamada", "TARO YAMADA", "Taro Yamada"),
        ("Taro Yamada", "Jiro Yamada", "Taro Yamada"),
        ("Taro Yamada", "Yamada", "Taro Yamada"),
        ("John Smith", "John Michael Smith", "John Michael Smith"),
        ("山田太郎", "山田 太郎", "山田 太郎"),
        ("山田", "山田 太郎", "山田 太郎"),
        ("山田 太郎", "山田 次郎", "山田 太郎"),
        ("髙橋 康弘", "高橋康弘", "髙橋 康弘"),
    ],
)
def test_the_fullest_name_of_those_that_say_the_same_wins(strong, weak, name):
    first = record(RESEARCHERS, 1, {"name_en": strong})
    second = record(RESEARCHERS, 2, {"name_en": weak}, rank=5)
    assert row_of(first, second)["name_en"] == name
