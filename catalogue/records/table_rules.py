"""How each table is kept: its key, what a row must have, and what it has if nothing is said.

Also the hash that tells whether a row changed.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from sqlalchemy import Table

from catalogue.database.models import (
    OPEN,
    Base,
    Organisation,
    Provenance,
    Researcher,
    Seed,
    StoredNeed,
    Withdrawable,
)
from catalogue.identity.organisation_kinds import kind_of_names
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, SEEDS, Rejection, Value
from enmusubi.language import detect_language
from enmusubi.messages import Message, listed
from matcher.records import CONFIDENTIAL, PUBLIC

Row = dict[str, Value]
PROTECTED = frozenset({"visibility", "confidentiality", "patent_status", "status"})
"""Fields that only another value changes: an emptied cell must not make a secret public."""
PROVENANCE = (*Provenance.__annotations__, *Withdrawable.__annotations__)


@dataclass(frozen=True)
class StoredTable:
    """A table that importers write to."""

    name: str
    table: Table
    key: str
    one_of: tuple[str, ...]  # at least one of these must be filled
    defaults: Mapping[str, Value]
    spoken: tuple[str, ...] = ()  # the fields whose language `lang` is, where it is not given

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that carry content, in the order of the table."""
        return tuple(column.name for column in self.table.columns if column.name not in PROVENANCE)

    def empty_row(self) -> Row:
        """Return a row with nothing but the defaults."""
        return dict(self._blank)

    @cached_property
    def _blank(self) -> Row:
        blank: Row = {n: None if self.table.c[n].nullable else "" for n in self.columns}
        return {**blank, **self.defaults}

    def completed(self, row: Row) -> Row:
        """Return the row with its language, or its kind, told by its words where no source says it."""
        if self.name == ORGANISATIONS and not row["kind"]:
            return {**row, "kind": kind_of_names(str(row[name]) for name in self.one_of)}
        if not self.spoken or row["lang"]:
            return row
        return {**row, "lang": detect_language(" ".join(str(row[name]) for name in self.spoken))}

    def lacking(self, row: Row) -> Rejection | None:
        """Return what a row lacks to be kept, or None."""
        if not any(row[name] for name in self.one_of):
            message = Message(
                "empty: a row needs %(columns)s", {"columns": listed(self.one_of, " or ")}
            )
            return Rejection(self.one_of[0], message)
        if "kind" in row and not row["kind"]:
            return Rejection("kind", Message("empty: a row needs kind"))
        return None


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


STORED: dict[str, StoredTable] = {
    stored.name: stored
    for stored in (
        StoredTable(
            ORGANISATIONS,
            _table(Organisation),
            "organisation_id",
            ("name_ja", "name_en"),
            {},
        ),
        StoredTable(RESEARCHERS, _table(Researcher), "researcher_id", ("name_ja", "name_en"), {}),
        StoredTable(
            SEEDS,
            _table(Seed),
            "seed_id",
            ("title", "text"),
            {"visibility": PUBLIC},
            ("title", "text"),
        ),
        StoredTable(
            NEEDS,
            _table(StoredNeed),
            "need_id",
            ("text",),
            {"confidentiality": CONFIDENTIAL, "status": OPEN},
            ("text",),
        ),
    )
}


as_json_text: Callable[[str], str] = json.encoder.encode_basestring
"""Returns a text in quotes as JSON has it, other letters than ASCII as they are."""
_as_json = json.JSONEncoder(ensure_ascii=False).encode  # made once, not for each row


def content_hash(row: Mapping[str, Value], people: Sequence[str] = ()) -> str:
    """Return a SHA-256 over the row's content and, of a seed, its people in order."""
    content = [sorted((name, str(value)) for name, value in row.items() if value not in (None, ""))]
    return text_hash(_as_json([content, list(people)]))


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
