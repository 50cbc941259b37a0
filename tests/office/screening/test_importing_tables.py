"""Tables of interests, companies, limits and employers are taken as offices write them, in both languages."""

import json
from datetime import date

import openpyxl
import pytest
from sqlalchemy import select

from catalogue.database.screening_models import (
    CompanyGroup,
    CompetitorPair,
    DeclaredInterest,
    PastEmployer,
    PersonLimit,
)
from catalogue.database.service_models import AuditEntry
from enmusubi.errors import MappingError, UnreadableFileError
from enmusubi.translation import say
from office.screening.importing import import_screening
from tests.office.screening.steps import of_rule, rules_of, screened
from tests.support.worlds.screened import COMPANY, DAUGHTER, HEAD, RIVAL, SISTER, interest


def written(tmp_path, *lines, name="table.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding)
    return path


def rows(office, model):
    with office.reading() as connection:
        return connection.execute(select(model.__table__)).mappings().all()


def taken(office, path):
    [report] = import_screening(office, HEAD, path)
    return report


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_japanese_interests_are_read_as_an_office_writes_them(office, tmp_path, encoding):
    path = written(
        tmp_path,
        "研究者番号,氏名,企業名,種別,金額（円）,開始日,終了日,備考",
        "R-5,Emi Kondo,青波化学（株）,兼業（技術顧問）,120万円,令和6年4月1日,2027/3/31,月1回",
        "R-6,,㈱青波包装,配偶者が役員,,,,",
        ",Goro Saito,青波化学株式会社,寄附講座,\"50,000,000\",2023-04-01,,",
        encoding=encoding,
    )  # fmt: skip
    report = taken(office, path)
    assert (report.kind, report.read, report.added) == ("interests", 3, 3), report.rejections
    assert report.rejections == ()
    first = rows(office, DeclaredInterest)[0]
    assert (first["researcher_id"], first["kind"]) == ("R-5", "role")
    assert (first["amount_jpy"], first["since"], first["until"]) == (
        1_200_000, date(2024, 4, 1), date(2027, 3, 31),
    )  # fmt: skip
    assert first["source"] == "table.csv:2" and first["remark"] == "月1回"
    found = screened(office)
    assert [*rules_of(found["R-5"])] == ["interest_role"]
    assert [*rules_of(found["R-6"])] == ["interest_family"]
    assert [*rules_of(found["R-7"])] == ["interest_chair"]


def test_a_workbook_in_english_gives_one_table_a_sheet(office, tmp_path):
    book = openpyxl.Workbook()
    first = book.active
    first.append(["Researcher", "Company", "Kind", "Amount", "From", "Until", "Remarks"])
    first.append(["Emi Kondo", "Aonami Chemical", "shares", 3000, date(2020, 4, 1), None, None])
    limits = book.create_sheet("Limits")
    limits.append(["Staff number", "Type", "Limit", "From", "To"])
    limits.append(["R-5", "sabbatical leave", None, date(2026, 4, 1), date(2027, 3, 31)])
    limits.append(["R-6", "running cases", 1, None, None])
    book.create_sheet("Notes").append(["anything"])
    book.save(tmp_path / "tables.xlsx")
    reports = import_screening(office, HEAD, tmp_path / "tables.xlsx")
    assert [(r.kind, r.added, r.rejections) for r in reports] == [
        ("interests", 1, ()),
        ("limits", 2, ()),
    ]
    assert rows(office, DeclaredInterest)[0]["since"] == date(2020, 4, 1)
    assert {row["kind"] for row in rows(office, PersonLimit)} == {"leave", "running"}
    found = screened(office)["R-5"]
    assert {"interest_shares", "capacity_away"} == set(rules_of(found))


def test_groups_competitors_employers_and_lessons_are_told_by_their_headings(office, tmp_path):
    for lines, kind in (
        (["親会社,子会社", f"青波ホールディングス,{RIVAL}"], "groups"),
        (["企業A,競合企業,分野", f"{SISTER},無関係工業,"], "competitors"),
        (["Company A,Company B,Field", f"{COMPANY},{RIVAL},高分子・有機材料・繊維"], "competitors"),
        (["ログイン名,出身企業,退職日", f"sato,{DAUGHTER},2024-03-31"], "employers"),
        (["教員名,週コマ数", "Hana Ueki,9コマ"], "limits"),
    ):
        report = taken(office, written(tmp_path, *lines))
        assert (report.kind, report.added) == (kind, 1), report.rejections
    assert len(rows(office, CompanyGroup)) == 4
    fields = {row["field_id"] for row in rows(office, CompetitorPair)}
    assert fields == {"", "polymers-textiles"}
    [employer] = rows(office, PastEmployer)
    assert (employer["user_id"], employer["until"]) == ("sato", date(2024, 3, 31))
    assert of_rule(screened(office)["R-8"], "capacity_teaching").evidence


@pytest.mark.parametrize(
    ("row", "field", "told"),
    [
        ("R-5,青波化学,兼業,,2024-13-01,", "since", "日付"),
        ("R-5,青波化学,兼業,,2025-04-01,2024-04-01", "until", "終了日が開始日より前です"),
        ("R-5,青波化学,その他,,,", "kind", "種別を読み取れません"),
        ("R-5,青波化学,,,,", "kind", "空"),
        ("R-5,,兼業,,,", "organisation", "空"),
        ("R-5,！,兼業,,,", "organisation", "企業名として読み取れません"),
        ("R-5,青波化学,報酬,たくさん,,", "amount", "金額"),
        ("R-99,青波化学,兼業,,,", "researcher_id", "研究者"),
        (",青波化学,兼業,,,", "researcher_id", "研究者"),
    ],
)
def test_a_faulty_row_is_told_by_file_row_and_field_and_the_others_are_taken(
    office, tmp_path, row, field, told
):
    good = "R-6,青波化学,兼業,,,"
    path = written(tmp_path, "研究者番号,企業名,種別,金額,開始日,終了日", row, good)
    report = taken(office, path)
    [fault] = report.rejections
    assert (fault.file, fault.row, fault.field, report.added) == ("table.csv", 2, field, 1)
    said = say(fault.message, "ja")
    assert told in said or told == "空", said
    assert "青波" not in said and "R-99" not in said


def test_limits_need_what_their_kind_is_about(office, tmp_path):
    path = written(
        tmp_path,
        "研究者番号,区分,上限,開始日,終了日",
        "R-5,休職,,,", "R-5,定年退職,,,", "R-5,案件の上限,,,", "R-5,受入可能,,,",
        "R-5,授業,多数,,", "R-6,任期満了,,2027-03-31,", "R-7,受入可能,,,2026-10-01",
    )  # fmt: skip
    report = taken(office, path)
    assert [(fault.row, fault.field) for fault in report.rejections] == [
        (2, "until"), (3, "until"), (4, "amount"), (5, "since"), (6, "amount"),
    ]  # fmt: skip
    found = screened(office)
    assert say(of_rule(found["R-6"], "capacity_end").reason, "ja") == "2027-03-31に任期満了です"
    assert "2026-10-01" in say(of_rule(found["R-7"], "capacity_later").reason, "en")


def test_a_count_is_one_whole_number_with_or_without_its_unit(office, tmp_path):
    counts = ("週10コマ", "3〜5", "3-5", "-1", "2.5", "2026/4/1", "99999")
    path = written(
        tmp_path, "研究者番号,週コマ数", *(f"R-{n},{c}" for n, c in enumerate(counts, 1))
    )
    report = taken(office, path)
    assert [row["amount"] for row in rows(office, PersonLimit)] == [10]
    assert [fault.field for fault in report.rejections] == ["lessons"] * (len(counts) - 1)


def test_the_same_table_again_changes_nothing_and_another_end_changes_the_row(office, tmp_path):
    header = "研究者番号,企業名,種別,開始日,終了日"
    path = written(tmp_path, header, "R-5,青波化学,株式,2020-04-01,")
    assert taken(office, path).added == 1
    again = taken(office, path)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)
    path = written(tmp_path, header, "R-5,青波化学,株式,2020-04-01,2019-04-01")
    assert taken(office, path).rejections[0].field == "until"
    path = written(tmp_path, header, "R-5,青波化学,株式,2020-04-01,2022-03-31")
    assert taken(office, path).changed == 1
    [row] = rows(office, DeclaredInterest)
    assert row["until"] == date(2022, 3, 31)


