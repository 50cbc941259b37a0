"""Made-up offices whose hazards are known: histories of cases, and the true chance of each next gate."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np

from office.odds.hazard import HORIZON
from office.odds.stays import (
    FACTS,
    GO,
    LAST_STAGE,
    PERIOD_DAYS,
    STOP,
    CaseHistory,
    DatedStep,
    bin_of,
)

BEGAN = datetime(2020, 1, 6, 3, tzinfo=UTC)  # a Monday; periods are two weeks, without holidays
PERIOD = timedelta(weeks=2)
END_BY_STAGE = np.array([0.35, 0.25, 0.2, 0.15, 0.12])
GO_BY_STAGE = np.array([0.7, 0.75, 0.6, 0.55, 0.65])
MEANS_EFFECT = {"joint_research": 0.0, "consulting": 0.9, "cvc": -0.9}


def logit(chance):
    return np.log(chance / (1 - chance))


def expit(score):
    return 1 / (1 + np.exp(-score))


CHANGED = BEGAN + timedelta(days=550)  # when an office that changes its ways does so


def hazards(stage, period, means, change=0.0):
    """Return the true chance that a stay ends in a period, and that it does so with a go.

    `change` moves both on the scale of log odds.
    """
    slower = -0.08 * min(period, 8)
    end = expit(logit(END_BY_STAGE[stage]) + slower + change)
    return end, expit(logit(GO_BY_STAGE[stage]) + MEANS_EFFECT[means] + change)


def true_chance(stage, means, elapsed=0, change=0.0):
    """Return the true chance that a stay which has lasted so long ends with a go within the horizon."""
    alive, total = 1.0, 0.0
    for period in range(elapsed, elapsed + HORIZON):
        end, go = hazards(stage, period, means, change)
        total += alive * end * go
        alive *= 1 - end
    return total


@dataclass(frozen=True)
class Office:
    """Histories of cases in full: also what comes after the moment at which one asks."""

    histories: list[CaseHistory]
    means: dict[int, str] = field(default_factory=dict)


def simulate(cases, *, random_state, years=3, change=0.0):
    """Return an office with so many cases, opened evenly over years.

    With a `change`, the office works by other hazards from `CHANGED` on.
    """
    chance = np.random.default_rng(random_state)
    names, histories, means_of = sorted(MEANS_EFFECT), [], {}
    for case_id in range(1, cases + 1):
        means = str(chance.choice(names))
        opened = BEGAN + timedelta(days=float(chance.uniform(0, 365 * years)))
        steps, moment, stage = [], opened, 0
        while stage < LAST_STAGE:
            period = 0
            while True:
                began = moment + period * PERIOD
                end, go = hazards(stage, period, means, change if began >= CHANGED else 0.0)
                if chance.random() < end:
                    break
                period += 1
            moment += period * PERIOD + float(chance.uniform(0.05, 0.95)) * PERIOD
            if chance.random() >= go:
                steps.append(DatedStep(moment, STOP, stage))
                break
            stage += 1
            steps.append(DatedStep(moment, GO, stage))
        facts = {"means": means, "area": str(chance.choice(["competitive", "non-competitive"]))}
        company = f"c{chance.integers(cases // 3 + 1)}"
        histories.append(CaseHistory(case_id, opened, 0, company, facts, tuple(steps)))
        means_of[case_id] = means
    return Office(histories, means_of)


def weekdays(first, last):
    """Count weekdays: simulated offices have no holidays."""
    days = np.array(first, "datetime64[D]") + 1, np.array(last, "datetime64[D]") + 1
    return np.busday_count(*days).tolist()


__all__ = [
    "BEGAN",
    "FACTS",
    "PERIOD_DAYS",
    "Office",
    "bin_of",
    "date",
    "simulate",
    "true_chance",
    "weekdays",
]
