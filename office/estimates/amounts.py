"""An estimate's lines and what comes out of them, in whole yen; knows no database.

Rules of rounding: a line is its unit price × quantity, fractions of a yen cut off; indirect and strategic
cost are each a percentage of a year's direct cost, cut off; consumption tax is a percentage of a year's sum,
cut off. Totals of years are added up, nothing is rounded again. Fees for advice (学術指導) and data bear no
indirect cost. All is Decimal and integers.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Any
from unicodedata import normalize

from enmusubi.errors import InputError
from enmusubi.estimate_settings import percent_in
from enmusubi.language import clean_text

PEOPLE, EQUIPMENT, FACILITIES = "people", "equipment", "facilities"
TRAVEL, OUTSOURCING, CONSUMABLES = "travel", "outsourcing", "consumables"
DIRECT_KINDS = (PEOPLE, EQUIPMENT, FACILITIES, TRAVEL, OUTSOURCING, CONSUMABLES)
ADVICE, DATA = "advice", "data"
FEE_KINDS = (ADVICE, DATA)
LINE_KINDS = (*DIRECT_KINDS, *FEE_KINDS)
MAX_YEARS, MAX_LINES = 10, 200
MAX_UNIT_JPY = 1_000_000_000
MAX_TOTAL_JPY = (
    100_000_000_000  # so that a workbook's numbers hold every sum exactly, four decimals included
)
MAX_TEXT_CHARS, MAX_NOTE_CHARS = 200, 2_000
FIRST_YEARS = (1990, 2199)
_QUANTITY = re.compile(r"\d{1,6}(\.\d{1,2})?")


@dataclass(frozen=True)
class CostLine:
    """A line of a year (1 is the first): what, at how many yen a unit, how many units (hours, days)."""

    year: int
    kind: str
    text: str = field(repr=False)
    unit_jpy: int
    quantity: Decimal

    @property
    def amount_jpy(self) -> int:
        """Unit price × quantity in yen, fractions cut off."""
        return _down(self.unit_jpy * self.quantity)


@dataclass(frozen=True)
class Percentages:
    """Percentages: indirect and strategic of the direct cost, tax of the sum."""

    indirect: Decimal
    strategic: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Estimate:
    """All that an estimate says; `first_year` is a fiscal year (年度), 0 where it is open."""

    title: str = field(repr=False)
    years: int
    rates: Percentages
    lines: tuple[CostLine, ...] = field(repr=False)
    first_year: int = 0
    note: str = field(default="", repr=False)

    def of_year(self, year: int) -> "YearTotal":
        """Return what a year costs."""
        mine = [line for line in self.lines if line.year == year]
        sums = {k: sum(one.amount_jpy for one in mine if one.kind == k) for k in LINE_KINDS}
        return YearTotal.of(sums, self.rates)

    def by_year(self) -> tuple["YearTotal", ...]:
        """Return what each year costs."""
        return tuple(self.of_year(year) for year in range(1, self.years + 1))

    def total(self) -> "YearTotal":
        """Return the sums of all years; nothing is rounded again."""
        return YearTotal.added(self.by_year())


@dataclass(frozen=True)
class YearTotal:
    """What a year, or all of them, cost, in yen; `by_kind` has every kind of line."""

    by_kind: Mapping[str, int]
    direct_jpy: int
    indirect_jpy: int
    strategic_jpy: int
    fees_jpy: int
    net_jpy: int
    tax_jpy: int
    total_jpy: int

    @classmethod
    def of(cls, by_kind: Mapping[str, int], rates: Percentages) -> "YearTotal":
        """Return a year's total from the sums of its lines."""
        direct = sum(by_kind[kind] for kind in DIRECT_KINDS)
        fees = sum(by_kind[kind] for kind in FEE_KINDS)
        indirect, strategic = share(direct, rates.indirect), share(direct, rates.strategic)
        net = direct + indirect + strategic + fees
        tax = share(net, rates.tax)
        return cls(by_kind, direct, indirect, strategic, fees, net, tax, net + tax)

    @classmethod
    def added(cls, years: Iterable["YearTotal"]) -> "YearTotal":
        """Return the sum of years."""
        found = list(years)
        sums = {kind: sum(one.by_kind[kind] for one in found) for kind in LINE_KINDS}
        names = [name for name in cls.__dataclass_fields__ if name != "by_kind"]
        return cls(sums, *(sum(getattr(one, name) for one in found) for name in names))


def share(amount_jpy: int, percent: Decimal) -> int:
    """Return a percentage of an amount in yen, fractions cut off."""
    return _down(amount_jpy * percent / 100)


