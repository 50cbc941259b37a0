"""Reads JSON as a stream of objects: one a line, an array of them, or one alone."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from catalogue.importers.reading.decoding import is_foreign
from catalogue.importers.reading.files import InputFile, file_type
from catalogue.importers.reading.json_stream import (
    BLANKS,
    TOO_LONG,
    JsonCursor,
    JsonDamageError,
    JsonValue,
    json_fault,
)
from catalogue.importers.reading.text_files import TextFile, lines_of
from catalogue.importers.rejects import JSON_LINES, RejectsForm, json_line
from catalogue.importers.rows import MAX_CELL_CHARS, BadRow, RawRow, ReadOptions, meant
from catalogue.importers.values import Parser
from catalogue.records.drafts import BadValueError, Rejection
from enmusubi.errors import UnreadableFileError
from enmusubi.language import JAPANESE, detect_language
from enmusubi.messages import Message

ENVELOPES = ("items", "message.items", "results", "@graph")
"""Where the answers of interfaces keep their objects: names, joined by a dot."""

_LINE_SUFFIXES = (".jsonl", ".ndjson")
_PROBE_CHARS = 1_000_000
_OBJECTS = re.compile(r"\[\s*(?:\{|\]|$)")

Json = Mapping[str, Any]


class JsonFile(TextFile):
    """A file of JSON objects; a row's number is its line's, or its place in the array.

    Where an object holds an array of objects at one of `arrays`, these are the rows.
    """

    def __init__(
        self, file: InputFile, options: ReadOptions, arrays: Sequence[str] = ENVELOPES
    ) -> None:
        super().__init__(file, options)
        self._arrays = arrays
        self._rows = self._find_rows()

    def columns(self) -> tuple[str, ...]:
        """Return the keys of the first object, or nothing where there is none."""
        for row in self.rows():
            if isinstance(row, RawRow):
                return tuple(row.cells)
        return ()

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Yield the objects."""
        return self._rows()

    def rejects_form(self) -> RejectsForm:
        """Return one object a line, whatever the file was."""
        return RejectsForm(JSON_LINES, self.label, ".jsonl")

    def _find_rows(self) -> "partial[Iterator[RawRow | BadRow]]":
        """Choose by the first line with something on it, and by whether others follow."""
        first, _, rest = self._head().lstrip(BLANKS).partition("\n")
        first, is_alone = first.strip(BLANKS), not rest.strip(BLANKS)
        is_whole, is_cut = _is_json(first), len(first) >= _PROBE_CHARS or _breaks_off(first)
        lines, array = partial(self._line_rows), partial(self._array_rows)
        if first.startswith("["):
            return array if (is_alone if is_whole else _OBJECTS.match(first)) else lines
        if file_type(self.file) in _LINE_SUFFIXES:
            return partial(self._single_rows) if first == "{" else lines
        if first.startswith("{") and (is_alone if is_whole else is_cut):
            return self._find_rows_inside()
        return lines

    def _head(self) -> str:
        """Return the text's begin, or what can be read of it."""
        head = ""
        try:
            for piece in self.pieces():
                head += piece
                if len(head) >= _PROBE_CHARS:
                    break
        except UnreadableFileError:
            pass  # reading the rows will say so
        return head

    def _find_rows_inside(self) -> "partial[Iterator[RawRow | BadRow]]":
        """Choose for a text that begins with an object of many lines, or has that one only."""
        cursor = JsonCursor(self.pieces())
        try:
            return partial(self._array_rows if self._enter(cursor) else self._single_rows)
        except (JsonDamageError, UnreadableFileError):
            return partial(self._single_rows)  # reading it again says what is wrong

    def _enter(self, cursor: JsonCursor, parents: str = "") -> bool:
        """Go to the first array of objects that counts; returns whether the object has one."""
        cursor.take("{")
        while cursor.peek() != "}":
            name = f"{parents}{cursor.value().value}"
            cursor.take(":")
            if name in self._arrays and cursor.begins(_OBJECTS):
                return True
            if cursor.peek() == "{" and any(path.startswith(f"{name}.") for path in self._arrays):
                if self._enter(cursor, f"{name}."):
                    return True
            else:
                cursor.skip()
            if cursor.peek() != "}":
                cursor.take(",")
        cursor.take("}")
        return False

    def _line_rows(self) -> Iterator[RawRow | BadRow]:
        with self.text() as text:
            for number, line in enumerate(lines_of(text), start=1):
                if line.strip(BLANKS):
                    yield self._line_row(number, line)

    def _line_row(self, number: int, line: str) -> RawRow | BadRow:
        if len(line) >= MAX_CELL_CHARS:
            return self._row(number, JsonValue(None, None, len(line), TOO_LONG), Message("line"))
        try:
            found = JsonValue(json.loads(line.strip(BLANKS)), line, len(line))
        except (ValueError, RecursionError) as error:
            found = JsonValue(None, line, len(line), json_fault(error))
        return self._row(number, found, Message("line"))

    def _array_rows(self) -> Iterator[RawRow | BadRow]:
        cursor = JsonCursor(self.pieces())
        number = 0
        try:
            if cursor.peek() == "{":
                self._enter(cursor)
            cursor.take("[")
            while cursor.peek() != "]":
                number += 1
                yield self._row(number, cursor.value(), Message("value"))
                if cursor.peek() != "]":
                    cursor.take(",")
        except JsonDamageError as damage:
            raise self._damaged(number, damage) from damage

    def _single_rows(self) -> Iterator[RawRow | BadRow]:
        """Yield the object, and those that follow it, if any do."""
        cursor = JsonCursor(self.pieces())
        number = 0
        try:
            while cursor.peek():
                number += 1
                yield self._row(number, cursor.value(), Message("value"))
        except JsonDamageError as damage:
            raise self._damaged(number, damage) from damage

    def _damaged(self, number: int, damage: JsonDamageError) -> UnreadableFileError:
        return UnreadableFileError(
            "%(file)s is damaged in or after row %(number)s (%(reason)s); what stands "
            "before went in. Make or fetch it again.",
            file=self.file,
            number=number,
            reason=damage.message,
        )

    def _row(self, number: int, found: JsonValue, unit: Message) -> RawRow | BadRow:
        text = found.text
        raw = None if text is None else partial(_verbatim, text)
        shape = Message(
            "%(unit)s of %(count)s characters", {"unit": unit, "count": f"{found.chars:,}"}
        )
        if text is not None and is_foreign(text, self._encoding):
            message = Message("bytes that are not %(encoding)s", {"encoding": self._encoding})
            return BadRow(number, Rejection("", message, shape), meant(raw, self._encoding))
        if found.fault:
            return BadRow(number, Rejection("", found.fault, shape), raw)
        if not isinstance(found.value, dict):
            message = Message("not a JSON object: expected one object a line")
            return BadRow(number, Rejection("", message, shape), raw)
        return RawRow(number, found.value, partial(_compact, text) if text else None)


