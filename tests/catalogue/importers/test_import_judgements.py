"""An office's own table of judgements goes in: pairs by number or by name, in the words of the office."""

import openpyxl
import pytest
from sqlalchemy import text

from catalogue.importers.importing import ImportChoices
from catalogue.importers.recognition.judgement_words import reason_of, stage_of, verdict_of
from catalogue.importers.registry import import_files
from catalogue.judgements.judgements import judgements

PEOPLE = """職員番号,氏名,学部
A0101,森 花,工学部
A0102,佐藤 次郎,農学部
A0103,田中 修,工学部
A0104,田中 修,医学部
"""
NEEDS = """ニーズ番号,企業名,件名,ニーズ内容
R7-001,霞野化学株式会社,紙の膜,酸素を通さない紙の膜を探している。
R7-002,霞野化学株式会社,外観検査,傷を画像で見つけたい。
R7-003,星見食品株式会社,発酵,香りを測りたい。
"""


@pytest.fixture
def office(catalogue, put, load):
    load(put("people.csv", PEOPLE))
    load(put("needs.csv", NEEDS))
    return catalogue


def stored(catalogue):
    with catalogue.reading() as connection:
        found = judgements(connection, history=True)
    names = ["need_id", "researcher_id", "verdict", "reason", "stage"]
    return [tuple(row) for row in found[names].itertuples(index=False)]


def told(report):
    return [(r.row, r.field, r.scope) for r in report.rejections if r.row]


def test_numbers_and_words_of_an_office_become_judgements(office, put, load):
    report = load(
        put(
            "判定.csv",
            "ニーズ番号,研究者番号,判定,理由,判定者,判定日\n"
            "R7-001,A0101,○,紙の実績がある,加藤,2026/1/10\n"
            "R7-001,A0102,×,専門分野が異なる,加藤,令和8年1月10日\n"
            "R7-002,A0102,不適,先生が多忙,西,2026-01-12\n",
        )
    )
    assert stored(office) == [
        ("R7-001", "A0101", "suitable", "", ""),
        ("R7-001", "A0102", "not_suitable", "wrong_field", ""),
        ("R7-002", "A0102", "not_suitable", "no_capacity", ""),
    ]
    assert (report.read, report.rejected, report.tables["judgements"].added) == (3, 0, 3)
    with office.reading() as connection:
        found = judgements(connection)
    assert set(found["judged_by"]) == {"加藤", "西"}
    assert f"{found['judged_at'].max():%Y-%m-%d}" in {"2026-01-11", "2026-01-12"}  # by the zone


def test_a_need_by_its_title_and_a_person_by_name_are_found(office, put, load):
    report = load(
        put(
            "マッチング結果.csv",
            "企業名,ニーズ件名,候補研究者,所属,マッチング結果,対応状況\n"
            "霞野化学㈱,外観検査,佐藤次郎,農学部,適,面談済み\n"
            "霞野化学株式会社,紙の膜,田中 修 教授,医学部,◎,NDA締結\n"
            "星見食品株式会社,,森 花,工学部,見送り,\n",
        )
    )
    assert stored(office) == [
        ("R7-002", "A0102", "suitable", "", "dialogue"),
        ("R7-001", "A0104", "suitable", "", "nda"),
        ("R7-003", "A0101", "not_suitable", "other", ""),
    ]
    assert told(report) == [(4, "reason", "note")]


def test_who_or_what_is_not_clear_is_rejected_without_a_word_of_it(office, put, load, tmp_path):
    rejects = tmp_path / "rejects"
    path = put(
        "判定.csv",
        "ニーズ件名,候補者名,企業名,判定\n"
        "紙の膜,田中 修,,適\n"
        "知らない件名,森 花,,適\n"
        ",森 花,霞野化学株式会社,適\n"
        "紙の膜,誰か 知らぬ,,適\n"
        "紙の膜,森 花、佐藤 次郎,,適\n"
        "紙の膜,森 花,,B\n"
        "紙の膜,,,適\n",
    )
    report = import_files(office, "general", [path], choices=ImportChoices(rejects=rejects))
    assert stored(office) == []
    assert report.rejected == 7
    assert told(report) == [
        (2, "researcher_id", "row"),
        (3, "need_id", "row"),
        (4, "need_id", "row"),
        (5, "researcher_id", "row"),
        (6, "researcher_id", "row"),
        (7, "verdict", "row"),
        (8, "researcher_id", "row"),
    ]
    reasons = [r.reason for r in report.rejections if r.row]
    assert "A0103, A0104" in reasons[0]
    assert "2 needs" in reasons[2]
    assert not any("知らない" in reason or "誰か" in reason for reason in reasons)
    mended = (rejects / "判定.csv.rejects.csv").read_text("utf-8-sig")
    again = load_mended(office, rejects, mended.replace("紙の膜,田中 修,", "紙の膜,A0103,"))
    assert again.tables["judgements"].added == 1


