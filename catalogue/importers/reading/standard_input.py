"""Keeps what comes through standard input in a temporary file, and finds out what it is."""

import atexit
import gzip
import re
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

from catalogue.importers.reading.decoding import find_encoding
from catalogue.importers.reading.packed import DAMAGED
from enmusubi.atomic_files import storage_errors

STEM = "standard-input"
_HEAD_BYTES = 4_096
_KINDS = (
    (re.compile(r"[{\[]"), ".json"),
    (re.compile("<"), ".xml"),
    (re.compile(r"@\s*\w+\s*[{(]"), ".bib"),
    (re.compile("TY {1,2}-"), ".ris"),
)


def spool_standard_input() -> Path:
    """Return a file with all of standard input, named by its kind; it goes when the run ends.

    Raises StorageError when the disk is full.
    """
    folder = Path(tempfile.mkdtemp(prefix="enmusubi-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / STEM
    with storage_errors(folder), path.open("wb") as target:
        shutil.copyfileobj(sys.stdin.buffer, target)
    return path.rename(path.with_name(STEM + find_kind(path)))


def find_kind(path: Path) -> str:
    """Return the suffix that fits the content: `.json`, `.xml`, `.xlsx`, `.csv.gz`…"""
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith(b"PK"):
        return ".xlsx" if _is_workbook(path) else ".zip"
    if head.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(path) as stream:
                return f"{_text_kind(stream.read(_HEAD_BYTES))}.gz"
        except (*DAMAGED, OSError):
            return ".csv.gz"  # whoever reads it says what is wrong with it
    return _text_kind(head)


def _text_kind(head: bytes) -> str:
    text = head.decode(find_encoding(head), "replace").lstrip("\ufeff \t\r\n\0")
    return next((kind for start, kind in _KINDS if start.match(text)), ".csv")


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (*DAMAGED, ValueError):
        return False
