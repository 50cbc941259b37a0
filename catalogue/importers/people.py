"""How a source that knows people by name or by e-Rad number refers to them."""

import re
import unicodedata

from catalogue.importers.values import MAX_NAME_CHARS
from catalogue.records.lookups import NAME_REFERENCE
from enmusubi.language import clean_text

ERAD_PREFIX = "erad:"
ERAD_DIGITS = 8

_BORDERS = re.compile(r"[;；|｜]")


def name_reference(organisation: str, name: str) -> str:
    """Return `name:<organisation>|<name>`, which the catalogue resolves.

    Nothing comes back where there is no name, or what is too long to be one.
    """
    parts = [" ".join(_BORDERS.sub(" ", clean_text(part)).split()) for part in (organisation, name)]
    fits = parts[1] and max(map(len, parts)) <= MAX_NAME_CHARS
    return f"{NAME_REFERENCE}{parts[0]}|{parts[1]}" if fits else ""


def erad_number(text: str) -> str:
    """Return an e-Rad number of eight digits, or nothing where the text is none.

    Spreadsheets cut leading zeros off, so shorter numbers are filled up.
    """
    digits = unicodedata.normalize("NFKC", text).strip()
    fits = digits.isascii() and digits.isdigit() and 1 < len(digits) <= ERAD_DIGITS
    return digits.zfill(ERAD_DIGITS) if fits else ""
