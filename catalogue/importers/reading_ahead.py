"""Reads a large file in a process of its own, a batch ahead of what is written, where cores allow it.

The process is this program, and only it has the other end of the pipes: what comes through them is trusted.
It reads its file and nothing else; of the catalogue it knows nothing.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import catalogue
from catalogue.importers.batching import batches
from catalogue.importers.sources import ParsedRow, PartSource, RecordSource, RowSource, rows_with
from catalogue.records.drafts import Rejection
from enmusubi.errors import UnreadableFileError
from enmusubi.garbage import collecting_rarely
from enmusubi.threads import usable_cores

LARGE_BYTES = 4_000_000  # a process takes half a second to begin: files below are read by then
_PROCESS = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from catalogue.importers.reading_ahead import read_for_another; read_for_another()"
)
_BATCH, _FAILED, _ENDED = "batch", "failed", "ended"
_FAULTS = (pickle.PickleError, AttributeError, TypeError)  # of what cannot be sent, or came in part


class SourceReading:
    """The rows of one source in batches, read here."""

    def __init__(self, source: RecordSource, researcher: str) -> None:
        self._source, self._researcher = source, researcher

    def batches(self, skip: int) -> Iterator[list[ParsedRow]]:
        """Yield the rows after the first `skip` in batches; raises what reading raises."""
        rows = rows_with(self._researcher, self._source.parsed_rows())
        yield from batches(rows, skip=skip, done_bytes=self._source.done_bytes)

    def notes(self) -> tuple[Rejection, ...]:
        """Return what is left out of the file as a whole, known once it was read."""
        return self._source.notes()

    def done_bytes(self) -> int:
        """Return how many of the file's `size` bytes were read."""
        return self._source.done_bytes()


class ReadingAhead(SourceReading):
    """The same, read by another process."""

    def __init__(self, source: RecordSource, researcher: str, request: bytes) -> None:
        super().__init__(source, researcher)
        self._request = request
        self._told: tuple[tuple[Rejection, ...], int] | None = None

    def batches(self, skip: int) -> Iterator[list[ParsedRow]]:
        """Yield the rows after the first `skip` in batches; raises what reading raises."""
        done = skip
        # no process could be begun, or it ended before the file did: the rest is read here
        with suppress(EOFError, OSError):
            for batch in self._received(skip):
                done += len(batch)
                yield batch
            return
        self._told = None
        yield from super().batches(done)

    def notes(self) -> tuple[Rejection, ...]:
        """Return what is left out of the file as a whole, known once it was read."""
        return self._told[0] if self._told else super().notes()

    def done_bytes(self) -> int:
        """Return how many of the file's `size` bytes were read."""
        return self._told[1] if self._told else super().done_bytes()

    def _received(self, skip: int) -> Iterator[list[ParsedRow]]:
        root = str(Path(catalogue.__file__).parents[1])  # where the process finds its modules, too
        # in a session of its own: Ctrl-C is for this process, and the other one ends with it
        process = subprocess.Popen(  # noqa: S603 - our own module and folder
            [sys.executable, "-P", "-c", _PROCESS, root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a trace could quote a row; what fails there is met again here
            start_new_session=True,
        )
        with process:
            try:
                _send(process.stdin, (skip, self._request))
                while True:
                    kind, told, *content = _receive(process.stdout)
                    self._told = told
                    if kind == _FAILED:
                        raise content[0]
                    if kind == _ENDED:
                        return
                    yield content[0]
            finally:
                process.kill()


def begin_reading(source: RecordSource, researcher: str) -> SourceReading:
    """Return a source's rows, read by another process where that is faster and can be done."""
    reads_its_file_alone = isinstance(source, RowSource | PartSource)
    if not reads_its_file_alone or source.file.size < LARGE_BYTES or usable_cores() < 2:
        return SourceReading(source, researcher)
    try:
        return ReadingAhead(source, researcher, pickle.dumps((source, researcher)))
    except _FAULTS:
        return SourceReading(source, researcher)


def read_for_another() -> None:
    """Read the file that standard input tells of, and send its batches to standard output."""
    skip, request = _receive(sys.stdin.buffer)
    threading.Thread(target=_end_with_the_other, daemon=True).start()
    source, researcher = pickle.loads(request)  # noqa: S301 - from the process that began this one
    reading, output = SourceReading(source, researcher), sys.stdout.buffer
    with suppress(BrokenPipeError), collecting_rarely():
        try:
            for batch in reading.batches(skip):
                _send(output, (_BATCH, ((), reading.done_bytes()), batch))
        except UnreadableFileError as error:
            _send(output, (_FAILED, ((), reading.done_bytes()), error))
        else:
            _send(output, (_ENDED, (reading.notes(), reading.done_bytes())))


def _end_with_the_other() -> None:
    """End this process at once when the one that began it ends, however that ended."""
    os.read(sys.stdin.fileno(), 1)  # not the buffer, whose lock Python wants when it ends
    os._exit(1)


def _send(pipe: IO[bytes] | None, content: Any) -> None:
    if pipe:
        pickle.dump(content, pipe, protocol=pickle.HIGHEST_PROTOCOL)
        pipe.flush()


def _receive(pipe: IO[bytes] | None) -> Any:
    """Return what was sent; raises EOFError where the other process has ended."""
    try:
        return pickle.load(pipe) if pipe else None  # noqa: S301 - from a process of this program
    except _FAULTS as error:
        raise EOFError from error
