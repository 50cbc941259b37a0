"""Workbooks as files: where they can be read in any order, and within which bounds."""

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from catalogue.importers.reading.files import ODS_MIME_TYPE, OLE, InputFile, is_plain, opened
from catalogue.importers.reading.packed import refuse_bomb
from enmusubi.errors import UnreadableFileError

MAX_FILE_BYTES = 500_000_000
MAX_UNPACKED_BYTES = 2_000_000_000  # a workbook is a zip file: guards against zip bombs
XLS, XLSX, ODS, PAGE, TEXT = "xls", "xlsx", "ods", "page", "text"

_HEAD_BYTES = 4_096
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")

_COPY_BYTES = 1_000_000


@contextmanager
def seekable(file: InputFile) -> Iterator[BinaryIO]:
    """Give the workbook so that it can be read in any order; a packed one is unpacked to disk.

    The copy has no name and is gone when it is closed.
    """
    with opened(file) as (content, _):
        if is_plain(file):
            yield content
            return
        with tempfile.TemporaryFile() as copy:
            while copy.tell() <= MAX_FILE_BYTES and (piece := content.read(_COPY_BYTES)):
                copy.write(piece)
            yield copy


def kind_of(file: InputFile) -> str:
    """Return what a file is, whatever its name: one of XLS, XLSX, ODS, PAGE and TEXT."""
    with seekable(file) as content:
        head = content.read(_HEAD_BYTES)
        if head.startswith(OLE):
            return XLS
        if head.startswith(b"PK"):
            return ODS if ODS_MIME_TYPE in head else XLSX
        return PAGE if _PAGE.match(head) else TEXT


def refuse_unsafe(file: InputFile, packed: BinaryIO) -> None:
    """Raise UnreadableFileError where a zipped workbook is none, too large, or a bomb."""
    size = packed.seek(0, io.SEEK_END)
    packed.seek(0)
    refuse_larger(file, size, MAX_FILE_BYTES)
    try:
        with zipfile.ZipFile(packed) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableFileError(
            "%(file)s is not an .xlsx workbook, or it is damaged. Open it in the "
            "spreadsheet program and save it as .xlsx again, or export it as CSV.",
            file=file,
        ) from error
    refuse_bomb(str(file), unpacked, size)
    if unpacked > MAX_UNPACKED_BYTES:
        raise UnreadableFileError(
            "%(file)s unpacks to %(count)s bytes; at most %(most)s are "
            "read. Divide it, or export it as CSV.",
            file=file,
            count=f"{unpacked:,}",
            most=f"{MAX_UNPACKED_BYTES:,}",
        )


def refuse_larger(file: InputFile, size: int, most: int) -> None:
    """Raise UnreadableFileError for a workbook of more bytes than are read."""
    if size > most:
        raise UnreadableFileError(
            "%(file)s has more than %(most)s bytes. Divide it, or export it as CSV.",
            file=file,
            most=f"{most:,}",
        )


def damaged(file: InputFile, error: Exception) -> UnreadableFileError:
    """Return what is raised for a workbook over which its reader stumbled."""
    return UnreadableFileError(
        "%(file)s is not a workbook that can be read (%(kind)s). Open it in the "
        "spreadsheet program and save it as .xlsx again, or export it as CSV.",
        file=file,
        kind=type(error).__name__,
    )


def locked(file: InputFile) -> UnreadableFileError:
    """Return what is raised for an encrypted workbook."""
    return UnreadableFileError(
        "%(file)s is locked by a password, or it is no workbook. Save it without the password.",
        file=file,
    )
