"""What importers hand to the catalogue, and what the catalogue answers: drafts, outcomes, rejections.

A draft holds the checked fields that a source gave; fields that it did not give are absent. A rejection
names the shape of a value and never the value: a need's text may be a trade secret. Its reason is a
message, so that a page can say it in another language.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sized
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any, Self

from enmusubi.messages import Message, MessageError

ORGANISATIONS, RESEARCHERS, SEEDS, NEEDS = "organisations", "researchers", "seeds", "needs"
TABLES = (ORGANISATIONS, RESEARCHERS, SEEDS, NEEDS)  # in the order in which they refer to others
JUDGEMENTS = "judgements"  # of needs and researchers: they come last, and no source is kept of them
IN_ORDER = (*TABLES, JUDGEMENTS)

ADDED, UPDATED, UNCHANGED, MERGED = "added", "updated", "unchanged", "merged"
REFUSED = "refused"

Value = str | int | date | None

MAX_ID_CHARS = 100
_NOT_IN_IDS = re.compile(r"[^\w]+|_+")
_LOST = re.compile("[\ud800-\uf8ff\ufffd\U000f0000-\U0010ffff〓]")
_OPAQUE = "org-"  # begins the ids of organisations that are known by name alone
_OPAQUE_CHARS = 16  # of a hash: among a million names two meet once in ten million offices
# what is rejected; of `letters`, nothing but what could not be kept
ROW, VALUE, LETTERS, COLUMN, SHEET, FILE = "row", "value", "letters", "column", "sheet", "file"
NOTE = "note"  # nothing is: something was read otherwise than it stands

NEW = "new"  # the page where a need is written down
ENDINGS = (
    r"/(?:matches|releases?|feedback|guests(?:/[^/]*)?|teams(?:/[^/]*(?:/remove)?)?|close|reopen|change"
    r"|screening|kind|export-control|what-would-change|inquiries(?:/new|/draft)?"
    r"|veil(?:/draft|/price|/marks|/revoke)?|clinic(?:/save|/purpose)?|purpose)"
)
_RESERVED = re.compile(rf"{NEW}|.*{ENDINGS}", re.DOTALL)

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


@dataclass(frozen=True)
class Rejection:
    """Something that was not taken.

    `scope` says how much: the whole `row`, one `value` of a row that went in without it, some
    `letters` of a value that went in with 〓 in their place, a `column` or `sheet` that has no place in
    the catalogue, or a `file` that cannot be read on. A `note` says that something was
    read otherwise than it stands, and nothing was lost.
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


def is_reserved(need_id: str) -> bool:
    """Return whether a need of this id could not be opened."""
    return _RESERVED.fullmatch(need_id) is not None


class Merge(Enum):
    """How much a draft's fields weigh against those of other sources."""

    REPLACE = "replace"  # the source describes the thing: its fields win
    FILL = "fill"  # the source mentions it in passing: its fields fill what is empty


@dataclass(frozen=True)
class PrintedAffiliation:
    """Where a person works, as a source printed it: texts that may hold an organisation and its unit.

    The draft's own values are what the words alone tell; an organisation that the catalogue knows
    comes before it when the draft is written.
    """

    texts: tuple[str, ...] = field(repr=False)
    names: tuple[str, ...]  # of the organisation, as far as the words tell
    guessed_id: str  # the organisation's id, if it was made of such a name
    takes_department: bool = True  # no other column names the department


@dataclass(frozen=True)
class Draft:
    """One organisation, researcher, seed or need as a source gave it."""

    table: str
    values: Mapping[str, Value] = field(repr=False)
    merge: Merge = Merge.REPLACE
    people: tuple[str, ...] | None = None  # of a seed: its researchers' ids; None says nothing
    chosen_by: tuple[str, ...] = ()  # of a seed: the researchers who let it stand for their work
    given: frozenset[str] | None = None  # fields that the source keeps, to be cleared where empty
    cleared: frozenset[str] = frozenset()  # fields that are empty, whatever other sources say
    as_of: str = ""  # when the researcher worked there: 2021, 2021-04 or 2021-04-01
    affiliation: PrintedAffiliation | None = (
        None  # of a researcher, and of the organisation made of it
    )
    is_apart: bool = False  # of an organisation: a row of its own, whoever else has its name


@dataclass(frozen=True)
class Outcome:
    """What became of a draft; a refused one changed nothing, others went in without what was rejected."""

    table: str
    row_id: str
    change: str  # added, updated, unchanged, merged (into a row of another id) or refused
    rejections: tuple[Rejection, ...] = ()
    counted: tuple[str, str] = ("", "")  # what this record counted as in the run before, and now


def name_id(*parts: str) -> str:
    """Return an id made of names: `("Ada", "Mori", "Hoshimino")` gives `ada-mori-hoshimino`.

    Case, punctuation and full-width forms make no difference; empty parts give an empty id. Letters
    that only the sender's machine knows stand by their numbers: without them two names could be one.
    """
    text = unicodedata.normalize("NFKC", " ".join(parts)).casefold()
    text = _LOST.sub(lambda letter: f"u{ord(letter[0]):x}", text)
    slug = _NOT_IN_IDS.sub("-", text).strip("-")
    if len(slug) <= MAX_ID_CHARS:
        return slug
    return f"{slug[: MAX_ID_CHARS - 13]}-{hashlib.sha256(slug.encode()).hexdigest()[:12]}"


def organisation_id(name: str) -> str:
    """Return the id of an organisation that is known by name alone; nothing for no name.

    It tells nothing of the name, for ids stand in addresses and logs.
    """
    return opaque_id(name_id(name))


def new_organisation_id() -> str:
    """Return an id of an organisation that nothing tells, in the form of all."""
    return f"{_OPAQUE}{secrets.token_hex(_OPAQUE_CHARS)[:_OPAQUE_CHARS]}"


def opaque_id(slug: str) -> str:
    """Return what an organisation's id is that was made of its name by `name_id` alone."""
    digits = hashlib.sha256(slug.encode()).hexdigest()[:_OPAQUE_CHARS]
    return f"{_OPAQUE}{digits}" if slug else ""
