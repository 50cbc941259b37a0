"""The settings of estimates and plans: percentages, hourly rates, the table of maturity."""

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pydantic import Field, field_validator

from enmusubi.service_settings import Section

MAX_PERCENT = 300
_PERCENT = re.compile(r"\d{1,3}(\.\d{1,2})?")


class EstimateSettings(Section):
    """What a new estimate begins with; each can say otherwise."""

    indirect_percent: str = Field(
        "10",
        description="Indirect cost (間接経費), in percent of the direct cost, of a new estimate.",
    )
    strategic_percent: str = Field(
        "20",
        description="Strategic cost of working together (戦略的産学連携経費), in percent of the direct cost, "
        "of a new estimate.",
    )
    tax_percent: str = Field("10", description="Consumption tax, in percent, of a new estimate.")
    hourly_rates_jpy: dict[str, int] = Field(
        default_factory=dict,
        description="The university's hourly rates (アワーレート) in yen, by position, that the form of an "
        "estimate proposes; none unless set.",
    )
    university: str = Field(
        "", description="Name of the university as estimates and contracts have it."
    )
    maturity_file: Path | None = Field(
        None,
        description="A TOML file with the office's own rules of maturity, in place of those that ship "
        "(docs/plans.md).",
    )

    @field_validator("indirect_percent", "strategic_percent", "tax_percent")
    @classmethod
    def _percent(cls, value: str) -> str:
        percent_in(value)
        return value

    @field_validator("hourly_rates_jpy")
    @classmethod
    def _some_yen(cls, value: dict[str, int]) -> dict[str, int]:
        if any(not 0 < rate <= 1_000_000 for rate in value.values()):
            raise ValueError("expected 1 to 1000000 yen an hour")
        return value


def percent_in(text: str) -> Decimal:
    """Return a percentage of 0 to 300 with at most two decimals; raises ValueError for another."""
    try:
        value = Decimal(text) if _PERCENT.fullmatch(text) else None
    except InvalidOperation:  # pragma: no cover - the pattern lets numbers alone through
        value = None
    if value is None or value > MAX_PERCENT:
        raise ValueError("expected a percentage of 0 to 300 with at most two decimals, such as 10")
    return value
