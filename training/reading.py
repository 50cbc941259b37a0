"""Reads what people wrote into a collection's files: lines, plain values, and notes of what is amiss.

Lines come from plain or gzip files, values from whatever JSON holds; a broken line is noted,
never a reason to stop. A note names the file and the first lines, never a text: needs may be confidential.
"""

import gzip
import io
import math
import re
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from enmusubi.errors import UnreadableFileError
from enmusubi.language import ENGLISH, JAPANESE, clean_text, detect_language

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


_YEAR = re.compile(r"\s*(\d{4})(?!\d)")
_LANGUAGES = {
    "ja": JAPANESE,
    "jp": JAPANESE,
    "jpn": JAPANESE,
    "japanese": JAPANESE,
    "en": ENGLISH,
    "eng": ENGLISH,
    "english": ENGLISH,
}


def text_of(value: Any) -> str:
    """Return clean text; a list becomes lines, null, objects and truth values become empty text."""
    if isinstance(value, list):
        return "\n".join(filter(None, (text_of(item) for item in value)))
    if value is None or isinstance(value, bool | dict):
        return ""
    text = str(value)
    return text.strip() if text.isprintable() else clean_text(text)


def id_of(value: Any) -> str:
    """Return an id, 7 and 7.0 as "7"; empty when there is none, or one that holds blanks.

    An id with a blank cannot stand in a TREC file, where blanks separate the columns.
    """
    if isinstance(value, bool | list | dict):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = text_of(value)
    return "" if len(text.split()) != 1 else text


def ids_of(value: Any) -> list[str]:
    """Return the ids of a list, or of a single id, without repetitions, in order."""
    values = value if isinstance(value, list) else [value]
    return [name for name in dict.fromkeys(id_of(item) for item in values) if name]


def year_of(value: Any) -> int | None:
    """Return the year of 2014, 2014.0, "2014" or "2014-05-01"; None where there is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if math.isfinite(value) and 0 < value < 10_000 else None
    found = _YEAR.match(value) if isinstance(value, str) else None
    return int(found.group(1)) if found else None


def language_of(record: Mapping[str, Any], text: str) -> str:
    """Return `ja` or `en`: what the record's `lang` says, or else what the text's script says."""
    stated = text_of(record.get("lang")).lower().replace("_", "-").partition("-")[0]
    return _LANGUAGES.get(stated) or detect_language(text)


_LINES_NAMED = 3


class Notes:
    """Faults by file and kind, in the order of their first appearance."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], list[int]] = {}
        self._facts: list[str] = []

    def fault(self, path: Path, line: int, what: str) -> None:
        """Count one line of a file that is `what`, such as "not JSON"."""
        self._lines.setdefault((path.name, what), []).append(line)

    def fact(self, count: int, one: str, many: str) -> None:
        """Add a sentence unless `count` is 0; `one` and `many` follow the number."""
        if count:
            self._facts.append(f"{count} {one if count == 1 else many}")

    def sentences(self) -> list[str]:
        """Return all notes, the faults of the files first."""
        return [self._sentence(*key, lines) for key, lines in self._lines.items()] + self._facts

    @staticmethod
    def _sentence(file: str, what: str, lines: list[int]) -> str:
        named = ", ".join(str(line) for line in lines[:_LINES_NAMED])
        more = ", …" if len(lines) > _LINES_NAMED else ""
        word = "line" if len(lines) == 1 else "lines"
        return f"{file}: {len(lines)} {word} {what} (line {named}{more})"
