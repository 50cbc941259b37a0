"""The fields of research that texts are sorted into: about sixty in twelve groups, in two languages.

The list was written for this project; `taxonomy.json` holds it. Their order is that of the
classifier's columns.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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


@cache
def load_taxonomy() -> Taxonomy:
    """Return the shipped list."""
    stored = json.loads(_FILE.read_text("utf-8"))
    return Taxonomy(
        groups=tuple(Group(**group) for group in stored["groups"]),
        fields=tuple(Field(**field) for field in stored["fields"]),
    )
