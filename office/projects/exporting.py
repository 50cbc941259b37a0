"""The portfolio of projects as a file: a CSV file, or a workbook with people's time on a second sheet."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from enmusubi.translation import translations
from office.access import audit
from office.access.access_log import note_naming
from office.access.rules import EXPORT, WORK_ON_CASES, require
from office.access.scoped import reading_as
from office.cases.case_words import STAGE_WORDS, STATE_WORDS
from office.cases.clocks import Clocks
from office.cases.kept import CASE_KIND
from office.exports import MEDIA_TYPES, ExportedFile, today_of
from office.people import called, names_of
from office.projects.lights import MONEY, PEOPLE, RISKS, SCHEDULE
from office.projects.portfolio import (
    Allocation,
    PortfolioRow,
    ProjectFilter,
    allocation,
    portfolio,
)
from office.projects.project_words import LIGHT_WORDS
from office.reports.cells import cell_text, write_value

ProjectEnding = Literal["xlsx", "csv"]
HEADINGS: Mapping[str, Sequence[str]] = {
    "ja": (
        "案件番号", "題名", "企業", "段階", "状態", "学内担当者", "総合", "総合の理由", "日程", "予算",
        "リスク", "体制", "予算額（円）", "支出額（円）", "残額（円）", "期限超過のマイルストーン",
        "次のマイルストーン", "予定日", "未了の対応事項", "開始日", "終了日",
    ),
    "en": (
        "Case", "Title", "Company", "Stage", "State", "Manager", "Light", "Reason", "Schedule", "Money",
        "Risks", "People", "Budget (JPY)", "Spent (JPY)", "Left (JPY)", "Overdue milestones",
        "Next milestone", "Planned", "Open actions", "Starts", "Ends",
    ),
}  # fmt: skip
WIDTHS = (10, 40, 28, 16, 12, 16, 10, 36, 10, 10, 10, 10, 16, 16, 16, 14, 30, 12, 12, 12, 12)
SHEETS = {"ja": ("プロジェクト一覧", "従事率"), "en": ("Projects", "People's time")}
PERSON = {"ja": ("研究者", "所属", "プロジェクト"), "en": ("Researcher", "Affiliation", "Projects")}


def export_projects(
    catalogue: Catalogue,
    viewer: Viewer,
    wanted: ProjectFilter,
    settings: Settings,
    *,
    ending: ProjectEnding,
    language: str,
) -> ExportedFile:
    """Return all projects wanted that the viewer sees as a file, and note that; raises ForbiddenError."""
    require(viewer, EXPORT)
    require(viewer, WORK_ON_CASES)
    with reading_as(catalogue, viewer) as connection:
        today = Clocks(settings.cases).days.today()
        rows = portfolio(connection, viewer, wanted, settings)
        names = names_of(connection, {row.project.case.manager for row in rows})
        time = allocation(connection, viewer, settings)
    lines = list(_lines(rows, names, today, language))
    note_naming(catalogue, viewer, {row.project.case.need_id for row in rows} - {""}, "projects")
    audit.note(catalogue, viewer, "export", CASE_KIND, "", format=ending, projects=len(rows))
    content = _as_csv(lines, language) if ending == "csv" else _as_workbook(lines, time, language)
    name = f"enmusubi-projects-{today_of(language):%Y%m%d}.{ending}"
    return ExportedFile(name, MEDIA_TYPES[ending], content)


def _lines(
    rows: Sequence[PortfolioRow], names: Mapping[str, str], today: date, language: str
) -> Iterator[tuple[Any, ...]]:
    texts, light = translations(language), LIGHT_WORDS[language]
    for row in rows:
        project, case, lights = row.project, row.project.case, row.lights
        colors = (
            light[lights.of[one].color] if one in lights.of else ""
            for one in (SCHEDULE, MONEY, RISKS, PEOPLE)
        )
        money: tuple[Any, ...] = (None, None, None)
        if project.handles_money:
            budget, spent = project.budget_jpy, project.spent_jpy
            money = (budget, spent, budget - spent)
        following = project.next_milestone
        yield (
            case.case_id,
            case.title,
            case.company,
            STAGE_WORDS[language][case.stage],
            STATE_WORDS[language][case.state],
            called(case.manager, names, language),
            light[lights.whole.color],
            lights.whole.reason.said(texts),
            *colors,
            *money,
            len(project.overdue_milestones(today)),
            following.said.name if following else "",
            following.said.planned_on.isoformat() if following else "",
            sum(one.said.done_on is None for one in project.actions),
            project.starts_on.isoformat() if project.starts_on else "",
            project.ends_on.isoformat() if project.ends_on else "",
        )


def _as_csv(lines: Sequence[Sequence[Any]], language: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS[language])
    writer.writerows([cell_text(v) if isinstance(v, str) else v for v in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def _as_workbook(lines: Sequence[Sequence[Any]], time: Allocation, language: str) -> bytes:
    book = Workbook()
    book.properties.creator = "Enmusubi"
    sheet: Any = book.active
    sheet.title = SHEETS[language][0]
    _fill(sheet, HEADINGS[language], lines, WIDTHS)
    months = tuple(f"{month:%Y-%m}" for month in time.months)
    people = [
        (
            one.card.name(language),
            one.card.affiliation(language),
            *one.months,
            "\n".join(time.titles.get(n, str(n)) for n in sorted({s.case_id for s in one.shares})),
        )
        for one in time.people
    ]
    name, affiliation, projects = PERSON[language]
    headings = (name, affiliation, *months, projects)
    second: Any = book.create_sheet(SHEETS[language][1])
    _fill(second, headings, people, (20, 32, *(9 for _ in months), 44))
    overload = PatternFill("solid", fgColor="F6C9C5")
    for number, person in enumerate(time.people, start=2):
        for column, percent in enumerate(person.months, start=3):
            if percent > time.limit_percent:
                second.cell(number, column).fill = overload
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _fill(
    sheet: Any, headings: Sequence[str], lines: Sequence[Sequence[Any]], widths: Sequence[int]
) -> None:
    for column, (heading, width) in enumerate(zip(headings, widths, strict=True), 1):
        cell = sheet.cell(1, column, heading)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6F0")
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, line in enumerate(lines, start=2):
        for column, value in enumerate(line, start=1):
            write_value(sheet.cell(number, column), value)
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(widths))}{len(lines) + 1}"
