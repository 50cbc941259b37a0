"""Each figure from a ledger of three cases, by hand: the numbers stand here as a person would count them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from enmusubi.case_settings import CaseSettings
from enmusubi.errors import InputError
from office.figures.countable import CaseGroups, EntryRow, Ledger
from office.figures.counting import Figures, Wanted
from office.figures.definitions import FIGURES
from office.figures.kept_steps import DecisionRow, LedgerSteps
from office.figures.periods import Period, parse_period, period_of, periods_until
from office.figures.review import by_case, by_group, say_change, say_value, view_of, why
from office.odds.history import day_counter
from office.odds.stays import GO, STOP, CaseHistory, DatedStep

SETTINGS = CaseSettings()
Q1, Q2, YEAR = Period(2026, 1), Period(2026, 2), Period(2026)


def at(month, day):
    return datetime(2026, month, day, 1, tzinfo=UTC)  # ten o'clock in Tokyo


def groups(company, department, means, kind, origin):
    keys = {"company": company, "department": department, "means": means, "type": kind}
    names = {"company": (f"{company}社", company), "department": (department, department)}
    return CaseGroups({**keys, "origin": origin}, names)


def three_cases():
    """Case 1 goes through to deployment, 2 is declined at once, 3 passes two gates over and then fails."""
    first = (
        DatedStep(at(4, 13), GO, 1),  # 5 business days after 6 April
        DatedStep(at(4, 27), GO, 2),  # 10
        DatedStep(at(5, 11), GO, 3),  # 6: 28 and 30 April, 1, 7, 8 and 11 May
        DatedStep(at(6, 8), GO, 4),  # 20
        DatedStep(at(7, 6), GO, 5),  # 20
    )
    third = (DatedStep(at(4, 6), GO, 3), DatedStep(at(6, 8), STOP, 3))  # 5, and 17 + 18 + 6 = 41
    return Ledger(
        groups={
            1: groups("a", "工学部", "joint_research", "coupled", "list"),
            2: groups("b", "農学部", "consulting", "inbound", "hand"),
            3: groups("a", "工学部", "licence_out", "outbound", "portal"),
        },
        steps=LedgerSteps(
            histories=(
                CaseHistory(1, at(4, 6), 0, "a", {}, first),
                CaseHistory(2, at(5, 11), 0, "b", {}, (DatedStep(at(5, 25), STOP, 0),)),  # 10
                CaseHistory(3, at(3, 30), 0, "a", {}, third),
            ),
            decisions=(
                DecisionRow(1, date(2026, 4, 13), date(2026, 4, 13)),
                DecisionRow(2, date(2026, 5, 25), date(2026, 5, 18)),
                DecisionRow(3, date(2026, 6, 8), date(2026, 6, 10)),
            ),
        ),
        entries=(
            EntryRow(1, "contract", date(2026, 5, 20), 10_000_000),
            EntryRow(1, "indirect", date(2026, 6, 30), 3_000_000),
            EntryRow(3, "licence", date(2026, 4, 15), 500_000),
            EntryRow(1, "revenue", date(2026, 7, 10), 8_000_000),
            EntryRow(1, "investment", date(2026, 7, 1), 50_000_000),
            EntryRow(1, "joint_patent", date(2026, 6, 1), 2),
        ),
        uses=((2, date(2026, 5, 11)),),
        costs={2026: 20_000_000},
        targets={("indirect", 2026): 8_000_000.0, ("days_discovery", 2026): 5.0},
        zone=ZoneInfo("Asia/Tokyo"),
    )


def figures(**wanted):
    return Figures(three_cases(), day_counter(SETTINGS), SETTINGS, Wanted(**wanted))


BY_HAND = {  # first quarter, second quarter, fiscal year
    "revenue": (0.0, 8_000_000.0, 8_000_000.0),
    "contract": (10_000_000.0, 0.0, 10_000_000.0),
    "indirect": (3_000_000.0, 0.0, 3_000_000.0),
    "licence": (500_000.0, 0.0, 500_000.0),
    "investment": (0.0, 50_000_000.0, 50_000_000.0),
    "self_sufficiency": (3_500_000 / 5_000_000, 0.0, 3_500_000 / 20_000_000),
    "days_discovery": ((5 + 10 + 5) / 3, None, (5 + 10 + 5) / 3),
    "days_dialogue": (10.0, None, 10.0),
    "days_nda": (6.0, None, 6.0),
    "days_small_prototype": ((20 + 41) / 2, None, (20 + 41) / 2),
    "days_full_prototype": (None, 20.0, 20.0),
    "time_to_market": (None, 61.0, 61.0),  # 5 + 10 + 6 + 20 + 20
    "decisions_in_time": (2 / 3, None, 2 / 3),
    "themes": (2.0, 0.0, 2.0),  # the third was opened in the year before
    "conversion": (0.0, 1.0, 1 / 2),
    "joint_patents": (2.0, 0.0, 2.0),
    "reused": (1.0, 0.0, 1.0),
    "win_rate": (2 / 3, None, 2 / 3),
}


def test_each_figure_is_what_a_hand_counts():
    assert set(BY_HAND) == set(FIGURES)
    counted = figures()
    for name, expected in BY_HAND.items():
        found = [counted.value(name, period).value for period in (Q1, Q2, YEAR)]
        assert found == pytest.approx(list(expected)), name
    assert counted.value("themes", Period(2025, 4)).value == 1


def test_targets_and_yardsticks_are_of_the_period():
    counted = figures()
    income, days = view_of(counted, "indirect", Q1), view_of(counted, "days_discovery", Q1)
    assert (income.current.target, income.is_met) == (2_000_000, True)  # a quarter of the year's
    assert (days.current.target, days.is_met) == (5.0, False)  # 6.7 are more than 5
    assert days.yardsticks[-1] == 5.0  # the clock of the first review
    assert counted.yardstick("days_nda", Q1) == 10.0  # the prototype's approval
    assert counted.yardstick("days_dialogue", Q1) is None
    assert counted.yardstick("self_sufficiency", YEAR) == pytest.approx(0.2)  # one of five years
    assert counted.yardstick("self_sufficiency", Period(2031)) == 1.0


def test_what_changed_is_told_by_groups_and_cases():
    counted = figures()
    (case,) = by_case(counted, "contract", Q2)
    assert (case.case_id, case.value, case.before) == (1, None, 10_000_000)
    origins = {g.key: g.value for g in by_group(counted, "win_rate", Q1, "origin", "ja")}
    assert origins == {"list": 1.0, "hand": 0.0, "portal": 1.0}
    (company,) = by_group(counted, "revenue", Q2, "company", "ja")
    assert (company.name, company.value, company.before) == ("a社", 8_000_000, 0.0)
    told = list(why(counted, "revenue", Q2, "ja"))
    assert told[:2] == [("企業：a社", "+8,000,000円"), ("手段：共同研究", "+8,000,000円")]
    assert view_of(counted, "conversion", Q2).change == 1.0
    assert say_change(0.5, FIGURES["win_rate"], "en") == "+50 points"
    assert say_value(None, FIGURES["days_nda"], "ja") == "–"


def test_parts_of_self_sufficiency_are_shares_of_the_cost_and_add_up_to_it():
    counted = figures()
    parts = by_group(counted, "self_sufficiency", Q1, "company", "ja")
    assert sum(one.value or 0.0 for one in parts) == pytest.approx(3_500_000 / 5_000_000)
    cases = by_case(counted, "self_sufficiency", Q1)
    assert sum(one.value or 0.0 for one in cases) == pytest.approx(3_500_000 / 5_000_000)


def test_a_quarter_of_a_years_target_is_told_as_a_whole_number_of_things():
    told = [say_value(1.5, FIGURES["joint_patents"], language) for language in ("ja", "en")]
    assert told == ["2件", "2"]
    assert say_value(3.0, FIGURES["joint_patents"], "ja") == "3件"


def test_some_cases_alone_are_counted_and_have_no_target():
    some = figures(company="a", type="outbound")
    assert some.value("licence", Q1).value == 500_000
    assert some.value("contract", Q1).value == 0
    assert some.value("win_rate", Q1).value == 1.0
    assert some.value("self_sufficiency", Q1).value is None  # the cost is the whole office's
    assert some.value("indirect", Q1).target is None


def test_fiscal_years_begin_in_april():
    days = (date(2026, 3, 31), date(2026, 4, 1), date(2026, 12, 31), date(2027, 1, 1))
    told = [(period_of(d, "quarter").code, period_of(d, "year").code) for d in days]
    assert told == [
        ("2025Q4", "2025"), ("2026Q1", "2026"), ("2026Q3", "2026"), ("2026Q4", "2026"),
    ]  # fmt: skip
    last = parse_period("2026Q4")
    assert (last.first_day, last.last_day) == (date(2027, 1, 1), date(2027, 3, 31))
    assert [p.code for p in periods_until(Period(2026, 2), 4)] == [
        "2025Q3", "2025Q4", "2026Q1", "2026Q2",
    ]  # fmt: skip
    assert Period(2026, 1).name("ja") == "2026年度第1四半期"
    with pytest.raises(InputError, match="fiscal year or quarter"):
        parse_period("2026Q5")
