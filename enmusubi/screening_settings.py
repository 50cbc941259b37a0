"""The settings of screening: rules that an office switches off or changes, and what counts as recent."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from enmusubi.service_settings import Section

Verdict = Literal["note", "ask", "block"]
ClearingRole = Literal["legal", "ip", "chief"]


class ScreeningSettings(Section):
    """Screening of needs and researchers before a list is released."""

    off: tuple[str, ...] = Field(
        (), description="Ids of rules that this office doesn't use (docs/screening.md)."
    )
    verdicts: dict[str, Verdict] = Field(
        default_factory=dict,
        description="Other verdicts of rules, by their ids: `note` is only shown, `ask` and `block` "
        "stop a release until they are cleared.",
    )
    roles: dict[str, ClearingRole] = Field(
        default_factory=dict,
        description="Other roles that clear rules, by the rules' ids; the chief clears all.",
    )
    recent_years: int = Field(
        5, ge=1, le=50, description="How many years joint work and past employment count."
    )
    running_cases: int = Field(
        3,
        ge=1,
        description="Running cases and open inquiries from which on a researcher who declared no limit is "
        "taken to be at capacity.",
    )
    time_percent: int = Field(
        100,
        ge=1,
        le=1_000,
        description="Percent of a researcher's time, summed over projects, above which they are taken to be "
        "overloaded; from it on capacity says so.",
    )
    teaching_lessons: int = Field(
        8, ge=1, description="Lessons a week from which on teaching is shown as a limit."
    )
    capacity_order: Literal["off", "notes", "below"] = Field(
        "notes",
        description="What capacity does to a list: `off`: it stands in the opened row alone, `notes`: it "
        "is a flag on the row, `below`: also, of people with equal percentages, those without capacity "
        "come last.",
    )
    export_control_topics: Path | None = Field(
        None,
        description="A JSON file with the office's own topics for export control, which are added to "
        "those that ship (docs/export-control.md).",
    )