def load_mended(catalogue, folder, content):
    path = folder / "判定.csv.rejects.csv"
    path.write_text(content, "utf-8")
    return import_files(catalogue, "general", [path])


def test_what_is_undecided_or_empty_is_said_and_not_recorded(office, put, load):
    report = load(
        put(
            "判定.csv",
            "ニーズ番号,研究者番号,判定,段階\n"
            "R7-001,A0101,△,\n"
            "R7-001,A0102,,\n"
            "R7-002,A0101,検討中,面談\n"
            "R7-003,A0101,○,謎の段階\n"
            "R7-003,A0102,辞退,\n",
        )
    )
    assert stored(office) == [
        ("R7-002", "A0101", "suitable", "", "dialogue"),
        ("R7-003", "A0101", "suitable", "", ""),
        ("R7-003", "A0102", "suitable", "", "declined"),
    ]
    assert told(report) == [(2, "verdict", "note"), (3, "verdict", "note"), (5, "stage", "value")]


def test_the_same_table_again_changes_nothing_and_a_trial_keeps_nothing(office, put, load):
    path = put("判定.csv", "ニーズ番号,研究者番号,判定,判定日\nR7-001,A0101,適,2026/1/10\n")
    trial = load(path, choices=ImportChoices(dry_run=True))
    assert (trial.tables["judgements"].added, stored(office)) == (1, [])
    load(path)
    again = load(path)
    assert (again.tables["judgements"].added, again.tables["judgements"].unchanged) == (0, 1)
    assert len(stored(office)) == 1


def test_judgements_of_a_workbook_wait_for_its_needs_and_people(catalogue, load, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "判定"
    for row in (["ニーズ番号", "研究者名", "適否"], ["R7-001", "森 花", "適"]):
        book.active.append(row)
    for name, content in (("ニーズ", NEEDS), ("研究者", PEOPLE)):
        sheet = book.create_sheet(name)
        for line in content.splitlines():
            sheet.append(line.split(","))
    path = tmp_path / "台帳.xlsx"
    book.save(path)
    report = load(path)
    assert stored(catalogue) == [("R7-001", "A0101", "suitable", "", "")]
    assert report.rejected == 0
    with catalogue.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM need")).scalar_one() == 3


def test_a_table_with_our_own_names_of_columns_is_judgements_too(office, put, load):
    load(
        put(
            "judgements.csv",
            "need_id,researcher_id,verdict,reason\nR7-001,A0101,not_suitable,too_early\n",
        )
    )
    assert stored(office) == [("R7-001", "A0101", "not_suitable", "too_early", "")]


def test_a_broken_date_and_a_long_cell_reject_their_row_alone(office, put, load):
    long = "あ" * 30_000
    report = load(
        put(
            "判定.csv",
            "ニーズ番号,研究者番号,判定,理由,判定日,判定者\n"
            "R7-001,A0101,適,,2026/13/45,\n"
            f"R7-001,A0102,{long},{long},,\n"
            f"R7-002,A0101,適,,,{long}\n"
            f"R7-002,A0102,×,{long},,\n",
        )
    )
    assert told(report) == [
        (2, "judged_at", "row"),
        (3, "verdict", "row"),
        (4, "judged_by", "row"),
        (5, "reason", "note"),
    ]
    assert stored(office) == [("R7-002", "A0102", "not_suitable", "other", "")]


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        *(("○", "suitable"), ("◎", "suitable"), ("適", "suitable"), ("候補", "suitable")),
        *(
            ("有望", "suitable"),
            ("Yes", "suitable"),
            ("ＯＫ", "suitable"),
            ("Suitable", "suitable"),
        ),
        *(("×", "not_suitable"), ("✕", "not_suitable"), ("不適", "not_suitable")),
        *(("不可", "not_suitable"), ("見送り候補", "not_suitable"), ("該当なし", "not_suitable")),
        *(("No", "not_suitable"), ("not suitable", "not_suitable"), ("ＮＧ", "not_suitable")),
        *(("△", "undecided"), ("保留", "undecided"), ("適否検討中", "undecided")),
        *(("A", ""), ("3", ""), ("know-how", ""), ("", "")),
    ],
)
def test_words_of_verdicts(said, verdict):
    assert verdict_of(said) == verdict


def test_words_of_reasons_and_stages():
    assert reason_of("研究分野が違う") == "wrong_field"
    assert reason_of("Wrong field") == "wrong_field"
    assert reason_of("競合企業と共同研究中") == "conflict"
    assert reason_of("なんとなく") == "other"
    assert stage_of("共同研究契約を締結") == "full_prototype"
    assert stage_of("面談後見送り") == "declined"
    assert stage_of("small prototype") == "small_prototype"
    assert stage_of("いろいろ") == ""
