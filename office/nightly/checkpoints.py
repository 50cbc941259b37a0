"""Match lists that a night has finished, kept until its report is written.

No need's text is kept: the parts of it that a list quotes are taken from the need when the list is read.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from enmusubi.atomic_files import storage_errors, write_atomically
from matcher.queries import need_text
from matcher.records import MatchList, Need

_MATCH_LIST = TypeAdapter(MatchList)


class Checkpoints:
    """Finished match lists below `root`, of one index version, model and length of the lists."""

    def __init__(self, root: Path, *, key: str) -> None:
        self._root = root
        self._folder = root / hashlib.sha256(key.encode()).hexdigest()[:16]
        with storage_errors(root):
            for path in root.iterdir() if root.is_dir() else ():
                if path != self._folder:
                    shutil.rmtree(path, ignore_errors=True)
            self._folder.mkdir(parents=True, exist_ok=True)

    def read(self, need: Need) -> MatchList | None:
        """Return the need's match list, or None when it has none or its text changed since."""
        try:
            stored = json.loads(self._path(need).read_text("utf-8"))
            text = need_text(need)
            for part in _need_parts(stored):
                part["text"] = text[part["start"] : part["end"]]
            return _MATCH_LIST.validate_python(stored)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, need: Need, matches: MatchList) -> None:
        """Keep a match list; raises StorageError."""
        with storage_errors(self._folder):
            # in a sixth of the time of `asdict`, which was a tenth of a night
            stored = _MATCH_LIST.dump_python(matches)
            for part in _need_parts(stored):
                part["text"] = ""
            write_atomically(self._path(need), json.dumps(stored, ensure_ascii=True).encode())

    def clear(self) -> None:
        """Forget all, once the report is written."""
        shutil.rmtree(self._root, ignore_errors=True)

    def _path(self, need: Need) -> Path:
        content = json.dumps([need.need_id, need.title, need.text])
        return self._folder / f"{hashlib.sha256(content.encode()).hexdigest()}.json"


def _need_parts(stored: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parts of the need that a list quotes."""
    for match in stored["matches"]:
        parts = [evidence["answers"] for evidence in match["evidence"]]
        parts += [objection["part"] for objection in match["against"]]
        parts += [answered["part"] for answered in match["parts"]]
        yield from (part for part in parts if part)
