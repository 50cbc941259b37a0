"""Keeps the match lists of a night that is still running, so that a killed run goes on.

Held by the index version and the model that made them; file names are hashes, no need's text is
kept.
"""

import hashlib
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from enmusubi.matcher.records import Evidence, Match, MatchList, Need, ResearcherCard
from enmusubi.matcher.storage import storage_errors, write_atomically


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
            return _match_list(json.loads(self._path(need).read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, need: Need, matches: MatchList) -> None:
        """Keep a match list; raises StorageError."""
        with storage_errors(self._folder):
            content = json.dumps(asdict(matches), ensure_ascii=True)
            write_atomically(self._path(need), content.encode())

    def clear(self) -> None:
        """Forget all, once the report is written."""
        shutil.rmtree(self._root, ignore_errors=True)

    def _path(self, need: Need) -> Path:
        content = json.dumps([need.need_id, need.title, need.text])
        return self._folder / f"{hashlib.sha256(content.encode()).hexdigest()}.json"


def _match_list(stored: dict[str, Any]) -> MatchList:
    matches = tuple(
        Match(
            rank=match["rank"],
            researcher=ResearcherCard(**match["researcher"]),
            score=match["score"],
            evidence=tuple(Evidence(**evidence) for evidence in match["evidence"]),
        )
        for match in stored["matches"]
    )
    return MatchList(**{**stored, "matches": matches})
