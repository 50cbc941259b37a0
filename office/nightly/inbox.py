"""Imports what changed in the inbox: a folder with one subfolder for each import format.

The list of imported files keeps their hashes, so that a file is read again only when it, or the
`mapping.toml` beside it, changed. Knows no format by itself: the caller lends the importers.
"""

import datetime
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalogue.importers.report import ImportReport
from catalogue.records.drafts import ROW, VALUE, Rejection
from enmusubi.atomic_files import storage_errors, write_atomically
from enmusubi.errors import InputError, UnreadableFileError
from enmusubi.messages import Message, listed, verbatim

MAPPING_NAME = "mapping.toml"
FIRST_FORMAT = "general"  # the office's own tables say under which ids people are known
MAX_SHOWN_REJECTIONS = 20
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")

OnTotal = Callable[[str, int, int], None]


ImportFiles = Callable[[str, Sequence[Path], Path | None], ImportReport]
"""Imports files of a format, with a mapping or without; raises InputError when it cannot."""


@dataclass(frozen=True)
class InboxResult:
    """What the inbox brought."""

    files_imported: int = 0
    files_skipped: int = 0
    rows_added: int = 0
    rows_updated: int = 0
    lines: tuple[str, ...] = ()  # one for each group of files
    problems: tuple[Message, ...] = ()  # files, rows and folders that could not be taken, and why


@dataclass(frozen=True)
class _Group:
    """Files of one folder, which share a mapping."""

    format: str
    folder: Path
    mapping: Path | None
    files: tuple[Path, ...]


@dataclass
class _Tally:
    files: int = 0
    skipped: int = 0
    added: int = 0
    updated: int = 0
    lines: list[str] = field(default_factory=list)
    problems: list[Message] = field(default_factory=list)

    def result(self) -> InboxResult:
        counts = (self.files, self.skipped, self.added, self.updated)
        return InboxResult(*counts, tuple(self.lines), tuple(self.problems))


