"""The days that a need's time horizon names, as far as it names any: `2027年3月末`, `within two years`."""

import calendar
import re
import unicodedata
from collections.abc import Iterator
from datetime import date

MAX_DAYS = 3
MAX_MONTHS = 12 * 50
_KANJI = {digit: str(number) for number, digit in enumerate("〇一二三四五六七八九")}
_WORDS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_NUMBERS = {word: number for number, word in enumerate(_WORDS, start=1)}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAY = re.compile(
    r"(?P<year>(?:19|20)\d\d)\s*(?:年度(?P<fiscal>)|[年/.-]\s*(?P<month>1[0-2]|0?[1-9])(?!\d)\s*+月?"
    r"(?:\s*+(?:[/.-]\s*+)?(?P<day>3[01]|[12]\d|0?[1-9])(?!\d)\s*日?)?)"
)
_ENGLISH_MONTH = re.compile(
    rf"\b(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE
)
_NUMBER = rf"(?P<number>\d{{1,2}}|\b(?:{'|'.join(_WORDS)}))"
_SPAN = re.compile(
    rf"(?P<half>半)年|{_NUMBER}\s*(?:-\s*)?(?:(?P<years>年(?![度月\d/])(?P<and_half>半)?|years?\b)"
    r"|(?P<months>[かカヶケヵ箇]\s*月|months?\b))",
    re.IGNORECASE,
)


def horizon_days(horizon: str, posted_on: date | None) -> tuple[date, ...]:
    """Return the days that a horizon names, the first ones first, at most three.

    A month stands for its last day, a fiscal year (年度) for the 31st of March that ends it. What is
    counted in years and months counts from the day of posting, and is left out where that is unknown.
    """
    text = unicodedata.normalize("NFKC", horizon).lower()
    text = re.sub("[〇一二三四五六七八九]", lambda found: _KANJI[found[0]], text)
    text = re.sub("(?<![0-9])十(?=[0-9])", "1", text).replace("十", "10")
    named = set(_named(text))
    if posted_on:
        spans = _DAY.sub(" ", text)
        named |= {_later(posted_on, months) for months in _spans(spans) if months <= MAX_MONTHS}
    return tuple(sorted(named)[:MAX_DAYS])


def _named(text: str) -> Iterator[date]:
    for found in _DAY.finditer(text):
        year = int(found["year"])
        if found["month"] is None:
            yield date(year + 1, 3, 31)
        elif found["day"] is None:
            yield _last_day(year, int(found["month"]))
        elif int(found["day"]) <= calendar.monthrange(year, int(found["month"]))[1]:
            yield date(year, int(found["month"]), int(found["day"]))
    for found in _ENGLISH_MONTH.finditer(text):
        yield _last_day(int(found["year"]), _MONTHS.index(found["name"].lower()) + 1)


def _spans(text: str) -> Iterator[int]:
    """Yield the lengths of time that a text names, in months."""
    for found in _SPAN.finditer(text):
        if found["half"]:
            yield 6
            continue
        told = found["number"].lower()
        number = int(told) if told.isdigit() else _NUMBERS[told]
        yield number * 12 + (6 if found["and_half"] else 0) if found["years"] else number


def _last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
