"""Takes tables of interests, companies, limits, employers and NDAs into the catalogue; faulty rows are told.

A row of the same person, company, kind and first day changes the one that is there; nothing is deleted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Table, insert, select, update

from catalogue.database.account_models import UserAccount
from catalogue.database.screening_models import (
    CONTRACT_END,
    LEAVE,
    NOT_BEFORE,
    RETIREMENT,
    RUNNING,
    TEACHING,
    CompanyGroup,
    CompetitorPair,
    DeclaredInterest,
    PastEmployer,
    PersonLimit,
)
from catalogue.database.viewer import Viewer
from catalogue.importers.general.columns import erad_number, name_reference
from catalogue.importers.general.source import row_files
from catalogue.importers.judged_rows import JudgedRow, PairFinder
from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.json_files import JsonFile
from catalogue.importers.rows import BadRow, RowFile
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import COLUMN, ROW, BadValueError, Rejection, shape_of
from enmusubi.errors import InputError, MappingError, UnknownIdError
from enmusubi.messages import Message
from matcher.domains.taxonomy import load_taxonomy
from office.access import audit
from office.companies.ndas import NdaDraft, keep_nda
from office.screening.company_ties import name_key
from office.screening.industries import industry_of
from office.screening.interest_tables import (
    COMPETITORS,
    EMPLOYERS,
    GROUPS,
    INTEREST_WORDS,
    INTERESTS,
    LIMIT_WORDS,
    LIMITS,
    NDA_TABLE,
    NO_DAY,
    NO_NAME,
    SYNONYMS,
    amount_in,
    day_in,
    days_in,
    kind_in,
    number_in,
    remark_in,
    table_kind,
    text_in,
)
from office.screening.ror_groups import group_pairs

MODELS: Mapping[str, tuple[Any, tuple[str, ...]]] = {  # its rows are told apart by these columns
    INTERESTS: (DeclaredInterest, ("researcher_id", "organisation_key", "kind", "since")),
    LIMITS: (PersonLimit, ("researcher_id", "kind", "since", "until")),
    GROUPS: (CompanyGroup, ("parent_key", "child_key")),
    COMPETITORS: (CompetitorPair, ("first_key", "second_key", "field_id")),
    EMPLOYERS: (PastEmployer, ("user_id", "organisation_key")),
}
NO_FIELD = Message("no field of research that is known here")
NO_INDUSTRY = Message("no industry that is known here (docs/screening.md)")
NO_COMPANY = Message("no company or other organisation of the catalogue has this name")
NO_USER = Message("no user has this login")
LEFT_OUT = Message("nothing of ours is made of this column: it is left out")
SAME_COMPANY = Message("the same company twice")
_WHEN = frozenset({"source", "recorded_at"})


@dataclass(frozen=True)
class ScreeningImport:
    """What became of a table's rows; `kind` is what it was told to be."""

    kind: str
    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejections: tuple[Rejection, ...] = field(default=())

    @property
    def left_out(self) -> int:
        """How many rows were not taken."""
        return len({one.row for one in self.rejections if one.scope == ROW})

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return {**vars(self), "rejections": [one.as_dict() for one in self.rejections]}


@dataclass(frozen=True)
class _Cells:
    """A row by our fields."""

    number: int
    cells: Mapping[str, Any] = field(repr=False)


def import_screening(catalogue: Catalogue, viewer: Viewer, path: Path) -> list[ScreeningImport]:
    """Take the tables of a file, each in one transaction, and note it in the audit trail.

    A CSV file or a workbook has tables; a dump of ROR in JSON gives groups of companies.

    Raises UnreadableFileError for what cannot be read, MappingError where no table is told by its headings.
    """
    reports = []
    for rows in row_files(InputFile(path)):
        if kind := GROUPS if isinstance(rows, JsonFile) else table_kind(rows.columns()):
            with catalogue.writing() as connection:
                reports.append(_take(connection, viewer, kind, rows))
                audit.record(
                    connection, viewer, "import", "table", kind, format=kind, files=[path.name]
                )
    if not reports:
        raise MappingError(
            "%(file)s has no table that screening knows by its headings: docs/screening.md names them.",
            file=path.name,
        )
    return reports


def _take(connection: Connection, viewer: Viewer, kind: str, rows: RowFile) -> ScreeningImport:
    good: list[_Cells] = []
    rejections = [
        Rejection(label, LEFT_OUT, scope=COLUMN, file=rows.label)
        for label in rows.columns()
        if label and not isinstance(rows, JsonFile) and not SYNONYMS.known([label])
    ]
    for row in rows.rows():
        if isinstance(row, BadRow):
            rejections.append(replace(row.rejection, file=rows.label, row=row.number))
        elif isinstance(rows, JsonFile):
            good += [_Cells(row.number, pair) for pair in group_pairs(row.cells)]
        elif cells := SYNONYMS.rename(row.cells):
            good.append(_Cells(row.number, cells))
    found = _Reader(connection, kind, good)
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    for one in good:
        try:
            values = found.values(one.cells) | {"source": f"{rows.label}:{one.number}"}
            is_nda = kind == NDA_TABLE
            done = (
                _keep_nda(connection, viewer, values) if is_nda else _keep(connection, kind, values)
            )
        except BadValueError as error:
            shape = shape_of(one.cells.get(error.field))
            faulty = Rejection(error.field, error.message, shape, file=rows.label, row=one.number)
            rejections.append(faulty)
            continue
        counts[done] += 1
    return ScreeningImport(kind, len(good), **counts, rejections=tuple(rejections))


