"""Made-up projects for `enmusubi demo`: of the made-up cases that are in prototype or later.

The same seed makes the same projects; their days are counted from today, so that some are late, some
spend too much, and somebody has too little time.
"""

import json
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from catalogue.database.case_models import COMPLETED
from catalogue.database.project_models import PLANNED, REACHED_IT
from catalogue.database.viewer import LOCAL_VIEWER, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from office.access.scoped import writing_as
from office.business_days import BusinessDays
from office.cases.kept import CASES, KeptCase, kept_cases, seen
from office.cases.steps import CaseStep, note_step
from office.projects.changing import PROJECT_STEP, keep_version, write_entry
from office.projects.drafts import (
    ACTION,
    BUDGET,
    KINDS,
    MILESTONE,
    MINUTES,
    PART,
    RISK,
    SHARE,
    SPENDING,
    ActionDraft,
    BudgetDraft,
    Draft,
    MilestoneDraft,
    MinutesDraft,
    PartDraft,
    RiskDraft,
    ShareDraft,
    SpendingDraft,
    checked,
)
from office.projects.kept import PROJECTS, project_of
from office.projects.shares import is_project

RANDOM_STATE = 20_260_402
LENGTH_DAYS = 360
STAGE_JPY = {"small_prototype": 1_500_000, "full_prototype": 8_000_000, "deployment": 15_000_000}
SHARES = (10, 20, 20, 30, 40, 60)  # percent


