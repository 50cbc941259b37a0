"""Takes cases that run already into the ledger from a spreadsheet; faulty rows are told, good ones go in.

Columns go by Japanese or English headings (docs/cases.md). A case starts at the stage that its row names;
its clock starts now. What the ledger has already, by title, company and need, is refused, so that a file
may be sent again. Nothing that stands in a row is quoted in what is said of it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select

from catalogue.database.case_models import (
    DECLINED,
    DISCOVERY,
    FROM_FILE,
    HELD,
    MEMBER,
    OFFICE,
    RUNNING,
)
from catalogue.database.viewer import Viewer
from catalogue.importers.general.columns import erad_number, name_reference
from catalogue.importers.general.headed_files import headed_files
from catalogue.importers.general.headed_tables import Synonyms
from catalogue.importers.judged_rows import JudgedRow, PairFinder
from catalogue.importers.reading.files import InputFile
from catalogue.importers.rows import BadRow, RowFile, rows_at_once
from catalogue.importers.values import day, folded, name, yen
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import COLUMN, ROW, BadValueError, Rejection, shape_of
from enmusubi.errors import InputError, MappingError, UnknownIdError
from enmusubi.messages import Message
from enmusubi.settings import Settings
from office.access import audit
from office.access.rules import WORK_ON_CASES, require, visible_cases
from office.access.scoped import writing_as
from office.cases.case_words import MEANS_WORDS, REASON_WORDS, STAGE_WORDS, STATE_WORDS, Words
from office.cases.clocks import STOPPED, Clocks
from office.cases.kept import CASE_KIND, CASES, with_needs
from office.cases.opening import CaseDraft, checked_values, keep_people
from office.cases.steps import CaseStep, note_step
from office.needs.managers import possible_managers
from office.needs.reading import need_of

SYNONYMS = Synonyms(json.loads((Path(__file__).parent / "columns.json").read_text("utf-8")))
NO_STAGE = Message("no stage that is known here (docs/cases.md)")
NO_STATE = Message("no state that is known here (docs/cases.md)")
NO_MEANS = Message("no means that is known here (docs/cases.md)")
NO_REASON = Message("a case that was declined needs one of the reasons (docs/cases.md)")
NO_SUCH_NEED = Message("no need has this id, or none that you may see")
NOT_YES = Message("neither yes nor no")
THERE_ALREADY = Message("the ledger has this case already")
FUTURE_DAY = Message("a day that is still to come")
LONG_AGO = Message("a day before 1949")
LEFT_OUT_COLUMN = Message("nothing of ours is made of this column: it is left out")
_FIRST_YEAR = 1949  # of universities in Japan as they are now
_BETWEEN = re.compile(r"[;；、\n]+")
_YES, _NO = (
    {"yes", "1", "true", "はい", "○", "〇", "有"},
    {"", "no", "0", "false", "いいえ", "×", "無"},
)
_FIELDS = {"researcher_id": "researcher"}  # what a fault names, and its column
_STAGES_BESIDES = {
    "試作": "small_prototype",
    "nda": "nda",
    "実装": "deployment",
    "面談": "dialogue",
}


@dataclass(frozen=True)
class CaseImport:
    """What became of the rows of a file."""

    read: int = 0
    added: tuple[int, ...] = ()  # numbers of the new cases
    rejections: tuple[Rejection, ...] = field(default=())

    @property
    def left_out(self) -> int:
        """How many rows were not taken."""
        return len({(one.file, one.row) for one in self.rejections if one.scope == ROW})

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        told = [one.as_dict() for one in self.rejections]
        return {"read": self.read, "added": list(self.added), "rejections": told}


@dataclass(frozen=True)
class _Row:
    number: int
    cells: Mapping[str, str] = field(repr=False)


def import_cases(
    catalogue: Catalogue, viewer: Viewer, path: Path, settings: Settings
) -> CaseImport:
    """Take the cases of a file, all good rows in one transaction, and return what became of each.

    Raises ForbiddenError, UnreadableFileError, and MappingError where no sheet has a title and a stage.
    """
    require(viewer, WORK_ON_CASES)
    read, rejections, added = 0, list[Rejection](), list[int]()
    is_known = False
    for rows in headed_files(InputFile(path), _is_header):
        if not _is_header(rows.columns()):
            continue
        is_known = True
        good, refused = _cells(rows)
        rejections += refused
        read += len(good) + sum(one.scope == ROW for one in refused)
        with writing_as(catalogue, viewer) as connection:
            taken, faulty = _take(connection, viewer, rows, good, settings)
            audit.record(connection, viewer, "import", CASE_KIND, "", cases=len(taken))
        added += taken
        rejections += faulty
    if not is_known:
        raise MappingError(
            "%(file)s has no table with the columns title and stage (docs/cases.md names them).",
            file=path.name,
        )
    return CaseImport(read, tuple(added), tuple(rejections))


def _is_header(labels: Sequence[str]) -> bool:
    return SYNONYMS.known(labels) >= {"title", "stage"}


def _cells(rows: RowFile) -> tuple[list[_Row], list[Rejection]]:
    good, refused = list[_Row](), list[Rejection]()
    for label in rows.columns():
        if label and not SYNONYMS.known([label]):
            refused.append(Rejection(label, LEFT_OUT_COLUMN, scope=COLUMN, file=rows.label))
    for row in rows_at_once(rows):
        if isinstance(row, BadRow):
            refused.append(replace(row.rejection, file=rows.label, row=row.number))
        elif cells := SYNONYMS.rename(row.cells):
            good.append(_Row(row.number, cells))
    return good, refused


def _take(
    connection: Connection, viewer: Viewer, file: RowFile, rows: Sequence[_Row], settings: Settings
) -> tuple[list[int], list[Rejection]]:
    called = SYNONYMS.headings(file.columns())
    finder = PairFinder(connection, [p for row in rows for p in _people(row.cells)])
    columns = CASES.c.title, CASES.c.company, CASES.c.need_id
    known = with_needs(select(*columns)).where(visible_cases(viewer))  # of others nothing is told
    there = {tuple(row) for row in connection.execute(known)}
    added, refused = list[int](), list[Rejection]()
    for row in rows:
        try:
            values, people = _values(connection, viewer, row.cells, finder, settings)
            key = values["title"], values["company"], values["need_id"]
            if key in there:
                raise BadValueError.of("title", THERE_ALREADY)
        except BadValueError as error:
            at = _FIELDS.get(error.field, error.field)
            shape, place = shape_of(row.cells.get(at)), called.get(at, at)
            fault = Rejection(place, error.message, shape, file=file.label, row=row.number)
            refused.append(fault)
            continue
        there.add(key)
        added.append(_keep(connection, viewer, values, people))
    return added, refused


def _values(
    connection: Connection,
    viewer: Viewer,
    cells: Mapping[str, str],
    finder: PairFinder,
    settings: Settings,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the columns of a row, and its people; raises BadValueError with the field at fault."""
    now = datetime.now(UTC)
    stage = _code(cells, "stage", STAGE_WORDS, NO_STAGE, besides=_STAGES_BESIDES)
    state = _code(cells, "state", STATE_WORDS, NO_STATE) or RUNNING
    reason = _code(cells, "reason", REASON_WORDS, NO_REASON) if state == DECLINED else ""
    if not stage:
        raise BadValueError.of("stage", NO_STAGE)
    if state == DECLINED and not reason:
        raise BadValueError.of("reason", NO_REASON)
    opened = _parsed(cells, "opened_at", day)
    clocks = Clocks(settings.cases)
    if opened and opened > clocks.days.today(now):
        raise BadValueError.of("opened_at", FUTURE_DAY)
    if opened and opened.year < _FIRST_YEAR:
        raise BadValueError.of("opened_at", LONG_AGO)
    try:
        need_id = cells.get("need_id", "")
        need = need_of(connection, viewer, need_id) if need_id else None
    except UnknownIdError:
        raise BadValueError.of("need_id", NO_SUCH_NEED) from None
    draft = CaseDraft(
        need_id,
        cells.get("title", ""),
        cells.get("company", ""),
        means=_code(cells, "means", MEANS_WORDS, NO_MEANS),
        amount_jpy=_parsed(cells, "amount_jpy", yen),
        next_step=cells.get("next_step", ""),
        manager=_manager(connection, viewer, folded(cells.get("manager", ""))),
        is_closed=_yes(cells, "is_closed"),
        origin=FROM_FILE,
    )
    try:
        values = checked_values(connection, viewer, draft, need)
    except InputError as error:
        at_fault = next(iter(error.fields), "title")
        raise BadValueError.of(at_fault, error.message) from None
    people = {finder.person(one): MEMBER for one in _people(cells)}
    is_held = state == HELD  # it goes on with all days of its stage
    clock = STOPPED
    if is_held or state == RUNNING:
        clock = clocks.started(stage, now, is_submitted=False, is_paused=is_held)
    began = datetime.combine(opened, time(9), ZoneInfo(settings.cases.time_zone)) if opened else now
    by = viewer.viewer_id
    row = {
        **values, **clock, "stage": stage, "state": state, "reason": reason, "turn": OFFICE,
        "is_shared": bool(need) and stage != DISCOVERY, "stage_since": now, "submitted_by": "",
        "submitted_at": None, "opened_by": by, "opened_at": began, "changed_by": by,
        "changed_at": now, "version": 1,
    }  # fmt: skip
    return row, people


