"""The fields of a need that people and portals may set, and how what they give is read.

Texts stay as they were written, markup included: they are escaped where they are shown.
"""

from collections.abc import Callable, Mapping
from typing import Any

from catalogue.importers.general.columns import COLUMNS, COMPANY
from catalogue.importers.values import MAX_LINE_CHARS, BadValueError, identifier
from catalogue.records.drafts import NEEDS, Value
from enmusubi.errors import InputError
from enmusubi.language import clean_text

NeedValues = dict[str, Value]
_PROSE, _LINES = ("text", "constraints"), ("title", "horizon")
_CHECKED = (COMPANY, "lang", "area", "budget_jpy", "confidentiality", "manager", "posted_on")
FIELDS = (*_LINES, *_PROSE, "organisation_id", *_CHECKED)


def parse_fields(fields: Mapping[str, Any], *, max_chars: int) -> NeedValues:
    """Return the fields as they are stored, empty ones as None; raises InputError naming all faults.

    The message has a line `field: reason` for each; it quotes no value.
    """
    values: NeedValues = {}
    faults = []
    for name, given in fields.items():
        if name not in FIELDS:
            faults.append(f"{name[:40]!r}: no field of a need; there are {', '.join(FIELDS)}.")
            continue
        try:
            values[name] = _reader(name, max_chars)(given)
        except BadValueError as bad:
            faults.append(f"{name}: {bad}.")
    if faults:
        raise InputError("\n".join(faults))
    return values


def _reader(name: str, max_chars: int) -> Callable[[Any], Value]:
    if name in _PROSE:
        return lambda given: clean_text(_text(given, max_chars)) or None
    if name in _LINES:
        return lambda given: " ".join(clean_text(_text(given, MAX_LINE_CHARS)).split()) or None
    return identifier if name == "organisation_id" else COLUMNS[NEEDS][name].parse


def _text(given: Any, max_chars: int) -> str:
    if given is None:
        return ""
    if not isinstance(given, str):
        raise BadValueError("not a text")
    if len(given) > max_chars:
        raise BadValueError("longer than %(max_chars)s characters", max_chars=f"{max_chars:,}")
    return given
