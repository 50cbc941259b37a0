"""The mapping file: which columns of a foreign file become which of the catalogue; read, and applied to rows.

Written in TOML; docs/importing.md is its reference. Checked as a whole when it is read.
"""

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from catalogue.importers.general.columns import COLUMNS, PEOPLE
from catalogue.importers.reading.files import InputFile, readable
from catalogue.importers.rows import is_blank
from catalogue.importers.values import as_text, year
from catalogue.records.drafts import RESEARCHERS, TABLES, BadValueError, name_id
from catalogue.records.table_rules import STORED
from enmusubi.errors import MappingError
from enmusubi.messages import Message

WHOLE_ROW = "$."  # begins a path that is looked up in the row and not in the element of a list
ELEMENT = "."  # the path of the element itself

Constant = str | int | float | bool

Fields = dict[str, Any]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Part):
    """How one value is made."""

    column: str = ""
    columns: tuple[str, ...] = ()
    join: str = " "
    each: str = ""
    split: str = ""
    take: Literal["text", "year", "id"] = "text"
    values: dict[str, Constant] = Field(default_factory=dict)
    default: Constant = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that the rule reads."""
        return (self.column,) if self.column else self.columns

    @model_validator(mode="after")
    def _names_columns(self) -> "Rule":
        if bool(self.column) == bool(self.columns):
            raise ValueError("give either `column` or `columns`")
        return self


def _as_rules(value: Any) -> Any:
    listed = value if isinstance(value, list | tuple) else [value]
    return [{"column": entry} if isinstance(entry, str) else entry for entry in listed]


Rules = Annotated[tuple[Rule, ...], BeforeValidator(_as_rules), Field(min_length=1)]


class TableMapping(_Part):
    """How the records of one table are made from a row."""

    table: Literal["organisations", "researchers", "seeds", "needs"]
    each: str = ""
    columns: dict[str, Rules] = Field(default_factory=dict)
    constants: dict[str, Constant] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_known_columns(self) -> "TableMapping":
        known = COLUMNS[self.table]
        for name in (*self.columns, *self.constants):
            if name not in known:
                raise ValueError(f"{self.table} have no column {name!r}{suggestion(name, known)}")
        for name, rules in self.columns.items():
            if len(rules) > 1 and name != PEOPLE:
                raise ValueError(f"{name} takes one rule; only {PEOPLE} takes a list")
        return self


class ColumnMapping(_Part):
    """A whole mapping file."""

    source: str = ""
    encoding: str = ""
    delimiter: str = Field("", max_length=1)
    sheet: str = ""
    tables: tuple[TableMapping, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _list_single_table(cls, value: dict[str, Any]) -> dict[str, Any]:
        own = {"table", "each", "columns", "constants"} & set(value)
        if not own or "tables" in value:
            return value
        rest = {name: part for name, part in value.items() if name not in own}
        return {**rest, "tables": [{name: value[name] for name in own}]}

    @model_validator(mode="after")
    def _orders_tables(self) -> "ColumnMapping":
        ordered = tuple(sorted(self.tables, key=lambda part: TABLES.index(part.table)))
        object.__setattr__(self, "tables", ordered)
        return self

    @property
    def links_people(self) -> bool:
        """Whether seeds without `researcher_ids` belong to the researchers of their row."""
        return RESEARCHERS in {part.table for part in self.tables}


def read_mapping(path: Path) -> ColumnMapping:
    """Return the mapping in a TOML file; raises MappingError that names every fault."""
    with readable(InputFile(path)):
        content = path.read_bytes()
    try:
        return ColumnMapping.model_validate(tomllib.loads(content.decode("utf-8-sig")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(
            "The mapping %(path)s is not TOML in UTF-8: %(reason)s.", path=path, reason=error
        ) from error
    except ValidationError as error:
        faults = "; ".join(
            ".".join(str(part) for part in fault["loc"]) + f": {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise MappingError(
            "The mapping %(path)s cannot be used: %(faults)s. See docs/importing.md.",
            path=path,
            faults=faults,
        ) from error


def map_by_name(table: str, columns: tuple[str, ...]) -> ColumnMapping:
    """Return the mapping that takes every column of our own names as it is."""
    rules = {name: (Rule(column=name),) for name in columns if name in COLUMNS[table]}
    return ColumnMapping(tables=(TableMapping.model_validate({"table": table, "columns": rules}),))


def guess_table(columns: tuple[str, ...]) -> str:
    """Return the table whose id is among the columns; nothing where none is, or several are.

    A file with several ids holds pairs, such as judgements, and no rows of one table.
    """
    found = [table for table, stored in STORED.items() if stored.key in columns]
    return found[0] if len(found) == 1 else ""


def suggestion(name: str, known: Any) -> Message | str:
    """Return `; did you mean 'x'?` when a known name is near, else nothing."""
    near = get_close_matches(name, list(known), n=1)
    return Message("; did you mean %(name)r?", {"name": near[0]}) if near else ""


def extract(part: TableMapping, row: Mapping[str, Any]) -> Iterator[Fields]:
    """Yield the fields of every record that the row has for this table.

    Without `each` that is one; with it, one for every element of that list.
    """
    elements = _elements(look_up(row, part.each)) if part.each else [row]
    for element in elements:
        fields: Fields = dict(part.constants)
        for name, rules in part.columns.items():
            found = [value for rule in rules for value in _values(rule, row, element)]
            if found:
                fields[name] = found[0] if len(found) == 1 else found
        yield fields


def look_up(row: Any, path: str) -> Any:
    """Return the value at a path such as `pi.family_name`; None where there is none.

    A column of exactly that name comes first. A list on the way gives the list of what its
    elements have.
    """
    if path == ELEMENT:
        return row
    if not isinstance(row, Mapping):
        return None
    if path in row:
        return row[path]
    head, _, rest = path.partition(".")
    inner = row.get(head)
    if not rest or inner is None:
        return None
    if isinstance(inner, list):
        return [value for entry in inner if (value := look_up(entry, rest)) is not None]
    return look_up(inner, rest)


def _values(rule: Rule, row: Mapping[str, Any], element: Any) -> Iterator[Any]:
    scope = row if rule.each.startswith(WHOLE_ROW) else element
    entries = (
        _elements(look_up(scope, rule.each.removeprefix(WHOLE_ROW))) if rule.each else [element]
    )
    for entry in entries:
        value = _value(rule, row, entry)
        if rule.split and isinstance(value, str):
            value = value.split(rule.split)
        listed = value if isinstance(value, list) else [value]
        yield from (part for part in listed if not is_blank(part))


def _value(rule: Rule, row: Mapping[str, Any], entry: Any) -> Any:
    found = [
        look_up(row, path.removeprefix(WHOLE_ROW))
        if path.startswith(WHOLE_ROW)
        else look_up(entry, path)
        for path in rule.paths
    ]
    value = found[0] if rule.column else _joined(rule, found)
    if rule.take == "id":
        value = name_id(*map(_text, found))
    elif rule.take == "year" and not is_blank(value):
        value = _year(value)
    if rule.values and isinstance(value, str | int):
        value = rule.values.get(str(value).strip(), value)
    return rule.default if is_blank(value) else value


def _joined(rule: Rule, found: list[Any]) -> str:
    return rule.join.join(filter(None, (_text(value).strip() for value in found)))


def _text(value: Any) -> str:
    try:
        return as_text(value)
    except BadValueError:
        return ""


def _year(value: Any) -> Any:
    """Return the year in a value, or the value itself, so that the column can say what is wrong."""
    try:
        return year(value)
    except BadValueError:
        return value


def _elements(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
