"""Judgements over time: how many people stand as suitable and not, by month, and why not."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, case, func, select

from catalogue.database.judgement_models import NOT_SUITABLE, SUITABLE
from catalogue.database.viewer import Viewer
from enmusubi.settings import local_time
from office.access.rules import SEE_STATISTICS, require
from office.needs.verdicts import standing_verdicts

MONTHS, FEWEST_MONTHS = 24, 12  # so many are told, to the present one
EARLIER = 0


@dataclass(frozen=True)
class MonthCounts:
    """The judgements of a month (`2031-04`, in the time zone of its readers) that stand."""

    month: str
    suitable: int = 0
    not_suitable: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.suitable + self.not_suitable


@dataclass(frozen=True)
class JudgedCounts:
    """All judgements that stand: `hit` of the `needs` judged have somebody suitable.

    `months` are the last year or two, from the first with a judgement, without gaps; `earlier` counts
    the judgements before. `reasons` has the commonest first.
    """

    needs: int
    hit: int
    people: int
    suitable: int
    months: tuple[MonthCounts, ...] = ()
    earlier: int = 0
    reasons: tuple[tuple[str, int], ...] = field(default=())

    @property
    def hit_rate(self) -> float | None:
        """The share of the judged needs with somebody suitable, None where none was judged."""
        return self.hit / self.needs if self.needs else None


def judged_counts(
    connection: Connection, viewer: Viewer, language: str, *, now: datetime | None = None
) -> JudgedCounts:
    """Return the counts over the needs that the viewer sees; raises ForbiddenError.

    Months are those of the zone in which readers of the language are told times.
    """
    require(viewer, SEE_STATISTICS)
    present = local_time(now or datetime.now(UTC), language)
    last = 12 * present.year + present.month - 1
    counted = _counted(connection, viewer, range(last - MONTHS + 1, last + 1), language)
    by_month: _ByMonth = Counter()
    by_verdict: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for (_, month, verdict, reason), count in counted.items():
        by_month[month, verdict] += count
        by_verdict[verdict] += count
        if reason:
            reasons[reason] += count
    months, earlier = _months(by_month, last)
    ranked = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return JudgedCounts(
        needs=len({need_id for need_id, *_ in counted}),
        hit=len({need_id for need_id, _, verdict, _ in counted if verdict == SUITABLE}),
        people=by_verdict.total(),
        suitable=by_verdict[SUITABLE],
        months=months,
        earlier=earlier,
        reasons=tuple(ranked),
    )


_Counted = dict[tuple[str, int, str, str], int]
"""How many judgements there are of a need, in a month, with a verdict and a reason."""
_ByMonth = Counter[tuple[int, str]]
"""How many judgements each month, counted from the year 0, has of each verdict; EARLIER are those before."""


def _counted(connection: Connection, viewer: Viewer, months: range, language: str) -> _Counted:
    """Return how many judgements stand; read at once, for to tell which do takes the most time."""
    stands = standing_verdicts(viewer)
    newest_first = [(stands.c.judged_at >= _start(n, language), n) for n in reversed(months)]
    month = case(*newest_first, else_=EARLIER).label("month")
    dated = select(stands.c.need_id, month, stands.c.verdict, stands.c.reason).subquery()
    query: Any = select(*dated.c, func.count()).group_by(*dated.c)
    return {
        (str(need_id), int(number), verdict, reason): int(count)
        for need_id, number, verdict, reason, count in connection.execute(query)
    }


def _start(month: int, language: str) -> datetime:
    """Return the moment at which a month begins for readers of the language."""
    return local_time(datetime(month // 12, month % 12 + 1, 1), language)


def _months(counted: _ByMonth, last: int) -> tuple[tuple[MonthCounts, ...], int]:
    earlier = sum(count for (number, _), count in counted.items() if number == EARLIER)
    oldest = last - MONTHS + 1
    first = oldest if earlier else min((number for number, _ in counted), default=last)
    told = tuple(
        MonthCounts(
            f"{number // 12:04}-{number % 12 + 1:02}",
            counted[number, SUITABLE],
            counted[number, NOT_SUITABLE],
        )
        for number in range(min(first, last - FEWEST_MONTHS + 1), last + 1)
    )
    return told, earlier
