"""Whole numbers as people type them into the pages' forms."""

from enmusubi.errors import InputError

_MOST_DIGITS = 18


def whole(text: str, field: str) -> int:
    """Return a whole number that was typed, with commas, 円 or 年度 or without; raises InputError."""
    plain = text.replace(",", "").replace("，", "").strip()
    plain = plain.removesuffix("円").removesuffix("年度").strip()
    if not (plain.isdecimal() and len(plain) <= _MOST_DIGITS):
        raise InputError("not a whole number.", of_field=field)
    return int(plain)
