"""Cases as a file that leaves the service: a CSV file or a workbook, noted in the audit trail."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings, local_time
from office.access import audit
from office.access.access_log import note_naming
from office.access.keyset_pages import MAX_PAGE
from office.access.rules import EXPORT, WORK_ON_CASES, require
from office.access.scoped import reading_as
from office.cases.case_words import MEANS_WORDS, REASON_WORDS, STAGE_WORDS, STATE_WORDS
from office.cases.clocks import Clocks
from office.cases.gates import gates_of
from office.cases.kept import CASE_KIND, KeptCase
from office.cases.listing import CaseFilter, When, cases_page
from office.exports import MEDIA_TYPES, ExportedFile, today_of
from office.people import called, names_of
from office.reports.cells import cell_text, write_value

CaseEnding = Literal["xlsx", "csv"]
HEADINGS: Mapping[str, Sequence[str]] = {
    "ja": (
        "案件番号", "題名", "企業", "段階", "状態", "見送りの理由", "手段", "金額（円）", "研究者",
        "学内担当者", "次の一手", "期限", "残り営業日（停止中）", "段階の開始日", "登録日", "ニーズID",
    ),
    "en": (
        "Case", "Title", "Company", "Stage", "State", "Reason declined", "Means", "Amount (JPY)",
        "Researchers", "Manager", "Next step", "Last day", "Business days left (clock stands)",
        "Stage since", "Opened", "Need id",
    ),
}  # fmt: skip
WIDTHS = (10, 40, 28, 16, 12, 20, 22, 16, 32, 16, 40, 12, 12, 12, 12, 20)
SHEET = {"ja": "案件台帳", "en": "Cases"}


def export_cases(
    catalogue: Catalogue,
    viewer: Viewer,
    wanted: CaseFilter,
    settings: Settings,
    *,
    ending: CaseEnding,
    language: str,
) -> ExportedFile:
    """Return all cases wanted that the viewer sees as a file, and note that; raises ForbiddenError."""
    require(viewer, EXPORT)
    require(viewer, WORK_ON_CASES)
    cases, names = _all(catalogue, viewer, wanted, settings)
    rows = list(_rows(cases, names, language))
    write = _as_csv if ending == "csv" else _as_workbook
    note_naming(catalogue, viewer, {one.need_id for one in cases} - {""}, "cases")
    audit.note(catalogue, viewer, "export", CASE_KIND, "", format=ending, cases=len(cases))
    name = f"enmusubi-cases-{today_of(language):%Y%m%d}.{ending}"
    return ExportedFile(name, MEDIA_TYPES[ending], write(rows, language))


def _all(
    catalogue: Catalogue, viewer: Viewer, wanted: CaseFilter, settings: Settings
) -> tuple[list[KeptCase], dict[str, str]]:
    clocks = Clocks(settings.cases)
    today = clocks.days.today()
    when, found, after = When(today, clocks.soon(today)), list[KeptCase](), ""
    with reading_as(catalogue, viewer) as connection:
        gates = gates_of(connection, viewer)
        while True:
            page = cases_page(connection, viewer, wanted, when, gates, after=after, limit=MAX_PAGE)
            found += page.items
            after = page.after
            if not after:
                return found, names_of(connection, {one.manager for one in found})


def _rows(
    cases: Sequence[KeptCase], names: Mapping[str, str], language: str
) -> Iterator[tuple[Any, ...]]:
    for case in cases:
        people = "\n".join(one.card.name(language) for one in case.people)
        since, opened = (
            local_time(at, language).date() for at in (case.stage_since, case.opened_at)
        )
        yield (
            case.case_id,
            case.title,
            case.company,
            STAGE_WORDS[language][case.stage],
            STATE_WORDS[language][case.state],
            REASON_WORDS[language].get(case.reason, ""),
            MEANS_WORDS[language].get(case.means, ""),
            case.amount_jpy,
            people,
            called(case.manager, names, language),
            case.next_step,
            case.due_on.isoformat() if case.due_on else "",
            case.days_left,
            since.isoformat(),
            opened.isoformat(),
            case.need_id,
        )


def _as_csv(rows: Sequence[Sequence[Any]], language: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS[language])
    writer.writerows([cell_text(v) if isinstance(v, str) else v for v in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _as_workbook(rows: Sequence[Sequence[Any]], language: str) -> bytes:
    book = Workbook()
    book.properties.creator = "Enmusubi"
    sheet: Any = book.active
    sheet.title = SHEET[language]
    for column, (heading, width) in enumerate(zip(HEADINGS[language], WIDTHS, strict=True), 1):
        cell = sheet.cell(1, column, heading)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6F0")
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            write_value(sheet.cell(number, column), value)
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(WIDTHS))}{len(rows) + 1}"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
