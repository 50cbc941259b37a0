"""Run as a process of its own: PDF bytes in, one JSON line a page out, with its text in reading order.

PDFium is a large native library, and PDFs are made to break such, or to take long: here it has bounds of
memory and time of its own, and what breaks is this process. It knows no database and no settings.
"""

import ctypes
import json
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from catalogue.importers.need_files.pdf_glyphs import (
    CHECK,
    HYPHEN,
    LINE,
    NOT_TOLD,
    SPACE_BEFORE,
    TEXT,
)
from catalogue.importers.need_files.pdf_layout import Effort
from catalogue.importers.need_files.pdf_page import PageText, read_page
from enmusubi.process_limits import bound_process

MAX_MEMORY_BYTES = 1_500_000_000
MAX_CPU_S = 20
MAX_PAGES = 200
MAX_CHARS = 300_000
MAX_FIELDS = 5_000
MAX_OBJECTS = 20_000  # of a page, looked at for pictures
MAX_ASKED_OBJECTS = 3_000  # of a page, asked for their text: each is looked for among all of it
MAX_VALUE_CHARS = 100_000
MAX_S = 7.0  # after which no further page is begun: what was read until then is given
_UNITS = 10  # of a point: boxes are whole numbers


def main() -> None:
    """Read standard input and write the pages; ends with 3 for a locked file and 4 for one of XFA alone."""
    bound_process(MAX_MEMORY_BYTES, MAX_CPU_S)
    begun = time.monotonic()
    import pypdfium2

    content = sys.stdin.buffer.read()
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        sys.exit(3 if getattr(error, "err_code", 0) == 4 or "assword" in str(error) else 1)
    if document.get_formtype() == pypdfium2.raw.FORMTYPE_XFA_FULL:
        sys.exit(4)
    if document.get_formtype() != pypdfium2.raw.FORMTYPE_NONE:
        document.init_forms()
    count, left, effort = len(document), MAX_CHARS, Effort()
    write({"pages": min(count, MAX_PAGES), "of": count})
    for number in range(min(count, MAX_PAGES)):
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            write(asdict(PageText([], is_picture=False, chars=0, untold=0)))
            continue
        text = page.get_textpage()
        chars = [*chars_of(text, left), *mute_chars(page, text)]
        left -= len(chars)
        fields = list(fields_of(document, page)) if left > 0 else []
        found = {"chars": chars, "fields": fields, **pictures_of(page)}
        write(asdict(read_page(found, effort)))
        page.close()
        if left <= 0 or time.monotonic() - begun > MAX_S:
            break


def write(line: dict[str, Any]) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    sys.stdout.flush()  # what was read counts, even if the next page takes too long


def chars_of(text: Any, most: int) -> Iterator[list[Any]]:
    """Yield the characters of a page's text: code, left, bottom, right, top, quarter turns, flags."""
    import pypdfium2.raw as pdfium

    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    flags = 0
    for at in range(min(text.count_chars(), 2 * most)):
        code = pdfium.FPDFText_GetUnicode(text, at)
        if pdfium.FPDFText_IsGenerated(text, at) == 1:
            flags |= SPACE_BEFORE if code == 0x20 else 0
            continue
        if pdfium.FPDFText_HasUnicodeMapError(text, at) == 1:
            flags |= NOT_TOLD
        if pdfium.FPDFText_IsHyphen(text, at) == 1:
            flags |= HYPHEN
        if pdfium.FPDFText_GetLooseCharBox(text, at, box):
            edges = (box.left, box.bottom, box.right, box.top)
        elif pdfium.FPDFText_GetCharOrigin(text, at, x, y):
            size = pdfium.FPDFText_GetFontSize(text, at)
            edges = (x.value, y.value, x.value + size / 2, y.value + size)
        else:
            continue
        if not all(math.isfinite(edge) and abs(edge) < 1e6 for edge in edges):
            continue
        turns = round(pdfium.FPDFText_GetCharAngle(text, at) / (math.pi / 2)) % 4
        yield [code, *(round(edge * _UNITS) for edge in edges), turns, flags]
        flags = 0
        most -= 1
        if most <= 0:
            return


