"""researchmap's exported lines and lists of works, whose owner stands elsewhere."""

import json
from pathlib import Path

from catalogue.importers.reading.files import InputFile
from catalogue.importers.researchmap import source as researchmap
from catalogue.importers.researchmap.source import RESEARCHMAP, PeopleSource, WorksSource
from catalogue.importers.sources import ImportOptions, rows_with
from catalogue.records.drafts import RESEARCHERS, SEEDS

EXPORT = Path(__file__).parents[2] / "samples" / "researchmap" / "export.jsonl"


def drafts(source, table):
    return [d for row in source.parsed_rows() for d in row.drafts if d.table == table]


def people_of(path):
    return drafts(PeopleSource(InputFile(path)), RESEARCHERS)


def written(tmp_path, *rows, name="export.jsonl"):
    path = tmp_path / name
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def line(kind, content, **order):
    return {"insert": {"type": kind, "permalink": "hana_mori", **order}, "merge": content}


def test_lines_of_one_person_are_united_by_the_account_wherever_the_profile_stands():
    person, _, subjects = people_of(EXPORT)
    assert person.values["researcher_id"] == subjects.values["researcher_id"]
    assert subjects.values == {
        "researcher_id": "researchmap:jiro.sato",
        "keywords_ja": "木造建築; 継手; 建築構造",
        "keywords_en": "timber construction; Building structures",
    }


def test_texts_that_stand_for_objects_are_read_by_their_script():
    person, *_ = people_of(EXPORT)
    names = ("name_ja", "name_en", "position_ja", "profile_ja")
    expected = ["佐藤 次郎", "Jiro Sato", "准教授", "木の建物を調べています。"]
    assert [person.values[n] for n in names] == expected


def test_lines_of_every_order_are_works():
    found = drafts(WorksSource(InputFile(EXPORT)), SEEDS)
    told = [(d.values["seed_id"].partition("/")[2], d.people, d.values.get("year")) for d in found]
    assert told[:2] == [
        ("published_papers/301", ("researchmap:R000000002",), 2016),
        ("presentations/302", ("researchmap:jiro.sato",), 2015),
    ]
    assert found[0].chosen_by == ("researchmap:R000000002",)
    assert found[1].values["visibility"] == "internal"


def test_a_work_without_an_id_has_the_same_one_every_time():
    first, second = (drafts(WorksSource(InputFile(EXPORT)), SEEDS)[2] for _ in range(2))
    assert first.values["seed_id"] == second.values["seed_id"]
    assert first.values["seed_id"].startswith("researchmap:jiro.sato/misc/")


def test_deleted_lines_are_counted_and_left_out():
    source = WorksSource(InputFile(EXPORT))
    assert all("303" not in str(d.values) for d in drafts(source, SEEDS))
    notes = {note.field: (note.reason, note.scope) for note in source.notes()}
    assert notes["delete"] == ("1 marked as deleted: left out", "column")


def test_rows_that_nobody_can_be_found_for_are_rejected_by_their_line():
    sources = RESEARCHMAP.open_sources(InputFile(EXPORT), ImportOptions())
    rejections = [r for s in sources for row in s.parsed_rows() for r in row.rejections]
    assert [(r.file, r.row, r.field) for r in rejections] == [
        ("export.jsonl (people)", 12, "permalink"),
        ("export.jsonl", 13, "type"),
        ("export.jsonl", 14, ""),
    ]


def test_works_that_name_nobody_can_be_given_to_a_researcher(tmp_path):
    path = written(tmp_path, {"insert": {"type": "misc"}, "merge": {"paper_title": {"en": "A"}}})
    rows = rows_with("HU-1", WorksSource(InputFile(path)).parsed_rows())
    assert [draft.people for row in rows for draft in row.drafts] == [("HU-1",)]


def test_a_list_of_works_names_its_owner_in_every_address(tmp_path):
    base = "https://api.researchmap.jp/hana_mori/misc"
    items = [{"@id": f"{base}/{n}", "paper_title": {"ja": f"紙 {n}"}} for n in (1, 2)]
    listed = {"@id": base, "total_items": 2, "items": items}
    path = written(tmp_path, listed, name="misc.json")
    found = drafts(WorksSource(InputFile(path)), SEEDS)
    ids = [d.values["seed_id"] for d in found]
    assert ids == ["researchmap:hana_mori/misc/1", "researchmap:hana_mori/misc/2"]
    assert all(d.people == ("researchmap:hana_mori",) for d in found)


def test_lists_of_works_may_be_lines_of_one_file(tmp_path):
    lists = [
        {"@id": f"https://api.researchmap.jp/{who}/awards", "items": [{"award_name": who}]}
        for who in ("hana_mori", "jiro.sato")
    ]
    found = drafts(WorksSource(InputFile(written(tmp_path, *lists))), SEEDS)
    assert [d.people for d in found] == [("researchmap:hana_mori",), ("researchmap:jiro.sato",)]


def test_too_many_subjects_come_before_the_file_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(researchmap, "MAX_KEPT_SUBJECTS", 1)
    lines = [line("research_interests", {"keyword": {"ja": word}}) for word in "紙木土"]
    found = people_of(written(tmp_path, *lines))
    assert [d.values["keywords_ja"] for d in found] == ["紙; 木", "土"]
