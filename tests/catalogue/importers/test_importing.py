"""Imports on SQLite and PostgreSQL: good rows in, bad rows named, the same file twice for nothing."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from catalogue.importers import batching
from catalogue.records.import_runs import REJECTION

pytestmark = pytest.mark.exhaustive("postgresql")  # its SQL is the same on both

SAMPLES = Path(__file__).parents[2] / "samples"
PEOPLE = "researcher_id,name_ja,name_en\nr1,森 花,Hana Mori\nr2,佐藤 次郎,Jiro Sato\n"


def faults(report):
    return [(r.row, r.field, r.scope) for r in report.rejections]


def test_the_same_files_twice_change_nothing(catalogue, load):
    for arguments in (
        {"format_name": "openalex", "paths": ["openalex_works.jsonl"]},
        {"paths": ["grants.jsonl"], "mapping": SAMPLES / "grants.toml"},
    ):
        paths = [SAMPLES / name for name in arguments.pop("paths")]
        first = load(*paths, **arguments)
        state = catalogue.read_corpus().state
        second = load(*paths, **arguments)
        assert first.added > 0
        assert (second.added, second.updated) == (0, 0)
        assert second.unchanged == first.added + first.merged + first.unchanged
        assert second.rejections == first.rejections
        assert catalogue.read_corpus().state == state


def test_bad_rows_are_named_and_good_ones_go_in(catalogue, put, load):
    rows = [
        "seed_id,kind,title,year,researcher_ids,visibility",
        "s1,paper,Good,2020,r1;r2,",
        ",paper,No id,2020,r1,",
        "s3,poem,A kind unheard of,2020,r1,",
        "s4,paper,A year unheard of,20200,r1,",
        "s5,paper,One unknown person,2020,r1;r9,",
        "s6,paper,Nobody known,2020,r9,",
        "s7,paper,,2020,r1,",
        "s8,paper,Too many cells,2020,r1,,surplus",
        "s9,paper,Visibility unheard of,2020,r1,secret",
        "s1,paper,The same id with another title,2020,r1,",
        "profile:r1,paper,A kept id,2020,r1,",
        "",
        '"s14",paper,"Quoted,\nin two lines",2020,r1,public',
    ]
    report = load(put("a_seeds.csv", "\n".join(rows)), put("b_people.csv", PEOPLE))
    assert sorted(faults(report)) == [
        (3, "seed_id", "row"),
        (4, "kind", "row"),
        (5, "year", "value"),
        (6, "researcher_ids", "value"),
        (7, "researcher_ids", "row"),
        (8, "title", "row"),
        (9, "", "row"),
        (10, "visibility", "row"),
        (11, "seed_id", "row"),
        (12, "seed_id", "row"),
    ]
    assert (report.read, report.rejected, report.succeeded) == (14, 8, True)
    seeds = catalogue.read_corpus().seeds.set_index("seed_id")
    assert list(seeds.index) == ["s1", "s14", "s4", "s5"]
    assert seeds.loc["s14", "title"] == "Quoted, in two lines"
    assert {r.file for r in report.rejections} == {"a_seeds.csv"}


def test_a_bad_need_is_named_without_its_text(catalogue, put, load):
    rows = [
        "need_id,title,text,company,area,status,budget_jpy,posted_on",
        "n1,A film,We want a film.,Aoba Foods,competitive,open,5000000,2024-04-01",
        "n2,B,The secret recipe.,Aoba Foods,strategic,open,,",
        "n3,C,The secret recipe.,青葉製菓,,perhaps,,",
        "n4,D,The secret recipe.,青葉製菓,,closed,a lot,tomorrow",
        f"n5,E,{'secret ' * 40_000},,,,,",
    ]
    report = load(put("needs.csv", "\n".join(rows)))
    assert faults(report) == [
        (3, "area", "row"),
        (4, "status", "row"),
        (5, "budget_jpy", "value"),
        (5, "posted_on", "value"),
        (6, "text", "row"),
    ]
    assert "secret" not in json.dumps(report.as_dict()).replace("'secret", "")
    with catalogue.reading() as connection:
        stored = [tuple(row) for row in connection.execute(select(REJECTION))]
    assert len(stored) == len(report.rejections)
    assert "secret" not in repr(stored)
    assert report.rejections[-1].shape == "text of 280,000 characters"
    assert [need.need_id for need in catalogue.needs()] == ["n1"]
    assert catalogue.need("n1").posted_on == "2024-04-01"
    assert catalogue.need("n4").company == "青葉製菓"
    assert catalogue.counts()["organisations"] == 2


def test_control_characters_are_removed_and_markup_too(catalogue, put, load):
    content = "researcher_id,name_ja,name_en\nr\x001,森\x00 花\x1b,<b>Hana</b> &amp; co\n"
    assert load(put("people.csv", content)).rejections == ()
    card = catalogue.researcher("r1")
    assert (card.name_ja, card.name_en) == ("森 花", "Hana & co")


def test_nested_people_become_researchers_of_their_grants(catalogue, load):
    report = load(SAMPLES / "grants.jsonl", mapping=SAMPLES / "grants.toml")
    assert faults(report) == [(2, "year", "value"), (3, "researcher_ids", "row")]
    corpus = catalogue.read_corpus()
    links = corpus.authorships[["seed_id", "researcher_id"]].values.tolist()
    assert links == [
        ["G-1", "hana-mori-kasumino-university"],
        ["G-1", "jiro-sato-kasumino-university"],
        ["G-2", "hana-mori-kasumino-university"],
    ]
    assert corpus.seeds["text"].tolist() == ["Pumps that make no noise.", ""]
    assert set(corpus.seeds["kind"]) == {"grant"}


def test_openalex_works_survive_their_gaps(catalogue, load):
    report = load(SAMPLES / "openalex_works.jsonl", format_name="openalex")
    assert sorted(faults(report)) == [
        (4, "", "row"),
        (5, "researcher_ids", "row"),
        (6, "seed_id", "row"),
        (7, "year", "value"),
        (8, "abstract_inverted_index", "row"),
    ]
    corpus = catalogue.read_corpus()
    seeds = corpus.seeds.set_index("seed_id")
    assert list(seeds.index) == ["W9900000001", "W9900000002", "W9900000006"]
    assert seeds.loc["W9900000001", "title"] == "Oxygen barriers from cellulose & clay"
    assert seeds.loc["W9900000001", "text"].endswith("Their rate fell to a tenth.")
    assert seeds.loc["W9900000002", "lang"] == "ja"
    assert seeds.loc["W9900000006", "text"] == "start end"
    mori, sato, tachibana = map(catalogue.researcher, corpus.researchers["researcher_id"])
    assert (mori.researcher_id, mori.name_en) == ("0000-0002-1825-0097", "Hana Mori")
    assert (sato.institution_en, sato.department_en) == ("Institute of Paper", "")
    assert (tachibana.name_ja, tachibana.institution_ja) == ("橘 由紀", "霞野大学")


def test_openalex_authors_are_linked_to_the_researchers_who_are_there(catalogue, put, load):
    office = (
        "researcher_id,orcid,openalex_id,name_ja,name_en\n"
        "HU-1,0000-0002-1825-0097,,森 花,Hana MORI\n"
        "HU-2,,https://openalex.org/A9900000002,佐藤 次郎,\n"
    )
    load(put("people.csv", office))
    load(SAMPLES / "openalex_works.jsonl", format_name="openalex")
    corpus = catalogue.read_corpus()
    assert corpus.researchers["researcher_id"].tolist() == ["A9900000003", "HU-1", "HU-2"]
    assert catalogue.researcher("HU-1").name_en == "Hana MORI"
    assert catalogue.researcher("HU-2").name_en == "Jiro Sato"
    assert load(put("people.csv", office)).unchanged == 2


def test_an_interrupted_import_goes_on_where_it_stopped(put, load, monkeypatch):
    monkeypatch.setattr(batching, "BATCH_ROWS", 10)
    lines = "".join(f"r{n},Name {n}\n" for n in range(35))
    path = put("people.csv", "researcher_id,name_en\n" + lines)

    def interrupt(step):
        if step.rows == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(path, on_progress=interrupt)
    report = load(path)
    assert (report.read, report.added, report.unchanged, report.resumed) == (35, 35, 0, 20)
    assert load(path).unchanged == 35


def test_a_folder_gives_its_files(put, tmp_path, load):
    (tmp_path / "sub").mkdir()
    put("sub/seeds.csv", "seed_id,kind,title,researcher_ids\ns1,paper,T,r1\n")
    put("sub/zz_people.csv", PEOPLE)
    put("sub/.hidden.csv", "nothing")
    assert load(tmp_path / "sub").added == 3
