"""Running cases from spreadsheets as offices keep them: titles above the header, names of managers."""

import pytest
from openpyxl import Workbook
from sqlalchemy import select, update

from catalogue.database.account_models import UserAccount
from enmusubi.errors import UnreadableFileError
from enmusubi.settings import Settings
from office.access.scoped import reading_as
from office.cases.importing import import_cases
from office.cases.kept import CASES, case_of
from office.figures.importing import import_figures
from tests.office.cases.steps import SETTINGS
from tests.support.worlds.screened import HEAD, SATO

HEADER = ["案件名", "企業名", "段階", "状態", "見送り理由", "担当者"]


def kept(catalogue, number):
    with reading_as(catalogue, SATO) as connection:
        return case_of(connection, SATO, number)


def test_lines_of_title_may_stand_above_the_header_of_a_sheet_and_of_a_text(catalogue, tmp_path):
    book = Workbook()
    sheet = book.active
    for row in (
        ["案件一覧（2026年度）"],
        [],
        HEADER,
        ["膜の件", "甲社", "対話"],
        ["空の段階", "甲社"],
    ):
        sheet.append(row)
    book.save(tmp_path / "cases.xlsx")
    found = import_cases(catalogue, SATO, tmp_path / "cases.xlsx", SETTINGS)
    assert len(found.added) == 1
    assert [(one.row, one.field) for one in found.rejections] == [(5, "段階")]
    text = "案件一覧,,\n\n案件名,段階,企業名\n別の件,対話,㈱髙橋\n"
    (tmp_path / "cases.csv").write_bytes(text.encode("cp932"))
    assert len(import_cases(catalogue, SATO, tmp_path / "cases.csv", SETTINGS).added) == 1


def test_a_manager_is_named_by_login_or_by_the_name_of_one_user(catalogue, tmp_path):
    with catalogue.writing() as connection:
        of_law = update(UserAccount).where(UserAccount.user_id == "houmu")
        connection.execute(of_law.values(name="法務 花子"))
    path = tmp_path / "cases.csv"
    rows = "甲の件,対話,houmu\n乙の件,対話,法務 花子\n丙の件,対話,だれか\n"
    path.write_text("案件名,段階,担当者\n" + rows, "utf-8")
    found = import_cases(catalogue, SATO, path, SETTINGS)
    assert {kept(catalogue, one).manager for one in found.added} == {"houmu"}
    assert len(found.added) == 2
    assert [(one.row, one.field) for one in found.rejections] == [(4, "担当者")]


def test_a_case_that_is_held_has_the_days_of_its_stage_when_it_goes_on(catalogue, tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text("案件名,段階,状態\n待つ件,対話,保留\n", "utf-8")
    settings = Settings(cases={"stage_days": {"dialogue": 20}})
    (number,) = import_cases(catalogue, SATO, path, settings).added
    assert (kept(catalogue, number).due_on, kept(catalogue, number).days_left) == (None, 20)


def test_more_rows_than_others_would_wait_for_are_not_taken_at_once(catalogue, tmp_path):
    path = tmp_path / "many.csv"
    rows = [f"案件{number},対話" for number in range(2_001)]
    path.write_text("\n".join(["案件名,段階", *rows]), "utf-8")
    with pytest.raises(UnreadableFileError, match="more than 2,000 rows"):
        import_cases(catalogue, SATO, path, SETTINGS)
    with pytest.raises(UnreadableFileError):
        import_figures(catalogue, HEAD, many_entries(tmp_path / "entries.csv"))
    with catalogue.reading() as connection:
        assert connection.execute(select(CASES.c.case_id)).first() is None


def many_entries(path):
    rows = ["1,契約額,2026-04-01,1"] * 2_001
    path.write_text("\n".join(["案件番号,種類,日付,金額", *rows]), "utf-8")
    return path
