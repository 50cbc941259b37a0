"""Which shards did not answer lately, so that not everybody who asks waits for them."""

import threading
import time
from collections.abc import Collection, Mapping
from typing import Any

AGAIN_AFTER_S = 15.0
SIZES = "shard_researchers"  # in a manifest: how many researchers each shard has


class Absence:
    """Shards that did not answer; safe to use from several threads.

    After a while one of those who ask tries all shards again, while the others go on without.
    """

    def __init__(self) -> None:
        self._missing: frozenset[int] = frozenset()
        self._again_at = 0.0
        self._lock = threading.Lock()

    def known(self) -> frozenset[int]:
        """Return the shards that need not be asked now."""
        with self._lock:
            if self._missing and time.monotonic() >= self._again_at:
                self._again_at = time.monotonic() + AGAIN_AFTER_S
                return frozenset()
            return self._missing

    def note(self, missing: Collection[int]) -> None:
        """Keep in mind which shards do not answer; none: all of them answered."""
        with self._lock:
            self._missing = frozenset(missing)
            self._again_at = time.monotonic() + AGAIN_AFTER_S


def shard_sizes(manifest: Mapping[str, Any], n_shards: int) -> list[int]:
    """Return how many researchers each shard has; where a manifest does not say it, one for each."""
    return [int(count) for count in manifest.get(SIZES, [1] * n_shards)]
