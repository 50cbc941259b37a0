"""Cells of workbooks as they look: dates, percentages, thousands, units such as 万円 from the format."""

import re
from datetime import date, datetime, time, timedelta

_CONDITION = re.compile(r"\[[^\[\]]*+\]")
_CURRENCY = re.compile(r"\[\$([^\-\[\]]*+)(?:-[^\[\]]*+)?\]")
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.([#0?]+))?")
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|([¥$€£￥%()+\-/ \u3000-\uffee])')
_MAX_DECIMALS = 15


def shown_number(value: float, number_format: str) -> str:
    """Return a number as a cell of that format shows it, as far as a need's reader can tell."""
    sections = _CURRENCY.sub(lambda found: f'"{found[1]}"', number_format).split(";")
    is_negative = value < 0 and len(sections) > 1
    section = _CONDITION.sub("", sections[1 if is_negative else 0])
    digits = _DIGITS.search(section)
    if digits is None or "E" in _LITERAL.sub("", section).upper().replace("GENERAL", ""):
        return plain_number(value)
    before, after = section[: digits.start()], section[digits.end() :]
    number = abs(value) if is_negative else value
    if "%" in before + after:
        number *= 100
    scale = len(digits[0]) - len(digits[0].rstrip(","))
    number /= 1000**scale
    decimals = min(len(digits[1] or ""), _MAX_DECIMALS)
    text = f"{number:,.{decimals}f}" if "," in digits[0].rstrip(",") else f"{number:.{decimals}f}"
    required = (digits[1] or "").count("0")
    if digits[1] and required < len(digits[1]):
        whole, _, fraction = text.partition(".")
        fraction = fraction[:required] + fraction[required:].rstrip("0")
        text = f"{whole}.{fraction}" if fraction else whole
    return f"{_literals(before)}{text}{_literals(after)}".strip()


def plain_number(value: float) -> str:
    """Return a number without a format: whole ones without a point, others as short as they are exact."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.10g}"


def shown_date(value: date | datetime | time | timedelta) -> str:
    """Return a date or time in one form for all cells: 2026-04-01, 2026-04-01 09:30, 09:30."""
    if isinstance(value, datetime):
        is_day = (value.hour, value.minute, value.second) == (0, 0, 0)
        return f"{value:%Y-%m-%d}" if is_day else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)


def _literals(part: str) -> str:
    return "".join(found[1] or found[2] or found[3] or "" for found in _LITERAL.finditer(part))
