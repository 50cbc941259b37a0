"""Takes lines of a budget, and what was spent on them, into a project from a spreadsheet.

Columns go by Japanese or English headings (docs/projects.md). Good rows go in, all in one transaction and one
version of the project; of the others row and column are told, without what stands in them. What is there
already, by line, day, amount, voucher and note, is refused, so that a file may be sent again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from catalogue.database.project_models import SPENT_FROM_FILE
from catalogue.database.viewer import Viewer
from catalogue.importers.general.headed_tables import Synonyms
from catalogue.importers.general.source import row_files
from catalogue.importers.reading.files import InputFile
from catalogue.importers.rows import MOST_SMALL_AT_ONCE, BadRow, RowFile, rows_at_once
from catalogue.importers.values import day, folded, yen
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import COLUMN, ROW, BadValueError, Rejection, shape_of
from enmusubi.errors import ConflictError, InputError, MappingError
from enmusubi.messages import Message
from office.access.scoped import writing_as
from office.cases.steps import CaseStep, note_step
from office.projects.changing import (
    PROJECT_STEP,
    changeable,
    check_room,
    keep_version,
    write_entry,
)
from office.projects.drafts import (
    BUDGET,
    KINDS,
    SPENDING,
    BudgetDraft,
    SpendingDraft,
    checked,
)
from office.projects.kept import KeptProject, project_of
from office.projects.project_words import BUDGET_KIND_WORDS, BUDGET_KINDS_BESIDES

SYNONYMS = Synonyms(json.loads((Path(__file__).parent / "columns.json").read_text("utf-8")))
NO_LINE = Message("a row needs the name of a line of the budget")
NO_AMOUNT = Message("a row needs a budget or what was spent")
NO_DAY = Message("what was spent needs its day")
NO_KIND = Message("no kind of cost that is known here (docs/projects.md)")
OTHER_AMOUNT = Message("the line has another budget: change it on the project's page")
NOT_THERE = Message("the project has no line of that name: give its budget, too")
THERE_ALREADY = Message("the project has this already")
LEFT_OUT_COLUMN = Message("nothing of ours is made of this column: it is left out")
_BACK = ("-", "−", "▲", "△", "－")  # what stands before an amount that came back


@dataclass(frozen=True)
class MoneyImport:
    """What became of the rows of a file."""

    read: int = 0
    budgets: int = 0  # new lines of the budget
    spendings: int = 0
    version: int = 0  # of the project afterwards
    rejections: tuple[Rejection, ...] = field(default=())

    @property
    def left_out(self) -> int:
        """How many rows were not taken."""
        return len({(one.file, one.row) for one in self.rejections if one.scope == ROW})

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        told = [one.as_dict() for one in self.rejections]
        counts = {"read": self.read, "budgets": self.budgets, "spendings": self.spendings}
        return {**counts, "version": self.version, "rejections": told}


@dataclass(frozen=True)
class _Row:
    number: int
    label: str
    cells: Mapping[str, str] = field(repr=False)


def import_money(
    catalogue: Catalogue,
    viewer: Viewer,
    case_id: int,
    path: Path,
    *,
    expected_version: int | None = None,
) -> MoneyImport:
    """Take the rows of a file into a project and return what became of each.

    Raises ForbiddenError, UnknownIdError, StaleVersionError, UnreadableFileError, and MappingError where
    no sheet has a line and an amount.
    """
    good, refused, is_known = list[_Row](), list[Rejection](), False
    for rows in row_files(InputFile(path)):
        known = SYNONYMS.known(rows.columns())
        if "line" in known and known & {"budget_jpy", "actual_jpy"}:
            is_known = True
            taken, faulty = _cells(rows)
            good += taken
            refused += faulty
    if not is_known:
        raise MappingError(
            "%(file)s has no table with a line and its budget or what was spent (docs/projects.md).",
            file=path.name,
        )
    read = len(good) + len({(one.file, one.row) for one in refused if one.scope == ROW})
    with writing_as(catalogue, viewer) as connection:
        project = changeable(connection, viewer, case_id, expected_version, is_money=True)
        book = _Book(connection, viewer, project)
        faulty = _take(book, good)
        budgets, spendings = book.added[BUDGET], book.added[SPENDING]
        if budgets or spendings:
            keep_version(connection, viewer, project, {})
            step = CaseStep(
                PROJECT_STEP,
                {"part": "money", "do": "import", "budgets": budgets, "spendings": spendings},
            )
            case = project.case
            note_step(connection, viewer, case_id, case.need_id, step, datetime.now(UTC))
        version = project_of(connection, viewer, case_id).version
    return MoneyImport(read, budgets, spendings, version, (*refused, *faulty))


def _cells(rows: RowFile) -> tuple[list[_Row], list[Rejection]]:
    good, refused = list[_Row](), list[Rejection]()
    for label in rows.columns():
        if label and not SYNONYMS.known([label]):
            refused.append(Rejection(label, LEFT_OUT_COLUMN, scope=COLUMN, file=rows.label))
    for row in rows_at_once(rows, MOST_SMALL_AT_ONCE):
        if isinstance(row, BadRow):
            refused.append(replace(row.rejection, file=rows.label, row=row.number))
        elif cells := SYNONYMS.rename(row.cells):
            good.append(_Row(row.number, rows.label, cells))
    return good, refused


class _Book:
    """The money of a project while rows are taken: its lines by name, and what was spent."""

    def __init__(self, connection: Connection, viewer: Viewer, project: KeptProject) -> None:
        self._connection, self._viewer, self._case_id = connection, viewer, project.case.case_id
        self.lines = {_plain(one.said.name): (one.entry_id, one.said) for one in project.budgets}
        self.spent = {one.said for one in project.spendings}
        self._counts = {BUDGET: len(project.budgets), SPENDING: len(project.spendings)}
        self.added = {BUDGET: 0, SPENDING: 0}

    def take(self, cells: Mapping[str, str]) -> None:
        """Take a row; raises BadValueError with the field, InputError and ConflictError."""
        named = cells.get("line", "").strip()
        if not named:
            raise BadValueError.of("line", NO_LINE)
        budget, actual = _amount(cells, "budget_jpy"), _amount(cells, "actual_jpy")
        if budget is None and actual is None:
            raise BadValueError.of("actual_jpy", NO_AMOUNT)
        spent_on = _day(cells) if actual is not None else None
        line = self.lines.get(_plain(named))
        if line is None:
            if budget is None:
                raise BadValueError.of("line", NOT_THERE)
            draft = BudgetDraft(_kind(cells), named, budget)
            line = self._add(BUDGET, draft), draft
            self.lines[_plain(named)] = line
        elif budget is not None and budget != line[1].amount_jpy:
            raise BadValueError.of("budget_jpy", OTHER_AMOUNT)
        elif actual is None:
            raise BadValueError.of("line", THERE_ALREADY)
        if actual is not None and spent_on is not None:
            spent = SpendingDraft(
                line[0], actual, spent_on, cells.get("voucher", ""), cells.get("note", "")
            )
            if spent in self.spent:
                raise BadValueError.of("actual_jpy", THERE_ALREADY)
            self._add(SPENDING, spent)
            self.spent.add(spent)

    def _add(self, kind_name: str, draft: BudgetDraft | SpendingDraft) -> int:
        kind = KINDS[kind_name]
        check_room(kind, self._counts[kind_name])
        there = {BUDGET: frozenset(its_id for its_id, _ in self.lines.values())}
        values = checked(self._connection, self._viewer, draft, there)
        number = write_entry(
            self._connection, self._viewer, self._case_id, kind, values, SPENT_FROM_FILE
        )
        self._counts[kind_name] += 1
        self.added[kind_name] += 1
        return number


def _take(book: _Book, rows: Sequence[_Row]) -> list[Rejection]:
    refused = []
    for row in rows:
        try:
            book.take(row.cells)
        except BadValueError as error:
            refused.append(_refused(row, error.field, error.message))
        except (InputError, ConflictError) as error:
            refused.append(_refused(row, next(iter(error.fields), "line"), error.message))
    return refused


def _refused(row: _Row, at_fault: str, message: Message) -> Rejection:
    shape = shape_of(row.cells.get(at_fault))
    return Rejection(at_fault, message, shape, file=row.label, row=row.number)


def _kind(cells: Mapping[str, str]) -> str:
    """Return the kind of cost that a row or, without one, its line names; raises BadValueError."""
    known = {_plain(word): code for of in BUDGET_KIND_WORDS.values() for code, word in of.items()}
    known |= {_plain(word): code for word, code in BUDGET_KINDS_BESIDES.items()}
    known |= {code: code for code in BUDGET_KIND_WORDS["en"]}
    said = _plain(cells.get("kind", ""))
    if not said:
        return known.get(_plain(cells["line"]), "other")
    if said not in known:
        raise BadValueError.of("kind", NO_KIND)
    return known[said]


def _amount(cells: Mapping[str, str], name: str) -> int | None:
    text = cells.get(name, "").strip()
    is_back = text.startswith(_BACK)
    try:
        amount = yen(text.lstrip("".join(_BACK)) if is_back else text)
    except BadValueError as error:
        raise BadValueError.of(name, error.message) from None
    return -amount if is_back and amount is not None else amount


def _day(cells: Mapping[str, str]) -> date:
    try:
        found = day(cells.get("date"))
    except BadValueError as error:
        raise BadValueError.of("date", error.message) from None
    if found is None:
        raise BadValueError.of("date", NO_DAY)
    return found


def _plain(text: str) -> str:
    return folded(text).casefold().replace(" ", "")