def _manager(connection: Connection, viewer: Viewer, said: str) -> str:
    """Return the login that a cell says, be it by the name of one user alone."""
    known = possible_managers(connection, viewer) if said else ()
    named = [one.user_id for one in known if _plain(one.name) == _plain(said)]
    is_login = any(one.user_id == said.casefold() for one in known)
    return named[0] if len(named) == 1 and not is_login else said.casefold()


def _keep(
    connection: Connection, viewer: Viewer, values: dict[str, Any], people: dict[str, str]
) -> int:
    key = connection.execute(insert(CASES).values(**values)).inserted_primary_key
    case_id = int(key[0]) if key else 0
    keep_people(connection, case_id, people)
    detail = {"origin": FROM_FILE, "stage": values["stage"], "researchers": list(people)}
    detail |= {"means": values["means"]} if values["means"] else {}
    step = CaseStep("opened", detail)
    note_step(connection, viewer, case_id, values["need_id"], step, values["changed_at"])
    return case_id


def _people(cells: Mapping[str, str]) -> list[JudgedRow]:
    found = []
    for part in _BETWEEN.split(cells.get("researcher", "")):
        if said := name(part):
            references = (said, erad_number(said), name_reference("", said))
            people = tuple(dict.fromkeys(filter(None, references)))
            found.append(JudgedRow(people=people))
    return found


def _code(
    cells: Mapping[str, str],
    field_name: str,
    words: Words,
    fault: Message,
    *,
    besides: Mapping[str, str] | None = None,
) -> str:
    """Return the code that a cell names, in either language or by itself; raises BadValueError."""
    said = folded(cells.get(field_name, "")).casefold().replace(" ", "").replace("_", "")
    if not said:
        return ""
    known = {_plain(word): code for of in words.values() for code, word in of.items()}
    known |= {code.replace("_", ""): code for code in words["en"]} | dict(besides or {})
    if said not in known:
        raise BadValueError.of(field_name, fault)
    return known[said]


def _plain(word: str) -> str:
    return folded(word).casefold().replace(" ", "").replace("_", "")


def _yes(cells: Mapping[str, str], field_name: str) -> bool:
    said = folded(cells.get(field_name, "")).casefold()
    if said not in _YES | _NO:
        raise BadValueError.of(field_name, NOT_YES)
    return said in _YES


def _parsed(cells: Mapping[str, str], field_name: str, parse: Any) -> Any:
    try:
        return parse(cells.get(field_name))
    except BadValueError as error:
        raise BadValueError.of(field_name, error.message) from None
