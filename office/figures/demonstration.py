"""Made-up income, costs, targets and templates for the made-up cases of `enmusubi demo`.

So that every figure and chart shows something. All of it says that it is made up.
"""

import json
import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from catalogue.database.case_models import COMPLETED, DECLINED, GO, CaseDecision
from catalogue.database.figure_models import (
    CONTRACT,
    INDIRECT,
    INVESTMENT,
    JOINT_PATENT,
    LICENCE,
    REVENUE,
)
from catalogue.database.viewer import LOCAL_VIEWER
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from office.access.scoped import writing_as
from office.business_days import BusinessDays
from office.cases.kept import CASES
from office.cases.templates import TEMPLATES, USES, CaseTemplateDraft, keep_template
from office.figures.countable import ENTRIES
from office.figures.periods import YEAR, period_of
from office.figures.recording import EntryDraft, checked_entry, set_cost, set_target

RANDOM_STATE = 20_260_402
PATENT_SHARE = 0.2
INDIRECT_SHARE = 0.3  # of the direct cost, as the demonstration has it
COST_JPY, COST_GROWTH = 130_000_000, 10_000_000
TARGETS = {
    "contract": 240_000_000.0, "indirect": 56_000_000.0, "licence": 8_000_000.0,
    "revenue": 48_000_000.0, "investment": 80_000_000.0, "self_sufficiency": 0.4,
    "decisions_in_time": 0.9, "themes": 60.0, "conversion": 0.5, "joint_patents": 8.0,
    "win_rate": 0.5, "time_to_market": 120.0, "days_discovery": 5.0, "reused": 8.0,
}  # fmt: skip
_YEARS = 2  # with costs and targets, the present one included
_TEMPLATES = 3  # of successes, and of failures
_EVERY = 5  # of the cases opened once there was a template, so many-th was opened from one


def make_demonstration_figures(
    catalogue: Catalogue, settings: Settings, now: datetime | None = None
) -> int:
    """Write what figures are counted from for the made-up cases; returns how many entries."""
    moment = now or datetime.now(UTC)
    today = BusinessDays(settings.cases).today(moment)
    chance = random.Random(RANDOM_STATE)  # noqa: S311 - made-up data, the same every time
    with writing_as(catalogue, LOCAL_VIEWER) as connection:
        drafts = _entries(connection, today, chance)
        note = _texts()["note"]
        rows = [
            {
                **checked_entry(EntryDraft(kind, day, amount, note), moment),
                "case_id": case_id, "recorded_by": LOCAL_VIEWER.viewer_id,
                "recorded_at": moment, "withdrawn_by": "",
            }
            for case_id, kind, day, amount in drafts
        ]  # fmt: skip
        if rows:
            connection.execute(insert(ENTRIES), rows)
        year = period_of(today, YEAR).year
        for back in range(_YEARS):
            cost = COST_JPY - back * COST_GROWTH
            set_cost(connection, LOCAL_VIEWER, year - back, cost, note=note, expected_version=None)
        for figure, value in TARGETS.items():
            set_target(connection, LOCAL_VIEWER, figure, year, value)
        _keep_templates(connection, chance, moment)
    return len(rows)


def _entries(
    connection: Connection, today: date, chance: random.Random
) -> list[tuple[int, str, date, int]]:
    """Return case, kind, day and amount of what came in after each gate that was passed."""
    query = select(CaseDecision.case_id, CaseDecision.gate, CaseDecision.decided_at).where(
        CaseDecision.decision == GO
    )
    found: list[tuple[int, str, date, int]] = []

    def add(case_id: int, kind: str, day: date, amount: int) -> None:
        if day <= today:
            found.append((case_id, kind, day, amount))

    for case_id, gate, at in connection.execute(query.order_by(CaseDecision.decision_id)):
        day = at.date() + timedelta(days=chance.randint(5, 30))
        direct = chance.randrange(1_000_000, 6_000_000, 100_000)
        if gate in {"small_prototype", "full_prototype"}:
            direct *= 1 if gate == "small_prototype" else 3
            indirect = round(direct * INDIRECT_SHARE)
            add(case_id, CONTRACT, day, direct + indirect)
            add(case_id, INDIRECT, day, indirect)
            if chance.random() < PATENT_SHARE:
                add(case_id, JOINT_PATENT, day + timedelta(days=20), 1)
        elif gate == "deployment":
            add(case_id, LICENCE, day, chance.randrange(300_000, 2_000_000, 50_000))
            add(case_id, REVENUE, day, chance.randrange(2_000_000, 9_000_000, 500_000))
            if chance.random() < 0.5:
                add(case_id, INVESTMENT, day, chance.randrange(10, 40) * 1_000_000)
    return found


def _keep_templates(connection: Connection, chance: random.Random, moment: datetime) -> None:
    """Keep a few cases that ended, and say that some of the newest ones were opened from them."""
    kept: list[tuple[int, datetime]] = []
    for state, texts in ((COMPLETED, "successes"), (DECLINED, "failures")):
        query = select(CASES).where(CASES.c.state == state).order_by(CASES.c.stage_since)
        ended = connection.execute(query.limit(_TEMPLATES)).mappings().all()
        for case, (title, lessons, step) in zip(ended, _texts()[texts], strict=False):
            draft = CaseTemplateDraft(title, lessons, step)
            made = keep_template(connection, LOCAL_VIEWER, case["case_id"], draft)
            kept.append((made.template_id, case["stage_since"]))
            when = update(TEMPLATES).where(TEMPLATES.c.template_id == made.template_id)
            connection.execute(when.values(kept_at=case["stage_since"]))
    opened = select(CASES.c.case_id, CASES.c.opened_at).order_by(CASES.c.opened_at)
    rows = []
    for place, (case_id, at) in enumerate(connection.execute(opened)):
        known = [template for template, since in kept if since < at <= moment]
        if known and place % _EVERY == 0:
            rows.append(
                {
                    "case_id": case_id, "template_id": chance.choice(known),
                    "used_by": LOCAL_VIEWER.viewer_id, "used_at": at,
                }
            )  # fmt: skip
    if rows:
        connection.execute(insert(USES), rows)


@cache
def _texts() -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(
        (Path(__file__).parent / "demonstration.json").read_text("utf-8")
    )
    return stored
