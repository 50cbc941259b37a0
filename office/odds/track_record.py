"""How the odds did so far: predictions as of past quarters against what then happened, and what follows.

As of the first day of each of the last quarters, the model is learned anew from what was known on that day.
It says for each period of a stay that began in that quarter whether the stay ends in it, and whether with a
go; what happened is known today. So nothing is judged by a model that saw it (prequential evaluation; Dawid,
1984). The correction is Platt's (a shift and a slope of the log odds), with a normal prior around none: few
periods leave the odds as they are. Knows no database.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from office.odds.hazard import Floats, HazardModel
from office.odds.stays import (
    GO,
    LAST_STAGE,
    NONE,
    PERIOD_DAYS,
    STOP,
    STOPPED,
    WENT,
    CaseHistory,
    DayCounter,
    Pattern,
    Stay,
    bin_of,
    counted,
    ended_by_stage,
    stays_of,
)

QUARTERS = 6  # that are looked back to
FEWEST_ENDED = 30  # stays that ended, in the whole ledger: with fewer nothing was said
FEWEST_AT_STAGE = 10
_SD_SHIFT, _SD_SLOPE = 0.15, 0.1
_KEPT_WEIGHT = 0.25  # of a quarter beside the next one: the model has learned from it since
_NEAR_ONE = 1e-6
_OUTCOMES = {GO: WENT, STOP: STOPPED}
_Items = tuple[tuple[Pattern, tuple[float, ...]], ...]


@dataclass(frozen=True)
class PlattScaling:
    """What becomes of a chance: its log odds times `slope`, plus `shift`."""

    shift: float = 0.0
    slope: float = 1.0

    def of(self, chances: Floats) -> Floats:
        """Return corrected chances, of any shape."""
        if self == PlattScaling():
            return chances
        near = np.clip(chances, _NEAR_ONE, 1.0 - _NEAR_ONE)
        return np.asarray(expit(self.shift + self.slope * logit(near)), float)


@dataclass(frozen=True)
class TrackRecord:
    """How odds as of past quarters did: gates that they let expect in so many cases, and how many came.

    `expected` is without a correction, `corrected` with the one that earlier quarters taught. `end` and `go`
    are the corrections of today. Without a quarter in which odds were said, `since` is None.
    """

    since: datetime | None = None
    cases: int = 0
    expected: float = 0.0
    corrected: float = 0.0
    happened: int = 0
    end: PlattScaling = PlattScaling()
    go: PlattScaling = PlattScaling()


def quarters_before(as_of: datetime) -> tuple[datetime, ...]:
    """Return the first moments of the last quarters (January, April, July, October), the earliest first."""
    first = as_of.replace(hour=0, minute=0, second=0, microsecond=0, day=1)
    first = first.replace(month=first.month - (first.month - 1) % 3)
    found = []
    for _ in range(QUARTERS):
        found.append(first)
        years, months = divmod(first.month - 4, 12)
        first = first.replace(year=first.year + years, month=months + 1)
    return tuple(reversed(found))


def learned(stays: Sequence[Stay], count_days: DayCounter) -> HazardModel:
    """Return the model of stays; the same stays are learned from once."""
    table = counted(stays, count_days)
    return _learned(tuple(sorted((pattern, tuple(counts)) for pattern, counts in table.items())))


@lru_cache(maxsize=32)
def _learned(items: _Items) -> HazardModel:
    return HazardModel().fit(dict(items))


def look_back(
    histories: Sequence[CaseHistory],
    as_of: datetime,
    count_days: DayCounter,
    origins: Sequence[datetime],
) -> TrackRecord:
    """Return how odds as of each origin did until the next one, as far as it is known at `as_of`."""
    stays = stays_of(histories, as_of)
    tables, cases = _periods(stays, as_of, count_days, origins)
    said: list[tuple[Floats, Floats, Floats]] = []
    since, among = None, set[int]()
    expected = corrected = 0.0
    for n, origin in enumerate(origins):
        known = _judged(histories, origin, tables[n], count_days)
        if known is None:
            continue
        end, go, counts = known
        since = since or origin
        among |= cases[n]
        weights = counts.sum(axis=1)
        expected += float((weights * end * go).sum())
        of_end, of_go = _corrections(said)
        corrected += float((weights * of_end.of(end) * of_go.of(go)).sum())
        said.append(known)
    happened = sum(int(counts[:, WENT].sum()) for _, _, counts in said)
    of_end, of_go = _corrections(said)
    return TrackRecord(since, len(among), expected, corrected, happened, of_end, of_go)


def _periods(
    stays: Sequence[Stay], as_of: datetime, count_days: DayCounter, origins: Sequence[datetime]
) -> tuple[list[dict[Pattern, list[float]]], list[set[int]]]:
    """Return for each origin the periods that began before the next one, by pattern, and their cases.

    The period in which a stay is censored counts as far as it had passed, as it does in learning.
    """
    tables: list[defaultdict[Pattern, list[float]]] = [
        defaultdict(lambda: [0.0, 0.0, 0.0]) for _ in origins
    ]
    cases: list[set[int]] = [set() for _ in origins]
    lengths = count_days([s.since.date() for s in stays], [s.until.date() for s in stays])
    days = [one.date() for one in origins]
    for stay, length in zip(stays, lengths, strict=True):
        if stay.stage >= LAST_STAGE or not origins or stay.until < origins[0]:
            continue
        offsets = count_days([stay.since.date()] * len(days), days)
        last, rest = divmod(max(int(length), 0), PERIOD_DAYS)
        for period in range(last + 1):
            place = int(np.searchsorted(offsets, period * PERIOD_DAYS, side="right")) - 1
            ended = _OUTCOMES.get(stay.outcome) if period == last else None
            passed = 1.0 if ended is not None or period < last else rest / PERIOD_DAYS
            if place < 0 or not passed:
                continue
            row = tables[place][stay.stage, bin_of(period), stay.facts]
            row[NONE if ended is None else ended] += passed
            cases[place].add(stay.case_id)
    return [dict(table) for table in tables], cases


def _judged(
    histories: Sequence[CaseHistory],
    origin: datetime,
    table: dict[Pattern, list[float]],
    count_days: DayCounter,
) -> tuple[Floats, Floats, Floats] | None:
    """Return chances of an end and of a go as of an origin, and counts, a row a pattern; None: all silent."""
    stays = stays_of(histories, origin)
    ended = ended_by_stage(stays)
    if ended.total() < FEWEST_ENDED:
        return None
    by_stage = Counter[int]()
    for (stage, _), count in ended.items():
        by_stage[stage] += count
    patterns = sorted(one for one in table if by_stage[one[0]] >= FEWEST_AT_STAGE)
    if not patterns:
        return None
    end, go = learned(stays, count_days).mean_chances(patterns)
    return end, go, np.array([table[one] for one in patterns])


def _corrections(
    said: Sequence[tuple[Floats, Floats, Floats]],
) -> tuple[PlattScaling, PlattScaling]:
    if not said:
        return PlattScaling(), PlattScaling()
    end, go, counts = (np.concatenate(part) for part in zip(*said, strict=True))
    weights = [np.full(len(one[0]), _KEPT_WEIGHT**age) for age, one in enumerate(reversed(said))]
    counts = counts * np.concatenate(weights[::-1])[:, None]
    went, stopped = counts[:, WENT], counts[:, STOPPED]
    return platt(end, went + stopped, counts[:, NONE]), platt(go, went, stopped)


def platt(chances: Floats, yes: Floats, no: Floats) -> PlattScaling:
    """Return the most probable correction, given how often what had these chances came and did not."""
    score = logit(np.clip(chances, _NEAR_ONE, 1.0 - _NEAR_ONE))

    def loss(at: Floats) -> float:
        shifted = at[0] + at[1] * score
        missed = yes * np.logaddexp(0, -shifted) + no * np.logaddexp(0, shifted)
        prior = (at[0] / _SD_SHIFT) ** 2 + ((at[1] - 1.0) / _SD_SLOPE) ** 2
        return float(missed.sum() + prior / 2)

    shift, slope = minimize(loss, np.array([0.0, 1.0]), method="BFGS").x
    return PlattScaling(float(shift), float(slope))
