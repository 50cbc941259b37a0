"""The backup's file: a zip with one file of JSON lines for each table, and a manifest of hashes.

Layout: `manifest.json`, `tables/NAME.jsonl`, `settings.toml`, `indexes/…/manifest.json`. Every row is there
as the database has it, ordered by its key, so that equal catalogues give equal tables.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import isfinite
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Table

from enmusubi.errors import UnreadableFileError
from enmusubi.messages import Message

FORMAT = 1
MANIFEST = "manifest.json"
SETTINGS = "settings.toml"
INDEXES = "indexes/"
MAX_MANIFEST_BYTES = 20_000_000
MAX_LINE_BYTES = 256_000_000  # of one row: texts are bounded far below
MAX_OTHER_BYTES = 20_000_000  # of the settings and index manifests together
_INTEGERS = range(-(2**63), 2**63)  # what both databases hold

Row = dict[str, Any]


@dataclass(frozen=True)
class TablePart:
    """What the manifest says of one file."""

    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds, and of which schema."""

    revision: str
    program: str
    created_at: str
    tables: Mapping[str, TablePart] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return it as the text of `manifest.json`."""
        tables = {name: vars(part) for name, part in self.tables.items()}
        return json.dumps({"format": FORMAT, **vars(self), "tables": tables}, indent=1)

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(part.rows for part in self.tables.values())


def member(table: str) -> str:
    """Return the name of a table's file."""
    return f"tables/{table}.jsonl"


def as_line(row: Mapping[str, Any]) -> bytes:
    """Return a row as one line of JSON; times are in UTC."""
    return _as_json({n: _plain(v) for n, v in row.items()}).encode() + b"\n"


_as_json = json.JSONEncoder(ensure_ascii=False).encode  # made once, not for each row


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def typed(table: Table, row: Row) -> Row:
    """Return a row of JSON with the values that the columns take; raises ValueError, KeyError."""
    if set(row) != {column.name for column in table.columns}:
        raise KeyError("other columns than the table has")
    return {
        column.name: _value(column.type.python_type, row[column.name]) for column in table.columns
    }


def _value(kind: type, value: Any) -> Any:
    if value is None:
        return None
    if kind is datetime:
        return _in_utc(datetime.fromisoformat(value))
    if kind is date:
        return date.fromisoformat(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind or not _fits(value):
        raise ValueError(f"not a {kind.__name__}")
    return value


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)


def _fits(value: Any) -> bool:
    """Whether both databases hold the value as it is."""
    if isinstance(value, str):
        return "\0" not in value and bool(value.encode() or True)  # raises for half a character
    return value in _INTEGERS if isinstance(value, int) else isfinite(value)


def read_manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    """Return the manifest; raises UnreadableFileError where there is none, or of another format."""
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > MAX_MANIFEST_BYTES:
            raise ValueError("too large")
        found = json.loads(archive.read(info))
        tables = {name: _part(**part) for name, part in found["tables"].items()}
        revision, program, made = (_text(found[n]) for n in ("revision", "program", "created_at"))
        manifest = Manifest(revision, program, made, tables)
        number = int(found["format"])
    except (
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        raise damaged(path, Message("it has no readable manifest")) from error
    if number != FORMAT:
        raise UnreadableFileError(
            "%(path)s is a backup of format %(found)s, this program reads %(expected)s. "
            "Restore it with the version that wrote it, %(program)s.",
            path=path,
            found=number,
            expected=FORMAT,
            program=manifest.program,
        )
    return manifest


def _part(rows: object, bytes: object, sha256: object) -> TablePart:
    if type(rows) is not int or type(bytes) is not int:
        raise ValueError("not a number")
    return TablePart(rows, bytes, _text(sha256))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("not a line of text")
    return value


def read_others(archive: zipfile.ZipFile, names: Sequence[str], path: Path) -> dict[str, bytes]:
    """Return small members by name; raises UnreadableFileError where they are large."""
    if sum(archive.getinfo(name).file_size for name in names) > MAX_OTHER_BYTES:
        raise damaged(path, Message("its settings and index manifests are larger than any"))
    return {name: archive.read(name) for name in names}


def read_rows(archive: zipfile.ZipFile, name: str, part: TablePart, path: Path) -> Iterator[bytes]:
    """Yield the lines of a table; raises UnreadableFileError unless they are those of the manifest."""
    digest, count, size = hashlib.sha256(), 0, 0
    with archive.open(member(name)) as lines:
        while line := _line(lines):
            digest.update(line)
            count, size = count + 1, size + len(line)
            if size > part.bytes or len(line) >= MAX_LINE_BYTES:
                raise damaged(
                    path,
                    Message(
                        "the table %(table)s is longer than its manifest says", {"table": name}
                    ),
                )
            yield line
    if (count, size, digest.hexdigest()) != (part.rows, part.bytes, part.sha256):
        raise damaged(
            path, Message("the table %(table)s is not what its manifest says", {"table": name})
        )


def _line(lines: IO[bytes]) -> bytes:
    return lines.readline(MAX_LINE_BYTES)


@contextmanager
def opened_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Give the zip file; raises UnreadableFileError for what is missing, damaged or none."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError as error:
        raise UnreadableFileError(
            "There is no file %(path)s. Check the path.", path=path
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError) as error:
        raise damaged(path, Message("its zip data is wrong")) from error
    except RuntimeError as error:  # an encrypted member
        raise damaged(path, Message("it is encrypted")) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableFileError(
            "%(path)s cannot be read: %(reason)s.", path=path, reason=reason
        ) from error


def damaged(path: Path, reason: Message) -> UnreadableFileError:
    """Return the error of a file that is no whole backup."""
    return UnreadableFileError(
        "%(path)s cannot be restored: %(reason)s. Nothing was changed. Take another "
        "backup, or copy this one again.",
        path=path,
        reason=reason,
    )
