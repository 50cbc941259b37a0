"""Which field of research a code of another classification stands for; owns codes, never their names.

- `ipc:C08L 1/02` and `fi:…`: by the longest prefix of International Patent Classification symbols.
- `fterm:4J002AB01`: by the first two characters where four of five of their themes agree.
- `kaken:26030`: two or five digits are sections of the review since 2018 (中区分 and 小区分), by the
  longest prefix; three or four digits are the numbers that NII gave the fields before.
- `openalex:…` numbers topics without order, so that nothing follows from them; they have no field.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_SECTION = re.compile(r"\d\d(?:\d{3})?")


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    nodes: dict[str, list[int]] = _read("kaken_nodes")
    return {
        **_read("codes"),  # ipc, kaken_section: written by hand
        "fterm": _read("fterm_groups"),  # these two come from tools/fit_domains.py
        "kaken_node": {str(n): field for field, numbers in nodes.items() for n in numbers},
    }


def _read(name: str) -> dict[str, Any]:
    tables: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return tables


def field_of_code(code: str) -> str | None:
    """Return the id of the field that `scheme:code` stands for, or None where that is not clear."""
    scheme, _, symbol = "".join(code.split()).partition(":")
    scheme, symbol = scheme.lower(), symbol.upper()
    if scheme == "kaken":
        return _field_of_kaken(symbol)
    return longest_prefix(symbol, _tables().get("ipc" if scheme == "fi" else scheme, {}))


def _field_of_kaken(number: str) -> str | None:
    if _SECTION.fullmatch(number):
        return longest_prefix(number, _tables()["kaken_section"])
    return _tables()["kaken_node"].get(number.lstrip("0"))


def longest_prefix(symbol: str, fields: Mapping[str, str]) -> str | None:
    """Return what the longest prefix of `symbol` among the keys of `fields` stands for, or None."""
    for length in range(len(symbol), 0, -1):
        if symbol[:length] in fields:
            return fields[symbol[:length]]
    return None
