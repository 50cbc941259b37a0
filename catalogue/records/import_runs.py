"""Imports as the catalogue remembers them: how far each came, what it did, what it did not take.

Saved in the transaction of every batch, so that an import that was killed goes on where it stopped.
"""

import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, RowMapping, Table, delete, insert, select, update

from catalogue.database.engine import refresh_statistics
from catalogue.database.record_models import ImportRun, StoredRejection
from catalogue.records.drafts import Rejection
from catalogue.records.source_records import RECORD
from enmusubi.errors import AlreadyRunningError
from enmusubi.messages import Message, as_plain, from_plain

RUN = cast(Table, ImportRun.__table__)
REJECTION = cast(Table, StoredRejection.__table__)
REJECTION_COLUMNS = tuple(
    REJECTION.c[name]
    for name in ("file", "row", "field", "reason", "message", "shape", "found", "scope")
)
KEPT_RUNS = 50  # older finished ones are forgotten
RAW_ROWS_AT_ONCE = 200  # each may be a megabyte


@dataclass
class Run:
    """An import that is under way; `progress` counts the rows done of each source by label."""

    run_id: int
    progress: dict[str, int] = field(default_factory=dict)
    counts: dict[str, Any] = field(default_factory=dict)
    is_resumed: bool = False


def begin_run(
    connection: Connection, fingerprint: str, format_name: str, now: datetime, *, restart: bool
) -> Run:
    """Return a new run, or the unfinished one of the same files, unless it is to start anew.

    Raises AlreadyRunningError while the process that began it still works on this machine.
    """
    query = select(RUN).where(RUN.c.fingerprint == fingerprint, RUN.c.finished_at.is_(None))
    found = connection.execute(query.order_by(RUN.c.run_id.desc())).mappings().first()
    if found and not restart and _is_alive(json.loads(found["progress"])):
        raise AlreadyRunningError(
            "The same files are being imported by another process. Wait until it ends, or stop it "
            "and run the command again: it goes on where that one stopped. With --restart it "
            "takes over from the beginning, and the other one ends."
        )
    run = Run(_new_run(connection, fingerprint, format_name, now))
    if found and not restart:
        progress = json.loads(found["progress"])
        run.progress, run.is_resumed = progress["done"], bool(progress["done"])
        run.counts = json.loads(found["counts"])
        _take_over(connection, found["run_id"], run.run_id)
    if found:
        connection.execute(delete(RUN).where(RUN.c.run_id == found["run_id"]))
    save_run(connection, run)
    return run


def _new_run(connection: Connection, fingerprint: str, format_name: str, now: datetime) -> int:
    values = {"fingerprint": fingerprint, "format": format_name, "started_at": now}
    statement = insert(RUN).values(**values, finished_at=None, progress="{}", counts="{}")
    key = connection.execute(statement).inserted_primary_key
    return int(key[0]) if key else 0


def _take_over(connection: Connection, old: int, new: int) -> None:
    """Let everything that the stopped run noted belong to its successor."""
    connection.execute(update(RECORD).where(RECORD.c.run_id == old).values(run_id=new))
    connection.execute(update(REJECTION).where(REJECTION.c.run_id == old).values(run_id=new))


def _is_alive(progress: Mapping[str, Any]) -> bool:
    holder = progress.get("holder", {})
    if holder.get("host") != socket.gethostname() or holder.get("pid") == os.getpid():
        return False
    try:
        os.kill(int(holder["pid"]), 0)
    except (ProcessLookupError, KeyError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def save_run(connection: Connection, run: Run) -> None:
    """Note how far the run came; raises AlreadyRunningError if another process went on with it."""
    holder = {"host": socket.gethostname(), "pid": os.getpid()}
    statement = (
        update(RUN)
        .where(RUN.c.run_id == run.run_id, RUN.c.finished_at.is_(None))
        .values(
            progress=json.dumps({"done": run.progress, "holder": holder}),
            counts=json.dumps(run.counts),
        )
    )
    if connection.execute(statement).rowcount != 1:
        raise AlreadyRunningError(
            "Another process went on with this import. What was done so far is kept."
        )


def finish_run(connection: Connection, run: Run, now: datetime) -> None:
    """Close the run and forget the oldest ones, and the raw rows of what was rejected."""
    connection.execute(update(RUN).where(RUN.c.run_id == run.run_id).values(finished_at=now))
    connection.execute(update(REJECTION).where(REJECTION.c.run_id == run.run_id).values(raw=None))
    finished = select(RUN.c.run_id).where(RUN.c.finished_at.is_not(None))
    old = connection.execute(finished.order_by(RUN.c.run_id.desc()).offset(KEPT_RUNS)).scalars()
    connection.execute(delete(RUN).where(RUN.c.run_id.in_(list(old))))
    refresh_statistics(connection)


def unfinished_runs(connection: Connection) -> list[Any]:
    """Return the imports that stopped half-way, each with `format` and `started_at`."""
    query = select(RUN.c.format, RUN.c.started_at).where(RUN.c.finished_at.is_(None))
    return list(connection.execute(query.order_by(RUN.c.run_id)))


def store_rejections(
    connection: Connection, run: Run, rejections: Sequence[tuple[Rejection, str | None]]
) -> None:
    """Keep what was not taken, each with the raw row or None."""
    if rejections:
        rows = [
            {
                "run_id": run.run_id,
                **rejection.as_dict(),
                "message": _as_json(rejection.message),
                "found": _as_json(rejection.found) if rejection.found else None,
                "raw": raw,
            }
            for rejection, raw in rejections
        ]
        connection.execute(insert(REJECTION), rows)


def _as_json(message: Message) -> str:
    # in ASCII: a value may quote broken bytes, which no database stores as they are
    return json.dumps(as_plain(message), sort_keys=True)


def read_rejections(connection: Connection, run: Run, limit: int) -> list[Rejection]:
    """Return the first rejections of a run, in the order in which they came, without raw rows."""
    query = select(*REJECTION_COLUMNS).where(REJECTION.c.run_id == run.run_id)
    found = connection.execute(query.order_by(REJECTION.c.rejection_id).limit(limit)).mappings()
    return [rejection_of(row) for row in found]


def rejection_of(row: RowMapping) -> Rejection:
    """Return the rejection of a row that has REJECTION_COLUMNS."""
    return Rejection(
        row["field"], message_of(row), found_of(row), row["scope"], row["file"], row["row"]
    )


def message_of(row: RowMapping) -> Message:
    """Return why something was not taken; what an older version stored is its English sentence alone."""
    if row["message"] is None:
        return Message(row["reason"])
    message: Message = from_plain(json.loads(row["message"]))
    return message


def found_of(row: RowMapping) -> Message | None:
    """Return what was found; what an older version stored is in English alone."""
    if row["found"] is None:
        return Message(row["shape"]) if row["shape"] else None
    found: Message = from_plain(json.loads(row["found"]))
    return found


def read_raw_rows(connection: Connection, run: Run, file: str) -> Iterator[str]:
    """Yield the raw rows that were rejected of a file, in order."""
    query = select(REJECTION.c.raw).where(
        REJECTION.c.run_id == run.run_id, REJECTION.c.file == file, REJECTION.c.raw.is_not(None)
    )
    query = query.order_by(REJECTION.c.rejection_id).execution_options(yield_per=RAW_ROWS_AT_ONCE)
    yield from connection.execute(query).scalars()
