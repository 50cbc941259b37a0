"""Match lists and shortlists as a workbook or a CSV file; no text becomes a formula (see `cells`)."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from enmusubi.language import clean_text
from enmusubi.settings import local_time
from matcher.explaining.standing import UNLIKELY, Standing, folded
from matcher.explaining.words import STRENGTHS, objection_text
from matcher.records import Match
from office.reports.cells import cell_text, link_to_web, sheet_name, write_value
from office.reports.folds import fold_rows
from office.shortlists import ShortlistEntry

HEADINGS: Mapping[str, Sequence[str]] = {
    "ja": (
        "順位", "氏名", "Name", "所属", "職名", "適合の見込み", "確率", "企業との共同成果",
        "最新の年", "相手企業", "根拠の種類", "年", "根拠の題名", "根拠の文", "リンク", "留意点",
        "スクリーニング", "研究者ID",
    ),
    "en": (
        "Rank", "Name (Japanese)", "Name", "Affiliation", "Position", "Fit", "Probability",
        "Works with companies", "Latest year", "Companies", "Kind of evidence", "Year", "Title",
        "Sentence", "Link", "To consider", "Screening", "Researcher id",
    ),
}  # fmt: skip
# a CSV file has no place but its rows: they name the need, and say who stands apart
CSV_HEADINGS: Mapping[str, Sequence[str]] = {
    "ja": ("ニーズ", "注意", *HEADINGS["ja"]),
    "en": ("Need", "Note", *HEADINGS["en"]),
}
WIDTHS = (7, 18, 22, 36, 16, 14, 10, 12, 10, 26, 14, 8, 48, 70, 36, 48, 48, 20)
KINDS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "paper": "論文", "patent": "特許", "grant": "研究課題", "course": "授業",
        "note": "技術資料", "presentation": "発表", "award": "受賞", "profile": "プロフィール",
    },
    "en": {
        "paper": "Paper", "patent": "Patent", "grant": "Grant", "course": "Course",
        "note": "Technology note", "presentation": "Presentation", "award": "Award",
        "profile": "Profile",
    },
}  # fmt: skip
SHORTLIST_HEADINGS: Mapping[str, Sequence[str]] = {
    "ja": ("ニーズ", "氏名", "Name", "所属", "職名", "追加日", "ニーズID", "研究者ID"),
    "en": (
        "Need", "Name (Japanese)", "Name", "Affiliation", "Position", "Added on", "Need id",
        "Researcher id",
    ),
}  # fmt: skip
SHORTLIST_WIDTHS = (36, 18, 22, 36, 16, 12, 20, 20)
SHORTLIST_SHEET_NAMES = {"ja": "候補リスト", "en": "Shortlist"}
Remarks = Mapping[str, str]  # what screening found of people, by id, in words
NO_REMARKS: Remarks = {}
_LINK, _PROBABILITY = 15, 7  # columns, from 1
_HEADING_ROW = 5
_BOLD = Font(bold=True)
_TOP = Alignment(vertical="top", wrap_text=True)
_HEADING_FILL = PatternFill("solid", fgColor="EFE3E3")


def list_rows(
    matches: Sequence[Match], language: str, remarks: Remarks = NO_REMARKS
) -> Iterator[tuple[Any, ...]]:
    """Yield the values under HEADINGS; a researcher without evidence has one row all the same."""
    for match in matches:
        person = match.researcher
        who = (
            person.name_ja,
            person.name_en,
            person.affiliation(language),
            person.position(language),
            STRENGTHS[language].get(match.strength, ""),
            None if match.probability is None else round(match.probability, 3),
            person.industry_seeds,
            person.industry_last_year,
            person.industry_partners,
        )
        against = "\n".join(objection_text(objection, language) for objection in match.against)
        for evidence in match.evidence or (None,):
            seed: tuple[Any, ...] = (None,) * 5
            if evidence is not None:
                kind = KINDS[language].get(evidence.kind, evidence.kind)
                seed = (kind, evidence.year, evidence.title, evidence.sentence, evidence.url)
            screened = remarks.get(person.researcher_id, "")
            yield (match.rank, *who, *seed, against, screened, person.researcher_id)


def list_as_csv(
    stands: Standing, language: str, title: str, remarks: Remarks = NO_REMARKS
) -> bytes:
    """Return the list as CSV in UTF-8 with a mark at its beginning, as Excel reads it.

    Those who are less likely to fit come last, and every row of theirs says so.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(CSV_HEADINGS[language])
    parts = ((stands.likely, ""), (stands.unlikely, UNLIKELY[language]))
    for matches, apart in parts:
        for row in list_rows(matches, language, remarks):
            said = (stands.notice or apart, stands.of_order)
            noted = (title, "\n".join(filter(None, said)), *row)
            writer.writerow(cell_text(v) if isinstance(v, str) else v for v in noted)
    return text.getvalue().encode("utf-8-sig")


