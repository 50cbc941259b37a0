"""A made-up year of an office's ledger for `enmusubi demo`: sixty cases at all stages, with outcomes.

Its people and needs are the demonstration's. The same seed makes the same cases; their days count back
from today, so that some are due. Screening is not asked: the steps are said to have been long ago.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from catalogue.database.case_models import (
    BY_HAND,
    COMPANY,
    FROM_LIST,
    GO,
    HOLD,
    MEANS,
    NDA,
    STOP,
)
from catalogue.database.viewer import LOCAL_VIEWER, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from office.access.scoped import writing_as
from office.business_days import BusinessDays
from office.cases.changing import complete, set_turn
from office.cases.deciding import GateChoice, record_decision, submit
from office.cases.gates import MET, gates_of
from office.cases.kept import CASES, KeptCase, case_of
from office.cases.opening import CaseDraft, open_case

COUNT = 60
RANDOM_STATE = 20_260_432
DAYS = 360
OPENS, MINUTES_AT_WORK = time(9, 0), 510
FRESH = (1, 2, 5, 7, 9, 20)  # days ago, of the last ones: they wait for their first review
STOPS = ("too_early", "no_benefit", "no_commercial_route", "no_capacity")
# made up, too: of each gate the share that passes it, and the days before it
GATES = (
    (0.8, (3, 16)), (0.75, (6, 40)), (0.65, (6, 40)), (0.6, (10, 60)), (0.7, (10, 60)),
)  # fmt: skip


@dataclass(frozen=True)
class _Maker:
    connection: Connection
    viewer: Viewer
    settings: Settings
    chance: random.Random
    now: datetime

    def open(self, draft: CaseDraft, days_ago: int) -> KeptCase:
        """Open a case so many days ago."""
        moment = self._at_work(self.now - timedelta(days=days_ago))
        return open_case(self.connection, self.viewer, draft, self.settings, now=moment)

    def make(self, draft: CaseDraft) -> KeptCase:
        """Open a case and lead it as far as chance and time do."""
        case = self.open(draft, self.chance.randint(1, DAYS))
        moment = case.opened_at
        for share, pause in GATES:
            moment += timedelta(days=self.chance.randint(*pause), hours=self.chance.randint(0, 5))
            if moment >= self.now:
                return self._waiting(case)
            if not case.submitted_at:
                case = submit(
                    self.connection, self.viewer, case.case_id, self.settings,
                    expected_version=None, now=self._at_work(moment - timedelta(days=4)),
                )  # fmt: skip
            drawn = self.chance.random()
            if drawn > share:
                return self._ended(case, moment, drawn)
            case = self._decided(case, GateChoice(GO, self._met(case), _why(case)), moment)
        if self.chance.random() < 0.5:
            text = _texts()["reasons"]["outcome"]
            complete(
                self.connection, self.viewer, case.case_id, outcome=text, expected_version=None
            )
        return case_of(self.connection, self.viewer, case.case_id)

    def _waiting(self, case: KeptCase) -> KeptCase:
        """Put some of those that run before their gate, or leave them to their company."""
        drawn = self.chance.random()
        if drawn < 0.6 and not case.submitted_at:
            asked = self._at_work(self.now - timedelta(days=self.chance.randint(1, 20)))
            return submit(
                self.connection, self.viewer, case.case_id, self.settings, expected_version=None,
                now=max(asked, case.stage_since),
            )  # fmt: skip
        if drawn > 0.8:
            return set_turn(
                self.connection, self.viewer, case.case_id, COMPANY, self.settings.cases,
                expected_version=None,
            )  # fmt: skip
        return case

    def _ended(self, case: KeptCase, moment: datetime, drawn: float) -> KeptCase:
        reasons = _texts()["reasons"]
        if drawn > 0.93:
            return self._decided(case, GateChoice(HOLD, reason=reasons["hold"]), moment)
        code = self.chance.choice(STOPS)
        choice = GateChoice(STOP, reason=reasons[code], reason_code=code)
        return self._decided(case, choice, moment)

    def _met(self, case: KeptCase) -> dict[str, str]:
        gate = gates_of(self.connection, self.viewer)[case.gate]
        return {one.id: MET for one in gate.criteria}

    def _decided(self, case: KeptCase, choice: GateChoice, moment: datetime) -> KeptCase:
        return record_decision(
            self.connection, self.viewer, case.case_id, choice, self.settings,
            now=self._at_work(moment),
        )  # fmt: skip

    def _at_work(self, moment: datetime) -> datetime:
        """Return a time of the office's working hours on the day, or on the business day before it."""
        zone = ZoneInfo(self.settings.cases.time_zone)
        days, day = BusinessDays(self.settings.cases), moment.astimezone(zone).date()
        if not days.is_one(day):
            day = days.shifted(day, -1)
        minutes = day.toordinal() * 37 % MINUTES_AT_WORK
        begun = datetime.combine(day, OPENS, zone) + timedelta(minutes=minutes)
        return min(begun.astimezone(UTC), self.now)


def make_demonstration_cases(
    catalogue: Catalogue,
    settings: Settings,
    suits: Sequence[tuple[str, str]],
    now: datetime | None = None,
) -> int:
    """Write the made-up cases into a ledger that has none; returns how many.

    `suits` are needs, each with a researcher who suits it, in an order that stays.
    """
    moment = now or datetime.now(UTC)
    with writing_as(catalogue, LOCAL_VIEWER) as connection:
        if connection.execute(select(func.count()).select_from(CASES)).scalar_one():
            return 0
        chance = random.Random(RANDOM_STATE)  # noqa: S311 - made-up data, the same every time
        maker = _Maker(connection, LOCAL_VIEWER, settings, chance, moment)
        drafts = _drafts(suits, chance)
        for draft in drafts[: -len(FRESH)]:
            maker.make(draft)
        for draft, days_ago in zip(drafts[-len(FRESH) :], FRESH, strict=True):
            maker.open(draft, days_ago)
    return len(drafts)


def _drafts(suits: Sequence[tuple[str, str]], chance: random.Random) -> list[CaseDraft]:
    note = _texts()["note"]
    found = [
        CaseDraft(need_id, researcher_ids=(person,), lead=person, means=_means(chance),
                  origin=FROM_LIST, note=note)
        for need_id, person in suits[: COUNT // 2]
    ]  # fmt: skip
    themes = _texts()["themes"]
    for number in range(COUNT - len(found)):
        title, company = themes[number % len(themes)]
        phase = f"（架空・第{number // len(themes) + 1}期）"
        amount = chance.randrange(500_000, 20_000_000, 100_000)
        found.append(
            CaseDraft(title=f"{title}{phase}", company=company, means=_means(chance),
                      amount_jpy=amount, origin=BY_HAND, note=note)
        )  # fmt: skip
    return found


def _why(case: KeptCase) -> str:
    """Return why a gate is passed: no NDA of the demonstration is recorded, so that its veils stay."""
    looks_at_nda = case.stage == NDA and case.organisation_id
    return str(_texts()["reasons"]["nda_on_paper"]) if looks_at_nda else ""


def _means(chance: random.Random) -> str:
    return chance.choice(("", "joint_research", "joint_research", "consulting", *MEANS))


@cache
def _texts() -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(
        (Path(__file__).parent / "demonstration.json").read_text("utf-8")
    )
    return stored
