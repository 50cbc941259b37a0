"""An estimate as an Excel file whose sums are formulas: a changed line or percentage changes them.

The formulas round as `office.estimates.amounts` does. An inner ROUND takes away what binary fractions
leave of decimal ones, before ROUNDDOWN cuts off: products have at most four decimals.
"""

import io
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from office.estimates.amounts import DIRECT_KINDS, FEE_KINDS, LINE_KINDS
from office.estimates.kept import KeptEstimate
from office.estimates.words import KIND_WORDS, SAID, STATE_WORDS, year_words
from office.reports.cells import write_text

YEN, NUMBER = "#,##0", "#,##0.##"
WIDTHS = (24, 20, 38, 16, 14, 16)
_BOLD, _HEAD = Font(bold=True), PatternFill("solid", fgColor="DDE6F0")
_RATES = ("indirect", "strategic", "tax")
SHARE = "ROUNDDOWN(ROUND({of}*{percent}/100,4),0)"


@dataclass(frozen=True)
class EstimateSheet:
    """What a file says besides the estimate: whose it is."""

    kept: KeptEstimate
    case_title: str = field(repr=False)
    company: str = field(repr=False)
    university: str
    day: date


def estimate_as_workbook(shown: EstimateSheet, language: str) -> bytes:
    """Return one version of an estimate as an XLSX file with formulas."""
    book = Workbook()
    book.properties.creator = "Enmusubi"
    sheet: Any = book.active
    sheet.title = SAID[language]["sheet"]
    for column, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    rates = _write_head(sheet, shown, language)
    lines = _write_lines(sheet, shown, language)
    _write_sums(sheet, shown, language, rates, lines)
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth = "landscape", 1
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True
    book.calculation.fullCalcOnLoad = True
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _write_head(sheet: Any, shown: EstimateSheet, language: str) -> dict[str, str]:
    """Write whose estimate it is and its percentages; returns the cells of these, by name."""
    said, kept = SAID[language], shown.kept
    write_text(sheet.cell(1, 1), f"{said['heading']} {kept.estimate.title}")
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    facts = (
        (said["case"], f"{kept.case_id} {shown.case_title}"), (said["company"], shown.company),
        (said["university"], shown.university), (said["made"], shown.day.isoformat()),
        (said["version"], f"{kept.version} ({STATE_WORDS[language][kept.state]})"),
    )  # fmt: skip
    said_facts = [(name, value) for name, value in facts if value]
    for row, (name, value) in enumerate(said_facts, start=2):
        write_text(sheet.cell(row, 1), name)
        write_text(sheet.cell(row, 2), value)
    cells: dict[str, str] = {}
    for name in _RATES:
        row = sheet.max_row + 1
        write_text(sheet.cell(row, 1), said["percent"].format(name=said[name]))
        sheet.cell(row, 2, getattr(kept.estimate.rates, name)).number_format = NUMBER
        cells[name] = f"$B${row}"
    for text in filter(None, (said["rounding"], kept.estimate.note)):
        row = sheet.max_row + 1
        write_text(sheet.cell(row, 1), text)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(WIDTHS))
        sheet.cell(row, 1).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[row].height = 16 * (2 + len(text) // 60 + text.count("\n"))
    return cells


def _write_lines(sheet: Any, shown: EstimateSheet, language: str) -> tuple[int, int]:
    """Write the lines, by year and kind; returns the first and last of their rows."""
    said, row = SAID[language], sheet.max_row + 2
    names = ("year", "kind", "text", "unit", "quantity", "amount")
    _write_headings(sheet, row, [said[name] for name in names])
    first = row + 1
    ordered = sorted(shown.kept.estimate.lines, key=lambda x: (x.year, LINE_KINDS.index(x.kind)))
    for row, line in enumerate(ordered, start=first):
        sheet.cell(row, 1, line.year)
        write_text(sheet.cell(row, 2), KIND_WORDS[language][line.kind])
        write_text(sheet.cell(row, 3), line.text)
        sheet.cell(row, 4, line.unit_jpy).number_format = YEN
        sheet.cell(row, 5, line.quantity).number_format = NUMBER
        sheet.cell(row, 6, f"=ROUNDDOWN(ROUND(D{row}*E{row},4),0)").number_format = YEN
    return first, row


def _write_sums(
    sheet: Any,
    shown: EstimateSheet,
    language: str,
    rates: dict[str, str],
    lines: tuple[int, int],
) -> None:
    """Write the table of sums: a row a kind, a column a year, the last one for all years."""
    said, estimate = SAID[language], shown.kept.estimate
    head = sheet.max_row + 2
    years = range(1, estimate.years + 1)
    told = [year_words(year, estimate.first_year, language) for year in years]
    _write_headings(sheet, head, [said["sums"], *told, said["all"]])
    row_of = {
        name: head + place
        for place, name in enumerate(
            (*DIRECT_KINDS, "direct", "indirect", "strategic", *FEE_KINDS, "net", "tax", "total"), 1
        )
    }
    for name, row in row_of.items():
        write_text(sheet.cell(row, 1), KIND_WORDS[language].get(name) or said[name])
        bold = name in {"direct", "net", "total"}
        for year in years:
            letter = get_column_letter(year + 1)
            cell = sheet.cell(row, year + 1, f"={_sum(name, letter, year, row_of, rates, lines)}")
            cell.number_format, cell.font = YEN, Font(bold=bold)
        last = get_column_letter(estimate.years + 1)
        cell = sheet.cell(row, estimate.years + 2, f"=SUM(B{row}:{last}{row})")
        cell.number_format, cell.font = YEN, Font(bold=bold)
        sheet.cell(row, 1).font = Font(bold=bold)
    for column in range(len(WIDTHS) + 1, estimate.years + 3):
        sheet.column_dimensions[get_column_letter(column)].width = 16


def _sum(  # noqa: PLR0917 - where everything stands
    name: str,
    letter: str,
    year: int,
    row_of: dict[str, int],
    rates: dict[str, str],
    lines: tuple[int, int],
) -> str:
    first, last = lines
    if name in LINE_KINDS:
        amounts, years, kinds = (f"${c}${first}:${c}${last}" for c in "FAB")
        return f"SUMIFS({amounts},{years},{year},{kinds},$A{row_of[name]})"
    if name == "direct":
        top, bottom = row_of[DIRECT_KINDS[0]], row_of[DIRECT_KINDS[-1]]
        return f"SUM({letter}{top}:{letter}{bottom})"
    if name in rates:
        of = row_of["net" if name == "tax" else "direct"]
        return SHARE.format(of=f"{letter}{of}", percent=rates[name])
    if name == "net":
        return f"SUM({letter}{row_of['direct']}:{letter}{row_of[FEE_KINDS[-1]]})"
    return f"{letter}{row_of['net']}+{letter}{row_of['tax']}"


def _write_headings(sheet: Any, row: int, headings: list[str]) -> None:
    for column, heading in enumerate(headings, start=1):
        cell = sheet.cell(row, column)
        write_text(cell, heading)
        cell.font, cell.fill = _BOLD, _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top")
