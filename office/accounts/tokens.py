"""Access tokens of OAuth2 client credentials: a machine gets one for its key, good for an hour.

They are opaque: what they allow is looked up at each use, so that a revoked key ends them at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert

from catalogue.database.account_models import AccessToken, ApiKey
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import InputError, NotSignedInError
from office.access import audit
from office.accounts.fingerprints import fingerprint, new_secret
from office.accounts.keys import KEY, Keys, select_keys, viewer_of_row

LIFETIME = timedelta(hours=1)


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
