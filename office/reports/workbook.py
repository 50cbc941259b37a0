"""Writes the report as a workbook: a contents sheet, one sheet for each need, then what was found besides."""

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from office.reports import labels
from office.reports.cells import link_to_sheet, link_to_web, sheet_name
from office.reports.finding_sheets import write_findings
from office.reports.folds import fold_rows
from office.reports.night_sheets import NEW_FILL, TOP, finish, own_style, write_headings, write_row
from office.reports.records import NeedReport, NightReport, ReportedMatch

WORKBOOK_NAME = "matches.xlsx"
CONTENTS_NAME = "目次 Contents"

_CONTENTS = (  # heading, width in characters
    ("番号 No.", 9),
    ("ニーズ Need", 22),
    ("題名 Title", 50),
    ("企業 Company", 26),
    ("領域 Area", 24),
    ("研究者 Researchers", 18),
    ("見込みの低い研究者 Less likely", 26),
    ("新しい研究者 New researchers", 26),
    ("新しい根拠 New evidence", 22),
    ("注意 Note", 50),
)
_MATCHES = (
    ("順位 Rank", 10),
    ("新着 New", 20),
    ("研究者", 22),
    ("Researcher", 26),
    ("所属", 34),
    ("Affiliation", 40),
    ("職名 Position", 20),
    ("適合の見込み Fit", 22),
    ("確率 Probability", 18),
    ("種別 Kind", 18),
    ("年 Year", 9),
    ("根拠の題名 Evidence", 50),
    ("根拠の文 Sentence", 80),
    ("リンク Link", 40),
    ("留意点 To consider", 60),
    ("研究者ID Researcher id", 24),
)
_HEADINGS = [heading for heading, _ in _MATCHES]
_LINK_COLUMN = _HEADINGS.index("リンク Link") + 1
_PROBABILITY_COLUMN = _HEADINGS.index("確率 Probability") + 1


def write_workbook(report: NightReport, path: Path) -> None:
    """Write the workbook; every text in it is text, none a formula (see `cells`)."""
    book = Workbook()
    created = datetime.datetime.fromisoformat(report.date)
    book.properties.creator, book.properties.created = "Enmusubi", created
    names = [
        sheet_name(number, need.shown_title) for number, need in enumerate(report.needs, start=1)
    ]
    _write_contents(book.active, report, names)
    for name, need in zip(names, report.needs, strict=True):
        _write_need(book.create_sheet(name), need)
    write_findings(book, report)
    book.save(path)


def _write_contents(sheet: Any, report: NightReport, names: Sequence[str]) -> None:
    sheet.title = CONTENTS_NAME
    write_row(sheet, 1, (f"毎朝の新着レポート Nightly matching report {report.name}",), bold=True)
    write_row(sheet, 2, (labels.CONFIDENTIAL,))
    write_row(sheet, 3, (f"検索データ Index {report.index_version} · モデル Model {report.model}",))
    write_headings(sheet, 5, _CONTENTS)
    for number, (name, need) in enumerate(zip(names, report.needs, strict=True), start=1):
        row = 5 + number
        write_row(sheet, row, (number, *_contents_values(need)), wrap=True)
        for column in (1, 3):
            cell = own_style(sheet.cell(row, column))
            link_to_sheet(cell, name)
            cell.font = Font(underline="single", color="1F4E9E")
    lines = [*report.imported, *map(labels.in_both_languages, report.problems)]
    for row, line in enumerate(lines, start=7 + len(names)):
        write_row(sheet, row, (line,))
    finish(sheet, header_row=5, columns=_CONTENTS, last_row=5 + len(names))


def _contents_values(report: NeedReport) -> tuple[Any, ...]:
    need = report.need
    return (
        need.need_id,
        report.shown_title,
        need.company,
        labels.area_label(need.area),
        len(report.likely),
        len(report.unlikely),
        report.new_researchers,
        report.new_seeds,
        _note(report),
    )


def _note(report: NeedReport) -> str:
    if report.error:
        return labels.in_both_languages(report.error)
    if not report.matches:
        return labels.NO_RESEARCHER
    return labels.fits_nobody(report.shown_title) if report.is_nobody else ""


def _write_need(sheet: Any, report: NeedReport) -> None:
    need = report.need
    write_row(sheet, 1, (report.shown_title,), bold=True)
    write_row(sheet, 2, ("目次へ Contents",))
    link_to_sheet(sheet.cell(2, 1), CONTENTS_NAME)
    about = (need.need_id, need.company, labels.area_label(need.area), need.posted_on)
    write_row(sheet, 3, (" · ".join(part for part in about if part),))
    write_row(sheet, 4, (need.text,))
    sheet.merge_cells(start_row=4, start_column=1, end_row=4, end_column=len(_MATCHES) - 1)
    sheet.cell(4, 1).alignment = TOP
    sheet.row_dimensions[4].height = 90
    notices = [labels.EVENED] if report.is_evened and report.matches else []
    if report.is_nobody:
        notice = labels.nobody_fits(report.shown_title)
        notices.insert(0, f"{labels.list_heading(nearest=True)}: {notice}")
    write_row(sheet, 5, (" ".join(notices),), bold=True)
    write_headings(sheet, 6, _MATCHES)
    last = _write_matches(sheet, 6, report.likely)
    if report.unlikely:
        label_row = last + 1
        last = _write_matches(sheet, label_row, report.unlikely)
        fold_rows(sheet, label_row, labels.fold_label(len(report.unlikely)), last)
    if not report.matches:
        write_row(sheet, 7, (_note(report),))
    finish(sheet, header_row=6, columns=_MATCHES, last_row=last)


def _write_matches(sheet: Any, above: int, matches: Sequence[ReportedMatch]) -> int:
    """Write the rows of these people below a row; returns the last one."""
    row = above
    for reported in matches:
        for values, url, is_new in _match_rows(reported):
            row += 1
            write_row(sheet, row, values, wrap=True, fill=NEW_FILL if is_new else None)
            link_to_web(sheet.cell(row, _LINK_COLUMN), url)
            own_style(sheet.cell(row, _PROBABILITY_COLUMN)).number_format = "0%"
    return row


def _match_rows(reported: ReportedMatch) -> Iterator[tuple[tuple[Any, ...], str, bool]]:
    """Yield values, link and whether it is new, for each piece of evidence or once if none."""
    match, person = reported.match, reported.match.researcher
    who = (
        person.name_ja,
        person.name_en or ("" if person.name_ja else person.researcher_id),
        person.affiliation("ja"),
        person.affiliation("en"),
        person.position_ja or person.position_en,
        labels.strength_label(match.strength),
        match.probability,
    )
    against = "\n".join(labels.objection_label(objection) for objection in match.against)
    for evidence in match.evidence or (None,):
        seed: tuple[Any, ...] = (None,) * 5
        new_seed = evidence is not None and evidence.seed_id in reported.new_seeds
        mark = labels.NEW_RESEARCHER if reported.is_new else labels.NEW_EVIDENCE if new_seed else ""
        if evidence is not None:
            kind = labels.kind_label(evidence.kind)
            seed = (kind, evidence.year, evidence.title, evidence.sentence, None)
        values = (match.rank, mark, *who, *seed, against, person.researcher_id)
        yield values, evidence.url if evidence else "", bool(mark)
