"""Works are linked by name to exactly one known researcher; namesakes wait in the queue for a user."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from catalogue.database.models import Authorship
from catalogue.identity.decisions import join_people, keep_apart, list_pairs, undo_decision
from catalogue.records.consistency import check_catalogue
from catalogue.records.lookups import NAMESAKE

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PEOPLE = """researcher_id,name_ja,name_en,institution_ja
R1,山田 太郎,Taro Yamada,霞野大学
R2,山田 太郎,Taro Yamada,若葉大学
R3,髙橋 康弘,Yasuhiro Takahashi,霞野大学
R4,林 原,Hara Hayashi,霞野大学
R5,原 林,Rin Hara,若葉大学
R6,,Aya Mori,霞野大学
R7,森 彩,Aya Mori,若葉大学
"""


@pytest.fixture
def people(catalogue, put, load):
    load(put("people.csv", PEOPLE), format_name="general")
    return catalogue


def entry(authors, key="a", title="膜分離による排水処理"):
    return f"@article{{{key}, author={{{authors}}}, title={{{title}}}, year=2019}}\n"


def authors_of(catalogue):
    """Return the people of each seed, in their order."""
    people = {}
    query = select(Authorship.seed_id, Authorship.researcher_id)
    with catalogue.reading() as connection:
        for seed, person in connection.execute(
            query.order_by(Authorship.seed_id, Authorship.position)
        ):
            people.setdefault(seed, []).append(person)
    return list(people.values())


def queue(catalogue):
    with catalogue.reading() as connection:
        return [
            pair for pair in list_pairs(connection, "queued") if "namesakes" in pair.link.reasons
        ]


def decide(catalogue, decision, *ids):
    with catalogue.writing() as connection:
        return decision(connection, *ids, NOW)


@pytest.mark.parametrize(
    ("authors", "found"),
    [
        ("康弘 髙橋", ["R3"]),  # J-STAGE's order
        ("高橋康弘", ["R3"]),
        ("髙橋，康弘", ["R3"]),
        ("TAKAHASHI Yasuhiro", ["R3"]),
        ("高橋 康弘 / Yasuhiro Takahashi", ["R3"]),
        ("Takahashi (髙橋 康弘)", ["R3"]),
        ("林 原", ["R4"]),  # the order as it stands comes first
        ("原 林", ["R5"]),
        ("森 彩 / Aya Mori", ["R7"]),  # who has both names
        ("康弘 髙橋 and 林 原", ["R3", "R4"]),
        ("髙橋　康弘，林　原", ["R3", "R4"]),
        ("髙橋康弘・林　原 他2名", ["R3", "R4"]),
        ("髙橋康弘／林　原", ["R3", "R4"]),
        ("髙橋 康弘; 林 原", ["R3", "R4"]),
        ("髙橋 康弘\n林 原 ほか", ["R3", "R4"]),
    ],
)
def test_a_name_of_exactly_one_researcher_is_linked(people, put, load, authors, found):
    assert load(put("a.bib", entry(authors)), format_name="bibtex").rejected == 0
    assert authors_of(people) == [found]
    assert queue(people) == []


def test_a_name_of_two_goes_to_the_queue_with_both_and_is_linked_to_neither(people, put, load):
    report = load(put("a.bib", entry("山田 太郎 and 髙橋 康弘")), format_name="bibtex")
    assert (report.rejected, report.queued) == (0, 2)
    ((someone, known),) = authors_of(people)
    assert known == "R3"
    assert someone.startswith(NAMESAKE)
    assert people.researcher(someone).name_ja == "山田 太郎"
    pairs = queue(people)
    assert {own for pair in pairs for own in pair.link.ids} == {someone, "R1", "R2"}
    assert faults(people) == []


def faults(catalogue):
    with catalogue.reading() as connection:
        return check_catalogue(connection)


def test_the_answer_links_the_work_undoing_takes_it_back_and_a_second_import_asks_no_more(
    people, put, load
):
    file = put("a.bib", entry("山田 太郎 and 髙橋 康弘"))
    load(file, format_name="bibtex")
    before = authors_of(people)
    someone = before[0][0]

    decide(people, join_people, "R2", someone)
    decide(people, keep_apart, "R1", someone)
    assert authors_of(people) == [["R2", "R3"]]
    assert load(file, format_name="bibtex").queued == 0
    assert authors_of(people) == [["R2", "R3"]]
    assert faults(people) == []

    decide(people, undo_decision, "R2", someone)
    assert authors_of(people) == before
    assert faults(people) == []


def test_namesakes_on_two_works_are_asked_about_apart(people, put, load):
    entries = entry("山田 太郎", "a") + entry("山田 太郎", "b", "廃液からの金属回収")
    load(put("a.bib", entries), format_name="bibtex")
    first, second = authors_of(people)
    assert first != second
    assert len(queue(people)) == 4


def test_the_place_of_work_parts_namesakes(people, put, load):
    table = """文献番号,発明の名称,出願人,発明者