def checked(estimate: Estimate) -> Estimate:
    """Return an estimate as it is kept; raises InputError with the field that is wrong."""
    title = _line(estimate.title, "title", required=True)
    if not 1 <= estimate.years <= MAX_YEARS:
        raise InputError("expected 1 to %(most)s years.", of_field="years", most=MAX_YEARS)
    if estimate.first_year and not FIRST_YEARS[0] <= estimate.first_year <= FIRST_YEARS[1]:
        raise InputError("expected a year such as 2027, or nothing.", of_field="first_year")
    if not 1 <= len(estimate.lines) <= MAX_LINES:
        raise InputError("expected 1 to %(most)s lines.", of_field="lines", most=MAX_LINES)
    lines = tuple(_checked_line(line, estimate.years) for line in estimate.lines)
    note = clean_text(estimate.note.replace("\r\n", "\n")).strip()
    if len(note) > MAX_NOTE_CHARS:
        raise _too_long("note", len(note), MAX_NOTE_CHARS)
    kept = Estimate(title, estimate.years, estimate.rates, lines, estimate.first_year, note)
    if kept.total().total_jpy > MAX_TOTAL_JPY:
        raise InputError(
            "the total is above %(most)s yen.", of_field="lines", most=f"{MAX_TOTAL_JPY:,}"
        )
    return kept


def _checked_line(line: CostLine, years: int) -> CostLine:
    if line.kind not in LINE_KINDS:
        raise InputError("not a kind of cost that there is.", of_field="lines")
    if not 1 <= line.year <= years:
        raise InputError(
            "a line is of year %(year)s, expected 1 to %(years)s.",
            of_field="lines",
            year=line.year,
            years=years,
        )
    if not 0 <= line.unit_jpy <= MAX_UNIT_JPY:
        raise InputError(
            "a unit price is not between 0 and %(most)s yen.",
            of_field="lines",
            most=f"{MAX_UNIT_JPY:,}",
        )
    text = _line(line.text, "lines", required=True)
    return CostLine(line.year, line.kind, text, line.unit_jpy, line.quantity)


def quantity_in(text: str) -> Decimal:
    """Return a quantity below a million with at most two decimals; raises InputError for another."""
    plain = normalize("NFKC", text).strip().replace(",", "")
    if not _QUANTITY.fullmatch(plain):
        raise InputError(
            "a quantity is a number below 1,000,000 with at most two decimals, such as 12.5.",
            of_field="lines",
        )
    return Decimal(plain)


def rate_in(text: str, field_name: str) -> Decimal:
    """Return a percentage; raises InputError with the field's name."""
    try:
        return percent_in(normalize("NFKC", text).strip().removesuffix("%").strip())
    except ValueError:
        raise InputError(
            "expected a percentage of 0 to 300 with at most two decimals, such as 10.",
            of_field=field_name,
        ) from None


def as_json(estimate: Estimate) -> str:
    """Return what a version keeps."""
    rates, lines = estimate.rates, estimate.lines
    return json.dumps(
        {
            "years": estimate.years, "first_year": estimate.first_year, "note": estimate.note,
            "indirect": str(rates.indirect), "strategic": str(rates.strategic),
            "tax": str(rates.tax),
            "lines": [[x.year, x.kind, x.text, x.unit_jpy, str(x.quantity)] for x in lines],
        },
        ensure_ascii=False,
    )  # fmt: skip


def from_json(title: str, stored: str) -> Estimate:
    """Return the estimate that a version keeps."""
    said: dict[str, Any] = json.loads(stored)
    rates = Percentages(*(Decimal(said[name]) for name in ("indirect", "strategic", "tax")))
    lines = tuple(
        CostLine(year, kind, text, unit, Decimal(quantity))
        for year, kind, text, unit, quantity in said["lines"]
    )
    return Estimate(title, said["years"], rates, lines, said["first_year"], said["note"])


def _down(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_DOWN))


def _line(text: str, field_name: str, *, required: bool) -> str:
    line = " ".join(clean_text(text).split())
    if required and not line:
        raise InputError("missing.", of_field=field_name)
    if len(line) > MAX_TEXT_CHARS:
        raise _too_long(field_name, len(line), MAX_TEXT_CHARS)
    return line


def _too_long(field_name: str, count: int, most: int) -> InputError:
    return InputError(
        "%(count)s characters found, at most %(most)s are kept.",
        of_field=field_name,
        count=count,
        most=most,
    )
