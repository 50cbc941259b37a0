"""Keeps uploaded files until they are imported: each in a folder of its own, for whoever uploaded it alone.

What was said of a file (its format, how its tables are read) and what became of it stand beside it. Nothing
of it is kept longer than a day.
"""

import json
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from catalogue.database.viewer import Viewer
from catalogue.importers.reading.packed import shown_name
from catalogue.records.table_readings import Reading
from enmusubi.atomic_files import storage_errors, write_atomically
from enmusubi.errors import InputError, UnknownIdError
from office.access.rules import ADMINISTER, require

KEPT_S = 24 * 3600
MOST_KEPT = 20  # of one person
NEW, RUNNING, DONE, FAILED = "new", "running", "done", "failed"

_STATE, _FILES = "state.json", "files"
_ID = re.compile(r"[0-9a-f]{24}")
_COPY_BYTES = 1_000_000


@dataclass(frozen=True)
class Upload:
    """An uploaded file: what was said of it, and what became of it."""

    upload_id: str
    folder: Path
    owner: str
    name: str
    made_at: float
    format: str = ""  # empty: found out, file by file
    only: str = ""  # the person or organisation that alone is taken
    readings: Mapping[str, Reading] = field(default_factory=dict)
    state: str = NEW
    runs: tuple[int, ...] = ()
    report: Mapping[str, Any] = field(default_factory=dict, repr=False)
    rejects: tuple[str, ...] = ()  # names of files in `rejects_dir`
    fault: Mapping[str, Any] = field(default_factory=dict)  # a message as plain values

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self.folder / _FILES / self.name

    @property
    def rejects_dir(self) -> Path:
        """Where its rejected rows go."""
        return self.folder / "rejects"


class Uploads:
    """The uploads of a data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, viewer: Viewer, name: str, content: IO[bytes], *, only: str = "") -> Upload:
        """Keep a file; raises ForbiddenError, InputError for one without name or content, StorageError."""
        require(viewer, ADMINISTER)
        shown = shown_name(Path(name.replace("\\", "/")).name)[-150:].lstrip(".")
        if not shown:
            raise InputError("There is no file: choose one.", of_field="file")
        self._forget(viewer)
        upload_id = secrets.token_hex(12)
        folder = self._folder / upload_id
        upload = Upload(upload_id, folder, viewer.owner, shown, time.time(), only=only)
        with storage_errors(self._folder):
            upload.path.parent.mkdir(parents=True, mode=0o700)
            folder.chmod(0o700)
            with upload.path.open("xb") as target:
                shutil.copyfileobj(content, target, _COPY_BYTES)
        if not upload.path.stat().st_size:
            shutil.rmtree(folder, ignore_errors=True)
            raise InputError("The file is empty.", of_field="file")
        return self.save(upload)

    def save(self, upload: Upload) -> Upload:
        """Write down what is known of an upload."""
        told = asdict(upload) | {"folder": ""}
        content = json.dumps(told, ensure_ascii=False).encode()
        with storage_errors(upload.folder):
            write_atomically(upload.folder / _STATE, content)
        return upload

    def get(self, viewer: Viewer, upload_id: str) -> Upload:
        """Return an upload; raises ForbiddenError, and UnknownIdError for none or another's."""
        require(viewer, ADMINISTER)
        upload = self._read(self._folder / upload_id) if _ID.fullmatch(upload_id) else None
        if upload is None or upload.owner != viewer.owner:
            raise UnknownIdError(
                "There is no such upload: files are kept for a day, for whoever uploaded them. Upload it "
                "again."
            )
        return upload

    def list(self, viewer: Viewer) -> list[Upload]:
        """Return a person's uploads, the newest first; raises ForbiddenError."""
        require(viewer, ADMINISTER)
        own = (upload for upload in self._all() if upload.owner == viewer.owner)
        return sorted(own, key=lambda upload: -upload.made_at)

    def drop(self, viewer: Viewer, upload_id: str) -> None:
        """Delete an upload; raises as `get` does, and InputError while it is imported."""
        upload = self.get(viewer, upload_id)
        if upload.state == RUNNING:
            raise InputError("The file is being imported: wait until that has ended.")
        shutil.rmtree(upload.folder, ignore_errors=True)

    def _forget(self, viewer: Viewer) -> None:
        """Delete what is older than a day, and the oldest of a person's beyond the most."""
        kept = [upload for upload in self.list(viewer) if upload.state != RUNNING]
        old = [upload for upload in self._all() if upload.made_at < time.time() - KEPT_S]
        for upload in (*kept[MOST_KEPT - 1 :], *old):
            shutil.rmtree(upload.folder, ignore_errors=True)

    def _all(self) -> Iterator[Upload]:
        folders = self._folder.iterdir() if self._folder.is_dir() else ()
        yield from (found for folder in folders if (found := self._read(folder)))

    def _read(self, folder: Path) -> Upload | None:
        try:
            told = json.loads((folder / _STATE).read_text("utf-8"))
            readings = {key: Reading(**value) for key, value in told.pop("readings").items()}
            upload = Upload(**{**told, "folder": folder, "readings": readings})
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return replace(upload, runs=tuple(upload.runs), rejects=tuple(upload.rejects))
