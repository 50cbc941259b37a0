"""Who was forgotten and is not to come in again, and who is not to be matched.

Keys of people who were forgotten are kept as keyed hashes alone. An id or a name that an import brings
is hashed likewise and looked up; nothing can be listed from the hashes without the ids themselves.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Table, insert, select

from catalogue.database.privacy_models import OptOut, Suppression
from catalogue.identity.person_names import person_keys
from catalogue.records.drafts import RESEARCHERS, SEEDS, Draft, Value
from catalogue.records.lookups import LOOKUPS, NAME_REFERENCE, UNIQUE_IDS, name_in
from catalogue.records.source_records import SourceRecord
from catalogue.records.survivorship import Derived

SUPPRESSION = cast(Table, Suppression.__table__)
OPT_OUT = cast(Table, OptOut.__table__)
_ID, _NAME = "id", "name"
_IS_KNOWN = Callable[[str], object]


class Suppressed:
    """The keys of those who were forgotten."""

    def __init__(self, connection: Connection) -> None:
        found = {row.key_hash: row.secret for row in connection.execute(select(SUPPRESSION))}
        self._secret = bytes.fromhex(found.pop("", ""))
        self._hashes = frozenset(found)

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def holds(self, researcher_id: str) -> bool:
        """Return whether an id is that of somebody who was forgotten."""
        return _hash(self._secret, _ID, researcher_id) in self._hashes

    def admitted(self, draft: Draft, is_known: _IS_KNOWN) -> Draft | None:
        """Return a draft without those who were forgotten, None where nothing of it is left.

        A name counts where nobody known bears it: a namesake keeps their works.
        """
        if draft.table == RESEARCHERS:
            return None if self._is_their_row(draft.values) else draft
        if draft.table != SEEDS or not (draft.people or draft.chosen_by):
            return draft
        people = self._left(draft.people or (), is_known)
        if draft.people and not people:
            return None
        chosen_by = self._left(draft.chosen_by, is_known)
        if people == draft.people and chosen_by == draft.chosen_by:
            return draft
        return replace(draft, people=people if draft.people else draft.people, chosen_by=chosen_by)

    def _is_their_row(self, values: Mapping[str, Value]) -> bool:
        """Return whether a row is theirs by an id; staff numbers repeat, so with one the name counts, too."""
        ids = (values.get(name) for name in ("researcher_id", *UNIQUE_IDS[RESEARCHERS]))
        if any(self.holds(str(one)) for one in ids if one):
            return True
        number = values.get("local_id")
        return bool(number) and self.holds(str(number)) and any(map(self._bears, names_of(values)))

    def _bears(self, name: str) -> bool:
        return any(_hash(self._secret, _NAME, key) in self._hashes for key in keys_of_name(name))

    def _left(self, references: Sequence[str], is_known: _IS_KNOWN) -> tuple[str, ...]:
        return tuple(one for one in references if not self._is_gone(one, is_known))

    def _is_gone(self, reference: str, is_known: _IS_KNOWN) -> bool:
        if not reference.startswith(NAME_REFERENCE):
            return self.holds(reference)
        return self._bears(name_in(reference)) and not is_known(reference)


def ids_of(values: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the ids by which a row of a researcher, or a draft of one, says who they are."""
    names = ("researcher_id", *LOOKUPS[RESEARCHERS])
    return tuple(str(values[name]) for name in names if values.get(name))


def keys_of_name(name: str) -> frozenset[str]:
    """Return the keys of a full name; those of initials prove nothing."""
    return frozenset(key for key in person_keys(name, "", name) if not key.startswith("ini:"))


def suppress(connection: Connection, records: Sequence[SourceRecord], now: datetime) -> None:
    """Keep the hashes of all ids and names in a researcher's records."""
    secret = connection.execute(
        select(SUPPRESSION.c.secret).where(SUPPRESSION.c.key_hash == "")
    ).scalar()
    if secret is None:
        secret = secrets.token_hex(32)
        connection.execute(insert(SUPPRESSION).values(key_hash="", secret=secret, since=now))
    key = bytes.fromhex(secret)
    hashes = {_hash(key, _ID, one) for record in records for one in (record.home_id, record.key)}
    for record in records:
        hashes |= {_hash(key, _ID, one) for one in ids_of(record.values)}
        names = [one for name in names_of(record.values) for one in keys_of_name(name)]
        hashes |= {_hash(key, _NAME, one) for one in names}
    known = set(connection.execute(select(SUPPRESSION.c.key_hash)).scalars())
    rows = [{"key_hash": one, "secret": "", "since": now} for one in sorted(hashes - known)]
    if rows:
        connection.execute(insert(SUPPRESSION), rows)


def names_of(values: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the names in a row of a researcher, as they are written."""
    single = (str(values.get(name) or "") for name in ("name_ja", "name_kana", "name_en"))
    aliases = str(values.get("aliases") or "").split(";")
    return tuple(name for name in map(str.strip, (*single, *aliases)) if name)


class OptOuts:
    """Who is not to be matched, by home id; read when a person is first asked for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._since: Mapping[str, datetime] | None = None

    def heeded(self, derived: Derived, records: Sequence[SourceRecord]) -> Derived:
        """Return a person's row, withdrawn where the person is not to be matched."""
        if self._since is None:
            found = self._connection.execute(select(OPT_OUT))
            self._since = {row.researcher_id: row.since for row in found}
        since = [self._since[one.home_id] for one in records if one.home_id in self._since]
        return replace(derived, withdrawn_at=max(since)) if since else derived


def _hash(secret: bytes, kind: str, key: str) -> str:
    said = f"{kind}\n{key}".encode("utf-8", "surrogatepass")
    return hmac.new(secret, said, hashlib.sha256).hexdigest()