特開2020-111111,膜の洗浄,国立大学法人若葉大学,山田 太郎
特開2020-222222,膜の乾燥,株式会社星野マテリアル,髙橋 康弘
特開2020-333333,膜の保存,株式会社星野マテリアル,山田 太郎
"""
    load(put("patents.csv", table), format_name="patents")
    one, other, unclear = authors_of(people)
    assert (one, other) == (["R2"], ["R3"])
    assert unclear[0].startswith(NAMESAKE)


def seeds_of(*rows):
    return "シーズ名,研究者名,大学名,概要\n" + "".join(f"{row}\n" for row in rows)


def test_an_author_of_an_unknown_employer_is_asked_about_and_linked_to_nobody(people, put, load):
    report = load(put("seeds.csv", seeds_of("紙の膜,髙橋 康弘,星見大学,酸素を通さない紙。")))
    assert (report.rejected, report.queued, report.tables["seeds"].added) == (0, 1, 1)
    ((someone,),) = authors_of(people)
    assert someone.startswith(NAMESAKE)
    assert [set(pair.link.ids) for pair in queue(people)] == [{someone, "R3"}]
    decide(people, join_people, "R3", someone)
    assert authors_of(people) == [["R3"]]
    again = load(put("seeds.csv", seeds_of("紙の膜,髙橋 康弘,星見大学,酸素を通さない紙。")))
    assert (again.queued, authors_of(people)) == (0, [["R3"]])
    assert faults(people) == []


def test_an_author_at_a_known_employer_where_nobody_has_the_name_is_somebody_else(
    people, put, load
):
    report = load(put("seeds.csv", seeds_of("紙の膜,髙橋 康弘,若葉大学,酸素を通さない紙。")))
    assert (report.rejected, report.queued) == (1, 0)
    assert authors_of(people) == []


def test_co_authors_elsewhere_are_asked_about_by_names_in_kanji_alone(people, put, load):
    rows = ("a,髙橋 康弘;森 彩,,甲の研究。", "b,Yasuhiro Takahashi;Rin Hara,星見大学,乙の研究。")
    load(put("seeds.csv", seeds_of(*rows)))
    assert [len(found) for found in authors_of(people)] == [2, 2]
    assert len(queue(people)) == 2
    works = (
        '{"DOI": "10.5555/1", "title": ["A work"], "author": ['
        '{"family": "Mori", "given": "Aya", "affiliation": [{"name": "Wakaba Institute of Things"}]},'
        '{"family": "Takahashi", "given": "Yasuhiro"}]}\n'
    )
    load(put("works.jsonl", works), format_name="crossref")
    assert ["R3"] in authors_of(people)
    assert len(queue(people)) == 2


def test_a_name_that_many_bear_is_not_asked_about(catalogue, put, load):
    rows = "".join(f"R{n},山田 太郎,霞野大学\n" for n in range(12))
    load(put("people.csv", "researcher_id,name_ja,institution_ja\n" + rows))
    report = load(put("seeds.csv", seeds_of("紙の膜,山田 太郎,星見大学,酸素を通さない紙。")))
    assert (report.rejected, report.queued) == (1, 0)
