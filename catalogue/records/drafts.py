"""What importers hand to the catalogue, and what the catalogue answers.

A draft holds the checked fields that a source gave; fields that it did not give are absent.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from catalogue.records.rejections import Rejection

NEW = "new"  # the page where a need is written down
ENDINGS = r"/(?:matches|releases|feedback|guests(?:/[^/]*)?|close|reopen|change)"
_RESERVED = re.compile(rf"{NEW}|.*{ENDINGS}", re.DOTALL)


def is_reserved(need_id: str) -> bool:
    """Return whether a need of this id could not be opened."""
    return _RESERVED.fullmatch(need_id) is not None


ORGANISATIONS, RESEARCHERS, SEEDS, NEEDS = "organisations", "researchers", "seeds", "needs"
TABLES = (ORGANISATIONS, RESEARCHERS, SEEDS, NEEDS)  # in the order in which they refer to others

ADDED, UPDATED, UNCHANGED, MERGED = "added", "updated", "unchanged", "merged"
REFUSED = "refused"

Value = str | int | date | None

MAX_ID_CHARS = 100
_NOT_IN_IDS = re.compile(r"[^\w]+|_+")
_OPAQUE = "org-"  # begins the ids of organisations that are known by name alone
_OPAQUE_CHARS = 16  # of a hash: among a million names two meet once in ten million offices


class Merge(Enum):
    """How much a draft's fields weigh against those of other sources."""

    REPLACE = "replace"  # the source describes the thing: its fields win
    FILL = "fill"  # the source mentions it in passing: its fields fill what is empty


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

    Case, punctuation and full-width forms make no difference; empty parts give an empty id.
    """
    text = unicodedata.normalize("NFKC", " ".join(parts)).casefold()
    slug = _NOT_IN_IDS.sub("-", text).strip("-")
    if len(slug) <= MAX_ID_CHARS:
        return slug
    return f"{slug[: MAX_ID_CHARS - 13]}-{hashlib.sha256(slug.encode()).hexdigest()[:12]}"


def organisation_id(name: str) -> str:
    """Return the id of an organisation that is known by name alone; nothing for no name.

    It tells nothing of the name, for ids stand in addresses and logs.
    """
    return opaque_id(name_id(name))


def opaque_id(slug: str) -> str:
    """Return what an organisation's id is that was made of its name by `name_id` alone."""
    digits = hashlib.sha256(slug.encode()).hexdigest()[:_OPAQUE_CHARS]
    return f"{_OPAQUE}{digits}" if slug else ""
