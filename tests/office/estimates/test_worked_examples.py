"""Ten estimates worked out by hand are met to the yen, by the service and by the formulas of its files."""

import io
import re
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pypdfium2
import pytest
from openpyxl import load_workbook

from office.estimates.amounts import CostLine, Estimate, Percentages, as_json, checked, from_json
from office.estimates.kept import KeptEstimate
from office.estimates.page import estimate_as_pdf
from office.estimates.words import SAID
from office.estimates.workbook import EstimateSheet, estimate_as_workbook
from tests.office.estimates.formulas import Sheet

EXAMPLES = tomllib.loads(Path(__file__).with_name("worked_examples.toml").read_text("utf-8"))[
    "example"
]
SUMS = ("direct", "indirect", "strategic", "fees", "net", "tax", "total")
DAY = date(2026, 6, 1)


def estimate_of(example):
    rates = Percentages(*map(Decimal, example["rates"]))
    lines = tuple(CostLine(*row[:4], Decimal(row[4])) for row in example["lines"])
    return Estimate("薄膜の共同研究", example["years"], rates, lines, 2026)


def shown(estimate):
    now = datetime(2026, 6, 1, tzinfo=UTC)
    total = estimate.total().total_jpy
    kept = KeptEstimate(
        3, 2, 7, estimate, total, "draft", "sato", now, "", None, "", None, "", newest=True
    )
    return EstimateSheet(kept, "=件名", "青波化学", "縁大学", DAY)


def number(text):
    return Fraction(text.replace(",", ""))


def worked_out(step):
    """Return what is left of a step's arithmetic, done anew with fractions; it must be as it says."""
    left, _, right = step.partition(" = ")
    if " % of " in left:
        percent, of = left.split(" % of ")
        found = number(percent) * number(of) / 100
    elif " × " in left:
        unit, quantity = left.split(" × ")
        found = number(unit) * number(quantity)
    else:
        found = sum(map(number, left.split(" + ")))
    said, _, cut = right.partition(" → ")
    assert found == number(said), step
    assert bool(cut) == (found.denominator != 1), step
    if cut:
        assert number(cut) <= found < number(cut) + 1, step
    return int(number(cut or said))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_an_example_is_met_to_the_yen_by_service_and_workbook(example):
    left = [worked_out(step) for step in example["steps"]]
    assert left[-1] == example["sums"]["total"]
    estimate = checked(estimate_of(example))
    total = estimate.total()
    assert {name: getattr(total, f"{name}_jpy") for name in SUMS} == example["sums"]
    assert from_json(estimate.title, as_json(estimate)) == estimate

    book = load_workbook(io.BytesIO(estimate_as_workbook(shown(estimate), "ja")))
    sheet = Sheet(book.active)
    rows = {cell.value: cell.row for cell in book.active["A"] if cell.value}
    last = example["years"] + 2
    for name in ("direct", "indirect", "strategic", "net", "tax", "total"):
        row = rows[SAID["ja"][name]]
        assert book.active.cell(row, last).value.startswith("=SUM(")
        assert sheet.value(last, row) == example["sums"][name], name
        for year in range(1, example["years"] + 1):
            of_year = getattr(estimate.of_year(year), f"{name}_jpy")
            assert sheet.value(year + 1, row) == of_year, (name, year)


def test_there_are_ten_and_each_says_another_thing():
    assert len({example["name"] for example in EXAMPLES}) == len(EXAMPLES) == 10


def test_a_page_has_the_same_sums_and_a_cell_is_never_a_formula_of_a_user():
    estimate = estimate_of(EXAMPLES[8])
    for language in ("ja", "en"):
        with pypdfium2.PdfDocument(estimate_as_pdf(shown(estimate), language)) as pdf:
            assert len(pdf) == 1
            text = pdf[0].get_textpage().get_text_range()
        for name in SUMS:
            assert f"{EXAMPLES[8]['sums'][name]:,}" in text, name
        for year in estimate.by_year():
            assert f"{year.total_jpy:,}" in text
    book = load_workbook(io.BytesIO(estimate_as_workbook(shown(estimate), "en")))
    typed = [c.value for row in book.active.rows for c in row if isinstance(c.value, str)]
    formulas = [value for value in typed if value.startswith("=")]
    assert all(re.match(r"=(SUM|SUMIFS|ROUNDDOWN)\(|=[A-Z]\d+\+", one) for one in formulas)
    assert any("件名" in one for one in typed)


def test_a_university_without_a_name_has_no_row():
    sheet = shown(estimate_of(EXAMPLES[0]))
    for university, is_there in (("縁大学", True), ("", False)):
        content = estimate_as_workbook(replace(sheet, university=university), "ja")
        book = load_workbook(io.BytesIO(content)).active
        labels = [row[0].value for row in book.iter_rows(max_row=8)]
        assert ("大学" in labels) == is_there and "作成日" in labels
