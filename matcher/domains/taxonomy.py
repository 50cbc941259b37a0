"""The fields of research that texts are sorted into, and which field a code of another scheme stands for.

About sixty fields in twelve groups, in two languages; the list was written for this project and lies in
`taxonomy.json`. Their order is that of the classifier's columns. Codes are owned, never their names:

- `ipc:C08L 1/02` and `fi:…`: by the longest prefix of International Patent Classification symbols.
- `fterm:4J002AB01`: by the first two characters where four of five of their themes agree.
- `kaken:26030`: two or five digits are sections of the review since 2018 (中区分 and 小区分), by the
  longest prefix; three or four digits are the numbers that NII gave the fields before.
- `openalex:…` numbers topics without order, so that nothing follows from them; they have no field.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from enmusubi.language import JAPANESE

_FILE = Path(__file__).with_name("taxonomy.json")


@dataclass(frozen=True)
class Group:
    """Fields that lie near each other."""

    id: str
    name_ja: str
    name_en: str


@dataclass(frozen=True)
class Field:
    """One field of research, its name and a line about it in both languages."""

    id: str
    group: str  # id of its group
    name_ja: str
    name_en: str
    about_ja: str
    about_en: str

    def name(self, language: str) -> str:
        """Return the name in `language` (ja or en)."""
        return self.name_ja if language == JAPANESE else self.name_en


@dataclass(frozen=True)
class Taxonomy:
    """All groups and fields, in order."""

    groups: tuple[Group, ...]
    fields: tuple[Field, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the fields, in order."""
        return tuple(field.id for field in self.fields)

    @cached_property
    def by_id(self) -> Mapping[str, Field]:
        """The fields by their ids."""
        return {field.id: field for field in self.fields}


@cache
def load_taxonomy() -> Taxonomy:
    """Return the shipped list."""
    stored = json.loads(_FILE.read_text("utf-8"))
    return Taxonomy(
        groups=tuple(Group(**group) for group in stored["groups"]),
        fields=tuple(Field(**field) for field in stored["fields"]),
    )


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
