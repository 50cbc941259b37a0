"""One need file of any kind: told by its name's ending, within bounds, as text and what was left out."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from catalogue.importers.need_files.reading import Found
from enmusubi.errors import InputError, UnreadableFileError
from enmusubi.language import clean_text
from enmusubi.messages import Message

MAX_TEXT_CHARS = 1_000_000  # far more than a need may have: what is too long can still be shortened

_HERE = "catalogue.importers.need_files"
_READERS = {  # the reader's module by the file's ending; each has `read(content) -> Found`
    ".txt": "plain",
    ".text": "plain",
    ".md": "plain",
    ".docx": "word",
    ".docm": "word",
    ".pptx": "slides",
    ".pptm": "slides",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".eml": "mail",
    ".msg": "outlook",
    ".pdf": "pdf",
}
ENDINGS = tuple(sorted(_READERS))
_BLANK_LINES = re.compile(r"\n[ \t\u3000]*(?:\n[ \t\u3000]*)+\n")


@dataclass(frozen=True)
class NeedDocument:
    """The text of a file, and what its reader should know of how it was read."""

    text: str = field(repr=False)
    notes: tuple[Message, ...] = ()


def read_need_file(path: Path, *, max_bytes: int) -> str:
    """Return the text of the file; raises UnreadableFileError that names it and says why."""
    return read_need_path(path, max_bytes=max_bytes).text


def read_need_bytes(name: str, content: bytes, *, max_bytes: int) -> str:
    """Return the text of an uploaded file; raises as `read_need_file` does."""
    return read_need_document(name, content, max_bytes=max_bytes).text


def read_need_path(path: Path, *, max_bytes: int) -> NeedDocument:
    """Return what is written in the file; raises UnreadableFileError that names it and says why."""
    try:
        size = path.stat().st_size
        if size > max_bytes:
            _refuse_size(path.name, size, max_bytes)
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(
            "%(path)s cannot be read: %(reason)s.", path=path, reason=error.strerror
        ) from error
    return read_need_document(path.name, content, max_bytes=max_bytes)


def read_need_document(name: str, content: bytes, *, max_bytes: int) -> NeedDocument:
    """Return what is written in an uploaded file, told by its name's ending and its first bytes."""
    if len(content) > max_bytes:
        _refuse_size(name, len(content), max_bytes)
    ending = Path(name).suffix.lower()
    if ending not in _READERS:
        raise UnreadableFileError(
            "%(name)s is of an unknown kind; readable are %(kinds)s.",
            name=name,
            kinds=", ".join(ENDINGS),
        )
    reader: Callable[[bytes], Found] = import_module(f"{_HERE}.{_READERS[ending]}").read
    try:
        found = reader(content)
    except InputError as error:
        raise UnreadableFileError("%(name)s: %(reason)s", name=name, reason=error) from None
    except Exception as error:  # the parsers raise dozens of kinds on damaged files
        raise UnreadableFileError(
            "%(name)s cannot be read as %(ending)s (%(kind)s): it seems to be damaged. "
            "Save it again, or paste its text.",
            name=name,
            ending=ending,
            kind=type(error).__name__,
        ) from error
    return NeedDocument(_checked(name, found.text), tuple(found.notes))


def _checked(name: str, text: str) -> str:
    if len(text) > MAX_TEXT_CHARS:
        raise UnreadableFileError(
            "%(name)s holds %(count)s characters, at most %(most)s are read. "
            "Give the part that says what is needed.",
            name=name,
            count=f"{len(text):,}",
            most=f"{MAX_TEXT_CHARS:,}",
        )
    cleaned = _BLANK_LINES.sub("\n\n", clean_text(text))
    if not cleaned:
        raise UnreadableFileError(
            "%(name)s holds no text. If it is a scan, paste the text or run character recognition.",
            name=name,
        )
    return cleaned


def _refuse_size(name: str, size: int, most: int) -> None:
    raise UnreadableFileError(
        "%(name)s has %(count)s bytes, at most %(most)s.",
        name=name,
        count=f"{size:,}",
        most=f"{most:,}",
    )
