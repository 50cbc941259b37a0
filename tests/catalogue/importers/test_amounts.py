"""Amounts of yen are read as people write them, and what is none is none."""

import pytest

from catalogue.importers.amounts import yen_of
from catalogue.importers.general.columns import read_record
from catalogue.records.drafts import NEEDS


@pytest.mark.parametrize(
    ("text", "yen"),
    [
        ("5,000,000円", 5_000_000),
        ("300万円程度", 3_000_000),
        ("１．２億円", 120_000_000),
        ("100〜300万円", 3_000_000),
        ("3千万", 30_000_000),
        ("未定", None),
        ("3人", None),
        ("9" * 199, None),
        ("9" * 400, None),
        ("9" * 200_000, None),
        ("3億" * 100_000, None),
    ],
    ids=lambda value: str(value)[:12],
)
def test_amounts_are_read_as_they_are_written(text: str, yen: int | None) -> None:
    assert yen_of(text) == yen


def test_an_endless_amount_is_a_fault_of_its_field() -> None:
    record = read_record(NEEDS, {"need_id": "n", "text": "A thin film.", "budget_jpy": "9" * 400})

    assert [fault.field for fault in record.rejections] == ["budget_jpy"]
