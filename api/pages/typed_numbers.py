"""Whole numbers as people type them into the pages' forms."""

from enmusubi.errors import InputError

_MOST_DIGITS = 18


def whole(text: str, field: str) -> int:
    """Return a whole number that was typed, with commas, 円 or 年度 or without; raises InputError."""
    plain = text.strip()
    for sign in (",", "，", "円", "年度"):
        plain = plain.replace(sign, "")
    if not (plain.strip().isdecimal() and len(plain.strip()) <= _MOST_DIGITS):
        raise InputError("not a whole number.", of_field=field)
    return int(plain)
