"""The formats that can be imported, and the import itself: read, check, write in batches.

A batch is one transaction: an import that is interrupted keeps the batches before.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from enmusubi.matcher.catalogue.catalogue import Catalogue
from enmusubi.matcher.catalogue.drafts import REFUSED, TABLES, Draft, Merge, Outcome
from enmusubi.matcher.catalogue.stored import STORED, content_hash
from enmusubi.matcher.errors import InputError, MappingError, UnreadableFileError
from enmusubi.matcher.importers.files import list_files
from enmusubi.matcher.importers.general import GENERAL
from enmusubi.matcher.importers.mapping import Mapping, read_mapping
from enmusubi.matcher.importers.openalex import OPENALEX
from enmusubi.matcher.importers.parsed import Importer, ParsedRow, RecordSource
from enmusubi.matcher.importers.report import (
    FILE,
    ROW,
    VALUE,
    ImportReport,
    OnProgress,
    Progress,
    Rejection,
    Tally,
)

FORMATS: dict[str, Importer] = {importer.name: importer for importer in (GENERAL, OPENALEX)}
BATCH_ROWS = 500


def import_files(
    catalogue: Catalogue,
    format_name: str,
    paths: Iterable[Path],
    *,
    mapping: Path | None = None,
    on_progress: OnProgress | None = None,
) -> ImportReport:
    """Import files, or the files in folders, and return what became of every row.

    Organisations and researchers come before the seeds and needs that refer to them, whatever the
    order of the files. Raises InputError for an unknown format, UnreadableFileError for a path
    that does not exist, and MappingError for a mapping that does not fit, before anything is
    written. A file that cannot be read is named in the report; if none can, that is raised.
    """
    if format_name not in FORMATS:
        known = ", ".join(f"{name} ({FORMATS[name].description})" for name in FORMATS)
        raise InputError(f"There is no import format {format_name!r}: expected {known}.")
    return _Import(catalogue, on_progress).run(
        FORMATS[format_name], list_files(paths), read_mapping(mapping) if mapping else None
    )


class _Import:
    """One run over some files; remembers which rows it saw where."""

    def __init__(self, catalogue: Catalogue, on_progress: OnProgress | None) -> None:
        self._catalogue = catalogue
        self._on_progress = on_progress
        self._tally = Tally()
        self._seen: dict[tuple[str, str], tuple[str, int]] = {}  # → hash and row in this file
        self._done_bytes: dict[Path, int] = {}
        self._total_bytes = 0
        self._first_error: InputError | None = None

    def run(
        self, importer: Importer, files: Sequence[Path], mapping: Mapping | None
    ) -> ImportReport:
        """Import the files in the order of their tables."""
        sources = [source for path in files for source in self._open(importer, path, mapping)]
        if self._first_error and not sources:
            raise self._first_error
        self._total_bytes = sum(path.stat().st_size for path in {s.path for s in sources})
        for source in sorted(sources, key=lambda source: TABLES.index(source.table)):
            try:
                self._import_source(source)
            except UnreadableFileError as error:
                self._tally.reject(Rejection(source.label, 0, "", str(error), scope=FILE))
        return self._tally.report()

    def _open(
        self, importer: Importer, path: Path, mapping: Mapping | None
    ) -> Sequence[RecordSource]:
        try:
            return importer.open_sources(path, mapping)
        except (UnreadableFileError, MappingError) as error:
            if mapping and isinstance(error, MappingError):
                raise
            self._first_error = self._first_error or error
            self._tally.reject(Rejection(path.name, 0, "", str(error), scope=FILE))
            return ()

    def _import_source(self, source: RecordSource) -> None:
        self._seen = {}
        for batch in _batches(source.parsed_rows()):
            self._write(source, batch)
            self._tell(source)
        for note in source.notes():
            self._tally.reject(note)
        self._tell(source)

    def _write(self, source: RecordSource, batch: Sequence[ParsedRow]) -> None:
        drafts: list[Draft] = []
        rows: list[int] = []
        for row in batch:
            kept, doubled = self._without_doubles(source, row)
            for rejection in (*row.rejections, *doubled):
                self._tally.reject(rejection)
            drafts += kept
            rows += [row.number] * len(kept)
        self._tally.read += len(batch)
        outcomes = self._catalogue.write(drafts, source=source.source) if drafts else []
        for row_number, outcome in zip(rows, outcomes, strict=True):
            self._note(source, row_number, outcome)

    def _note(self, source: RecordSource, row: int, outcome: Outcome) -> None:
        refused = outcome.change == REFUSED
        scope = VALUE if not refused or outcome.table in source.repeating else ROW
        for fault in outcome.faults:
            rejection = Rejection(source.label, row, fault.field, fault.reason, scope=scope)
            self._tally.reject(rejection)
        if not refused:
            self._tally.count(outcome.table, outcome.row_id, outcome.change)

    def _without_doubles(
        self, source: RecordSource, row: ParsedRow
    ) -> tuple[list[Draft], list[Rejection]]:
        """Return the drafts to write: what a file says first of a row counts, later it only fills.

        Where rows may not repeat, one with the id of another and other content is rejected.
        """
        kept, doubled = [], []
        for draft in row.drafts:
            key = STORED[draft.table].key
            row_id = str(draft.values[key])
            found = content_hash(draft.values, draft.people or ())
            first = self._seen.setdefault((draft.table, row_id), (found, row.number))
            if first[0] == found or draft.merge is Merge.FILL:
                kept.append(draft)
            elif draft.table in source.repeating:
                kept.append(replace(draft, merge=Merge.FILL))
            else:
                reason = f"{row_id!r} stands in row {first[1]} already, with other content"
                doubled.append(Rejection(source.label, row.number, key, reason))
        return kept, doubled

    def _tell(self, source: RecordSource) -> None:
        if self._on_progress:
            self._done_bytes[source.path] = source.done_bytes()
            done = min(sum(self._done_bytes.values()), self._total_bytes)
            self._on_progress(Progress(source.label, self._tally.read, done, self._total_bytes))


def _batches(rows: Iterator[ParsedRow]) -> Iterator[list[ParsedRow]]:
    """Yield the rows in batches; those before the spot where a file is damaged are not lost."""
    batch: list[ParsedRow] = []
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH_ROWS:
                yield batch
                batch = []
    except UnreadableFileError:
        yield batch
        raise
    yield batch
