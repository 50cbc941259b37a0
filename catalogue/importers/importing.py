"""One import: opens the files, takes their rows batch by batch, and reports.

A batch is one transaction, with the counts and rejections of its rows: an import that is killed
keeps the batches before, and goes on after them when it runs again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection

from catalogue.identity.entity_resolution import resolve_people
from catalogue.importers.batching import fingerprint_of, give_unique_labels, with_united
from catalogue.importers.judged_rows import record_judged
from catalogue.importers.one_person import only_of, written_identifier
from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading_ahead import SourceReading, begin_reading
from catalogue.importers.recognition.known_people import CataloguePeople
from catalogue.importers.recognition.table_source import TableSource
from catalogue.importers.rejections import by_place, rejections_of, with_raw_rows
from catalogue.importers.rejects import write_rejects
from catalogue.importers.report import (
    MAX_KEPT_REJECTIONS,
    ImportProgress,
    ImportReport,
    OnProgress,
    Tally,
)
from catalogue.importers.sources import Importer, ImportOptions, ParsedRow, RecordSource
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import FILE, IN_ORDER, REFUSED, Rejection
from catalogue.records.import_runs import (
    Run,
    begin_run,
    finish_run,
    read_raw_rows,
    read_rejections,
    save_run,
    store_rejections,
)
from catalogue.records.shared_names import count_asked
from catalogue.records.withdrawal import why_incomplete, withdraw_missing
from catalogue.records.writer import BatchWriter, DraftBatch
from enmusubi.errors import InputError, MappingError, UnreadableFileError
from enmusubi.garbage import collecting_rarely


@dataclass(frozen=True)
class BegunImport:
    """An import as it begins: the run, the format, how many files, and how it is done."""

    run_id: int
    format: str
    files: int
    sync: bool
    resumed: bool


@dataclass(frozen=True)
class ImportChoices:
    """How an import is to be done."""

    dry_run: bool = False  # say what would change, and keep nothing
    sync: bool = False  # withdraw what the source no longer has
    force: bool = False  # also where rows were rejected or most of the source is gone
    restart: bool = False  # read interrupted files from their beginning
    rejects: Path | None = None  # folder for the files of rejected rows
    on_begin: Callable[[Connection, BegunImport], None] | None = None
    """Told of the import in the transaction that begins it, so that one that is killed is known as well."""


class ImportJob:
    """One run over some files; used once."""

    def __init__(
        self,
        catalogue: Catalogue,
        importer: Importer,
        options: ImportOptions,
        *,
        rank: int,
        choices: ImportChoices,
        on_progress: OnProgress | None,
    ) -> None:
        self._catalogue = catalogue
        self._importer = importer
        self._options = options
        self._rank = rank
        self._choices = choices
        self._on_progress = on_progress
        self._transaction: Callable[[], AbstractContextManager[Connection]] = catalogue.writing
        self._run = Run(0)
        self._tally = Tally({})
        self._unreadable: list[str] = []
        self._done_bytes: dict[str, int] = {}
        self._total_bytes = 0
        self._first_error: InputError | None = None
        self._opening: list[Rejection] = []

    def run(self, files: Sequence[InputFile]) -> ImportReport:
        """Import the files in the order of their tables."""
        sources = [source for file in files for source in self._open(file)]
        if self._first_error and not sources:
            raise self._first_error
        if self._options.only:
            sources = only_of(written_identifier(self._options.only), sources)
        give_unique_labels(sources)
        self._total_bytes = sum(f.size for f in {s.file.label: s.file for s in sources}.values())
        with collecting_rarely(), ExitStack() as stack:
            if self._choices.dry_run:
                shared = stack.enter_context(_rolled_back(self._catalogue))
                self._transaction = lambda: _borrowed(shared)
            return self._import(sources, fingerprint_of(self._importer, self._options, files))

    def _open(self, file: InputFile) -> Sequence[RecordSource]:
        try:
            return self._importer.open_sources(file, self._options)
        except (UnreadableFileError, MappingError) as error:
            if self._options.mapping and isinstance(error, MappingError):
                raise
            self._first_error = self._first_error or error
            self._unreadable.append(file.label)
            self._opening.append(Rejection("", error.message, scope=FILE, file=file.label))
            return ()

    def _import(self, sources: Sequence[RecordSource], fingerprint: str) -> ImportReport:
        with self._transaction() as connection:
            name, restart = self._importer.name, self._choices.restart
            self._run = begin_run(connection, fingerprint, name, _now(), restart=restart)
            self._tally = Tally(self._run.counts)
            resumed = self._run.counts["read"] if self._run.is_resumed else 0
            if self._choices.on_begin:
                files = len({source.file.label for source in sources})
                self._choices.on_begin(connection, self._begun(files))
            if not self._run.is_resumed:
                self._store(connection, self._opening)
        for source in sorted(sources, key=lambda source: IN_ORDER.index(source.table)):
            self._import_source(source)
        return self._finish(sources, resumed)

    def _begun(self, files: int) -> BegunImport:
        run, sync = self._run, self._choices.sync
        return BegunImport(run.run_id, self._importer.name, files, sync, run.is_resumed)

    def _import_source(self, source: RecordSource) -> None:
        done = self._run.progress.get(source.label, 0)
        if done < 0:  # it was read to its end before
            return
        if isinstance(source, TableSource):
            source.known = CataloguePeople(self._looking)
        reading = begin_reading(source, self._options.researcher)
        try:
            for batch in reading.batches(done):
                done += len(batch)
                with self._transaction() as connection:
                    self._write(connection, source, batch)
                    self._save(connection, source, done)
                self._report_progress(source, reading)
        except UnreadableFileError as error:
            self._unreadable.append(source.label)
            with self._transaction() as connection:
                broken = Rejection("", error.message, scope=FILE, file=source.label)
                self._store(connection, [broken])
            return
        notes = reading.notes()
        self._unreadable += [note.file for note in notes if note.scope == FILE]
        with self._transaction() as connection:
            self._store(connection, notes)
            self._save(connection, source, -1)
        self._report_progress(source, reading)

    def _looking(self) -> AbstractContextManager[Connection]:
        """Give a connection that sees what the import did so far, also on a trial."""
        return self._transaction() if self._choices.dry_run else self._catalogue.reading()

    def _write(
        self, connection: Connection, source: RecordSource, batch: Sequence[ParsedRow]
    ) -> None:
        drafts = [draft for row in batch for draft in row.drafts]
        numbers = [row.number for row in batch for _ in row.drafts]
        self._tally.note_source(source.source, {draft.table for draft in drafts})
        origin = DraftBatch(source.source, self._rank, self._run.run_id, source.repeating)
        outcomes = BatchWriter(connection, origin, _now()).write(drafts, numbers)
        judged = {row.number: row.judged for row in batch if row.judged}
        numbers += judged
        outcomes += record_judged(connection, list(judged.values())) if judged else []
        self._tally.read(len(batch))
        rejections = [rejection for row in batch for rejection in row.rejections]
        for number, outcome in zip(numbers, outcomes, strict=True):
            if outcome.rejections:
                rejections += rejections_of(source, number, outcome)
            if outcome.change != REFUSED:
                self._tally.count(outcome)
        raws = {row.number: row.raw for row in batch if row.raw}
        for row in batch:
            raws |= row.together
        self._store(connection, with_united(source.label, rejections, batch), raws)

    def _store(
        self,
        connection: Connection,
        rejections: Sequence[Rejection],
        raws: Mapping[int, Callable[[], str]] | None = None,
    ) -> None:
        self._tally.reject(rejections)
        store_rejections(connection, self._run, list(with_raw_rows(rejections, raws or {})))

    def _save(self, connection: Connection, source: RecordSource, done: int) -> None:
        self._run.progress[source.label] = done
        save_run(connection, self._run)

    def _finish(self, sources: Sequence[RecordSource], resumed: int) -> ImportReport:
        rejects = self._write_rejects(sources)
        withdrawn, refusal = self._withdraw() if self._choices.sync else (0, "")
        joined, queued = resolve_people(self._transaction, self._run)
        with self._transaction() as connection:
            queued += count_asked(connection, self._run.run_id)
            found = read_rejections(connection, self._run, MAX_KEPT_REJECTIONS)
            finish_run(connection, self._run, _now())
        return ImportReport(
            read=self._tally.counts["read"],
            rejected=self._tally.counts["rejected"],
            tables=self._tally.tables(),
            rejections=by_place(found),
            unreadable=tuple(self._unreadable),
            withdrawn=withdrawn,
            sync_refused=refusal,
            joined=joined,
            queued=queued,
            resumed=resumed,
            rejects=tuple(str(path) for path in rejects),
            is_trial=self._choices.dry_run,
        )

    def _write_rejects(self, sources: Sequence[RecordSource]) -> list[Path]:
        folder = self._choices.rejects
        if not folder or self._choices.dry_run or not self._tally.counts["rejected"]:
            return []
        written = []
        with self._catalogue.reading() as connection:
            for source in sources:
                raws = read_raw_rows(connection, self._run, source.label)
                first = next(raws, None)
                if first is not None:  # not all at once: a large file may be rejected row by row
                    rows = chain((first,), raws)
                    written.append(write_rejects(folder, source.rejects_form(), rows))
        return written

    def _withdraw(self) -> tuple[int, str]:
        """Return how many records were withdrawn, or why none was."""
        counts = self._tally.counts
        missed = counts["rejected"], len(self._unreadable)
        with self._transaction() as connection:
            refusal = why_incomplete(connection, self._run, counts["sources"], missed)
            if refusal and not self._choices.force:
                return 0, refusal
            return withdraw_missing(connection, self._run, counts["sources"], _now()), ""

    def _report_progress(self, source: RecordSource, reading: SourceReading) -> None:
        if self._on_progress:
            self._done_bytes[source.label] = reading.done_bytes()
            done = min(sum(self._done_bytes.values()), self._total_bytes)
            read = self._tally.counts["read"]
            self._on_progress(ImportProgress(source.label, read, done, self._total_bytes))


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _rolled_back(catalogue: Catalogue) -> Iterator[Connection]:
    """Give a connection whose changes vanish at the end."""
    with ExitStack() as stack:
        connection = stack.enter_context(catalogue.writing())
        try:
            yield connection
        finally:
            connection.rollback()


@contextmanager
def _borrowed(connection: Connection) -> Iterator[Connection]:
    yield connection
