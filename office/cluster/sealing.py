"""Seals what is sent through a cluster: needs lie readable in no object store, no file and no log of it.

AES-GCM with a key of 256 bits that a serving process makes for its shards and keeps in memory. The key goes
to a shard in a call of its own, which only the cluster's encryption protects on the wire (docs/cluster.md).
"""

import pickle
from typing import Any

from enmusubi.sealing import new_key, open_bytes, seal_bytes

__all__ = ["Seal", "new_key"]


class Seal:
    """Seals and opens values with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, value: object) -> bytes:
        """Return a value, sealed."""
        return seal_bytes(self._key, pickle.dumps(value, protocol=5))

    def open(self, sealed: bytes) -> Any:
        """Return the value; raises InvalidTag for anything that was not sealed with this key.

        Only what was sealed with the key is unpickled.
        """
        return pickle.loads(open_bytes(self._key, sealed))  # noqa: S301 - authenticated above
