"""The made-up year of the demonstration: the same every time, at all stages, and quick."""

from collections import Counter
from zoneinfo import ZoneInfo

from sqlalchemy import select

from catalogue.database.case_models import CASE_STAGES
from office.access.scoped import reading_as
from office.business_days import BusinessDays
from office.cases.demonstration import COUNT, make_demonstration_cases
from office.cases.kept import CASES
from office.estimates.demonstration import make_demonstration_estimates
from office.estimates.kept import ESTIMATES
from office.projects.demonstration import make_demonstration_projects
from office.projects.portfolio import ProjectFilter, portfolio
from tests.office.cases.steps import MONDAY, SETTINGS, timeline
from tests.support.worlds.screened import HEAD, NEED


def test_a_year_of_cases_stands_at_all_stages_with_outcomes_and_is_not_made_twice(catalogue):
    suits = [(NEED, f"R-{n}") for n in range(1, 11)]
    assert make_demonstration_cases(catalogue, SETTINGS, suits, MONDAY) == COUNT
    assert make_demonstration_cases(catalogue, SETTINGS, suits, MONDAY) == 0
    with catalogue.reading() as connection:
        rows = connection.execute(select(CASES).order_by(CASES.c.case_id)).mappings().all()
    assert set(Counter(row["stage"] for row in rows)) == set(CASE_STAGES)
    states = Counter(row["state"] for row in rows)
    assert set(states) >= {"running", "declined", "completed"} and states["running"] > 10
    assert any(row["due_on"] and row["due_on"] < MONDAY.date() for row in rows)
    assert all(row["stage_since"] <= MONDAY for row in rows)
    days = BusinessDays(SETTINGS.cases)
    moments = [
        row[name].astimezone(ZoneInfo("Asia/Tokyo"))
        for row in rows
        for name in ("opened_at", "stage_since")
    ]
    assert all(days.is_one(one.date()) and 9 <= one.hour < 18 for one in moments)
    assert all("架空" in row["title"] for row in rows if not row["need_id"])
    assert make_demonstration_projects(catalogue, SETTINGS) > 5
    assert make_demonstration_projects(catalogue, SETTINGS) == 0
    with reading_as(catalogue, HEAD) as connection:
        projects = portfolio(connection, HEAD, ProjectFilter(state="all"), SETTINGS)
    assert {"red", "amber"} <= {one.lights.whole.color for one in projects}
    assert all(one.project.milestones and one.project.budget_jpy > 0 for one in projects)
    assert any(one.project.shares for one in projects)
    made = make_demonstration_estimates(catalogue, SETTINGS)
    assert made.estimates > 8 and made.plans == 4
    assert make_demonstration_estimates(catalogue, SETTINGS).estimates == 0
    with catalogue.reading() as connection:
        kept = connection.execute(select(ESTIMATES.c.state, ESTIMATES.c.content)).all()
    assert {state for state, _ in kept} == {"draft", "asked", "checked", "returned"}
    assert all("架空" in content for _, content in kept)
    first = timeline(catalogue, rows[0]["case_id"], HEAD)
    assert "Made up" in first[-1].text
