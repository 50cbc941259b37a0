"""Works out the few formulas that workbooks of estimates use, in floats as spreadsheets do.

Knows SUM, SUMIFS, ROUND, ROUNDDOWN, +, *, / and references; anything else is an error, so that a formula that
nobody looked at fails the test.
"""

import math
import re
from decimal import ROUND_HALF_UP, Decimal

from openpyxl.utils import range_boundaries

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Z]+)\(|(\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)|(.))")


class Sheet:
    """A sheet whose cells are worked out when they are asked for."""

    def __init__(self, sheet) -> None:
        self.sheet = sheet

    def value(self, column: int, row: int):
        found = self.sheet.cell(row, column).value
        if isinstance(found, str) and found.startswith("="):
            return _Reader(self, found[1:]).all()
        return found

    def cells(self, reference: str) -> list:
        left, top, right, bottom = range_boundaries(reference.replace("$", ""))
        return [
            self.value(column, row)
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        ]


class _Reader:
    def __init__(self, sheet: Sheet, text: str) -> None:
        self.sheet, self.tokens, self.place = sheet, _TOKEN.findall(text), 0

    def all(self):
        found = self.sum()
        assert self.place == len(self.tokens), self.tokens
        return found

    def sum(self):
        found = self.product()
        while self.symbol("+"):
            found += self.product()
        return found

    def product(self):
        found = self.atom()
        while True:
            if self.symbol("*"):
                found *= self.atom()
            elif self.symbol("/"):
                found /= self.atom()
            else:
                return found

    def symbol(self, sign: str) -> bool:
        if self.place < len(self.tokens) and self.tokens[self.place][3] == sign:
            self.place += 1
            return True
        return False

    def atom(self):
        number, function, reference, other = self.tokens[self.place]
        self.place += 1
        if number:
            return float(number)
        if function:
            return self.call(function)
        assert reference, other
        found = self.sheet.cells(reference)
        return found if ":" in reference else float(found[0] or 0)

    def call(self, name: str):
        given = [self.sum()]
        while self.symbol(","):
            given.append(self.reference_or_sum())
        assert self.symbol(")")
        return getattr(self, f"_{name.lower()}")(*given)

    def reference_or_sum(self):
        token = self.tokens[self.place]
        if token[2] and ":" not in token[2]:  # SUMIFS compares with text
            self.place += 1
            return self.sheet.cells(token[2])[0]
        return self.sum()

    def _sum(self, *ranges):
        return float(sum(value or 0 for one in ranges for value in one))

    def _sumifs(self, amounts, *asked):
        pairs = list(zip(asked[::2], asked[1::2], strict=True))
        return float(
            sum(
                amount
                for place, amount in enumerate(amounts)
                if all(column[place] == wanted for column, wanted in pairs)
            )
        )

    def _round(self, value, places):
        exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)
        return float(exact)

    def _rounddown(self, value, places):
        assert places == 0
        return float(math.trunc(value))
