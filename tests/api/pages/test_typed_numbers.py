"""Whole numbers as people type them: with commas, currency and full-width digits, never guessed."""

import pytest

from api.pages.typed_numbers import whole
from enmusubi.errors import InputError


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1200", 1200), ("1,200", 1200), ("１，２００円", 1200), (" 5000 ", 5000), ("2026年度", 2026)],
)
def test_what_people_type_is_read(typed: str, number: int) -> None:
    assert whole(typed, "amount") == number


@pytest.mark.parametrize(
    "typed", ["", "円", "-5", "1.5", "12a", "1円2", "20年度26", "1e3", "9" * 19, "十二"]
)
def test_anything_else_is_refused_by_its_field(typed: str) -> None:
    with pytest.raises(InputError) as told:
        whole(typed, "amount")

    assert told.value.fields == {"amount"}