def mute_chars(page: Any, text: Any) -> Iterator[list[Any]]:
    """Yield what PDFium drops from a page's text: a letter that was drawn alone and that no font tells."""
    import pypdfium2.raw as pdfium

    count = pdfium.FPDFPage_CountObjects(page)
    edges = left, bottom, right, top = [ctypes.c_float() for _ in range(4)]
    for at in range(count if count <= MAX_ASKED_OBJECTS else 0):
        found = pdfium.FPDFPage_GetObject(page, at)
        if pdfium.FPDFPageObj_GetType(found) != pdfium.FPDF_PAGEOBJ_TEXT:
            continue
        is_drawn = pdfium.FPDFPageObj_GetBounds(found, left, bottom, right, top)
        area = (right.value - left.value) * (top.value - bottom.value)
        if is_drawn and 1 < area < 1e6 and pdfium.FPDFTextObj_GetText(found, text, None, 0) <= 2:
            yield [0, *(round(edge.value * _UNITS) for edge in edges), 0, NOT_TOLD]


def fields_of(document: Any, page: Any) -> Iterator[list[Any]]:
    """Yield the filled-in fields and typed notes of a page: kind, value, shown name, the four edges."""
    import pypdfium2.raw as pdfium

    form = document.formenv
    for at in range(min(pdfium.FPDFPage_GetAnnotCount(page), MAX_FIELDS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, at)
        if not annotation:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        is_hidden = pdfium.FPDFAnnot_GetFlags(annotation) & (
            pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
        )
        box = pdfium.FS_RECTF()
        if not is_hidden and pdfium.FPDFAnnot_GetRect(annotation, box):
            edges = [round(edge * _UNITS) for edge in (box.left, box.bottom, box.right, box.top)]
            if kind == pdfium.FPDF_ANNOT_FREETEXT:
                written = string_of(
                    lambda buffer, size, a=annotation: pdfium.FPDFAnnot_GetStringValue(
                        a, b"Contents", buffer, size
                    )
                )
                yield [LINE, written, "", *edges]
            elif kind == pdfium.FPDF_ANNOT_WIDGET and form:
                yield from widget_of(form, annotation, edges)
        pdfium.FPDFPage_CloseAnnot(annotation)


def widget_of(form: Any, annotation: Any, edges: list[int]) -> Iterator[list[Any]]:
    """Yield a field of a form, if something was filled in."""
    import pypdfium2.raw as pdfium

    def told(function: Any) -> str:
        return string_of(lambda buffer, size: function(form, annotation, buffer, size))

    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    name = told(
        pdfium.FPDFAnnot_GetFormFieldAlternateName
    )  # what is shown; its own is the program's
    if kind in {pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON}:
        is_ticked = pdfium.FPDFAnnot_IsChecked(form, annotation)
        yield [CHECK, "1" if is_ticked else "", name, *edges]
    elif kind in {pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}:
        chosen = [
            string_of(
                lambda buffer, size, at=at: pdfium.FPDFAnnot_GetOptionLabel(
                    form, annotation, at, buffer, size
                )
            )
            for at in range(min(pdfium.FPDFAnnot_GetOptionCount(form, annotation), 1_000))
            if pdfium.FPDFAnnot_IsOptionSelected(form, annotation, at)
        ]
        value = ", ".join(chosen) or told(pdfium.FPDFAnnot_GetFormFieldValue)
        yield [TEXT, value, name, *edges]
    elif kind == pdfium.FPDF_FORMFIELD_TEXTFIELD:
        yield [TEXT, told(pdfium.FPDFAnnot_GetFormFieldValue), name, *edges]


def string_of(ask: Any) -> str:
    """Return a string that PDFium writes into a buffer as UTF-16."""
    size = min(ask(None, 0), 2 * MAX_VALUE_CHARS)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    ask(buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace").rstrip("\0")


def pictures_of(page: Any) -> dict[str, Any]:
    """Return how much of a page pictures cover, from 0 to 1, and how many things are drawn on it."""
    import pypdfium2.raw as pdfium

    count = pdfium.FPDFPage_CountObjects(page)
    width, height = page.get_size()
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    covered = 0.0
    for at in range(min(count, MAX_OBJECTS)):
        found = pdfium.FPDFPage_GetObject(page, at)
        if pdfium.FPDFPageObj_GetType(found) not in {
            pdfium.FPDF_PAGEOBJ_IMAGE,
            pdfium.FPDF_PAGEOBJ_FORM,
        }:
            continue
        if pdfium.FPDFPageObj_GetBounds(found, left, bottom, right, top):
            covered += abs((right.value - left.value) * (top.value - bottom.value))
    share = covered / (width * height) if width and height else 0.0
    return {"pictures": min(share, 1.0) if math.isfinite(share) else 1.0, "objects": count}


if __name__ == "__main__":
    main()
