"""Reads text files line by line, plain or gzip; knows nothing of what the lines mean.

A file is gzip when its first bytes say so, whatever its name. Text is UTF-8, with or without a byte
order mark, or UTF-16 with one.
"""

import gzip
import io
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from enmusubi.errors import UnreadableFileError

GZIP_MAGIC = b"\x1f\x8b"


def read_lines(path: Path) -> Iterator[tuple[int, str | None]]:
    """Yield (line number from 1, line without its end) of every line that is not blank.

    The line is None where its bytes are not UTF-8. Raises UnreadableFileError when the file is
    missing, cut short or damaged.
    """
    number = 0
    try:
        with path.open("rb") as plain:
            packed = plain.read(len(GZIP_MAGIC)) == GZIP_MAGIC
            plain.seek(0)
            stream: BinaryIO = gzip.GzipFile(fileobj=plain) if packed else plain  # type: ignore[assignment]
            for number, line in enumerate(_decoded(stream), start=1):
                if line is None or line.strip():
                    yield number, line
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        raise UnreadableFileError(
            "%(path)s cannot be read beyond line %(number)s (%(reason)s). Expected a text "
            "file in UTF-8, plain or gzip; fetch or write it again.",
            path=path,
            number=number,
            reason=error,
        ) from error


def _decoded(stream: BinaryIO) -> Iterator[str | None]:
    head = stream.read(len(BOM_UTF8))
    stream.seek(0)
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        with io.TextIOWrapper(stream, "utf-16") as text:
            yield from (line.rstrip("\r\n") for line in text)
        return
    if head == BOM_UTF8:
        stream.read(len(BOM_UTF8))
    for line in stream:
        try:
            yield line.rstrip(b"\r\n").decode("utf-8")
        except UnicodeDecodeError:
            yield None
