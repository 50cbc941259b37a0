"""Figures from the ledger: what each case gives to each figure on which day, and what periods make of it.

A figure is the sum or the mean of what cases gave in the period; self-sufficiency divides two sums.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from catalogue.database.case_models import CASE_STAGES
from catalogue.database.figure_models import INDIRECT, JOINT_PATENT, LICENCE
from enmusubi.case_settings import CaseSettings
from office.figures.countable import DIMENSIONS, Ledger
from office.figures.definitions import (
    FIGURES,
    MEAN,
    SELF_SUFFICIENCY,
    STAND_ALONE_YEARS,
    SUM,
    Figure,
)
from office.figures.periods import Period, period_of, periods_until
from office.odds.stays import (
    GO,
    LAST_STAGE,
    SET_MEANS,
    SET_TEAM,
    STOP,
    WON_FROM,
    CaseHistory,
    DayCounter,
    Stay,
    stays_of,
)

OWN_INCOME = (INDIRECT, LICENCE)
SHOWN_PERIODS = 8
_PROTOTYPES = (3, 4)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Given:
    """What a case gave to a figure on a day."""

    case_id: int
    day: date
    value: float


@dataclass(frozen=True)
class Wanted:
    """Of which cases figures are counted: the key of a group of each dimension, empty for all."""

    company: str = ""
    department: str = ""
    means: str = ""
    type: str = ""
    origin: str = ""

    def takes(self, keys: Mapping[str, str]) -> bool:
        """Return whether a case with these groups is counted."""
        return all(not (v := getattr(self, one)) or keys[one] == v for one in DIMENSIONS)

    @property
    def is_all(self) -> bool:
        """Whether every case is counted."""
        return not any(getattr(self, one) for one in DIMENSIONS)


@dataclass(frozen=True)
class Value:
    """A figure in a period: None where there is nothing to count; `count` is over how many it is made."""

    period: Period
    value: float | None
    count: int
    target: float | None = None


class Figures:
    """All figures of a ledger; what cases gave is worked out once."""

    def __init__(
        self, countable: Ledger, count_days: DayCounter, settings: CaseSettings, wanted: Wanted
    ) -> None:
        self.countable, self.wanted, self._settings = countable, wanted, settings
        taken = {n for n, groups in countable.groups.items() if wanted.takes(groups.keys)}
        self.given: dict[str, list[Given]] = {name: [] for name in FIGURES}
        for name, one in _all_given(countable, count_days):
            if one.case_id in taken:
                self.given[name].append(one)
        self._by_period: dict[tuple[str, str], dict[Period, list[Given]]] = {}

    def in_period(self, name: str, period: Period) -> list[Given]:
        """Return what cases gave to a figure in a period, the greatest first, then by case."""
        if name == SELF_SUFFICIENCY:
            return [g for kind in OWN_INCOME for g in self.in_period(kind, period)]
        key = name, period.span
        if key not in self._by_period:
            parts: defaultdict[Period, list[Given]] = defaultdict(list)
            for one in self.given[name]:
                parts[period_of(one.day, period.span)].append(one)
            self._by_period[key] = parts
        found = self._by_period[key].get(period, [])
        return sorted(found, key=lambda one: (-one.value, one.case_id, one.day))

    def value(self, name: str, period: Period) -> Value:
        """Return a figure in a period, with its target."""
        given = self.in_period(name, period)
        made = made_of(FIGURES[name], given)
        value = self.part(name, period, made or 0.0) if name == SELF_SUFFICIENCY else made
        return Value(period, value, len(given), self.target(name, period))

    def part(self, name: str, period: Period, made: float | None) -> float | None:
        """Return what some of the cases made, as part of a figure; of self-sufficiency a share."""
        if name != SELF_SUFFICIENCY or made is None:
            return made
        cost = self.cost(period)
        return None if cost is None else made / cost

    def series(self, name: str, last: Period, count: int = SHOWN_PERIODS) -> list[Value]:
        """Return a figure in the periods until the last one."""
        return [self.value(name, period) for period in periods_until(last, count)]

    def cost(self, period: Period) -> float | None:
        """Return what the office costs in a period, None where that is not entered or nothing."""
        cost = self.countable.costs.get(period.year)
        if not cost or not self.wanted.is_all:
            return None
        return cost / 4 if period.quarter else float(cost)

    def target(self, name: str, period: Period) -> float | None:
        """Return the target of a period: a quarter of the year's for a sum; none for some cases alone."""
        wanted = self.countable.targets.get((name, period.year)) if self.wanted.is_all else None
        if wanted is None or FIGURES[name].made_by != SUM or not period.quarter:
            return wanted
        return wanted / 4

    def yardstick(self, name: str, period: Period) -> float | None:
        """Return what stands besides a target: a stage's clock, or the line towards standing alone."""
        stage = name.removeprefix("days_")
        if name.startswith("days_") and stage in CASE_STAGES:
            following: Mapping[Any, int] = self._settings.decision_days
            own: Mapping[Any, int] = self._settings.stage_days
            gate = CASE_STAGES[CASE_STAGES.index(stage) + 1]
            days = [n for n in (own.get(stage), following.get(gate)) if n is not None]
            return float(sum(days)) if days else None
        if name == SELF_SUFFICIENCY and self.countable.costs and self.wanted.is_all:
            year = period.year - min(self.countable.costs) + 1
            return min(max(year, 0) / STAND_ALONE_YEARS, 1.0)
        return None


