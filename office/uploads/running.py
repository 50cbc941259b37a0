"""Imports uploaded files behind the requests, one at a time, by the importers of the command line."""

import logging
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from catalogue.database.viewer import Viewer
from catalogue.importers.importing import BegunImport, ImportChoices
from catalogue.importers.registry import import_listed
from catalogue.importers.report import ImportProgress, ImportReport
from catalogue.records.catalogue import Catalogue
from catalogue.records.table_readings import keep_reading
from enmusubi.errors import EnmusubiError, InputError
from enmusubi.messages import Message, as_plain
from office.access import audit
from office.imports import noted_as
from office.uploads.looking import files_by_format, options_for
from office.uploads.store import DONE, FAILED, RUNNING, Upload, Uploads

WAIT_S = 8.0  # for an import to end before the page of its progress is shown
_log = logging.getLogger(__name__)


class UploadImports:
    """Imports uploads in threads of their own and knows how far each is."""

    def __init__(self, catalogue: Catalogue, uploads: Uploads) -> None:
        self._catalogue, self._uploads = catalogue, uploads
        self._threads: dict[str, threading.Thread] = {}
        self._progress: dict[str, ImportProgress] = {}
        self._starting, self._one_at_a_time = threading.Lock(), threading.Lock()

    def start(self, viewer: Viewer, upload_id: str) -> Upload:
        """Begin to import an upload and wait a little for its end; one that runs already is waited for.

        Raises ForbiddenError, UnknownIdError, and InputError for one that was imported already.
        """
        self._uploads.get(viewer, upload_id)  # raises for another's, whether or not it runs
        with self._starting:  # a button that is pressed twice begins one import
            thread = self._threads.get(upload_id) or self._begin(viewer, upload_id)
        thread.join(WAIT_S)
        return self._uploads.get(viewer, upload_id)

    def _begin(self, viewer: Viewer, upload_id: str) -> threading.Thread:
        upload = self._uploads.get(viewer, upload_id)
        if upload.state == DONE:
            raise InputError(
                "The file was imported already. Upload it again to import it once more."
            )
        self._keep_readings(viewer, upload)
        upload = self._uploads.save(replace(upload, state=RUNNING, fault={}, runs=()))
        thread = threading.Thread(target=self._run, args=(viewer, upload), daemon=True)
        self._threads[upload_id] = thread
        thread.start()
        return thread

    def is_running(self, upload: Upload) -> bool:
        """Whether this process imports the upload now."""
        return upload.upload_id in self._threads

    def was_interrupted(self, upload: Upload) -> bool:
        """Whether the import of an upload ended with the process that did it: importing goes on with it."""
        return upload.state == RUNNING and not self.is_running(upload)

    def progress(self, upload: Upload) -> ImportProgress | None:
        """Return how far an import is; None before its first rows."""
        return self._progress.get(upload.upload_id)

    def _keep_readings(self, viewer: Viewer, upload: Upload) -> None:
        with self._catalogue.writing() as connection:
            for header_hash, reading in upload.readings.items():
                at = datetime.now(UTC)
                keep_reading(connection, header_hash, reading, changed_by=viewer.owner, at=at)
                audit.record(connection, viewer, "keep reading", "table", header_hash[:12])

    def _run(self, viewer: Viewer, upload: Upload) -> None:
        try:
            with self._one_at_a_time:
                done = self._outcome(viewer, upload)
            self._uploads.save(done)
        finally:
            self._progress.pop(upload.upload_id, None)
            self._threads.pop(upload.upload_id)

    def _outcome(self, viewer: Viewer, upload: Upload) -> Upload:
        try:
            return self._import(viewer, upload)
        except EnmusubiError as error:
            fault = error.message
        except Exception as error:  # its text may quote what was read
            _log.exception("import of an upload failed: %s", type(error).__name__, exc_info=False)
            fault = Message("The import failed unexpectedly. Where it failed was logged.")
        return replace(upload, state=FAILED, fault=as_plain(fault))

    def _import(self, viewer: Viewer, upload: Upload) -> Upload:
        runs: list[int] = []
        note = noted_as(viewer)

        def begin(connection: Connection, begun: BegunImport) -> None:
            runs.append(begun.run_id)
            note(connection, begun)

        reports = []
        for name, files in files_by_format(upload).items():
            choices = ImportChoices(rejects=upload.rejects_dir, on_begin=begin)
            options = options_for(self._catalogue, upload)
            reports.append(
                import_listed(
                    self._catalogue,
                    name,
                    files,
                    options=options,
                    choices=choices,
                    on_progress=lambda step: self._progress.__setitem__(upload.upload_id, step),
                )
            )
        rejects = tuple(path.rpartition("/")[2] for report in reports for path in report.rejects)
        return replace(
            upload, state=DONE, runs=tuple(runs), rejects=rejects, report=summed(reports)
        )


def summed(reports: Iterable[ImportReport]) -> dict[str, int]:
    """Return the counts of several reports as one."""
    names = ("read", "added", "updated", "merged", "unchanged", "rejected", "joined", "queued")
    listed = list(reports)
    return {name: sum(getattr(report, name) for report in listed) for name in names}