def _compact(text: str) -> str:
    """Return an object as it was read, on one line; its text alone is kept until it is asked for."""
    return json_line(json.loads(text.strip(BLANKS)))


def _verbatim(text: str) -> str:
    """Return what could not be read as it stands, on one line."""
    return " ".join(text.strip(BLANKS).splitlines())


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _breaks_off(text: str) -> bool:
    """Whether the text would be JSON if it went on."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.pos >= len(text) - 1
    except (ValueError, RecursionError):
        return False
    return False


def text_in(value: Any) -> str:
    """Return the text, or the first one of a list that is not blank; else nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return next((entry for entry in value if isinstance(entry, str) and entry.strip()), "")
    return ""


def texts_in(value: Any) -> list[str]:
    """Return the texts of a list, or the one text, each once and in order; blank ones left out."""
    listed = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(e for e in listed if isinstance(e, str) and e.strip()))


def object_in(parent: Json, name: str) -> Json:
    """Return the object of that name, or an empty one."""
    value = parent.get(name)
    return value if isinstance(value, Mapping) else {}


def objects_in(parent: Json, name: str) -> list[Json]:
    """Return the objects in the list of that name."""
    value = parent.get(name)
    return [e for e in value if isinstance(e, Mapping)] if isinstance(value, list) else []


def valid(parse: Parser, value: Any) -> str | None:
    """Return what a parser makes of the value, or None where it does not take it."""
    try:
        found = parse(value)
    except BadValueError:
        return None
    return str(found) if found else None


def sided(field: str, text: str) -> str:
    """Return the name of a field that comes in two languages, by the text's script."""
    return f"{field}_{'ja' if detect_language(text) == JAPANESE else 'en'}"
