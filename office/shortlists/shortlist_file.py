"""A shortlist as a workbook or a CSV file, one row for each researcher; no text becomes a formula."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from office.reports.cells import cell_text, write_value
from office.shortlists.shortlist import ShortlistEntry

HEADINGS: Mapping[str, Sequence[str]] = {
    "ja": ("ニーズ", "氏名", "Name", "所属", "職名", "追加日", "ニーズID", "研究者ID"),
    "en": (
        "Need", "Name (Japanese)", "Name", "Affiliation", "Position", "Added on", "Need id",
        "Researcher id",
    ),
}  # fmt: skip
WIDTHS = (36, 18, 22, 36, 16, 12, 20, 20)
SHEET_NAMES = {"ja": "候補リスト", "en": "Shortlist"}


def shortlist_as_csv(entries: Sequence[ShortlistEntry], language: str) -> bytes:
    """Return the shortlist as CSV in UTF-8 with a mark at its beginning, as Excel reads it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS[language])
    for row in _rows(entries, language):
        writer.writerow([cell_text(value) for value in row])
    return text.getvalue().encode("utf-8-sig")


def shortlist_as_workbook(entries: Sequence[ShortlistEntry], language: str) -> bytes:
    """Return the shortlist as a workbook of one sheet."""
    book = Workbook()
    book.properties.creator = "Enmusubi"
    sheet: Any = book.active
    sheet.title = SHEET_NAMES[language]
    for column, (heading, width) in enumerate(zip(HEADINGS[language], WIDTHS, strict=True), 1):
        sheet.cell(1, column, heading).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, row in enumerate(_rows(entries, language), start=2):
        for column, value in enumerate(row, start=1):
            write_value(sheet.cell(number, column), value)
    sheet.freeze_panes = "A2"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _rows(entries: Sequence[ShortlistEntry], language: str) -> Iterator[tuple[str, ...]]:
    for entry in entries:
        person = entry.researcher
        step = 1 if language == "ja" else -1
        position = next(filter(None, (person.position_ja, person.position_en)[::step]), "")
        yield (
            entry.need_title,
            person.name_ja,
            person.name_en,
            person.affiliation(language),
            position,
            entry.added_at.astimezone().date().isoformat(),
            entry.need_id,
            person.researcher_id,
        )
