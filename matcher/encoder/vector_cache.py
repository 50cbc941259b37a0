"""Keeps encodings by content and model, so that nothing is encoded twice: on disk, or for a moment.

On disk it is one SQLite file: concurrent readers and writers are safe, a killed process loses at most
its last batch. It holds hashes and vectors, never text. Needs that people ask stay in memory alone.
"""

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from enmusubi.errors import StorageError
from enmusubi.write_ahead_log import keep_write_ahead_log
from matcher.encoder.encoder import EncodedPassage, unit

_LOOKUP_CHUNK = 500
_PATIENCE_S = 60


class VectorCache:
    """Vectors in half precision by the hash of model, precision, prompt and text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._used: set[bytes] | None = None
        self._lock = threading.Lock()  # the threads of a process share one connection
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=_PATIENCE_S, check_same_thread=False)
            keep_write_ahead_log(self._connection, patience_s=_PATIENCE_S)
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vectors BLOB NOT NULL) "
                "WITHOUT ROWID"
            )
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def read(self, keys: Iterable[bytes], dimension: int) -> dict[bytes, EncodedPassage]:
        """Return what is stored of `keys`."""
        wanted = list(dict.fromkeys(keys))
        if self._used is not None:
            self._used.update(wanted)
        found: dict[bytes, EncodedPassage] = {}
        try:
            for first in range(0, len(wanted), _LOOKUP_CHUNK):
                chunk = wanted[first : first + _LOOKUP_CHUNK]
                marks = ",".join("?" * len(chunk))
                query = f"SELECT key, vectors FROM vectors WHERE key IN ({marks})"  # noqa: S608
                with self._lock:
                    stored_rows = self._connection.execute(query, chunk).fetchall()
                for key, stored in stored_rows:
                    rows = np.frombuffer(stored, np.float16).reshape(-1, dimension)
                    vectors = unit(rows.astype(np.float32))
                    found[key] = EncodedPassage(vectors[0], vectors[1:])
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        return found

    def write(self, encoded: Mapping[bytes, EncodedPassage]) -> None:
        """Add encodings; those already stored stay as they are."""
        rows = [
            (key, np.vstack([e.vector[None, :], e.sentence_vectors]).astype(np.float16).tobytes())
            for key, e in encoded.items()
        ]
        try:
            with self._lock, self._connection:
                self._connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def note_use(self) -> None:
        """Remember from now on what is asked for, for `drop_unused`."""
        self._used = set()

    def drop_unused(self) -> int:
        """Delete what was not asked for since `note_use`, its bytes too; returns how many there were."""
        with self._lock:
            stored = {key for (key,) in self._connection.execute("SELECT key FROM vectors")}
            gone = [(key,) for key in stored - (self._used or set())]
            with self._connection:
                self._connection.executemany("DELETE FROM vectors WHERE key = ?", gone)
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(gone)

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def _unusable(self, error: Exception) -> StorageError:
        return StorageError(
            "The cache of vectors %(path)s cannot be used (%(reason)s). Free some space, "
            "make the folder writable, or name another with ENMUSUBI_CACHE_DIR.",
            path=self._path,
            reason=error,
        )


class MemoryCache:
    """Encodings as they were computed, gone with this object; nothing of them is written to disk."""

    def __init__(self) -> None:
        self._kept: dict[bytes, EncodedPassage] = {}

    def read(self, keys: Iterable[bytes], dimension: int) -> dict[bytes, EncodedPassage]:
        """Return what is kept of `keys`."""
        return {key: self._kept[key] for key in keys if key in self._kept}

    def write(self, encoded: Mapping[bytes, EncodedPassage]) -> None:
        """Keep encodings."""
        self._kept.update(encoded)
