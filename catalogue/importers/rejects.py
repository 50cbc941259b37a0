"""Writes rejected rows back, in the format they came in, to be mended and imported again.

The rows stand as they stood in the input: this file is as confidential as the input is.
"""

import csv
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from enmusubi.atomic_files import (
    drop_unfinished_files,
    lock_while_open,
    storage_errors,
)

DELIMITED, JSON_LINES, XML, WORKBOOK, TEXT = "delimited", "JSON lines", "XML", "workbook", "text"
MAX_STEM_CHARS = 80
_PART = ".rejects."

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class RejectsForm:
    """How rejected rows of one file are written."""

    kind: str
    name: str  # the file's label
    suffix: str
    header: tuple[str, ...] = ()  # of a table
    delimiter: str = ","
    root: str = ""  # of XML: the element around the rows
    sheet: str = ""


def write_rejects(folder: Path, source_form: RejectsForm, raws: Iterable[str]) -> Path:
    """Write the rows into a new file of the folder, for its owner only, and return its path.

    The file appears when it is whole; one of the same name stays. Parts that killed imports left are deleted.
    Raises StorageError.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        drop_unfinished_files(folder, f"{_PART}*")
        handle, staging = tempfile.mkstemp(prefix=_PART, dir=folder)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as target:
                lock_while_open(target)
                _WRITERS[source_form.kind](target, source_form, raws)
                target.flush()
                os.fsync(target.fileno())
            return _named(Path(staging), folder, source_form)
        finally:
            Path(staging).unlink(missing_ok=True)


def delimited_line(cells: Sequence[str], delimiter: str) -> str:
    """Return the cells as one record of a delimited file, quoted where needed, without line end."""
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(cells)
    return line.getvalue()


def json_line(value: Any) -> str:
    """Return the value as compact JSON on one line; what JSON does not know becomes text."""
    line = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    if _LONE_SURROGATE.search(line):  # UTF-8 has no bytes for it, JSON has an escape
        return json.dumps(value, separators=(",", ":"), default=str)
    return line


def _named(staging: Path, folder: Path, form: RejectsForm) -> Path:
    """Give the file the first free name."""
    kept = "".join(c if c.isalnum() or c in "-_." else "_" for c in form.name)
    stem = kept[-MAX_STEM_CHARS:].strip("._") or "rows"
    number = 1
    while True:
        path = folder / f"{stem}.rejects{f'-{number}' if number > 1 else ''}{form.suffix}"
        try:
            os.link(staging, path)  # unlike a renaming, it never replaces another file
        except FileExistsError:
            number += 1
        else:
            return path


def _write_delimited(target: BinaryIO, form: RejectsForm, raws: Iterable[str]) -> None:
    lines = chain((delimited_line(form.header, form.delimiter),), raws)
    _write_text(target, (f"{line}\r\n" for line in lines), bom=True)


def _write_json_lines(target: BinaryIO, _: RejectsForm, raws: Iterable[str]) -> None:
    _write_text(target, (raw.strip("\r\n") + "\n" for raw in raws))


def _write_xml(target: BinaryIO, form: RejectsForm, raws: Iterable[str]) -> None:
    start = '<?xml version="1.0" encoding="UTF-8"?>\n'
    _write_text(target, [f"{start}<{form.root}>\n"])
    _write_text(target, (f"{raw}\n" for raw in raws))
    _write_text(target, [f"</{form.root}>\n"])


def _write_as_is(target: BinaryIO, _: RejectsForm, raws: Iterable[str]) -> None:
    _write_text(target, (f"{raw.strip()}\n\n" for raw in raws))


def _write_text(target: BinaryIO, pieces: Iterable[str], *, bom: bool = False) -> None:
    """Write UTF-8; bytes that could not be decoded go out as they came in."""
    target.write(b"\xef\xbb\xbf" if bom else b"")
    for piece in pieces:
        try:
            target.write(piece.encode("utf-8", "surrogateescape"))
        except UnicodeEncodeError:
            target.write(piece.encode("utf-8", "replace"))


def _write_workbook(target: BinaryIO, form: RejectsForm, raws: Iterable[str]) -> None:
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(_sheet_name(form.sheet))
    sheet.append([_cell(sheet, name) for name in form.header])
    for raw in raws:
        sheet.append([_cell(sheet, value) for value in json.loads(raw)])
    workbook.save(target)


def _cell(sheet: Any, value: Any) -> Any:
    """Return a cell for the value; text stays text, whatever it looks like."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell


def _sheet_name(name: str) -> str:
    return "".join(c for c in name if c not in "[]:*?/\\")[:31] or "Rejects"


_WRITERS: dict[str, Callable[[BinaryIO, RejectsForm, Iterable[str]], None]] = {
    DELIMITED: _write_delimited,
    JSON_LINES: _write_json_lines,
    XML: _write_xml,
    WORKBOOK: _write_workbook,
    TEXT: _write_as_is,
}
