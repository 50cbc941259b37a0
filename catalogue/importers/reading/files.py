"""Opens files for reading, packed or not, and lists the files of folders and archives.

Damage that shows while reading becomes UnreadableFileError, which names the file.
"""

import atexit
import gzip
import io
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from catalogue.importers.reading.decoding import find_encoding
from catalogue.importers.reading.packed import (
    DAMAGED,
    ArchiveMember,
    Position,
    list_members,
    member_stream,
    shown_name,
    unzipped_stream,
)
from enmusubi.atomic_files import storage_errors
from enmusubi.errors import UnreadableFileError
from enmusubi.messages import Message

COMPRESSED = ".gz"
ARCHIVE = ".zip"
STANDARD_INPUT = Path("-")

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins older Office files, .xls among them, and whatever is encrypted."""

ODS_MIME_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
"""Stands unpacked at the beginning of each .ods workbook."""

STEM = "standard-input"
_HEAD_BYTES = 4_096
_KINDS = (
    (re.compile(r"[{\[]"), ".json"),
    (re.compile("<"), ".xml"),
    (re.compile(r"@\s*\w+\s*[{(]"), ".bib"),
    (re.compile("TY {1,2}-"), ".ris"),
)


@dataclass(frozen=True)
class InputFile:
    """A file to import: on disk, or a member of a .zip archive there, as `list_files` finds it.

    `str()` of it is what messages call it: the path, and inside an archive the member's name.
    """

    path: Path
    member: str = ""  # the name by which the archive knows it
    shown: str = ""  # the member's name, cleaned
    entry: zipfile.ZipInfo | None = field(default=None, repr=False, compare=False)  # of a member
    fault: Message | None = field(default=None, repr=False, compare=False)
    """Why it cannot be read, if that was clear when it was listed."""

    def __str__(self) -> str:
        return f"{self.path}/{self.shown}" if self.member else str(self.path)

    @property
    def name(self) -> str:
        """The last part of its name, fit to be shown."""
        return self.label.rpartition("/")[2]

    @property
    def label(self) -> str:
        """The name that reports use: the file's, or `archive.zip/folder/file.csv`."""
        own = shown_name(self.path.name)
        return f"{own}/{self.shown}" if self.member else own

    @property
    def size(self) -> int:
        """Bytes on disk; of a member, what it takes up in the archive."""
        if self.entry:
            return self.entry.compress_size
        return self.path.stat().st_size if self.path.exists() else 0


def file_type(file: InputFile) -> str:
    """Return the suffix that tells the format, in lower case: `.csv` of `People.CSV.gz`.

    Raises UnreadableFileError for a file that is known to be unreadable.
    """
    _refuse_faulty(file)
    return Path(file.name.lower().removesuffix(COMPRESSED)).suffix


def is_plain(file: InputFile) -> bool:
    """Whether the file lies on disk as it is, neither compressed nor in an archive."""
    return not file.member and not file.name.lower().endswith(COMPRESSED)


@contextmanager
def opened(file: InputFile) -> Iterator[tuple[io.BufferedReader, Position]]:
    """Give the file's content, unpacked if need be, and how far reading is in the packed file.

    The second tells by `tell()` how many of the file's `size` bytes were read.
    """
    _refuse_faulty(file)
    with readable(file), _as_it_lies(file) as (stream, position):
        if file.name.lower().endswith(COMPRESSED):
            with unzipped_stream(stream, position, str(file)) as content:
                yield content, position
        else:
            yield stream, position


@contextmanager
def _as_it_lies(file: InputFile) -> Iterator[tuple[io.BufferedReader, Position]]:
    if file.entry:
        with member_stream(file.path, file.entry, str(file)) as (content, position):
            yield content, position
    else:
        with file.path.open("rb") as raw:
            yield raw, raw


@contextmanager
def readable(file: InputFile) -> Iterator[None]:
    """Raise UnreadableFileError for what the system or the decompressor finds wrong."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableFileError(
            "There is no file %(file)s. Check the path.", file=file
        ) from error
    except DAMAGED as error:
        is_gzip = not file.member and file.name.lower().endswith(COMPRESSED)
        packing = "gzip" if is_gzip else "zip"  # workbooks are zip files, too
        raise UnreadableFileError(
            "%(file)s is damaged: its %(packing)s data breaks off or is wrong. Make or "
            "fetch it again.",
            file=file,
            packing=packing,
        ) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableFileError(
            "%(file)s cannot be read: %(reason)s. Check that it is a file and that you "
            "may read it.",
            file=file,
            reason=reason,
        ) from error


def list_files(paths: Iterable[Path]) -> list[InputFile]:
    """Return the files; folders and .zip archives are replaced by what is in them.

    By name, hidden ones left out. `-` is standard input. An archive or a member that cannot be
    read is among them with its fault. Raises UnreadableFileError for a path that does not exist.
    """
    files: list[InputFile] = []
    for path in paths:
        if path == STANDARD_INPUT:
            files += _unpacked(spool_standard_input())
        elif path.is_dir():
            inside = (entry for entry in path.rglob("*") if entry.is_file())
            for entry in sorted(entry for entry in inside if not _is_hidden(entry, path)):
                files += _unpacked(entry)
        elif path.exists():
            files += _unpacked(path)
        else:
            raise UnreadableFileError("There is no file %(file)s. Check the path.", file=path)
    return files


def _unpacked(path: Path) -> list[InputFile]:
    file = InputFile(path)
    if path.suffix.lower() != ARCHIVE:
        return [file]
    try:
        with readable(file):
            return [_member_file(path, member) for member in list_members(path)]
    except UnreadableFileError as error:
        return [InputFile(path, fault=error.message)]


def _member_file(path: Path, member: ArchiveMember) -> InputFile:
    named = {"file": f"{path}/{member.shown}"}
    fault = Message(member.fault, named) if member.fault else None
    return InputFile(path, member.name, member.shown, member.entry, fault)


def _refuse_faulty(file: InputFile) -> None:
    if file.fault:
        raise UnreadableFileError.saying(file.fault)


def _is_hidden(entry: Path, folder: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in entry.relative_to(folder).parts)


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
        return _packed_kind(path, head)
    if head.startswith(OLE):
        return ".xls"
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


def _packed_kind(path: Path, head: bytes) -> str:
    if ODS_MIME_TYPE in head:
        return ".ods"
    return ".xlsx" if _is_workbook(path) else ".zip"


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (*DAMAGED, ValueError):
        return False
