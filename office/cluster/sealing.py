"""Seals what is sent through a cluster: needs lie readable in no object store, no file and no log of it.

AES-GCM with a key of 256 bits that a serving process makes for its shards and keeps in memory. The key goes
to a shard in a call of its own, which only the cluster's encryption protects on the wire (docs/cluster.md).
"""

import os
import pickle
from typing import Any

KEY_BYTES, NONCE_BYTES = 32, 12


def new_key() -> bytes:
    """Return a new key."""
    return os.urandom(KEY_BYTES)


class Seal:
    """Seals and opens values with one key."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(key)

    def seal(self, value: object) -> bytes:
        """Return a value, sealed."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, pickle.dumps(value, protocol=5), None)

    def open(self, sealed: bytes) -> Any:
        """Return the value; raises InvalidTag for anything that was not sealed with this key.

        Only what was sealed with the key is unpickled.
        """
        opened = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        return pickle.loads(opened)  # noqa: S301 - authenticated above
