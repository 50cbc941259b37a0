"""Batches: an import's files under labels of their own, recognised again, and cut into batches of rows."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from catalogue.importers.reading.files import InputFile
from catalogue.importers.sources import Importer, ImportOptions, ParsedRow, RecordSource
from catalogue.records.drafts import ROW, Rejection
from enmusubi.errors import UnreadableFileError
from enmusubi.messages import Message

BATCH_ROWS = 2_000
BATCH_BYTES = (
    32_000_000  # of the file, packed as it may be: beyond, long rows make a batch of fewer
)


def give_unique_labels(sources: Sequence[RecordSource]) -> None:
    """Give sources of one label, such as files of one name in two folders, labels of their own."""
    counts = Counter(source.label for source in sources)
    for source in sources:
        if counts[source.label] > 1:
            source.label = f"{source.file.path.parent.name}/{source.label}"
    seen: Counter[str] = Counter()
    for source in sources:
        seen[source.label] += 1
        if seen[source.label] > 1:
            source.label = f"{source.label} ({seen[source.label]})"


def fingerprint_of(importer: Importer, options: ImportOptions, files: Sequence[InputFile]) -> str:
    """Return what tells whether two imports are of the same files in the same way."""
    digest = hashlib.sha256(f"{importer.name}\n{options!r}\n".encode())
    digest.update(options.only.encode())
    for header_hash, reading in sorted(options.readings.items()):
        digest.update(f"{header_hash}\n{reading!r}\n".encode())
    for file in files:
        changed = file.path.stat().st_mtime_ns if file.path.exists() else 0
        digest.update(f"{file.path}\n{file.label}\n{file.size}\n{changed}\n".encode())
    return digest.hexdigest()


def with_united(
    label: str, rejections: Sequence[Rejection], batch: Sequence[ParsedRow]
) -> list[Rejection]:
    """Return the rejections; with a row that was rejected the rows whose content went into it come first."""
    rejected = {one.row for one in rejections if one.scope == ROW}
    united = []
    for row in batch:
        if row.together and row.number in rejected:
            message = Message(
                "the same person as in row %(row)s, which was rejected", {"row": row.number}
            )
            united += [
                Rejection("researcher_id", message, file=label, row=number)
                for number in row.together
            ]
    return [*united, *rejections]


def batches(
    rows: Iterator[ParsedRow], *, skip: int = 0, done_bytes: Callable[[], int] = int
) -> Iterator[list[ParsedRow]]:
    """Yield the rows in batches; those before the spot where a file is damaged are not lost.

    `done_bytes` says how many of the file's bytes were read, so that a batch of long rows fits into memory.
    """
    batch: list[ParsedRow] = []
    began_at = 0
    try:
        for place, row in enumerate(rows):
            if place < skip:
                began_at = done_bytes()
                continue
            batch.append(row)
            if len(batch) == BATCH_ROWS or done_bytes() - began_at >= BATCH_BYTES:
                yield batch
                batch, began_at = [], done_bytes()
    except UnreadableFileError:
        yield batch
        raise
    yield batch
