"""Browsers that people signed in with: while strangers guess at an account, these are not locked out.

After OWASP's device cookies: wrong passwords of a known device count for it alone, and it becomes unknown
after as many as would lock an account.
"""

import threading
from collections import OrderedDict
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from catalogue.database.sign_in_models import KnownDevice
from catalogue.records.catalogue import Catalogue
from office.accounts.fingerprints import fingerprint, new_secret

KEPT_FOR = timedelta(days=180)
MOST_OF_ONE = 20  # devices of one user; the one that was seen longest ago goes
REMEMBERED = 10_000  # devices with wrong passwords


class Devices:
    """The known devices in a catalogue."""

    def __init__(self, catalogue: Catalogue, most_failures: int = 10) -> None:
        self._catalogue, self._most = catalogue, most_failures
        self._failures: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def knows(self, token: str, user_id: str, now: datetime | None = None) -> bool:
        """Return whether a browser's token is of a device with which the user signed in before."""
        if not token:
            return False
        query = select(KnownDevice.user_id).where(
            KnownDevice.token_hash == fingerprint(token),
            KnownDevice.user_id == user_id,
            KnownDevice.expires_at > (now or datetime.now(UTC)),
        )
        with self._catalogue.reading() as connection:
            return connection.execute(query).first() is not None

    def remember(self, token: str, user_id: str, now: datetime | None = None) -> str:
        """Return the token of the device that a user signed in with: its own, or a new one's."""
        now = now or datetime.now(UTC)
        with self._lock:
            self._failures.pop(fingerprint(token), None)
        if self.knows(token, user_id, now):
            values = {"seen_at": now, "expires_at": now + KEPT_FOR}
            mine = KnownDevice.token_hash == fingerprint(token)
            with self._catalogue.writing() as connection:
                connection.execute(update(KnownDevice).where(mine).values(**values))
            return token
        made = new_secret()
        row = {
            "token_hash": fingerprint(made),
            "user_id": user_id,
            "created_at": now,
            "seen_at": now,
            "expires_at": now + KEPT_FOR,
        }
        with self._catalogue.writing() as connection:
            connection.execute(delete(KnownDevice).where(KnownDevice.expires_at <= now))
            connection.execute(insert(KnownDevice), row)
            _drop_oldest(connection, user_id)
        return made

    def count_failure(self, token: str) -> None:
        """Count a wrong password of a known device; after too many it is known no more."""
        key = fingerprint(token)
        with self._lock:
            count = self._failures.pop(key, 0) + 1
            self._failures[key] = count
            if len(self._failures) > REMEMBERED:
                self._failures.popitem(last=False)
        if count >= self._most:
            with self._catalogue.writing() as connection:
                connection.execute(delete(KnownDevice).where(KnownDevice.token_hash == key))


def forget_devices(connection: Connection, user_id: str, *, but: str = "") -> int:
    """Forget a user's devices, all but that of a token; returns how many that were."""
    others = delete(KnownDevice).where(
        KnownDevice.user_id == user_id, KnownDevice.token_hash != fingerprint(but)
    )
    return connection.execute(others).rowcount


def _drop_oldest(connection: Connection, user_id: str) -> None:
    newest = (
        select(KnownDevice.token_hash)
        .where(KnownDevice.user_id == user_id)
        .order_by(KnownDevice.seen_at.desc(), KnownDevice.token_hash)
    )
    hashes = list(connection.execute(newest).scalars())[MOST_OF_ONE:]
    if hashes:
        connection.execute(delete(KnownDevice).where(KnownDevice.token_hash.in_(hashes)))
