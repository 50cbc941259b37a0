"""Sheets of the night's workbook about what it found besides lists; one without rows is left out."""

from collections.abc import Iterable, Iterator
from typing import Any

from office.cases.case_words import STAGE_WORDS
from office.cases.telling import DueCase
from office.reports import labels
from office.reports.findings import ThemeReport, UnusedReport
from office.reports.night_sheets import BOLD, NEW, TOP, Columns, NightBook
from office.reports.records import DormantReport, NightReport

DORMANT_NAME = "休眠ニーズ Dormant needs"
THEMES_NAME = "共通テーマ Shared themes"
UNUSED_NAME = "未活用特許 Unused patents"
CASES_NAME = "案件の期限 Cases due"
Row = tuple[bool, tuple[Any, ...]]  # whether it is new, and its values
_HEADING_ROW = 4
_DORMANT: Columns = (
    ("ニーズ Need", 22),
    ("題名 Title", 50),
    ("企業 Company", 26),
    ("研究者", 22),
    ("Researcher", 26),
    ("確率 Probability", 18),
    ("新しいシーズ New seeds", 60),
    ("研究者ID Researcher id", 24),
)
_THEMES: Columns = (
    ("新着 New", 20),
    ("企業の数 Companies", 22),
    ("ニーズの数 Needs", 20),
    ("共通する語 Shared words", 60),
    ("ニーズID Need ids", 50),
    ("新しく加わったニーズ Joined", 50),
)
_UNUSED: Columns = (
    ("特許 Patent", 24),
    ("題名 Title", 50),
    ("企業 Company", 30),
    ("手がかり Found by", 30),
    ("ニーズ Need", 22),
    ("題名 Title", 50),
    ("発明者の確率 Inventors' probability", 36),
)


_CASES: Columns = (
    ("期限 Last day", 16),
    ("状況 Clock", 26),
    ("案件 Case", 12),
    ("題名 Title", 50),
    ("企業 Company", 30),
    ("段階 Stage", 28),
    ("学内担当者 Manager", 24),
)


def write_findings(book: NightBook, report: NightReport) -> None:
    """Add a sheet each for dormant needs, themes, unused patents and cases, where there are any."""
    found = report.findings
    _write(book, DORMANT_NAME, labels.DORMANT_NOTE, _DORMANT, _dormant_rows(report.dormant))
    _write(book, THEMES_NAME, labels.THEMES_NOTE, _THEMES, _theme_rows(found.themes or ()))
    _write(book, UNUSED_NAME, labels.UNUSED_NOTE, _UNUSED, _unused_rows(found.unused))
    _write(book, CASES_NAME, labels.CASES_NOTE, _CASES, _case_rows(report.cases.rows))


def _write(book: NightBook, name: str, note: str, columns: Columns, rows: Iterator[Row]) -> None:
    written = list(rows)
    if not written:
        return
    sheet = book.sheet(name)
    sheet.write_row(1, (name,), BOLD)
    sheet.write_row(2, (note,))
    sheet.write_headings(_HEADING_ROW, columns)
    shares = [place for place, (heading, _) in enumerate(columns, 1) if "robability" in heading]
    for row, (is_new, values) in enumerate(written, start=_HEADING_ROW + 1):
        sheet.write_row(row, values, NEW if is_new else TOP, shares=shares)
    last = _HEADING_ROW + len(written)
    sheet.finish(header_row=_HEADING_ROW, n_columns=len(columns), last_row=last)


def _dormant_rows(reports: Iterable[DormantReport]) -> Iterator[Row]:
    for report in reports:
        for one in report.people:
            card = one.researcher
            names = (card.name_ja, card.name_en or ("" if card.name_ja else card.researcher_id))
            yield (
                False,
                (
                    report.need_id,
                    report.shown_title,
                    report.company,
                    *names,
                    one.probability,
                    "\n".join(one.titles),
                    card.researcher_id,
                ),
            )


def _theme_rows(themes: Iterable[ThemeReport]) -> Iterator[Row]:
    for theme in themes:
        yield (
            theme.has_news,
            (
                labels.theme_mark(is_new=theme.is_new, joined=len(theme.joined)),
                theme.companies,
                len(theme.need_ids),
                "、".join(theme.words),
                "\n".join(theme.need_ids),
                "\n".join(theme.joined),
            ),
        )


def _unused_rows(reports: Iterable[UnusedReport]) -> Iterator[Row]:
    for report in reports:
        for one in report.companies:
            yield (
                bool(one.need_id),
                (
                    report.seed_id,
                    report.shown_title,
                    one.name,
                    labels.found_by(one.kinds),
                    one.need_id,
                    one.need_title,
                    one.probability,
                ),
            )


def _case_rows(cases: Iterable[DueCase]) -> Iterator[Row]:
    for case in sorted(cases, key=lambda one: (one.due_on, one.case_id)):
        yield (
            case.is_escalated,
            (
                case.due_on.isoformat(),
                labels.CASE_CLOCKS["overdue" if case.is_overdue else "due_soon"],
                case.case_id,
                case.title,
                case.company,
                f"{STAGE_WORDS['ja'][case.stage]} {STAGE_WORDS['en'][case.stage]}",
                case.manager,
            ),
        )
