"""Secrets between the form that made them and the one page that shows them: kept in memory, given once."""

import threading
import time
from dataclasses import dataclass

from catalogue.database.viewer import Viewer
from enmusubi.errors import UnknownIdError
from office.accounts.fingerprints import new_secret

KEPT_S = 300


@dataclass(frozen=True)
class Secret:
    """A password or key, what it opens, and the page to go back to."""

    kind: str
    name: str
    text: str
    back: str


class ShownOnce:
    """Holds secrets for those who made them, each until it is taken or five minutes are over."""

    def __init__(self, *, kept_s: float = KEPT_S) -> None:
        self._kept_s = kept_s
        self._held: dict[str, tuple[float, str, Secret]] = {}
        self._lock = threading.Lock()

    def keep(self, viewer: Viewer, secret: Secret) -> str:
        """Return the ticket by which this viewer gets the secret, once."""
        ticket, now = new_secret(), time.monotonic()
        with self._lock:
            self._held = {key: held for key, held in self._held.items() if held[0] > now}
            self._held[ticket] = (now + self._kept_s, viewer.owner, secret)
        return ticket

    def take(self, viewer: Viewer, ticket: str) -> Secret:
        """Return the secret; raises UnknownIdError when it was shown already, or is another's."""
        with self._lock:
            until, owner, secret = self._held.get(ticket, (0.0, "", None))
            if secret is None or owner != viewer.owner or until <= time.monotonic():
                raise UnknownIdError(
                    "This was shown already, or is too old: it is shown once. Make another one."
                )
            del self._held[ticket]
        return secret
