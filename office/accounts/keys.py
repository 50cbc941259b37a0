"""Machines' keys, `enm_<key id>_<secret>`, and the OAuth2 access tokens that they are good for.

Keys are shown once, stored as a fingerprint and compared in constant time. Tokens are opaque and good
for an hour: what they allow is looked up at each use, so that a revoked key ends them at once.
"""

import secrets
import string
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from catalogue.database.account_models import AccessToken, ApiKey, Client
from catalogue.database.viewer import MACHINE, SCOPES, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import InputError, NotSignedInError, UnknownIdError
from office.access import audit
from office.accounts.fingerprints import fingerprint, matches, new_secret
from office.accounts.machines import companies_of, required_machine

KEY = "key"  # kind of object in the audit trail
PREFIX = "enm"
KEY_ID_CHARS = 12
LIFETIME = timedelta(hours=1)  # of access tokens
USED_EVERY = timedelta(minutes=1)  # a key's last use is written no more often
_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class Key:
    """A machine's key, without its secret."""

    key_id: str
    client_id: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Return whether the key has been neither revoked nor outlived."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True)
class NewKey:
    """A key that was made just now; `text` is what the machine sends, and is stored nowhere."""

    key: Key
    text: str

    def __repr__(self) -> str:
        return f"NewKey({self.key.key_id})"


class Keys:
    """The keys in a catalogue; `by` is who makes a change."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def list(self, client_id: str = "") -> list[Key]:
        """Return all keys, or a machine's, the newest first."""
        query = select(ApiKey.__table__).order_by(ApiKey.created_at.desc(), ApiKey.key_id)
        if client_id:
            query = query.where(ApiKey.client_id == client_id)
        with self._catalogue.reading() as connection:
            return [_key(row) for row in connection.execute(query)]

    def create(
        self,
        by: Viewer,
        client_id: str,
        scopes: Collection[str],
        *,
        expires_at: datetime | None = None,
    ) -> NewKey:
        """Return a new key of a machine, the only time that its text is known."""
        granted = _granted(scopes)
        now = datetime.now(UTC)
        if expires_at is not None and expires_at <= now:
            raise InputError("The key would be over already. Give a later day, or none.")
        key_id = "".join(secrets.choice(_ALPHABET) for _ in range(KEY_ID_CHARS))
        secret = new_secret()
        row = {
            "key_id": key_id,
            "client_id": client_id,
            "secret_hash": fingerprint(secret),
            "scopes": " ".join(granted),
            "created_at": now,
            "expires_at": expires_at,
        }
        with self._catalogue.writing() as connection:
            required_machine(connection, client_id)
            connection.execute(insert(ApiKey), row)
            audit.record(
                connection, by, "create key", KEY, key_id, machine=client_id, scopes=granted
            )
        key = Key(key_id, client_id, granted, now, expires_at, None, None)
        return NewKey(key, f"{PREFIX}_{key_id}_{secret}")

    def revoke(self, by: Viewer, key_id: str) -> Key:
        """Make a key and the tokens got for it useless; raises UnknownIdError."""
        with self._catalogue.writing() as connection:
            row = _find(connection, key_id)
            if row is None:
                raise UnknownIdError(
                    "There is no key %(key)r. `enmusubi key list` shows those there are.",
                    key=key_id,
                )
            if row.revoked_at is None:
                mine = ApiKey.key_id == key_id
                connection.execute(update(ApiKey).where(mine).values(revoked_at=datetime.now(UTC)))
                audit.record(connection, by, "revoke key", KEY, key_id, machine=row.client_id)
            return _key(_find(connection, key_id) or row)

    def viewer_of(self, text: str, *, now: datetime | None = None) -> Viewer | None:
        """Return the machine that a key opens the door for, None for no good key."""
        key_id, secret = split_key(text)
        return self.viewer_by(key_id, secret, now=now)

    def viewer_by(self, key_id: str, secret: str, *, now: datetime | None = None) -> Viewer | None:
        """Return the machine of a key id and secret.

        An unknown key takes the same way as a known one: the secret is compared first.
        """
        now = now or datetime.now(UTC)
        with self._catalogue.reading() as connection:
            row = _find(connection, key_id)
            is_right = matches(secret, row.secret_hash if row else None)
            if row is None or not is_right:
                return None
            viewer = viewer_of_row(connection, row, now)
        if viewer is not None:
            self._note_use(row, now)
        return viewer

    def _note_use(self, row: Row[Any], now: datetime) -> None:
        if row.last_used_at is not None and now - row.last_used_at < USED_EVERY:
            return
        mine = ApiKey.key_id == row.key_id
        older = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < now)
        with self._catalogue.writing() as connection:
            connection.execute(update(ApiKey).where(mine, older).values(last_used_at=now))


