"""Turns whatever JSON holds into the plain values of a collection: ids, texts, years, languages.

Collections come from many hands: numbers for ids, null for text, one id instead of a list.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from enmusubi.language import ENGLISH, JAPANESE, clean_text, detect_language

_YEAR = re.compile(r"\s*(\d{4})(?!\d)")
_LANGUAGES = {
    "ja": JAPANESE,
    "jp": JAPANESE,
    "jpn": JAPANESE,
    "japanese": JAPANESE,
    "en": ENGLISH,
    "eng": ENGLISH,
    "english": ENGLISH,
}


def text_of(value: Any) -> str:
    """Return clean text; a list becomes lines, null, objects and truth values become empty text."""
    if isinstance(value, list):
        return "\n".join(filter(None, (text_of(item) for item in value)))
    if value is None or isinstance(value, bool | dict):
        return ""
    text = str(value)
    return text.strip() if text.isprintable() else clean_text(text)


def id_of(value: Any) -> str:
    """Return an id, 7 and 7.0 as "7"; empty when there is none, or one that holds blanks.

    An id with a blank cannot stand in a TREC file, where blanks separate the columns.
    """
    if isinstance(value, bool | list | dict):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = text_of(value)
    return "" if len(text.split()) != 1 else text


def ids_of(value: Any) -> list[str]:
    """Return the ids of a list, or of a single id, without repetitions, in order."""
    values = value if isinstance(value, list) else [value]
    return [name for name in dict.fromkeys(id_of(item) for item in values) if name]


def year_of(value: Any) -> int | None:
    """Return the year of 2014, 2014.0, "2014" or "2014-05-01"; None where there is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if math.isfinite(value) and 0 < value < 10_000 else None
    found = _YEAR.match(value) if isinstance(value, str) else None
    return int(found.group(1)) if found else None


def language_of(record: Mapping[str, Any], text: str) -> str:
    """Return `ja` or `en`: what the record's `lang` says, or else what the text's script says."""
    stated = text_of(record.get("lang")).lower().replace("_", "-").partition("-")[0]
    return _LANGUAGES.get(stated) or detect_language(text)
