"""Unpacks gzip data and members of zip archives as streams, within limits, never to disk.

A packed file may claim any size and any name: sizes are counted while reading, names are only
looked up inside the archive and shown cleaned.
"""

import gzip
import io
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from enmusubi.errors import UnreadableFileError
from enmusubi.language import clean_text
from enmusubi.messages import N_

MAX_UNPACKED_BYTES = 50_000_000_000
MAX_RATIO = 200  # unpacked to packed; tables and XML shrink to a tenth or a thirtieth
RATIO_FREE_BYTES = 100_000_000  # so many bytes may come out of any file
MAX_MEMBERS = 100_000
MAX_DIRECTORY_BYTES = 32_000_000  # an archive's list of its members is read as a whole
MAX_NAME_CHARS = 200

DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, NotImplementedError)

_COMPRESSED_WELL = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCAL_HEADER, _LOCAL_HEADER_BYTES = b"PK\x03\x04", 30
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800


class Position(Protocol):
    """Tells how many bytes of a file, as it lies on disk, were read."""

    def tell(self) -> int:
        """Return the number of bytes."""


@dataclass(frozen=True)
class ArchiveMember:
    """A file in an archive."""

    name: str  # as the archive has it: a key, never a path
    shown: str
    entry: zipfile.ZipInfo
    fault: str = ""  # why it is not read: the id of a message about a `file`


class _Guarded(io.RawIOBase):
    """A stream that ends with an error where more comes out than can have gone in."""

    def __init__(self, unpacked: io.BufferedReader, packed: Position, label: str) -> None:
        self._unpacked, self._packed, self._label = unpacked, packed, label
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        piece = self._unpacked.read1(len(target))  # what came before damage is not lost
        target[: len(piece)] = piece
        self._count += len(piece)
        refuse_bomb(self._label, self._count, self._packed.tell())
        return len(piece)


@dataclass(frozen=True)
class _Since:
    """A position counted from where a member's data begins."""

    raw: io.BufferedReader
    start: int

    def tell(self) -> int:
        return max(self.raw.tell() - self.start, 0)