def made_of(figure: Figure, given: Sequence[Given]) -> float | None:
    """Return the sum or the mean of what was given; the mean of nothing is None, the sum 0."""
    total = sum(one.value for one in given)
    if figure.made_by == MEAN:
        return total / len(given) if given else None
    return float(total)


def _all_given(countable: Ledger, count_days: DayCounter) -> Iterable[tuple[str, Given]]:
    for entry in countable.entries:
        name = "joint_patents" if entry.kind == JOINT_PATENT else entry.kind
        yield name, Given(entry.case_id, entry.day, float(entry.amount))
    for case_id, day in countable.uses:
        yield "reused", Given(case_id, day, 1.0)
    steps = countable.steps
    if not steps.given:  # two at once work out the same
        steps.given[:] = list(_given_by_steps(countable, count_days))
    yield from tuple(steps.given)


def _given_by_steps(countable: Ledger, count_days: DayCounter) -> Iterable[tuple[str, Given]]:
    for decision in countable.steps.decisions:
        in_time = float(decision.day <= decision.due_on)
        yield "decisions_in_time", Given(decision.case_id, decision.day, in_time)
    for history in countable.steps.histories:
        for name, moment, value in _steps_given(history):
            yield name, Given(history.case_id, countable.day(moment), value)
    yield from _days_given(countable, count_days)


def _steps_given(history: CaseHistory) -> Iterable[tuple[str, datetime, float]]:
    yield "themes", history.opened_at, 1.0
    stage, is_won = history.stage, history.stage >= WON_FROM
    for step in history.steps:
        if step.kind == STOP:
            if stage < WON_FROM and not is_won:
                yield "win_rate", step.at, 0.0
            elif stage in _PROTOTYPES:
                yield "conversion", step.at, 0.0
        elif step.kind == GO:
            if step.stage >= WON_FROM and not is_won:
                is_won = True
                yield "win_rate", step.at, 1.0
            if step.stage == LAST_STAGE and stage < LAST_STAGE:
                yield "conversion", step.at, 1.0
        if step.kind not in {SET_MEANS, SET_TEAM}:
            stage = step.stage


def _days_given(countable: Ledger, count_days: DayCounter) -> Iterable[tuple[str, Given]]:
    stays = [
        s for s in stays_of(countable.steps.histories, _NEVER) if s.outcome and s.until > s.since
    ]
    since, until = ([countable.day(m) for m in of] for of in _moments(stays))
    for stay, day, days in zip(stays, until, count_days(since, until), strict=True):
        if stay.stage < LAST_STAGE:
            yield f"days_{CASE_STAGES[stay.stage]}", Given(stay.case_id, day, float(days))
    market = {}
    for history in countable.steps.histories:
        arrivals = (s.at for s in history.steps if s.kind == GO and s.stage == LAST_STAGE)
        if history.is_dated and (arrived := next(arrivals, None)):
            market[history.case_id] = countable.day(history.opened_at), countable.day(arrived)
    first, last = [a for a, _ in market.values()], [b for _, b in market.values()]
    for case_id, day, days in zip(market, last, count_days(first, last), strict=True):
        yield "time_to_market", Given(case_id, day, float(days))


def _moments(stays: Sequence[Stay]) -> tuple[list[datetime], list[datetime]]:
    return [one.since for one in stays], [one.until for one in stays]