class ImportedFiles:
    """Which files went in with which content; forgets all when it belongs to another catalogue."""

    def __init__(self, path: Path, catalogue: str) -> None:
        self._path = path
        self._catalogue = catalogue
        self.entries: dict[str, dict[str, Any]] = {}
        try:
            stored = json.loads(path.read_text("utf-8"))
            if stored["catalogue"] == catalogue:
                self.entries = {str(key): dict(entry) for key, entry in stored["files"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass  # a file too much is read again: that changes nothing

    def write(self) -> None:
        """Keep what is known so far; raises StorageError."""
        content = {"catalogue": self._catalogue, "files": self.entries}
        with storage_errors(self._path.parent):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, json.dumps(content, indent=1, sort_keys=True).encode())


def import_inbox(
    inbox: Path,
    import_files: ImportFiles,
    imported_files: ImportedFiles,
    *,
    formats: Sequence[str],
    on_progress: OnTotal | None = None,
) -> InboxResult:
    """Import every new or changed file of the inbox; what cannot be taken is told, not raised.

    A file some rows of which were rejected is tried again when another file brought news, because
    it may have waited for that: seeds whose researchers come a day later, for instance.
    """
    tally = _Tally()
    groups = list(_groups(inbox, formats, tally))
    hashes = {path: _content_hash(path, group) for group in groups for path in group.files}
    news = any(_entry_hash(imported_files, inbox, path) != known for path, known in hashes.items())
    for number, group in enumerate(groups):
        if on_progress:
            on_progress("import", number, len(groups))
        entries = {path: imported_files.entries.get(_key(inbox, path), {}) for path in group.files}
        changed = tuple(
            path
            for path, entry in entries.items()
            if entry.get("hash") != hashes[path] or (news and not entry.get("complete"))
        )
        tally.skipped += len(group.files) - len(changed)
        if changed:
            complete = _import_group(group, changed, import_files, inbox, tally)
            for path, is_complete in complete.items():
                imported_files.entries[_key(inbox, path)] = _entry(hashes[path], is_complete)
            imported_files.write()
    if on_progress:
        on_progress("import", len(groups), len(groups))
    return tally.result()


def _groups(inbox: Path, formats: Sequence[str], tally: _Tally) -> Iterator[_Group]:
    if not inbox.is_dir():
        tally.problems.append(
            Message(
                "The inbox %(folder)s is not a folder; nothing was imported.", {"folder": inbox}
            )
        )
        return
    expected = ", ".join(sorted(formats))
    for entry in sorted(inbox.iterdir(), key=lambda path: (path.name != FIRST_FORMAT, path.name)):
        if entry.name.startswith("."):
            continue
        if not entry.is_dir() or entry.name not in formats:
            tally.problems.append(
                Message(
                    "%(entry)s in the inbox was left out: expected a folder for each format: "
                    "%(formats)s.",
                    {"entry": entry.name, "formats": expected},
                )
            )
            continue
        for folder in [entry, *sorted(path for path in entry.rglob("*") if path.is_dir())]:
            files = tuple(sorted(path for path in folder.iterdir() if _is_wanted(path, entry)))
            mapping = folder / MAPPING_NAME
            if files:
                found = mapping if mapping.is_file() else None
                yield _Group(entry.name, folder, found, files)


def _is_wanted(path: Path, root: Path) -> bool:
    hidden = any(part.startswith((".", "~$")) for part in path.relative_to(root).parts)
    unfinished = path.name.lower().endswith(_UNFINISHED)
    return path.is_file() and not hidden and not unfinished and path.name != MAPPING_NAME


def _import_group(
    group: _Group,
    files: tuple[Path, ...],
    import_files: ImportFiles,
    inbox: Path,
    tally: _Tally,
) -> dict[Path, bool]:
    """Import the files; returns those that went in, and whether all of their rows did."""
    name = str(group.folder.relative_to(inbox))
    try:
        report = import_files(group.format, files, group.mapping)
    except InputError as error:
        if len(files) == 1:
            tally.problems.append(error.message)
            return {}
        parts = (_import_group(group, (path,), import_files, inbox, tally) for path in files)
        return {path: complete for part in parts for path, complete in part.items()}
    read = [path for path in files if not _names(report.unreadable, path)]
    tally.files += len(read)
    tally.added += report.added
    tally.updated += report.updated
    tally.lines.append(
        f"{name}: {len(read)} files, {report.added} rows added, {report.updated} updated"
    )
    tally.problems += _problem_lines(report.rejections)
    incomplete = [r.file for r in report.rejections if r.scope in (ROW, VALUE)]
    return {path: not _names(incomplete, path) for path in read}


def _names(labels: Iterable[str], path: Path) -> bool:
    """Say whether one of the labels is of this file, or of a sheet or a member of it."""
    inside = (f"{path.name} [", f"{path.name}/")
    return any(label == path.name or label.startswith(inside) for label in labels)


def _problem_lines(rejections: Sequence[Rejection]) -> list[Message]:
    lines = [_problem(rejection) for rejection in rejections[:MAX_SHOWN_REJECTIONS]]
    rest = len(rejections) - len(lines)
    return [*lines, Message("… and %(count)s more", {"count": rest})] if rest > 0 else lines


def _problem(rejection: Rejection) -> Message:
    reason: Message = rejection.message
    if rejection.field:
        reason = Message("%(name)s: %(reason)s", {"name": rejection.field, "reason": reason})
    place: list[object] = [rejection.file] if rejection.file else []
    if rejection.row:
        place.append(Message("row %(row)s", {"row": rejection.row}))
    return verbatim(listed([*place, reason]))


def _content_hash(path: Path, group: _Group) -> str:
    """Return a hash of the file and its mapping; of a file that cannot be read, of nothing."""
    try:
        return "+".join(_sha256(part) for part in (path, group.mapping) if part)
    except UnreadableFileError:
        return ""  # the importer says why


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFileError(
            "%(path)s cannot be read: %(reason)s.", path=path, reason=error.strerror
        ) from error


def _key(inbox: Path, path: Path) -> str:
    return str(path.relative_to(inbox))


def _entry_hash(imported_files: ImportedFiles, inbox: Path, path: Path) -> str | None:
    entry: Mapping[str, Any] = imported_files.entries.get(_key(inbox, path), {})
    return entry.get("hash")


def _entry(content_hash: str, complete: bool) -> dict[str, Any]:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return {"hash": content_hash, "complete": complete, "imported_at": now}
