"""The settings of cases: how many business days each clock has, and which days are none."""

import re
from datetime import date, time
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from enmusubi.service_settings import Section

CaseGate = Literal["dialogue", "nda", "small_prototype", "full_prototype", "deployment"]
CaseStage = Literal[
    "discovery", "dialogue", "nda", "small_prototype", "full_prototype", "deployment"
]
_DECISION_DAYS: dict[CaseGate, int] = {"dialogue": 5, "small_prototype": 10, "full_prototype": 10}
_CLOSING_DAY = re.compile(r"(?:(\d{4})-)?(\d{2})-(\d{2})")
_A_LEAP_YEAR = 2000


class CaseSettings(Section):
    """Cases, and the clocks of their gates."""

    decision_days: dict[CaseGate, int] = Field(
        default_factory=lambda: {**_DECISION_DAYS},
        description="Business days in which a gate is decided once it waits for its decision, by the "
        "stage that it opens; `dialogue` is the first review. Gates without a number have no clock.",
    )
    stage_days: dict[CaseStage, int] = Field(
        default_factory=dict,
        description="Business days from entering a stage until the next gate is put up for decision, by "
        "the stage. Stages without a number have no clock.",
    )
    due_soon_days: int = Field(
        1,
        ge=0,
        le=30,
        description="Business days before the last one from which on a case is told to be due soon.",
    )
    closing_days: tuple[str, ...] = Field(
        ("12-29", "12-30", "12-31", "01-02", "01-03"),
        description="Days on which the office is closed besides weekends and the holidays of Japan: "
        "`MM-DD` every year, or `YYYY-MM-DD`.",
    )
    half_day_from: str = Field(
        "12:00",
        description="Time of day from which on what comes in counts as of the next business day; empty: "
        "it always counts as of its day.",
    )
    means_file: Path | None = Field(
        None,
        description="A TOML file with the office's own rows of the table of means, in place of those that "
        "ship (docs/means.md).",
    )
    time_zone: str = Field("Asia/Tokyo", description="Zone in which days begin and end for clocks.")

    @field_validator("decision_days", "stage_days")
    @classmethod
    def _some_days(cls, value: dict[str, int]) -> dict[str, int]:
        if any(not 1 <= days <= 1_000 for days in value.values()):
            raise ValueError("expected 1 to 1000 business days")
        return value

    @field_validator("closing_days")
    @classmethod
    def _real_days(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for day in value:
            found = _CLOSING_DAY.fullmatch(day)
            try:
                if found is None:
                    raise ValueError
                date(int(found[1] or _A_LEAP_YEAR), int(found[2]), int(found[3]))
            except ValueError:
                raise ValueError(
                    f"{day!r} is no day; expected such as 12-29 or 2026-08-14"
                ) from None
        return value

    @field_validator("half_day_from")
    @classmethod
    def _time_of_day(cls, value: str) -> str:
        try:
            if value and time.fromisoformat(value).tzinfo:
                raise ValueError  # it is told in `time_zone`
        except ValueError:
            raise ValueError("not a time of day; expected such as 12:00, or nothing") from None
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("not a time zone; expected a name such as Asia/Tokyo") from None
        return value
