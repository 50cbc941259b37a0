"""Workbooks that lie about their size, hold formulas, or are bombs, and what other files share."""

import io
import zipfile
from collections.abc import Iterator

import openpyxl

BIG = 50_000_000
MARKER = "/tmp/enmusubi-was-here"  # what a formula or a script would create
SCRIPT = "<script>document.title='x'</script><img src=x onerror=alert(1)>"
FORMULA = f"=cmd|'/C touch {MARKER}'!A0"


def zipped(members: list[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members:
            archive.writestr(member, content)
    return packed.getvalue()


def hostile_workbooks() -> Iterator[tuple[str, bytes]]:
    """Yield workbooks that lie about their size, hold formulas, or are bombs."""
    yield "formulas", _workbook([["researcher_id", "name_en"], ["r1", FORMULA], ["=1+1", SCRIPT]])
    yield "wide", _workbook([[f"c{n}" for n in range(16_000)], ["x"] * 16_000])
    sample = _workbook([["researcher_id", "name_en"], ["r1", "Hana Mori"]])
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    sheet = "xl/worksheets/sheet1.xml"
    for what, part, old, new in (
        ("entities", sheet, "<worksheet", f"{laughs}<worksheet"),
        ("size", sheet, 'ref="A1:B2"', 'ref="A1:XFD1048576"'),
        ("far_row", sheet, '<row r="2"', '<row r="1048576"'),
        ("far_cell", sheet, 'r="A2"', 'r="XFD2"'),
        ("wrong_cell", sheet, 'r="A2"', 'r="2A-9"'),
        ("wrong_number", sheet, "<v>2</v>", "<v>999999999</v>"),
        ("no_sheet", "xl/workbook.xml", "sheet1.xml", "../../../etc/passwd"),
        ("external", "xl/_rels/workbook.xml.rels", "worksheets/", "http://127.0.0.1:9/"),
        ("bomb", sheet, "</sheetData>", " " * BIG + "</sheetData>"),
    ):
        yield what, _with_part(sample, part, old, new)


def _workbook(rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _with_part(workbook: bytes, part: str, old: str, new: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = parts[part].replace(old.encode(), new.encode())
    return zipped(list(parts.items()))