def list_as_workbook(
    stands: Standing, language: str, *, title: str, text: str, remarks: Remarks = NO_REMARKS
) -> bytes:
    """Return the list as a workbook of one sheet: the need's title and text above it, and the notice.

    Those who are less likely to fit stand folded below the others.
    """
    book = Workbook()
    book.properties.creator = "Enmusubi"
    sheet: Any = book.active
    sheet.title = sheet_name(1, stands.heading).removeprefix("1 ")
    notice = " ".join(filter(None, (stands.notice, stands.of_order)))
    for row, said in enumerate((stands.heading, title, text, notice), start=1):
        write_value(sheet.cell(row, 1), said)
        sheet.cell(row, 1).font = Font(bold=said is not text)
    sheet.merge_cells(start_row=3, start_column=1, end_row=3, end_column=len(WIDTHS))
    sheet.cell(3, 1).alignment = _TOP
    sheet.row_dimensions[3].height = 75
    for column, (heading, width) in enumerate(zip(HEADINGS[language], WIDTHS, strict=True), 1):
        cell = sheet.cell(_HEADING_ROW, column, heading)
        cell.font, cell.fill = _BOLD, _HEADING_FILL
        sheet.column_dimensions[get_column_letter(column)].width = width
    last = _write_all(sheet, _HEADING_ROW, list_rows(stands.likely, language, remarks))
    if stands.unlikely:
        label_row = last + 1
        last = _write_all(sheet, label_row, list_rows(stands.unlikely, language, remarks))
        fold_rows(sheet, label_row, folded(len(stands.unlikely), language), last)
    sheet.freeze_panes = f"C{_HEADING_ROW + 1}"
    sheet.auto_filter.ref = f"A{_HEADING_ROW}:{get_column_letter(len(WIDTHS))}{last}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _write_all(sheet: Any, above: int, rows: Iterator[tuple[Any, ...]]) -> int:
    """Write rows of people below a row; returns the last one."""
    last = above
    for last, values in enumerate(rows, start=above + 1):
        _write(sheet, last, values)
    return last


def _write(sheet: Any, row: int, values: Sequence[Any]) -> None:
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row, column)
        if column == _LINK and isinstance(value, str):
            link_to_web(cell, value)
        else:
            write_value(cell, value)
        cell.alignment = _TOP
    sheet.cell(row, _PROBABILITY).number_format = "0%"


def shortlist_as_csv(entries: Sequence[ShortlistEntry], language: str) -> bytes:
    """Return the shortlist as CSV in UTF-8 with a mark at its beginning, as Excel reads it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(SHORTLIST_HEADINGS[language])
    for row in _shortlist_rows(entries, language):
        writer.writerow([cell_text(value) for value in row])
    return text.getvalue().encode("utf-8-sig")


def shortlist_as_workbook(entries: Sequence[ShortlistEntry], language: str) -> bytes:
    """Return the shortlist as a workbook of one sheet."""
    book = Workbook()
    book.properties.creator = "Enmusubi"
    sheet: Any = book.active
    sheet.title = SHORTLIST_SHEET_NAMES[language]
    columns = zip(SHORTLIST_HEADINGS[language], SHORTLIST_WIDTHS, strict=True)
    for column, (heading, width) in enumerate(columns, 1):
        sheet.cell(1, column, heading).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, row in enumerate(_shortlist_rows(entries, language), start=2):
        for column, value in enumerate(row, start=1):
            write_value(sheet.cell(number, column), value)
    sheet.freeze_panes = "A2"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _shortlist_rows(entries: Sequence[ShortlistEntry], language: str) -> Iterator[tuple[str, ...]]:
    for entry in entries:
        person = entry.researcher
        yield (
            clean_text(entry.need_title) or entry.need_id,
            person.name_ja,
            person.name_en,
            person.affiliation(language),
            person.position(language),
            local_time(entry.added_at, language).date().isoformat(),
            entry.need_id,
            person.researcher_id,
        )
