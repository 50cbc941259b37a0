"""Writes the report as a workbook: a contents sheet, one sheet for each need, then what was found besides."""

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from office.reports import labels
from office.reports.cells import sheet_name
from office.reports.finding_sheets import write_findings
from office.reports.night_sheets import BOLD, NEW, TOP, CellLink, NightSheet, night_book
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
    """Write the workbook; every text in it is text, none a formula (see `cells`). Raises OSError."""
    names = [
        sheet_name(number, need.shown_title) for number, need in enumerate(report.needs, start=1)
    ]
    with night_book(path, datetime.datetime.fromisoformat(report.date)) as book:
        _write_contents(book.sheet(CONTENTS_NAME), report, names)
        for name, need in zip(names, report.needs, strict=True):
            _write_need(book.sheet(name), need)
        write_findings(book, report)


def _write_contents(sheet: NightSheet, report: NightReport, names: Sequence[str]) -> None:
    sheet.write_row(1, (f"毎朝の新着レポート Nightly matching report {report.name}",), BOLD)
    sheet.write_row(2, (labels.CONFIDENTIAL,))
    sheet.write_row(3, (f"検索データ Index {report.index_version} · モデル Model {report.model}",))
    sheet.write_headings(5, _CONTENTS)
    for number, (name, need) in enumerate(zip(names, report.needs, strict=True), start=1):
        links = dict.fromkeys((1, 3), CellLink(sheet=name))
        sheet.write_row(5 + number, (number, *_contents_values(need)), TOP, links=links)
    lines = [*report.imported, *map(labels.in_both_languages, report.problems)]
    for row, line in enumerate(lines, start=7 + len(names)):
        sheet.write_row(row, (line,))
    sheet.finish(header_row=5, n_columns=len(_CONTENTS), last_row=5 + len(names))


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


def _write_need(sheet: NightSheet, report: NeedReport) -> None:
    need = report.need
    sheet.write_row(1, (report.shown_title,), BOLD)
    sheet.write_row(2, ("目次へ Contents",), links={1: CellLink(sheet=CONTENTS_NAME)})
    about = (need.need_id, need.company, labels.area_label(need.area), need.posted_on)
    sheet.write_row(3, (" · ".join(part for part in about if part),))
    sheet.write_over(4, need.text, len(_MATCHES) - 1, height=90)
    notices = [labels.EVENED] if report.is_evened and report.matches else []
    if report.is_nobody:
        notice = labels.nobody_fits(report.shown_title)
        notices.insert(0, f"{labels.list_heading(nearest=True)}: {notice}")
    sheet.write_row(5, (" ".join(notices),), BOLD)
    sheet.write_headings(6, _MATCHES)
    last = _write_matches(sheet, 6, report.likely)
    if report.unlikely:
        label_row = last + 1
        last = _write_matches(sheet, label_row, report.unlikely)
        sheet.fold(label_row, labels.fold_label(len(report.unlikely)), last)
    if not report.matches:
        sheet.write_row(7, (_note(report),))
    sheet.finish(header_row=6, n_columns=len(_MATCHES), last_row=last)


def _write_matches(sheet: NightSheet, above: int, matches: Sequence[ReportedMatch]) -> int:
    """Write the rows of these people below a row; returns the last one."""
    row = above
    for reported in matches:
        for values, url, is_new in _match_rows(reported):
            row += 1
            links = {_LINK_COLUMN: CellLink(url=url)}
            look = NEW if is_new else TOP
            sheet.write_row(row, values, look, links=links, shares=(_PROBABILITY_COLUMN,))
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
