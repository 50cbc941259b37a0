"""Seals what has to be known again but must not be readable: AES-GCM with keys of 256 bits.

The keys of the data folder's secrets lie in a file beside the database, never in it, or come from the
settings. The first key seals, all of them open: so a new one can come in before an old one goes.
"""

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from enmusubi.atomic_files import PRIVATE, replaced_file, storage_errors
from enmusubi.errors import SealError
from enmusubi.messages import N_

KEY_FILE = "secrets.key"
KEY_BYTES, NONCE_BYTES = 32, 12
KEPT_KEYS = (
    2  # of the file: the present one, and the one before for a process that read it just now
)
MARK = "sealed:"  # begins what is sealed: no secret of an app or a webhook does
UNREADABLE = N_(
    "A secret in the catalogue cannot be opened: its key is missing. `enmusubi doctor` says what to do."
)


def new_key() -> bytes:
    """Return a new key."""
    return os.urandom(KEY_BYTES)


def seal_bytes(key: bytes, content: bytes, about: bytes | None = None) -> bytes:
    """Return the content, sealed; only who names what it is `about` opens it."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, about)


def open_bytes(key: bytes, sealed: bytes, about: bytes | None = None) -> bytes:
    """Return the content; raises InvalidTag for anything that was not sealed so with this key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)


class SealingKeys:
    """The keys of a service's secrets: those of the settings, else those of a file in the data folder.

    The file is made when the first secret is sealed and read each time, as it may have been changed.
    """

    def __init__(self, folder: Path, named: str = "") -> None:
        self.path, self._named = folder / KEY_FILE, tuple(named.split())

    @property
    def is_file(self) -> bool:
        """Whether the keys are those of the file."""
        return not self._named

    def seal(self, secret: str, about: str) -> str:
        """Return a secret, sealed for the row and column that it is `about`."""
        key = self._keys(needed=True)[0]
        sealed = seal_bytes(key, secret.encode(), about.encode())
        return f"{MARK}{_name(key)}:{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, kept: str, about: str) -> str:
        """Return the secret of what is kept, also of what was kept before secrets were sealed.

        Raises SealError where the key is missing, or what is kept was altered or is about another row.
        """
        from cryptography.exceptions import InvalidTag

        if not is_sealed(kept):
            return kept
        name, _, content = kept.removeprefix(MARK).partition(":")
        for key in self._keys():
            if _name(key) == name:
                with suppress(InvalidTag, ValueError, binascii.Error):
                    return open_bytes(
                        key, base64.urlsafe_b64decode(content), about.encode()
                    ).decode()
        raise SealError(UNREADABLE)

    def is_newest(self, kept: str) -> bool:
        """Return whether something is sealed with the key that seals now."""
        keys = self._keys()
        return bool(keys) and kept.startswith(f"{MARK}{_name(keys[0])}:")

    def add(self) -> None:
        """Put a new key before those of the file, of which all are kept until `drop_old`."""
        self._write((secrets.token_urlsafe(KEY_BYTES), *self._lines()))

    def drop_old(self) -> None:
        """Keep the newest keys of the file alone; nothing may be sealed with others."""
        self._write(self._lines()[:KEPT_KEYS])

    def _keys(self, *, needed: bool = False) -> list[bytes]:
        lines = self._named or self._lines()
        if not lines and needed:
            self._make()
            lines = self._lines()
        return [hashlib.sha256(line.encode()).digest() for line in lines]

    def _lines(self) -> tuple[str, ...]:
        with storage_errors(self.path.parent):
            try:
                return tuple(self.path.read_text("ascii").split())
            except FileNotFoundError:
                return ()

    def _make(self) -> None:
        """Write the first key, unless another process does at the same moment."""
        part = self.path.with_name(f".{KEY_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
        with storage_errors(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with replaced_file(part, mode=PRIVATE) as stream:
                    stream.write(f"{secrets.token_urlsafe(KEY_BYTES)}\n".encode())
                with suppress(FileExistsError):
                    os.link(part, self.path)
            finally:
                part.unlink(missing_ok=True)

    def _write(self, lines: Sequence[str]) -> None:
        with (
            storage_errors(self.path.parent),
            replaced_file(self.path, mode=PRIVATE) as stream,
        ):
            stream.write("".join(f"{line}\n" for line in lines).encode())


def is_sealed(kept: str) -> bool:
    """Return whether something was sealed, or is empty: nothing in it could be read."""
    return not kept or kept.startswith(MARK)


def _name(key: bytes) -> str:
    return hashlib.sha256(b"name of a key" + key).hexdigest()[:8]
