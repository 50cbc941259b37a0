"""Applies a mapping to a row: follows paths, joins, splits, translates."""

from collections.abc import Iterator, Mapping
from typing import Any

from catalogue.importers.general.mapping import ELEMENT, WHOLE_ROW, Rule, TableMapping
from catalogue.importers.rows import is_blank
from catalogue.importers.values import as_text, year
from catalogue.records.drafts import name_id
from catalogue.records.rejections import BadValueError

Fields = dict[str, Any]


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
