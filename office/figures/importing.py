"""Takes money and joint patents of cases, and costs of the office, from a spreadsheet; bad rows are told.

A sheet with a case's number, a kind, a day and an amount has entries; one with a fiscal year and a cost has
costs. Nothing that stands in a row is quoted in what is said of it; a row that was taken before is refused.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from catalogue.database.figure_models import ENTRY_KINDS, JOINT_PATENT
from catalogue.database.viewer import Viewer
from catalogue.importers.general.headed_tables import Synonyms
from catalogue.importers.general.source import row_files
from catalogue.importers.reading.files import InputFile
from catalogue.importers.rows import BadRow, RowFile, rows_at_once
from catalogue.importers.values import day, folded, yen
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import ROW, BadValueError, Rejection, shape_of
from enmusubi.errors import ForbiddenError, InputError, MappingError, UnknownIdError
from enmusubi.messages import Message
from office.access.rules import EDIT_FIGURES, RECORD_ENTRIES, may, require
from office.access.scoped import writing_as
from office.figures.countable import ENTRIES
from office.figures.entry_words import ENTRY_WORDS
from office.figures.periods import MAX_YEAR, MIN_YEAR
from office.figures.recording import EntryDraft, record_entry, set_cost

SYNONYMS = Synonyms(json.loads((Path(__file__).parent / "columns.json").read_text("utf-8")))
OF_ENTRY = {"case_id", "kind", "happened_on", "amount"}
OF_COST = {"fiscal_year", "cost"}
NO_CASE = Message("no case has this number, or none whose money you may enter")
NO_KIND = Message("no kind of entry that is known here (docs/kpi.md)")
NO_NUMBER = Message("not a whole number")
NO_YEAR = Message("not a fiscal year")
NOT_THERE = Message("missing")
TAKEN_ALREADY = Message("the ledger has this entry already")
NO_COSTS = Message("your role enters no costs")
_MOST_DIGITS = 18


@dataclass(frozen=True)
class FigureImport:
    """What became of the rows of a file."""

    read: int = 0
    entries: int = 0
    costs: int = 0
    rejections: tuple[Rejection, ...] = field(default=())

    @property
    def left_out(self) -> int:
        """How many rows were not taken."""
        return len({(one.file, one.row) for one in self.rejections if one.scope == ROW})

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        told = [one.as_dict() for one in self.rejections]
        counts = {"read": self.read, "entries": self.entries, "costs": self.costs}
        return {**counts, "rejections": told}


def import_figures(catalogue: Catalogue, viewer: Viewer, path: Path) -> FigureImport:
    """Take all good rows of a file in one transaction, and return what became of each.

    Raises ForbiddenError, UnreadableFileError, and MappingError where no sheet has the columns needed.
    """
    require(viewer, RECORD_ENTRIES)
    counts, refused, is_known = {"read": 0, "entries": 0, "costs": 0}, list[Rejection](), False
    with writing_as(catalogue, viewer) as connection:
        for rows in row_files(InputFile(path)):
            known = set(SYNONYMS.known(rows.columns()))
            if known >= OF_ENTRY or known >= OF_COST:
                is_known = True
                kind = "entries" if known >= OF_ENTRY else "costs"
                _take(connection, viewer, rows, kind, counts, refused)
    if not is_known:
        raise MappingError(
            "%(file)s has no sheet with case, kind, day and amount, or with fiscal year and cost "
            "(docs/kpi.md names them).",
            file=path.name,
        )
    return FigureImport(**counts, rejections=tuple(refused))


def _take(  # noqa: PLR0917 - in the order of the sentence
    connection: Connection,
    viewer: Viewer,
    rows: RowFile,
    kind: str,
    counts: dict[str, int],
    refused: list[Rejection],
) -> None:
    there = set(_there(connection)) if kind == "entries" else set[tuple[Any, ...]]()
    for row in rows_at_once(rows):
        if isinstance(row, BadRow):
            refused.append(replace(row.rejection, file=rows.label, row=row.number))
            counts["read"] += 1
            continue
        cells = SYNONYMS.rename(row.cells)
        if not cells:
            continue
        counts["read"] += 1
        try:
            if kind == "entries":
                _take_entry(connection, viewer, cells, there)
            else:
                _take_cost(connection, viewer, cells)
        except BadValueError as error:
            shape = shape_of(cells.get(error.field))
            fault = Rejection(error.field, error.message, shape, file=rows.label, row=row.number)
            refused.append(fault)
            continue
        counts[kind] += 1


def _there(connection: Connection) -> list[tuple[Any, ...]]:
    columns = (ENTRIES.c.case_id, ENTRIES.c.kind, ENTRIES.c.happened_on, ENTRIES.c.amount)
    query = select(*columns, ENTRIES.c.note).where(ENTRIES.c.withdrawn_at.is_(None))
    return [tuple(row) for row in connection.execute(query)]


def _take_entry(
    connection: Connection,
    viewer: Viewer,
    cells: Mapping[str, str],
    there: set[tuple[Any, ...]],
) -> None:
    case_id = _whole(cells, "case_id", NO_CASE)
    kind = entry_kind(cells.get("kind", ""))
    if not kind:
        raise BadValueError.of("kind", NO_KIND)
    happened_on = _parsed(cells, "happened_on", day)
    is_count = kind == JOINT_PATENT
    amount = _whole(cells, "amount", NO_NUMBER) if is_count else _parsed(cells, "amount", yen)
    if happened_on is None or amount is None:
        raise BadValueError.of("happened_on" if happened_on is None else "amount", NOT_THERE)
    draft = EntryDraft(kind, happened_on, amount, cells.get("note", ""))
    key = (case_id, kind, happened_on, amount, " ".join(draft.note.split()))
    if key in there:
        raise BadValueError.of("case_id", TAKEN_ALREADY)
    try:
        record_entry(connection, viewer, case_id, draft)
    except (UnknownIdError, ForbiddenError):
        raise BadValueError.of("case_id", NO_CASE) from None
    except InputError as error:
        raise BadValueError.of(next(iter(error.fields), "amount"), error.message) from None
    there.add(key)


def _take_cost(connection: Connection, viewer: Viewer, cells: Mapping[str, str]) -> None:
    if not may(viewer, EDIT_FIGURES):
        raise BadValueError.of("cost", NO_COSTS)
    year = _whole(cells, "fiscal_year", NO_YEAR)
    cost = _parsed(cells, "cost", yen)
    if not MIN_YEAR <= year <= MAX_YEAR:
        raise BadValueError.of("fiscal_year", NO_YEAR)
    if cost is None:
        raise BadValueError.of("cost", NOT_THERE)
    try:
        set_cost(connection, viewer, year, cost, note=cells.get("note", ""), expected_version=None)
    except InputError as error:
        raise BadValueError.of("cost", error.message) from None


def entry_kind(text: str) -> str:
    """Return the kind that a cell names, by its code or in either language; empty for none."""
    said = folded(text).casefold().replace(" ", "").replace("_", "")
    known = {
        folded(word).casefold().replace(" ", ""): code
        for words in ENTRY_WORDS.values()
        for code, word in words.items()
    }
    return (known | {code.replace("_", ""): code for code in ENTRY_KINDS}).get(said, "")


def _whole(cells: Mapping[str, str], name: str, fault: Message) -> int:
    said = folded(cells.get(name, "")).replace(",", "").removesuffix("年度").removesuffix("件")
    said = said.removesuffix(".0")
    if not (said.isascii() and said.isdecimal() and len(said) <= _MOST_DIGITS):
        raise BadValueError.of(name, fault)
    return int(said)


def _parsed(cells: Mapping[str, str], name: str, parse: Any) -> Any:
    try:
        return parse(cells.get(name))
    except BadValueError as error:
        raise BadValueError.of(name, error.message) from None