def test_an_import_is_in_the_audit_trail_and_a_strange_column_is_told(office, tmp_path):
    report = taken(office, written(tmp_path, "親会社,子会社,色", "青波総研,青波研,赤"))
    assert [(one.field, one.scope) for one in report.rejections] == [("色", "column")]
    with office.reading() as connection:
        query = select(AuditEntry.action, AuditEntry.object_kind, AuditEntry.object_id)
        assert ("import", "table", "groups") in {tuple(row) for row in connection.execute(query)}


@pytest.mark.parametrize("schema", [1, 2])
def test_a_dump_of_ror_gives_the_groups_of_its_companies(office, tmp_path, schema):
    def organisation(number, name, kind, *relations):
        named = (
            {"name": name, "aliases": [], "labels": [], "acronyms": []}
            if schema == 1
            else {"names": [{"value": name, "types": ["ror_display", "label"], "lang": "en"}]}
        )
        told = [{"type": t, "label": label, "id": "https://ror.org/x"} for t, label in relations]
        kinds = [kind.title() if schema == 1 else kind]
        ror_id = f"https://ror.org/0{number}made0{number}1"
        return {"id": ror_id, "types": kinds, "relationships": told, "status": "active", **named}

    path = tmp_path / "dump.json"
    owner = "Aonami Holdings Overseas Inc."
    content = [
        organisation(1, "Aonami Chemical", "company", ("Parent", owner), ("Related", "Else Inc.")),
        organisation(2, owner, "company", ("child", "Aonami Paints Ltd."), ("child", owner)),
        organisation(3, "Yamabe University", "education", ("Child", "Yamabe Hospital")),
    ]
    path.write_text(json.dumps(content), "utf-8")
    report = taken(office, path)
    assert (report.kind, report.read, report.added) == ("groups", 3, 2)
    assert [fault.field for fault in report.rejections] == ["child"]  # of itself
    with office.writing() as connection:
        interest(connection, "R-5", owner, "shares")
        interest(connection, "R-6", "Aonami Paints", "shares")
    found = screened(office)
    parent = of_rule(found["R-5"], "interest_shares").reason
    assert "its parent company" in say(parent, "en")
    assert "a company of its group" in say(of_rule(found["R-6"], "interest_shares").reason, "en")


def test_a_file_without_such_a_table_is_refused(office, tmp_path):
    with pytest.raises(MappingError, match=r"table\.csv"):
        import_screening(office, HEAD, written(tmp_path, "色,形", "赤,丸"))
    with pytest.raises(UnreadableFileError):
        import_screening(office, HEAD, written(tmp_path, "x", name="table.pdf"))
