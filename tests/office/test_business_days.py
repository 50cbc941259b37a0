"""Business days of Japan, counted by hand against the calendar of 2026 and 2027."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from enmusubi.case_settings import CaseSettings
from office.business_days import BusinessDays

JAPAN = ZoneInfo("Asia/Tokyo")


def days(**settings):
    return BusinessDays(CaseSettings(**settings))


@pytest.mark.parametrize(
    ("first", "count", "last"),
    [
        (date(2026, 6, 1), 5, date(2026, 6, 8)),  # Monday to Monday
        (date(2026, 5, 1), 5, date(2026, 5, 13)),  # over the weekend, 4, 5 and the moved 6 May
        (date(2026, 9, 18), 1, date(2026, 9, 24)),  # 21 aged, 22 between two, 23 equinox
        (date(2026, 12, 28), 1, date(2027, 1, 4)),  # closing days, New Year, a Sunday
        (date(2026, 6, 8), -5, date(2026, 6, 1)),
        (date(2026, 6, 6), 1, date(2026, 6, 8)),  # from a Saturday
        (date(2026, 6, 3), 0, date(2026, 6, 3)),
    ],
)
def test_a_last_day_is_the_calendars(first, count, last):
    counted = days()
    assert counted.shifted(first, count) == last
    if count > 0:
        assert counted.between(first, last) == count
        assert counted.between(last, first) == -count


def test_the_offices_own_closing_days_are_none_of_every_year_or_of_one():
    counted = days(closing_days=("06-02", "2026-06-03"))
    assert counted.shifted(date(2026, 6, 1), 1) == date(2026, 6, 4)
    assert counted.shifted(date(2027, 6, 1), 1) == date(2027, 6, 3)


def test_what_comes_in_after_the_cut_off_or_on_a_closed_day_counts_as_of_the_next_business_day():
    friday = date(2026, 6, 5)
    before = datetime(2026, 6, 5, 11, 59, tzinfo=JAPAN)
    after = datetime(2026, 6, 5, 12, 0, tzinfo=JAPAN)
    assert days().day_of(before) == friday
    assert days().day_of(after) == date(2026, 6, 8)
    assert days(half_day_from="").day_of(after) == friday
    assert days(half_day_from="").day_of(datetime(2026, 6, 6, tzinfo=JAPAN)) == date(2026, 6, 8)
    # 16:00 in London of the day before is past midnight in Tokyo
    assert days().day_of(datetime(2026, 6, 4, 16, 0, tzinfo=UTC)) == friday
    assert days(time_zone="Europe/London").today(datetime(2026, 6, 4, 16, tzinfo=UTC)) == date(
        2026, 6, 4
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"closing_days": ("02-30",)},
        {"closing_days": ("Obon",)},
        {"half_day_from": "noon"},
        {"time_zone": "Japan/Nara"},
        {"decision_days": {"dialogue": 0}},
        {"decision_days": {"lunch": 3}},
    ],
)
def test_what_is_no_setting_is_refused(wrong):
    with pytest.raises(ValueError, match="validation error"):
        CaseSettings(**wrong)
