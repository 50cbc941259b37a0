"""Looks into JSON objects whose shape no contract promises: a wrong kind counts as nothing."""

from collections.abc import Mapping
from typing import Any

from catalogue.importers.values import Parser
from catalogue.records.rejections import BadValueError
from enmusubi.language import JAPANESE, detect_language

Json = Mapping[str, Any]


def text_in(value: Any) -> str:
    """Return the text, or the first one of a list that is not blank; else nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return next((entry for entry in value if isinstance(entry, str) and entry.strip()), "")
    return ""


def texts_in(value: Any) -> list[str]:
    """Return the texts of a list, or the one text, each once and in order; blank ones left out."""
    listed = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(e for e in listed if isinstance(e, str) and e.strip()))


def object_in(parent: Json, name: str) -> Json:
    """Return the object of that name, or an empty one."""
    value = parent.get(name)
    return value if isinstance(value, Mapping) else {}


def objects_in(parent: Json, name: str) -> list[Json]:
    """Return the objects in the list of that name."""
    value = parent.get(name)
    return [e for e in value if isinstance(e, Mapping)] if isinstance(value, list) else []


def valid(parse: Parser, value: Any) -> str | None:
    """Return what a parser makes of the value, or None where it does not take it."""
    try:
        found = parse(value)
    except BadValueError:
        return None
    return str(found) if found else None


def sided(field: str, text: str) -> str:
    """Return the name of a field that comes in two languages, by the text's script."""
    return f"{field}_{'ja' if detect_language(text) == JAPANESE else 'en'}"
