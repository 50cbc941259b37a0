"""Reads judgements from a table of the office and records the good rows.

Columns: `need_id`, `researcher_id`, `verdict`, `reason`, `stage`, `judged_by`, `judged_at`; only the ids
must be there. Rows are told by file, row and field, never by what is written in them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from catalogue.database.judgement_models import FILE, as_code
from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.text_files import DelimitedFile
from catalogue.importers.rows import BadRow, RawRow, ReadOptions
from catalogue.importers.values import day, folded, identifier, name
from catalogue.judgements.judgements import Judgement, find_fault, record_judgement
from catalogue.judgements.shown_lists import check_need
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import ADDED, BadValueError, Rejection, shape_of
from enmusubi.errors import MappingError, UnknownIdError
from enmusubi.messages import Message, listed

IDS = ("need_id", "researcher_id")
CODES = ("verdict", "reason", "stage")
COLUMNS = (*IDS, *CODES, "judged_by", "judged_at")


@dataclass(frozen=True)
class JudgementReport:
    """What became of a file's rows."""

    read: int
    added: int
    unchanged: int
    rejections: tuple[Rejection, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return {**vars(self), "rejections": [r.as_dict() for r in self.rejections]}


def import_judgements(catalogue: Catalogue, path: Path) -> JudgementReport:
    """Record the judgements of a CSV or TSV file in one transaction; faulty rows are left out.

    Raises UnreadableFileError for a file that is none, MappingError where a column is missing or
    unknown.
    """
    file = DelimitedFile(InputFile(path), ReadOptions())
    _check_columns(file)
    rejections: list[Rejection] = []
    read = added = 0
    with catalogue.writing() as connection:
        for row in file.rows():
            read += 1
            taken = _take(connection, row, file.label)
            if isinstance(taken, Rejection):
                rejections.append(taken)
            else:
                added += taken
    return JudgementReport(read, added, read - added - len(rejections), tuple(rejections))


def _check_columns(file: DelimitedFile) -> None:
    columns = file.columns()
    missing: list[object] = [name for name in IDS if name not in columns]
    if not {"verdict", "stage"} & set(columns):
        missing.append(Message("verdict (or stage)"))
    strange = [name for name in columns if name and name not in COLUMNS]
    if missing or strange:
        lacks = Message("no column %(names)s", {"names": listed(missing)})
        has = Message("columns that judgements don't have: %(names)s", {"names": listed(strange)})
        found = [fault for fault, names in ((lacks, missing), (has, strange)) if names]
        raise MappingError(
            "%(file)s has %(found)s. Expected are %(expected)s.",
            file=file.file,
            found=listed(found, " and "),
            expected=", ".join(COLUMNS),
        )


def _take(connection: Connection, row: RawRow | BadRow, label: str) -> Rejection | bool:
    """Return whether the row's judgement was new, or why it was left out."""
    if isinstance(row, BadRow):
        return replace(row.rejection, file=label, row=row.number)
    field = ""
    try:
        values: dict[str, Any] = {}
        for field, parse in _PARSERS.items():
            values[field] = parse(row.cells.get(field))
        judgement = _judgement(values)
        if fault := find_fault(judgement):
            field = fault.field
            raise BadValueError.saying(fault.message)
        field = "need_id"
        check_need(connection, judgement.need_id)
        field = "researcher_id"
        return record_judgement(connection, judgement).change == ADDED
    except (BadValueError, UnknownIdError) as error:
        shape = shape_of(row.cells.get(field))
        return Rejection(field, error.message, shape, file=label, row=row.number)


def _code(value: Any) -> str:
    return as_code(folded(value))


def _id(value: Any) -> str:
    return identifier(value) or _missing()


def _missing() -> str:
    raise BadValueError("missing")


def moment(value: Any) -> tuple[datetime, datetime] | None:
    """Parse a date or a time, of this machine's zone unless it names one: first and last moment."""
    text = folded(value)
    try:
        if ":" in text:
            moment = datetime.fromisoformat(text.replace("/", "-")).astimezone(UTC)
            return moment, moment
    except ValueError:
        raise BadValueError("not a time such as 2026-04-01 13:05") from None
    if (found := day(text)) is None:
        return None
    first = datetime.combine(found, time.min)
    return first.astimezone(UTC), (first + timedelta(days=1)).astimezone(UTC)


_PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "need_id": _id,
    "researcher_id": _id,
    **dict.fromkeys(CODES, _code),
    "judged_by": lambda value: name(value) or "",
    "judged_at": moment,
}


def _judgement(values: Mapping[str, Any]) -> Judgement:
    judged_at, shown_until = values["judged_at"] or (None, None)
    times = {"judged_at": judged_at, "shown_until": shown_until}
    return Judgement(**{**values, **times}, origin=FILE)