class _BoundedDirectory(io.BufferedReader):
    """An archive on disk that refuses to be read in one piece: its directory is too long then."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile("directory too long")
        return super().read(size)


def refuse_bomb(label: str, unpacked: int, packed: int) -> None:
    """Raise UnreadableFileError where so many packed bytes cannot honestly give so many others."""
    if unpacked > MAX_UNPACKED_BYTES:
        raise UnreadableFileError(
            "%(file)s unpacks to more than %(most)s bytes. Divide it.",
            file=label,
            most=f"{MAX_UNPACKED_BYTES:,}",
        )
    if unpacked > RATIO_FREE_BYTES and unpacked > MAX_RATIO * packed:
        raise UnreadableFileError(
            "%(file)s unpacks to more than %(ratio)s times its size, as files made "
            "to fill a memory do. Unpack it yourself if you trust it.",
            file=label,
            ratio=MAX_RATIO,
        )


@contextmanager
def unzipped_stream(
    content: io.BufferedReader, packed: Position, label: str
) -> Iterator[io.BufferedReader]:
    """Give gzip data unpacked; `packed` tells how much of the file on disk was read."""
    with gzip.GzipFile(fileobj=content) as plain:
        yield _buffered(cast(io.BufferedReader, plain), packed, label)


@contextmanager
def member_stream(
    path: Path, entry: zipfile.ZipInfo, label: str
) -> Iterator[tuple[io.BufferedReader, Position]]:
    """Give an archive's member unpacked, and how far reading is in its packed bytes.

    Goes to the member without reading the archive's directory again: it may list thousands.
    """
    with path.open("rb") as raw:
        raw.seek(entry.header_offset)
        header = raw.read(_LOCAL_HEADER_BYTES)
        if not header.startswith(_LOCAL_HEADER) or len(header) < _LOCAL_HEADER_BYTES:
            raise zipfile.BadZipFile("no member there")
        raw.seek(sum(struct.unpack("<HH", header[-4:])), io.SEEK_CUR)  # its name, its extra field
        packed = _Since(raw, raw.tell())
        with zipfile.ZipExtFile(raw, "r", entry) as plain:
            yield _buffered(cast(io.BufferedReader, plain), packed, label), packed


def list_members(path: Path) -> list[ArchiveMember]:
    """Return the files in an archive by name, without hidden ones.

    Raises UnreadableFileError for an archive that is damaged, empty or a bomb.
    """
    entries = [entry for entry in _directory(path) if not entry.is_dir()]
    if len(entries) > MAX_MEMBERS:
        raise UnreadableFileError(
            "%(file)s has %(count)s files, at most %(most)s are read. Divide it.",
            file=path,
            count=f"{len(entries):,}",
            most=f"{MAX_MEMBERS:,}",
        )
    refuse_bomb(str(path), sum(e.file_size for e in entries), path.stat().st_size)
    uses = Counter(entry.filename for entry in entries)
    members = [_member(entry, uses[entry.filename] > 1) for entry in entries]
    kept = sorted((m for m in members if not _is_hidden(m.shown)), key=lambda member: member.shown)
    if not kept:
        raise UnreadableFileError(
            "%(file)s is a .zip archive without files. Check how it was made.", file=path
        )
    return kept


def shown_name(name: str) -> str:
    """Return a name from an archive as it can be shown: relative, on one line, of bearable length.

    No part of it is `..` or empty, and control characters are gone.
    """
    parts = " ".join(clean_text(name).split()).replace("\\", "/").split("/")
    kept = [part for part in parts if part.strip(". ") and not part.endswith(":")]
    return "/".join(kept)[-MAX_NAME_CHARS:].lstrip("/") or "unnamed"


def _directory(path: Path) -> list[zipfile.ZipInfo]:
    with path.open("rb", buffering=0) as disk, _BoundedDirectory(disk) as raw:
        try:
            with zipfile.ZipFile(raw) as archive:
                return archive.infolist()
        except (ValueError, LookupError, RuntimeError, OverflowError, struct.error) as error:
            raise zipfile.BadZipFile("wrong headers") from error


def _buffered(plain: io.BufferedReader, packed: Position, label: str) -> io.BufferedReader:
    return io.BufferedReader(_Guarded(plain, packed, label), io.DEFAULT_BUFFER_SIZE * 8)


def _member(entry: zipfile.ZipInfo, is_doubled: bool) -> ArchiveMember:
    shown = shown_name(_decoded_name(entry))
    return ArchiveMember(entry.filename, shown, entry, _fault(entry, shown, is_doubled))


def _fault(entry: zipfile.ZipInfo, shown: str, is_doubled: bool) -> str:
    if entry.flag_bits & _ENCRYPTED:
        return N_(
            "%(file)s is encrypted. Unpack it with its password and give the files themselves."
        )
    if shown.lower().endswith(".zip"):
        return N_(
            "%(file)s is a .zip archive inside another. Unpack the outer one and give the inner ones."
        )
    if is_doubled:
        return N_(
            "%(file)s has the name of another file in the same archive. Give each its own name."
        )
    if entry.compress_type not in _COMPRESSED_WELL:
        return N_(
            "%(file)s is packed by an unusual method. Make the archive again, as an ordinary .zip."
        )
    return ""


def _decoded_name(entry: zipfile.ZipInfo) -> str:
    """Return the member's name; one that is not marked as UTF-8 is read as CP932 if it can be."""
    if entry.flag_bits & _UTF8_NAME or entry.filename.isascii():
        return entry.filename
    packed = entry.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "cp932"):
        try:
            return packed.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _is_hidden(shown: str) -> bool:
    return any(part.startswith((".", "~$", "__MACOSX")) for part in shown.split("/"))
