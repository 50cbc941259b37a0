"""Rejections: what the catalogue did not take and why, one record from a cell to the report.

A rejection names the shape of a value and never the value: a need's text may be a trade secret. Its
reason is a message, so that a page can say it in another language.
"""

from collections.abc import Sized
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from enmusubi.messages import Message, MessageError

ROW, VALUE, COLUMN, SHEET, FILE = "row", "value", "column", "sheet", "file"


@dataclass(frozen=True)
class Rejection:
    """Something that was not taken.

    `scope` says how much: the whole `row`, one `value` of a row that went in without it, a
    `column` or `sheet` that has no place in the catalogue, or a `file` that cannot be read on.
    Who reads a cell knows neither file nor row; the import adds them.
    """

    field: str
    message: Message
    found: Message | None = None
    scope: str = ROW
    file: str = ""
    row: int = (
        0  # as a spreadsheet counts: the header is row 1; a line number in JSON lines; 0: none
    )

    @property
    def reason(self) -> str:
        """The message in English."""
        return str(self.message)

    @property
    def shape(self) -> str:
        """What was found, in English: the kind of value and its length."""
        return str(self.found or "")

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON, the reason in English."""
        return {
            "file": self.file,
            "row": self.row,
            "field": self.field,
            "reason": self.reason,
            "shape": self.shape,
            "scope": self.scope,
        }


class BadValueError(MessageError):
    """A value, or a row of them, that the catalogue cannot take; carries the rejection.

    The message is the reason; it never holds the value itself.
    """

    field = ""

    @classmethod
    def of(cls, field: str, message: Message) -> Self:
        """Return the refusal of a field for a reason made elsewhere."""
        error = cls.saying(message)
        error.field = field
        return error

    @property
    def rejection(self) -> Rejection:
        """What was rejected, of a row and file that the import knows."""
        return Rejection(self.field, self.message)


def shape_of(value: object) -> Message:
    """Return what kind of value it is and how long, in words, without the value."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, str):
        return Message("text of %(count)s characters", {"count": f"{len(value):,}"})
    if isinstance(value, Sized):
        kind, count = _KINDS.get(type(value), Message("list")), f"{len(value):,}"
        return Message("%(kind)s of %(count)s entries", {"kind": kind, "count": count})
    return _KINDS.get(type(value), Message("value"))


EMPTY = Message("empty")
_NUMBER, _DATE = Message("number"), Message("date")
_KINDS: dict[type, Message] = {
    dict: Message("object"),
    bool: Message("true or false"),
    int: _NUMBER,
    float: _NUMBER,
    date: _DATE,
    datetime: _DATE,
}
