"""The odds of a case: the chance of each gate that is still before it, and when; or why nothing is said.

Knows no database.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from office.odds.hazard import HORIZON, Floats
from office.odds.stays import (
    GO,
    LAST_STAGE,
    PERIOD_DAYS,
    STOP,
    CaseHistory,
    DayCounter,
    Stay,
    ended_by_stage,
    stays_of,
)
from office.odds.track_record import (
    FEWEST_AT_STAGE,
    FEWEST_ENDED,
    TrackRecord,
    learned,
    look_back,
    quarters_before,
)

WIDEST = 0.6  # of an interval that still says something
CREDIBLE = (0.05, 0.95)
WHEN = (0.1, 0.5, 0.9)  # of the time, given that the gate is reached
FEW_CASES, FEW_AT_STAGE, TOO_WIDE = "few_cases", "few_at_stage", "too_wide"


@dataclass(frozen=True)
class GateOdds:
    """The chance to reach a stage within two years, and the business days until then.

    Where `silent` names a reason, nothing is said and the numbers are None. `low` and `high` hold the chance
    with a probability of 90 %; the days are the 10th, 50th and 90th percentile of those who reach it.
    `ended` is how many stays ended at the stage on the way of which the fewest did.
    """

    stage: int
    ended: int
    silent: str = ""
    chance: float | None = None
    low: float | None = None
    high: float | None = None
    days: tuple[int, int, int] | None = None


class OddsOfCases:
    """What the ledger of an office says of the cases that run in it, as of one moment."""

    def __init__(
        self,
        histories: Sequence[CaseHistory],
        as_of: datetime,
        count_days: DayCounter,
        origins: Sequence[datetime] | None = None,
    ) -> None:
        """Learn; `origins` are the moments as of which predictions are judged, None: the last quarters."""
        self.as_of = as_of
        self._count_days = count_days
        stays = stays_of(histories, as_of)
        self._running = {one.case_id: one for one in stays if not one.outcome}
        self._counts: Counter[tuple[int, str]] = ended_by_stage(stays)
        self.ended = self._counts.total()
        self.cases = len({one.case_id for one in stays if one.outcome})
        self._model = None
        self.record = TrackRecord()
        if self.ended >= FEWEST_ENDED:
            self._model = learned(stays, count_days)
            looked = quarters_before(as_of) if origins is None else origins
            self.record = look_back(histories, as_of, count_days, looked)

    def ended_at(self, stage: int) -> int:
        """Return how many stays at a stage ended with a go or a stop."""
        return self._counts[stage, GO] + self._counts[stage, STOP]

    def of_case(self, case_id: int) -> list[GateOdds]:
        """Return the odds of each gate still before a case, the next first; none for one that ended."""
        stay = self._running.get(case_id)
        return self.of_stay(stay) if stay else []

    def of_stay(self, stay: Stay) -> list[GateOdds]:
        """Return the odds of a stay that goes on."""
        found: list[GateOdds] = []
        fewest, arrival = self.ended, None
        (length,) = self._count_days([stay.since.date()], [self.as_of.date()])
        elapsed = min(int(length), 10_000) // PERIOD_DAYS
        for stage in range(stay.stage, LAST_STAGE):
            fewest = min(fewest, self.ended_at(stage))
            if self._model is None:
                found.append(GateOdds(stage + 1, self.ended, FEW_CASES))
                continue
            if fewest < FEWEST_AT_STAGE:
                found.append(GateOdds(stage + 1, fewest, FEW_AT_STAGE))
                continue
            goes = self._model.goes(
                stage,
                stay.facts,
                elapsed if stage == stay.stage else 0,
                self.record.end.of,
                self.record.go.of,
            )
            arrival = goes if arrival is None else _followed(arrival, goes)
            found.append(_said(stage + 1, fewest, arrival, stage + 1 - stay.stage))
        return found


def _followed(first: Floats, second: Floats) -> Floats:
    """Return the chance of the sum of two times in each period, draw by draw; what is later is cut off."""
    size = 2 * HORIZON
    product = np.fft.rfft(first, size) * np.fft.rfft(second, size)
    return np.maximum(np.fft.irfft(product, size)[:, :HORIZON], 0.0)


def _said(stage: int, ended: int, arrival: Floats, steps: int) -> GateOdds:
    totals = arrival.sum(axis=1)
    low, high = (float(one) for one in np.quantile(totals, CREDIBLE))
    if high - low > WIDEST:
        return GateOdds(stage, ended, TOO_WIDE)
    reached = np.cumsum(arrival.mean(axis=0))
    places = np.searchsorted(reached / reached[-1], WHEN)
    # a stay ends on average in the middle of its last period
    early, median, late = (round((int(place) + steps / 2) * PERIOD_DAYS) for place in places)
    return GateOdds(stage, ended, "", float(totals.mean()), low, high, (early, median, late))
