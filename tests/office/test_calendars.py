"""The dates of needs as a calendar: the days of a horizon, whose needs they are, and a file by RFC 5545."""

from datetime import date, timedelta

import pytest
from icalendar import Calendar

from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import NEEDS, Draft
from office.calendars import calendar_file, dates_of
from office.need_dates import horizon_days
from tests.support.worlds import copied
from tests.support.worlds.personal import HUSHED, SATO, TANAKA

POSTED = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("horizon", "days"),
    [
        ("", []),
        ("できるだけ早く", []),
        ("2027-03-15", [date(2027, 3, 15)]),
        ("２０２７年３月１５日まで", [date(2027, 3, 15)]),
        ("2027/2 末", [date(2027, 2, 28)]),
        ("2028年2月末", [date(2028, 2, 29)]),
        ("2027年度中", [date(2028, 3, 31)]),
        ("by March 2027", [date(2027, 3, 31)]),
        ("2027-02-30", []),
        ("半年以内", [date(2026, 7, 31)]),
        ("1か月", [date(2026, 2, 28)]),
        ("within two years", [date(2028, 1, 31)]),
        ("18 months", [date(2027, 7, 31)]),
        ("二年以内", [date(2028, 1, 31)]),
        ("1年半で店頭試験、2年で全品切替", [date(2027, 7, 31), date(2028, 1, 31)]),
    ],
)
def test_the_days_that_a_horizon_names(horizon, days):
    assert list(horizon_days(horizon, POSTED)) == days


def test_a_length_of_time_counts_from_the_day_of_posting_alone():
    assert horizon_days("2年以内、2027年3月末", None) == (date(2027, 3, 31),)


@pytest.fixture
def catalogue(tmp_path):
    with open_catalogue(copied("personal", tmp_path)) as opened:
        closed = {
            "need_id": "N-closed",
            "horizon": "極秘の展示会、2027年3月末",
            "posted_on": POSTED,
        }
        opened.write([Draft(NEEDS, closed)], source="test")
        yield opened


def test_a_calendar_has_the_dates_of_ones_own_needs_by_their_ids(catalogue):
    with catalogue.reading() as connection:
        assert dates_of(connection, TANAKA) == []
        dates = dates_of(connection, SATO)
    content = calendar_file(dates, language="ja", address="https://example.org")
    text = content.decode().replace("\r\n ", "")
    for hidden in (HUSHED, "接着剤", "展示会"):
        assert hidden not in text
    read = Calendar.from_ical(content)
    events = [(str(e["summary"]), e.decoded("dtstart")) for e in read.walk("VEVENT")]
    assert events == [
        ("ニーズ N-closed：登録日", POSTED),
        ("ニーズ N-closed：希望時期", date(2027, 3, 31)),
    ]
    assert {str(e["url"]) for e in read.walk("VEVENT")} == {"https://example.org/needs/N-closed"}
    assert all(e.decoded("dtstamp").utcoffset() == timedelta(0) for e in read.walk("VEVENT"))
    again = Calendar.from_ical(calendar_file(dates, language="en", address="https://example.org"))
    assert [e["uid"] for e in again.walk("VEVENT")] == [e["uid"] for e in read.walk("VEVENT")]
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
