"""The clock of a case: from when, to which last day, and when it stands.

A clock runs on a stage until the next gate is put up for decision, and then on the decision; the
settings say how many business days each has. It stands while the company is on turn and while the case
is held, and goes on with the days that it had left.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from catalogue.database.case_models import CASE_STAGES, GATES, NO_CLOCK, OF_DECISION, OF_STAGE
from enmusubi.case_settings import CaseSettings
from office.business_days import BusinessDays
from office.cases.kept import KeptCase

ON_TIME, DUE_SOON, OVERDUE, PAUSED = "on_time", "due_soon", "overdue", "paused"


@dataclass(frozen=True)
class Clocks:
    """Makes and reads the clocks of cases."""

    settings: CaseSettings

    @cached_property
    def days(self) -> BusinessDays:
        """The business days of the office."""
        return BusinessDays(self.settings)

    def started(
        self, stage: str, now: datetime, *, is_submitted: bool, is_paused: bool = False
    ) -> dict[str, Any]:
        """Return the columns of a clock that starts now, or stands from its start on, or of none."""
        place = CASE_STAGES.index(stage)
        gate = GATES[place] if place < len(GATES) else ""
        limits: dict[Any, int] = {**self.settings.decision_days} if is_submitted else {}
        if not is_submitted:
            limits = {**self.settings.stage_days}
        count = limits.get(gate if is_submitted else stage)
        if count is None:
            return {**_NONE}
        due_on = None if is_paused else self.days.shifted(self.days.day_of(now), count)
        return {
            "clock": OF_DECISION if is_submitted else OF_STAGE,
            "clock_since": now,
            "due_on": due_on,
            "days_left": count if is_paused else None,
            "escalated_at": None,
        }

    def paused(self, case: KeptCase, now: datetime) -> dict[str, Any]:
        """Return the columns of a case's clock that stands from now on."""
        if case.due_on is None:
            return {}
        left = self.days.between(self.days.day_of(now), case.due_on)
        if case.due_on >= self.days.today(now):
            left = max(left, 0)  # not overdue, though the cut-off of its last day is over
        return {"due_on": None, "days_left": left}

    def resumed(self, case: KeptCase, now: datetime) -> dict[str, Any]:
        """Return the columns of a case's clock that goes on from now."""
        if case.days_left is None:
            return {}
        due_on = self.days.shifted(self.days.day_of(now), case.days_left)
        again = {"escalated_at": None} if case.days_left >= 0 else {}  # what was told is told once
        return {"due_on": due_on, "days_left": None, **again}

    def state(self, case: KeptCase, today: date) -> str:
        """Return on_time, due_soon, overdue or paused; empty without a clock."""
        if case.days_left is not None:
            return PAUSED
        if case.due_on is None:
            return ""
        if case.due_on < today:
            return OVERDUE
        return DUE_SOON if case.due_on <= self.soon(today) else ON_TIME

    def soon(self, today: date) -> date:
        """Return the last day that is due soon."""
        return self.days.shifted(today, self.settings.due_soon_days)


_NONE: dict[str, Any] = {
    "clock": NO_CLOCK, "clock_since": None, "due_on": None, "days_left": None, "escalated_at": None,
}  # fmt: skip
STOPPED = _NONE  # the columns of a case without a clock