def _keep(connection: Connection, kind: str, values: dict[str, Any]) -> str:
    """Add a row or change the one of the same key; returns what was done."""
    model, key = MODELS[kind]
    table = cast(Table, model.__table__)
    same = [table.c[column].is_not_distinct_from(values[column]) for column in key]
    if "withdrawn_at" in table.c:
        same.append(table.c.withdrawn_at.is_(None))
    there = connection.execute(select(table).where(*same)).mappings().first()
    now = {"recorded_at": datetime.now(UTC)}
    if there is None:
        connection.execute(insert(table).values(**values, **now))
        return "added"
    if all(there[column] == value for column, value in values.items() if column not in _WHEN):
        return "unchanged"
    connection.execute(update(table).where(*same).values(**values, **now))
    return "changed"


def _keep_nda(connection: Connection, viewer: Viewer, values: dict[str, Any]) -> str:
    try:
        return keep_nda(connection, viewer, NdaDraft(**values))[1]
    except UnknownIdError:
        raise BadValueError.of("company", NO_COMPANY) from None
    except InputError as error:
        reason = error.message.values.get("reason", error.message)  # without the field before it
        raise BadValueError.of(next(iter(error.fields), ""), cast(Message, reason)) from None


class _Reader:
    """Reads the rows of one table into columns; people and users are looked up at once."""

    def __init__(self, connection: Connection, kind: str, rows: Sequence[_Cells]) -> None:
        self._read = {
            INTERESTS: self._interest, LIMITS: self._limit, GROUPS: self._group,
            COMPETITORS: self._rivals, EMPLOYERS: self._employer, NDA_TABLE: self._nda,
        }[kind]  # fmt: skip
        people = [_person(row.cells) for row in rows] if kind in {INTERESTS, LIMITS} else []
        self._finder = PairFinder(connection, people)
        self._users = frozenset(
            connection.execute(select(UserAccount.user_id)).scalars() if kind == EMPLOYERS else ()
        )
        self._fields = {name: one.id for one in load_taxonomy().fields for name in _names_of(one)}

    def values(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns of a row; raises BadValueError with the field that is at fault."""
        return dict(self._read(cells))

    def _interest(self, cells: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        yield "kind", kind_in(text_in(cells, "kind", required="kind"), INTEREST_WORDS)
        yield from _company(cells, "organisation", "organisation").items()
        yield "amount_jpy", amount_in(cells)
        yield from days_in(cells).items()
        yield "remark", remark_in(cells)
        yield "researcher_id", self._finder.person(_person(cells))

    def _limit(self, cells: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        said = text_in(cells, "kind")
        kind = kind_in(said, LIMIT_WORDS) if said else TEACHING
        days = days_in(cells)
        if kind in {RETIREMENT, CONTRACT_END}:
            days = {"since": None, "until": days["until"] or days["since"]}
        if kind == NOT_BEFORE:
            days = {"since": days["since"] or days["until"], "until": None}
        if kind in {LEAVE, RETIREMENT, CONTRACT_END, NOT_BEFORE} and not any(days.values()):
            raise BadValueError.of("until" if kind != NOT_BEFORE else "since", NO_DAY)
        amount = number_in(cells, "lessons" if "lessons" in cells else "amount")
        if kind in {RUNNING, TEACHING} and amount is None:
            text_in(cells, "amount", required="amount")
        yield from {"kind": kind, "amount": amount, **days, "remark": remark_in(cells)}.items()
        yield "researcher_id", self._finder.person(_person(cells))

    def _group(self, cells: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        found = {**_company(cells, "parent", "parent"), **_company(cells, "child", "child")}
        if found["parent_key"] == found["child_key"]:
            raise BadValueError.of("child", SAME_COMPANY)
        yield from found.items()

    def _rivals(self, cells: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        first = _company(cells, "first", "first", "organisation")
        second = _company(cells, "second", "second")
        if first["first_key"] == second["second_key"]:
            raise BadValueError.of("second", SAME_COMPANY)
        said = text_in(cells, "field")
        if said and said.casefold() not in self._fields:
            raise BadValueError.of("field", NO_FIELD)
        yield from {**first, **second}.items()
        yield "field_id", self._fields.get(said.casefold(), "")

    def _employer(self, cells: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        user = text_in(cells, "user", required="user").casefold()
        if user not in self._users:
            raise BadValueError.of("user", NO_USER)
        yield "user_id", user
        yield from _company(cells, "organisation", "employer", "organisation").items()
        yield "until", days_in(cells)["until"]
        if said := text_in(
            cells, "industry"
        ):  # an empty cell takes away nothing that the chief said
            if (code := industry_of(said)) is None:
                raise BadValueError.of("industry", NO_INDUSTRY)
            yield "industry", code

    def _nda(self, cells: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        yield "company", text_in(cells, "organisation", required="company")
        yield "signed_on", day_in(cells, "signed")
        yield "valid_until", days_in(cells)["until"]
        yield "need_id", text_in(cells, "need")
        yield "remark", remark_in(cells)


def _person(cells: Mapping[str, Any]) -> JudgedRow:
    number, named = text_in(cells, "person_id"), text_in(cells, "person")
    if not (number or named):
        return JudgedRow()
    references = (number, erad_number(number), named, name_reference("", named))
    people = tuple(dict.fromkeys(filter(None, references)))
    return JudgedRow(people=people, department=text_in(cells, "department"))


def _company(cells: Mapping[str, Any], column: str, *fields: str) -> dict[str, Any]:
    said = text_in(cells, *fields, required=fields[0])
    key = name_key(said)
    if not key:
        raise BadValueError.of(fields[0], NO_NAME)
    return {column: said, f"{column}_key": key}


def _names_of(one: Any) -> set[str]:
    return {one.id.casefold(), one.name_ja.casefold(), one.name_en.casefold()}
