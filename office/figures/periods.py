"""Fiscal years, which begin in April, and their quarters: `2026` and `2026Q1`."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from enmusubi.errors import InputError

QUARTER, YEAR = "quarter", "year"
SPANS = (QUARTER, YEAR)
FIRST_MONTH = 4
MIN_YEAR, MAX_YEAR = 1949, 2200
_WRITTEN = re.compile(r"(\d{4})(?:Q([1-4]))?")


@dataclass(frozen=True, order=True)
class Period:
    """A fiscal year, or a quarter of one; `quarter` 0 is the whole year."""

    year: int
    quarter: int = 0

    @property
    def code(self) -> str:
        """How it is written in addresses and files."""
        return f"{self.year}Q{self.quarter}" if self.quarter else str(self.year)

    @property
    def span(self) -> str:
        """Whether it is a quarter or a year."""
        return QUARTER if self.quarter else YEAR

    @property
    def first_day(self) -> date:
        """The day on which it begins."""
        month = FIRST_MONTH + 3 * max(self.quarter - 1, 0)
        return date(self.year + (month > 12), (month - 1) % 12 + 1, 1)

    @property
    def last_day(self) -> date:
        """The day on which it ends."""
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> "Period":
        """The one after it."""
        if not self.quarter:
            return Period(self.year + 1)
        return Period(self.year + self.quarter // 4, self.quarter % 4 + 1)

    @property
    def before(self) -> "Period":
        """The one before it."""
        if not self.quarter:
            return Period(self.year - 1)
        return Period(self.year - (self.quarter == 1), (self.quarter - 2) % 4 + 1)

    def name(self, language: str) -> str:
        """Return what it is called."""
        if language == "ja":
            return f"{self.year}年度" + (f"第{self.quarter}四半期" if self.quarter else "")
        return f"FY{self.year}" + (f" Q{self.quarter}" if self.quarter else "")


def period_of(day: date, span: str) -> Period:
    """Return the period that a day is in."""
    year = day.year - (day.month < FIRST_MONTH)
    return Period(year, (day.month - FIRST_MONTH) % 12 // 3 + 1 if span == QUARTER else 0)


def parse_period(text: str) -> Period:
    """Return the period that is written; raises InputError."""
    found = _WRITTEN.fullmatch(text.strip().upper())
    if not found or not MIN_YEAR <= int(found[1]) <= MAX_YEAR:
        raise InputError(
            "not a fiscal year or quarter. Write such as 2026 or 2026Q1.", of_field="period"
        )
    return Period(int(found[1]), int(found[2] or 0))


def periods_until(last: Period, count: int) -> list[Period]:
    """Return so many periods, the last one at the end."""
    found = [last]
    while len(found) < count:
        found.append(found[-1].before)
    return found[::-1]
