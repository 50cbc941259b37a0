"""Business days: of Japan, less the office's own closing days; counted in the zone of the settings.

The first day is not counted, as the Civil Code has it (Article 140): of five business days from a Monday
the last is the next Monday. What comes in after the cut-off counts as of the next business day. The
holidays are those of the library `holidays`, which has the Act on National Holidays with its moved and
substitute days.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from enmusubi.case_settings import CaseSettings

_ONE = timedelta(days=1)
_FRIDAY = 4


class BusinessDays:
    """Counts the business days of an office."""

    def __init__(self, settings: CaseSettings) -> None:
        self._closed = frozenset(settings.closing_days)
        self._zone = ZoneInfo(settings.time_zone)
        self._cut_off = (
            time.fromisoformat(settings.half_day_from) if settings.half_day_from else None
        )

    def is_one(self, day: date) -> bool:
        """Return whether the office works on a day."""
        if day.weekday() > _FRIDAY or {f"{day:%m-%d}", day.isoformat()} & self._closed:
            return False
        return not _is_holiday()(day)

    def today(self, now: datetime | None = None) -> date:
        """Return which day it is in the zone of the settings."""
        return (now or datetime.now(UTC)).astimezone(self._zone).date()

    def day_of(self, moment: datetime) -> date:
        """Return the business day as of which something counts that came in at a moment."""
        local = moment.astimezone(self._zone)
        day = local.date()
        is_late = self._cut_off is not None and local.time() >= self._cut_off
        if is_late or not self.is_one(day):
            day = self.shifted(day, 1)
        return day

    def shifted(self, day: date, count: int) -> date:
        """Return the business day that is `count` after a day, or before it where it is negative."""
        step = _ONE if count > 0 else -_ONE
        for _ in range(abs(count)):
            day += step
            while not self.is_one(day):
                day += step
        return day

    def between(self, first: date, last: date) -> int:
        """Return how many business days come after `first` until `last`; negative where it is over."""
        if last < first:
            return -self.between(last, first)
        days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
        return sum(self.is_one(day) for day in days)


@cache
def _is_holiday() -> Callable[[date], bool]:
    from holidays.utils import country_holidays  # takes a while to load

    known = country_holidays("JP")
    return lambda day: day in known