@dataclass(frozen=True)
class _Maker:
    connection: Connection
    viewer: Viewer
    chance: random.Random
    today: date

    def make(self, case: KeptCase, *, is_busy: bool) -> None:
        """Write the project of a case; of a busy one people have more to do than time."""
        begun = self.today - timedelta(days=self.chance.randint(60, 300))
        ends = begun + timedelta(days=LENGTH_DAYS)
        parts = self._parts(case, begun)
        self._milestones(case, begun, parts)
        self._money(case, begun)
        self._risks(case)
        self._minutes(case, begun)
        for person in case.people_ids:
            percent = self.chance.choice(SHARES)
            until = min(ends, self.today + timedelta(days=self.chance.randint(60, 200)))
            share = ShareDraft(person, percent, begun, until, self.chance.choice(parts))
            self._add(case, SHARE, share, *parts)
            if is_busy:  # beside what they have: more than their time
                more = ShareDraft(person, 100 - percent // 2, self.today, until)
                self._add(case, SHARE, more)
        values: dict[str, Any] = {"starts_on": begun, "ends_on": ends}
        if self.chance.random() < 0.12:
            until = self.today + timedelta(days=20)
            values |= {
                "light": "amber", "light_reason": _texts()["light"], "light_until": until,
                "light_by": self.viewer.viewer_id,
            }  # fmt: skip
        keep_version(
            self.connection,
            self.viewer,
            project_of(self.connection, self.viewer, case.case_id),
            values,
        )
        step = CaseStep(PROJECT_STEP, {"part": "period", "do": "change"}, _texts()["note"])
        note_step(self.connection, self.viewer, case.case_id, case.need_id, step, datetime.now(UTC))

    def _add(self, case: KeptCase, kind: str, draft: Draft, *linked: int) -> int:
        there = dict.fromkeys((PART, BUDGET, MINUTES), frozenset(linked))
        values = checked(self.connection, self.viewer, draft, there)
        return write_entry(self.connection, self.viewer, case.case_id, KINDS[kind], values)

    def _parts(self, case: KeptCase, begun: date) -> list[int]:
        names = _texts()["parts"][: self.chance.randint(1, 3)]
        lead = case.people_ids[0] if case.people_ids else ""
        drafts = (
            PartDraft(name, lead, begun + timedelta(days=90 * n), begun + timedelta(days=90 * n + 150),
                      "running" if n == 0 else "planned")
            for n, name in enumerate(names)
        )  # fmt: skip
        return [self._add(case, PART, draft) for draft in drafts]

    def _milestones(self, case: KeptCase, begun: date, parts: list[int]) -> None:
        late = self.chance.choice((0, 0, 0, 5, 30))  # of days that one is behind
        for number, name in enumerate(_texts()["milestones"]):
            planned = begun + timedelta(days=20 + 80 * number)
            actual = planned + timedelta(days=self.chance.randint(-5, 12))
            is_reached = actual < self.today - timedelta(days=late) or case.state == COMPLETED
            reached_on = min(actual, self.today) if is_reached else None
            draft = MilestoneDraft(
                name, planned, reached_on, REACHED_IT if is_reached else PLANNED,
                self.chance.choice([*parts, None]),
            )  # fmt: skip
            self._add(case, MILESTONE, draft, *parts)

    def _money(self, case: KeptCase, begun: date) -> None:
        total = case.amount_jpy or STAGE_JPY[case.stage]
        gone = min((self.today - begun).days / LENGTH_DAYS, 1.0)
        haste = self.chance.choice((0.8, 0.9, 1.0, 1.05, 1.4))
        for kind, name, share in _texts()["budget"]:
            amount = round(total * share, -3)
            line = self._add(case, BUDGET, BudgetDraft(kind, name, amount))
            payments = max(int(gone * 8), 1)
            for number in range(payments):
                part = round(amount * gone * haste / payments * self.chance.uniform(0.85, 1.1), -2)
                spent_on = begun + timedelta(
                    days=int((number + 0.7) * gone * LENGTH_DAYS / payments)
                )
                spent = SpendingDraft(line, int(part), min(spent_on, self.today), "", "架空")
                self._add(case, SPENDING, spent, line)

    def _risks(self, case: KeptCase) -> None:
        for name, measure in self.chance.sample(_texts()["risks"], self.chance.randint(1, 4)):
            scale = (1, 2, 2, 3, 3, 4)
            probability, impact = self.chance.choice(scale), self.chance.choice((*scale, 5))
            state = self.chance.choice(("open", "open", "treated", "closed"))
            draft = RiskDraft(name, probability, impact, self.viewer.viewer_id, measure, state)
            self._add(case, RISK, draft)

    def _minutes(self, case: KeptCase, begun: date) -> None:
        actions = self.chance.sample(_texts()["actions"], 3)
        for number, (name, text, decisions) in enumerate(_texts()["meetings"]):
            held_on = min(begun + timedelta(days=3 + 40 * number), self.today)
            minutes = self._add(case, MINUTES, MinutesDraft(held_on, name, text, decisions))
            due_on = self.today + timedelta(days=self.chance.randint(-6, 30))
            done_on = self.today if number == 0 else None
            draft = ActionDraft(actions[number], self.viewer.viewer_id, due_on, done_on, minutes)
            self._add(case, ACTION, draft, minutes)


def make_demonstration_projects(
    catalogue: Catalogue, settings: Settings, now: datetime | None = None
) -> int:
    """Write the projects of the cases in prototype or later where there is none yet; returns how many."""
    with writing_as(catalogue, LOCAL_VIEWER) as connection:
        if connection.execute(select(func.count()).select_from(PROJECTS)).scalar_one():
            return 0
        chance = random.Random(RANDOM_STATE)  # noqa: S311 - made-up data, the same every time
        today = BusinessDays(settings.cases).today(now)
        maker = _Maker(connection, LOCAL_VIEWER, chance, today)
        query = seen(LOCAL_VIEWER).where(is_project()).order_by(CASES.c.case_id)
        cases = kept_cases(connection, LOCAL_VIEWER, query)
        busy = next((case.case_id for case in cases if case.people and not case.has_ended), 0)
        for case in cases:
            maker.make(case, is_busy=case.case_id == busy)
    return len(cases)


@cache
def _texts() -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(
        (Path(__file__).parent / "demonstration.json").read_text("utf-8")
    )
    return stored