def split_key(text: str) -> tuple[str, str]:
    """Return a key's id and secret; two empty texts for what is no key."""
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    return (key_id, secret) if prefix == PREFIX else ("", "")


def select_keys() -> Any:
    """Return the query of keys with their machines."""
    return select(
        ApiKey.__table__, Client.role, Client.name, Client.disabled_at.label("machine_disabled_at")
    ).join(Client, Client.client_id == ApiKey.client_id)


def viewer_of_row(
    connection: Connection, row: Row[Any], now: datetime, scopes: str | None = None
) -> Viewer | None:
    """Return the machine of a row of `select_keys`, None where key or machine are no longer good.

    `scopes` narrows what the key may do.
    """
    key = _key(row)
    if row.machine_disabled_at is not None or not key.is_good(now):
        return None
    granted = frozenset(key.scopes)
    if scopes is not None:
        granted &= frozenset(scopes.split())
    companies = frozenset(companies_of(connection, row.client_id))
    return Viewer(row.client_id, row.role, MACHINE, row.name, companies, granted)


def _granted(scopes: Collection[str]) -> tuple[str, ...]:
    """Return the scopes that were asked for, in their usual order; raises InputError."""
    expected = ", ".join(SCOPES)
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise InputError(
            "%(scope)r is no scope: expected some of %(scopes)s.",
            scope=unknown[0],
            scopes=expected,
        )
    if not scopes:
        raise InputError("A key needs a scope: expected some of %(scopes)s.", scopes=expected)
    return tuple(scope for scope in SCOPES if scope in scopes)


def _find(connection: Connection, key_id: str) -> Row[Any] | None:
    found: Row[Any] | None = connection.execute(
        select_keys().where(ApiKey.key_id == key_id.replace("\x00", ""))
    ).first()
    return found


def _key(row: Row[Any]) -> Key:
    times = (row.expires_at, row.revoked_at, row.last_used_at)
    return Key(row.key_id, row.client_id, tuple(row.scopes.split()), row.created_at, *times)


@dataclass(frozen=True)
class Token:
    """A token that was made just now; `text` is stored nowhere."""

    text: str
    scopes: tuple[str, ...]
    lifetime_s: int = round(LIFETIME.total_seconds())

    def __repr__(self) -> str:
        return f"Token({' '.join(self.scopes)})"


class Tokens:
    """The access tokens in a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._keys = Keys(catalogue)

    def issue(
        self,
        key_id: str,
        secret: str,
        scopes: Collection[str] = (),
        *,
        now: datetime | None = None,
    ) -> Token:
        """Return a token for a key; `scopes` asks for fewer than the key has.

        Raises NotSignedInError for no good key, InputError for scopes that it doesn't have.
        """
        now = now or datetime.now(UTC)
        viewer = self._keys.viewer_by(key_id, secret, now=now)
        if viewer is None:
            raise NotSignedInError(
                "The key is unknown, revoked or over, or its secret is wrong. The client id is the "
                "key's id, the client secret what follows it in the key."
            )
        if set(scopes) - viewer.scopes:
            raise InputError(
                "The key doesn't have all of those scopes. Ask for fewer, or for none."
            )
        granted = tuple(sorted(scopes or viewer.scopes))
        text = new_secret()
        row = {
            "token_hash": fingerprint(text),
            "key_id": key_id,
            "scopes": " ".join(granted),
            "expires_at": now + LIFETIME,
        }
        with self._catalogue.writing() as connection:
            connection.execute(delete(AccessToken).where(AccessToken.expires_at <= now))
            connection.execute(insert(AccessToken), row)
            audit.record(connection, viewer, "get token", KEY, key_id)
        return Token(text, granted)

    def viewer_of(self, text: str, *, now: datetime | None = None) -> Viewer | None:
        """Return the machine that a token opens the door for, None for no good token."""
        now = now or datetime.now(UTC)
        query = (
            select_keys()
            .add_columns(AccessToken.scopes.label("token_scopes"))
            .join(AccessToken, AccessToken.key_id == ApiKey.key_id)
            .where(AccessToken.token_hash == fingerprint(text), AccessToken.expires_at > now)
        )
        with self._catalogue.reading() as connection:
            row = connection.execute(query).first()
            return viewer_of_row(connection, row, now, row.token_scopes) if row else None
