"""The office's statistics: counted by hand on a few needs, on both databases, in the viewer's scope."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from catalogue.database.judgement_models import API, NIGHTLY
from catalogue.database.viewer import VIEWER, Viewer
from catalogue.judgements.judgements import Judgement, record_judgement
from catalogue.judgements.shown_lists import record_shown
from enmusubi.errors import ForbiddenError
from enmusubi.settings import Settings, time_zone_in_force
from office.access.scoped import reading_as, writing_as
from office.needs.judging import judge, withdraw
from office.statistics.fields import UNKNOWN, UNSURE, FieldCounts, needs_by_field
from office.statistics.judgements import MonthCounts, judged_counts
from tests.support.worlds import furnish
from tests.support.worlds.pages import (
    CLOSED_NEED,
    HEAD,
    NUMBERS,
    OPEN_NEED,
    PLAIN_NEED,
    SATO,
    match_list,
)

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture
def office(catalogue, tmp_path):
    """The office of the pages' tests on either database."""
    furnish("pages", catalogue, tmp_path)
    return catalogue


def shown(catalogue, need_id, fields, *, fits_nobody=False, source=NIGHTLY):
    found = replace(match_list(need_id, "R-01"), fields=fields, fits_nobody=fits_nobody)
    record_shown(catalogue, found, source)


def judged(catalogue, need_id, person, verdict, reason="", *, at=None):
    with catalogue.writing() as connection:
        said = Judgement(need_id, person, verdict, reason, judged_by="sato", judged_at=at)
        record_judgement(connection, said)


def of_fields(catalogue, viewer, people=None):
    with reading_as(catalogue, viewer) as connection:
        return needs_by_field(connection, viewer, people)


def of_judgements(catalogue, viewer, language="en", now=NOW):
    with reading_as(catalogue, viewer) as connection:
        return judged_counts(connection, viewer, language, now=now)


def test_needs_are_counted_by_the_field_of_their_newest_night(office):
    shown(office, OPEN_NEED, ("crops", "food-science"))
    shown(office, OPEN_NEED, ("food-science",), fits_nobody=True)  # the newest of a night
    shown(office, OPEN_NEED, ("crops",), source=API)  # somebody asked with filters
    shown(office, CLOSED_NEED, ())
    judged(office, OPEN_NEED, "R-01", "suitable")
    judged(office, OPEN_NEED, "R-02", "not_suitable", "wrong_field")
    assert of_fields(office, HEAD) == [
        FieldCounts("food-science", needs=1, open=1, judged=1, hit=1, nobody=1),
        FieldCounts(UNSURE, needs=1, open=1, judged=0, hit=0, nobody=0),
        FieldCounts(UNKNOWN, needs=1, open=1, judged=0, hit=0, nobody=0),
    ]


def test_a_field_without_anybody_is_one_where_nobody_is_known_or_nobody_fits(office):
    shown(office, OPEN_NEED, ("crops",))
    shown(office, PLAIN_NEED, ("food-science",), fits_nobody=True)
    found = of_fields(office, HEAD, {"food-science": 3, "crops": 2})
    assert {f.field_id: f.has_nobody for f in found} == {
        "crops": False, "food-science": True, UNSURE: False,
    }  # fmt: skip
    found = of_fields(office, HEAD, {"food-science": 3})
    assert {f.field_id: f.people for f in found} == {"crops": 0, "food-science": 3, UNSURE: None}
    assert next(f for f in found if f.field_id == "crops").has_nobody


def test_the_hit_rate_counts_needs_and_the_last_word_on_each_person(office):
    judged(office, OPEN_NEED, "R-01", "not_suitable", "too_early")
    judged(office, OPEN_NEED, "R-01", "suitable")
    judged(office, OPEN_NEED, "R-02", "not_suitable", "wrong_field")
    judged(office, PLAIN_NEED, "R-02", "not_suitable", "wrong_field")
    counts = of_judgements(office, HEAD)
    assert (counts.needs, counts.hit, counts.people, counts.suitable) == (2, 1, 3, 1)
    assert counts.hit_rate == 1 / 2
    assert counts.reasons == (("wrong_field", 2),)


def test_what_was_withdrawn_counts_no_more(office):
    with writing_as(office, SATO) as connection:
        judge(connection, SATO, Judgement(OPEN_NEED, "R-01", "suitable"))
        assert withdraw(connection, SATO, OPEN_NEED, "R-01")
    assert of_judgements(office, HEAD).people == 0
    assert of_judgements(office, HEAD).hit_rate is None


def test_months_run_without_gaps_to_the_present_one(office):
    judged(office, OPEN_NEED, "R-01", "suitable", at=datetime(2026, 9, 30, 23, 30, tzinfo=UTC))
    judged(office, OPEN_NEED, "R-02", "not_suitable", "other", at=datetime(2026, 11, 1, tzinfo=UTC))
    judged(office, PLAIN_NEED, "R-01", "suitable", at=datetime(2020, 1, 5, tzinfo=UTC))
    with time_zone_in_force(Settings(time_zone="UTC")):
        counts = of_judgements(office, HEAD)
    assert counts.months[-3:] == (
        MonthCounts("2026-09", suitable=1),
        MonthCounts("2026-10"),
        MonthCounts("2026-11", not_suitable=1),
    )
    assert (len(counts.months), counts.months[0].month, counts.earlier) == (24, "2024-12", 1)


@pytest.mark.parametrize(
    ("zone", "language", "months"),
    [
        ("UTC", "ja", {"2026-09": 2, "2026-10": 1}),
        ("Asia/Kolkata", "en", {"2026-09": 1, "2026-10": 2}),  # half an hour beside the hours
        ("", "ja", {"2026-10": 3}),  # none named: Japan's for readers of Japanese
    ],
)
def test_a_month_begins_when_it_does_for_its_readers(office, monkeypatch, zone, language, months):
    at = datetime(2026, 9, 30, 15, 10), datetime(2026, 9, 30, 18, 40), datetime(2026, 10, 1)
    for person, moment in zip(("R-01", "R-02", "R-03"), at, strict=True):
        judged(office, OPEN_NEED, person, "suitable", at=moment.replace(tzinfo=UTC))
    monkeypatch.delenv("TZ", raising=False)
    with time_zone_in_force(Settings(time_zone=zone or "auto", language="en")):
        counts = of_judgements(office, HEAD, language, datetime(2026, 11, 30, 15, 1, tzinfo=UTC))
    assert {m.month: m.total for m in counts.months if m.total} == months
    assert counts.months[-1].month == ("2026-12" if not zone else "2026-11")


def test_needs_that_a_viewer_may_not_see_count_nowhere(office):
    shown(office, CLOSED_NEED, ("crops",), fits_nobody=True)
    judged(office, CLOSED_NEED, "R-01", "suitable")
    assert [f.field_id for f in of_fields(office, NUMBERS)] == [UNSURE, UNKNOWN]
    assert of_judgements(office, NUMBERS).people == 0
    assert of_judgements(office, HEAD).people == 1
    guest = Viewer("guest", VIEWER)
    with reading_as(office, guest) as connection, pytest.raises(ForbiddenError, match="statistics"):
        judged_counts(connection, guest, "en")
