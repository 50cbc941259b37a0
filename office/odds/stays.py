"""Stays of cases at stages, cut at a moment: what was known then, and nothing that came later.

A case's history is its opening and its dated steps. A stay begins where a case enters a stage and ends with
a go, a stop or a step back; one that has not ended is censored. Knows no database.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

GO, STOP, BACK, AGAIN, SET_MEANS, SET_TEAM = "go", "stop", "back", "again", "means", "team"
PERIOD_DAYS = 10  # business days of a period, in which a stay is counted
NONE, WENT, STOPPED = 0, 1, 2  # what came of a period
WON_FROM = 3  # the stage from which on a case counts as won: the small prototype
LAST_STAGE = 5
FACTS = ("means", "area", "strength", "origin", "team", "company")
# periods that share a hazard begin at these
BIN_STARTS = (0, 1, 2, 3, 5, 8, 13)
DayCounter = Callable[[Sequence[date], Sequence[date]], Sequence[int]]
"""Takes first and last days and returns the business days after each first one until its last."""


@dataclass(frozen=True)
class DatedStep:
    """What happened to a case at a moment; `stage` is where it stands then, by its place from 0."""

    at: datetime
    kind: str
    stage: int = 0
    value: str = ""


@dataclass(frozen=True)
class CaseHistory:
    """A case from its opening on; `is_dated` says that its first stage began when it was opened."""

    case_id: int
    opened_at: datetime
    stage: int = 0
    company: str = field(default="", repr=False)
    facts: Mapping[str, str] = field(default_factory=dict)  # as they were at the opening
    steps: tuple[DatedStep, ...] = ()
    is_dated: bool = True


@dataclass(frozen=True)
class Stay:
    """A case at a stage, from a moment on, until `until`; `outcome` is empty where it goes on there.

    `facts` are those of the moment at which it began.
    """

    case_id: int
    stage: int
    since: datetime
    until: datetime
    outcome: str
    facts: tuple[str, ...]


Pattern = tuple[int, int, tuple[str, ...]]
"""A stage, a bin of periods, and facts."""


def stays_of(histories: Iterable[CaseHistory], as_of: datetime) -> list[Stay]:
    """Return the stays that had begun by a moment, as they were known then, in the order of cases."""
    known = [_cut(one, as_of) for one in histories if one.opened_at <= as_of]
    companies = _Companies(known)
    found: list[Stay] = []
    for history in known:
        found += _stays(history, companies, as_of)
    return found


def counted(stays: Sequence[Stay], count_days: DayCounter) -> dict[Pattern, list[float]]:
    """Return for each pattern how many periods ended with nothing, a go and a stop.

    The period in which a stay is censored counts as far as it had passed.
    """
    days = count_days([s.since.date() for s in stays], [s.until.date() for s in stays])
    table: defaultdict[Pattern, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for stay, length in zip(stays, days, strict=True):
        if stay.stage >= LAST_STAGE:
            continue
        periods, rest = divmod(max(int(length), 0), PERIOD_DAYS)
        for period in range(periods):
            table[stay.stage, bin_of(period), stay.facts][NONE] += 1.0
        ended = {GO: WENT, STOP: STOPPED}.get(stay.outcome)
        last = table[stay.stage, bin_of(periods), stay.facts]
        if ended is None:
            last[NONE] += rest / PERIOD_DAYS
        else:
            last[ended] += 1.0
    return {pattern: counts for pattern, counts in table.items() if sum(counts) > 0}


def ended_by_stage(stays: Iterable[Stay]) -> Counter[tuple[int, str]]:
    """Return how many stays of each stage ended with a go and with a stop."""
    return Counter((one.stage, one.outcome) for one in stays if one.outcome in {GO, STOP})


def bin_of(period: int) -> int:
    """Return the place of the bin that a period is in."""
    return bisect_right(BIN_STARTS, period) - 1


def _cut(history: CaseHistory, as_of: datetime) -> CaseHistory:
    return replace(history, steps=tuple(step for step in history.steps if step.at <= as_of))


class _Companies:
    """When each company's cases were opened, and when each was won."""

    def __init__(self, histories: Iterable[CaseHistory]) -> None:
        self._opened: defaultdict[str, list[datetime]] = defaultdict(list)
        self._won: defaultdict[str, list[datetime]] = defaultdict(list)
        for one in histories:
            if one.company:
                self._opened[one.company].append(one.opened_at)
                won = [s.at for s in one.steps if s.kind == GO and s.stage >= WON_FROM]
                self._won[one.company] += won[:1]
        for moments in (*self._opened.values(), *self._won.values()):
            moments.sort()

    def known(self, history: CaseHistory, at: datetime) -> str:
        """Return what a company was to the office then: its own case does not count."""
        if not history.company:
            return ""
        own = [s.at for s in history.steps if s.kind == GO and s.stage >= WON_FROM]
        won = bisect_right(self._won[history.company], at) - bool(own and own[0] <= at)
        if won > 0:
            return "won"
        earlier = bisect_right(self._opened[history.company], at) - (history.opened_at <= at)
        return "known" if earlier > 0 else "first"


def _stays(history: CaseHistory, companies: _Companies, as_of: datetime) -> Iterable[Stay]:
    facts = dict(history.facts)
    stage, since, is_open = history.stage, history.opened_at, True
    is_dated = history.is_dated
    entry = _facts(facts, companies.known(history, since))

    def stay(until: datetime, outcome: str) -> list[Stay]:
        made = Stay(history.case_id, stage, since, until, outcome, entry)
        return [made] if is_dated else []  # when it entered its stage is not known

    for step in history.steps:
        if step.kind in {SET_MEANS, SET_TEAM}:
            facts[step.kind] = step.value
            continue
        if step.kind in {GO, STOP, BACK} and is_open:
            yield from stay(step.at, step.kind)
            if step.kind == GO:
                for skipped in range(stage + 1, min(step.stage, LAST_STAGE)):
                    known = _facts(facts, companies.known(history, step.at))
                    yield Stay(history.case_id, skipped, step.at, step.at, GO, known)
        elif step.kind != AGAIN:
            continue
        elif is_open:
            continue  # it was held, and goes on
        stage, since, is_dated = step.stage, step.at, True
        is_open = step.kind != STOP
        entry = _facts(facts, companies.known(history, since))
    if is_open:
        yield from stay(as_of, "")


def _facts(facts: Mapping[str, str], company: str) -> tuple[str, ...]:
    return tuple(company if name == "company" else facts.get(name, "") for name in FACTS)
