"""Finds known columns in tables whose headers go by several names."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from catalogue.importers.values import as_text
from catalogue.records.rejections import BadValueError
from enmusubi.language import clean_text

_NOT_IN_KEYS = str.maketrans("", "", " _-・/()*")


def column_key(name: str) -> str:
    """Return a column's name without regard to case, width, blanks, brackets and hyphens."""
    return unicodedata.normalize("NFKC", clean_text(name)).casefold().translate(_NOT_IN_KEYS)


class Synonyms:
    """Which of our fields a column is, by any of its names."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        self._field_of = {
            column_key(name): field for field, listed in names.items() for name in (field, *listed)
        }

    def known(self, header: Sequence[str]) -> frozenset[str]:
        """Return the fields that a header has."""
        keys = map(column_key, header)
        return frozenset(self._field_of[key] for key in keys if key in self._field_of)

    def rename(self, cells: Mapping[str, Any]) -> dict[str, str]:
        """Return the cells that are not empty by field; of two columns the first counts."""
        renamed: dict[str, str] = {}
        for name, value in cells.items():
            field = self._field_of.get(column_key(name))
            if field and field not in renamed and (text := cell_text(value)):
                renamed[field] = text
        return renamed


def cell_text(value: Any) -> str:
    """Return a cell's text, control characters taken out; nothing for what is no plain value."""
    try:
        return clean_text(as_text(value))
    except BadValueError:
        return ""
