"""Walks through JSON text of any length with flat memory: one value at a time, damage skipped."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from catalogue.importers.rows import MAX_CELL_CHARS
from enmusubi.messages import Message, MessageError

CHUNK_CHARS = 65_536
BLANKS = "\ufeff \t\r\n\0"

TOO_LONG = Message("longer than %(most)s characters", {"most": f"{MAX_CELL_CHARS:,}"})

_DECODER = json.JSONDecoder()
_BLANKS = re.compile(f"[{BLANKS}]*+")
_BRACKET = re.compile(r'["\[\]{}]')
_IN_STRING = re.compile(r'["\\]')
_SCALAR = re.compile(r"[^\s,\]}]*+")


class JsonDamageError(MessageError):
    """The text breaks off, or is no JSON from here on."""

    @classmethod
    def at(cls, found: str) -> Self:
        """Return the error for the character that stands where JSON cannot go on; empty: the end."""
        if not found:
            return cls("it breaks off")
        return cls("it is no JSON from there on: found %(found)r", found=found)


@dataclass(frozen=True)
class JsonValue:
    """A value as it was read, and as it stands in the file; a broken one says what is wrong."""

    value: Any = None
    text: str | None = None  # None: too long to be kept
    chars: int = 0
    fault: Message | None = None


class JsonCursor:
    """A place in a JSON text that moves forward."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._buffer, self._at, self._ended = "", 0, False

    def peek(self) -> str:
        """Return the next character that is not blank, without passing it; nothing at the end."""
        while True:
            found = _BLANKS.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._fill():
                return ""

    def take(self, *expected: str) -> str:
        """Pass the next character and return it; raises JsonDamageError if it is another."""
        found = self.peek()
        if not found or found not in expected:
            raise JsonDamageError.at(found)
        self._at += 1
        return found

    def begins(self, pattern: re.Pattern[str]) -> bool:
        """Whether the text from here on begins so; the pattern sees at least a few blanks."""
        self.peek()
        while len(self._buffer) - self._at < CHUNK_CHARS and self._fill():
            pass
        return pattern.match(self._buffer, self._at) is not None

    def value(self) -> JsonValue:
        """Read the next value; raises JsonDamageError where the text ends within it."""
        self.peek()
        fault: Message | None = None
        broken_at = -1
        while len(self._buffer) - self._at <= MAX_CELL_CHARS:
            is_certain = False
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
                if end < len(self._buffer) or self._ended:  # else a number might go on
                    return self._passed(value, end)
            except json.JSONDecodeError as error:
                place = error.pos - self._at
                fault = json_fault(error, start=self._at)
                is_certain = place == broken_at and not error.msg.startswith("Unterminated")
                broken_at = place
            except (ValueError, RecursionError) as error:
                fault, is_certain = json_fault(error), True
            if is_certain or self._ended:
                return self.skip(fault)
            self._fill(len(self._buffer) - self._at)
        return self.skip(TOO_LONG)

    def skip(self, fault: Message | None = None) -> JsonValue:
        """Pass the next value by its quotes and brackets alone, whatever is wrong inside.

        Raises JsonDamageError where they do not close.
        """
        kept = _Kept()
        if self.peek() in ('"', "[", "{"):
            self._pass_brackets(kept)
        else:
            self._pass_scalar(kept)
        return JsonValue(None, kept.text(), kept.chars, fault)

    def _passed(self, value: Any, end: int) -> JsonValue:
        text = self._buffer[self._at : end]
        self._at = end
        return JsonValue(value, text, len(text))

    def _pass_brackets(self, kept: "_Kept") -> None:
        depth, in_string = 0, False
        start = self._at
        while True:
            found = (_IN_STRING if in_string else _BRACKET).search(self._buffer, self._at)
            if not found or (found.end() == len(self._buffer) and found.group() == "\\"):
                self._at = found.start() if found else len(self._buffer)
                kept.add(self._buffer[start : self._at])
                if not self._fill():
                    raise JsonDamageError.at("")
                start = 0
                continue
            self._at = found.end() + (found.group() == "\\")
            if found.group() == '"':
                in_string = not in_string
            elif not in_string:
                depth += 1 if found.group() in "[{" else -1
            if depth <= 0 and not in_string:
                kept.add(self._buffer[start : self._at])
                return

    def _pass_scalar(self, kept: "_Kept") -> None:
        while True:
            found = _SCALAR.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            kept.add(found.group() if found else "")
            if self._at < len(self._buffer) or not self._fill():
                break
        if not kept.chars:
            raise JsonDamageError.at(self.peek())

    def _fill(self, chars: int = CHUNK_CHARS) -> bool:
        """Read on, at least so many characters if there are; False at the end."""
        gained, wanted = [], max(chars, CHUNK_CHARS)
        try:
            while wanted > 0 and (piece := next(self._pieces, "")):
                gained.append(piece)
                wanted -= len(piece)
        finally:  # what came before damage can still be read
            self._buffer = self._buffer[self._at :] + "".join(gained)
            self._at = 0
        self._ended = wanted > 0
        return bool(gained)


def json_fault(error: Exception, start: int = 0) -> Message:
    """Return what is wrong with a JSON text, counted from its start, without quoting it."""
    if isinstance(error, json.JSONDecodeError):
        return Message(
            "not JSON, from character %(character)s on: %(reason)s",
            {"character": error.pos - start + 1, "reason": error.msg},
        )
    return Message("not usable JSON: nested too deep or a number too long")


class _Kept:
    """The text that was passed, until it gets too long."""

    def __init__(self) -> None:
        self.chars = 0
        self._parts: list[str] = []

    def add(self, part: str) -> None:
        self.chars += len(part)
        if self.chars <= MAX_CELL_CHARS:
            self._parts.append(part)
        else:
            self._parts.clear()

    def text(self) -> str | None:
        return "".join(self._parts) if self.chars <= MAX_CELL_CHARS else None
