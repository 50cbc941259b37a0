"""Judgements over time: how many people stand as suitable and not, by month, and why not."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, case, extract, func, select

from catalogue.database.judgement_models import NOT_SUITABLE, SUITABLE
from catalogue.database.viewer import Viewer
from office.access.rules import SEE_STATISTICS, require
from office.needs.verdicts import count_suitable, standing_verdicts

MONTHS, FEWEST_MONTHS = 24, 12  # so many are told, to the present one


@dataclass(frozen=True)
class MonthCounts:
    """The judgements of a month (`2031-04`, in UTC) that stand."""

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
    connection: Connection, viewer: Viewer, *, now: datetime | None = None
) -> JudgedCounts:
    """Return the counts over the needs that the viewer sees; raises ForbiddenError."""
    require(viewer, SEE_STATISTICS)
    stands = standing_verdicts(viewer)
    by_need = (
        select(func.count().label("people"), count_suitable(stands).label("suitable"))
        .group_by(stands.c.need_id)
        .subquery()
    )
    total: Any = select(
        func.count(),
        func.coalesce(func.sum(case((by_need.c.suitable > 0, 1), else_=0)), 0),
        func.coalesce(func.sum(by_need.c.people), 0),
        func.coalesce(func.sum(by_need.c.suitable), 0),
    )
    needs, hit, people, suitable = map(int, connection.execute(total.select_from(by_need)).one())
    by_month, reasons = _counted(connection, stands)
    months, earlier = _months(by_month, now or datetime.now(UTC))
    ranked = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return JudgedCounts(needs, hit, people, suitable, months, earlier, tuple(ranked))


_ByMonth = Counter[tuple[int, str]]
"""How many judgements each month, counted from the year 0, has of each verdict."""


def _counted(connection: Connection, stands: Any) -> tuple[_ByMonth, Counter[str]]:
    """Return how many judgements there are by month and verdict, and by reason; read at once."""
    moment = stands.c.judged_at
    if connection.dialect.name == "postgresql":
        moment = func.timezone("UTC", moment)
    dated = select(
        extract("year", moment).label("year"),
        extract("month", moment).label("month"),
        stands.c.verdict,
        stands.c.reason,
    ).subquery()
    keys = dated.c.year, dated.c.month, dated.c.verdict, dated.c.reason
    by_month: _ByMonth = Counter()
    reasons: Counter[str] = Counter()
    rows = connection.execute(select(*keys, func.count()).group_by(*keys))
    for year, month, verdict, reason, count in rows:
        by_month[12 * int(year) + int(month) - 1, verdict] += int(count)
        if reason:
            reasons[reason] += int(count)
    return by_month, reasons


def _months(counted: _ByMonth, now: datetime) -> tuple[tuple[MonthCounts, ...], int]:
    last = 12 * now.year + now.month - 1
    first = min((number for number, _ in counted), default=last)
    start = max(min(first, last - FEWEST_MONTHS + 1), last - MONTHS + 1)
    told = tuple(
        MonthCounts(
            f"{number // 12:04}-{number % 12 + 1:02}",
            counted[number, SUITABLE],
            counted[number, NOT_SUITABLE],
        )
        for number in range(start, last + 1)
    )
    return told, sum(count for (number, _), count in counted.items() if number < start)
