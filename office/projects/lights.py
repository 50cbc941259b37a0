"""The traffic lights of a project: four by stated rules, and one that is the worst of them. Pure.

The rules (docs/projects.md states them): of the schedule by milestones that are overdue, of the money by
what was spent of the budget and of the time, of the risks by probability times impact, and of the people by
the sum of their shares in all projects. A light set by hand stands for the last one until its day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from catalogue.database.project_models import AMBER, GREEN, GREY, RED
from enmusubi.messages import Message
from office.business_days import BusinessDays
from office.projects.kept import KeptProject
from office.projects.shares import ShareOfTime, peak

SCHEDULE, MONEY, RISKS, PEOPLE = "schedule", "money", "risks", "people"
LATE_DAYS = 10  # business days from which on a milestone that is overdue makes red
NEARLY_SPENT, AHEAD = 0.9, 0.2  # of the budget; of the budget before the same share of time
HIGH_RISK, MIDDLE_RISK = 15, 8  # probability times impact, of at most 25
OVERLOAD = 20  # percent above the limit from which on people make red
LOOKED_AHEAD = timedelta(days=92)  # in which people's shares are added up
_SEVERITY = {GREY: 0, GREEN: 1, AMBER: 2, RED: 3}


@dataclass(frozen=True)
class Light:
    """A light and why it is so."""

    color: str
    reason: Message


@dataclass(frozen=True)
class ProjectLights:
    """The lights by what they are of, and the one of the whole; `by_hand` where somebody set that."""

    of: Mapping[str, Light]
    whole: Light
    by_hand: bool = False


@dataclass(frozen=True)
class LightFacts:
    """What the lights are told by besides the project: today, business days, people's time, its limit."""

    today: date
    days: BusinessDays
    shares: Mapping[str, list[ShareOfTime]]  # by person, of all projects that the viewer sees
    limit_percent: int


def severity(color: str) -> int:
    """Return how bad a light is, from 0 for grey to 3 for red."""
    return _SEVERITY[color]


def lights_of(project: KeptProject, facts: LightFacts) -> ProjectLights:
    """Return the lights of a project; that of its money only where the viewer handles it."""
    found = {SCHEDULE: _schedule(project, facts)}
    if project.handles_money:
        found[MONEY] = _money(project, facts.today)
    found |= {RISKS: _risks(project), PEOPLE: _people(project, facts)}
    by_hand = project.hand_light
    if by_hand and by_hand.until >= facts.today:
        told = {"until": by_hand.until.isoformat()}
        return ProjectLights(
            found, Light(by_hand.light, Message("Set by hand until %(until)s.", told)), by_hand=True
        )
    worst = max(found.values(), key=lambda one: severity(one.color))
    return ProjectLights(found, worst)


def _schedule(project: KeptProject, facts: LightFacts) -> Light:
    if not project.milestones:
        return Light(GREY, Message("No milestone is planned yet."))
    late = project.overdue_milestones(facts.today)
    if not late:
        return Light(GREEN, Message("No milestone is overdue."))
    days = max(facts.days.between(one.said.planned_on, facts.today) for one in late)
    reason = Message(
        "Overdue milestones: %(count)s, for up to %(days)s business days.",
        {"count": len(late), "days": days},
    )
    return Light(RED if days > LATE_DAYS else AMBER, reason)


def _money(project: KeptProject, today: date) -> Light:  # noqa: PLR0911 - a rule a line
    budget, spent = project.budget_jpy, project.spent_jpy
    if not budget:
        if spent:
            return Light(RED, Message("Money was spent without a budget."))
        return Light(GREY, Message("There is no budget yet."))
    percent = {"percent": round(100 * spent / budget)}
    if spent > budget:
        return Light(RED, Message("Spent %(percent)s percent of the budget.", percent))
    over = [e for e in project.budgets if project.spent_on_line(e.entry_id) > e.said.amount_jpy]
    if over:
        return Light(AMBER, Message("Lines above their budget: %(count)s.", {"count": len(over)}))
    if spent > NEARLY_SPENT * budget:
        return Light(AMBER, Message("Spent %(percent)s percent of the budget.", percent))
    gone = _time_gone(project, today)
    if gone is not None and spent / budget > gone + AHEAD:
        told = {**percent, "time": round(100 * gone)}
        reason = Message(
            "Spent %(percent)s percent of the budget in %(time)s percent of the time.", told
        )
        return Light(AMBER, reason)
    return Light(GREEN, Message("Spent %(percent)s percent of the budget.", percent))


def _time_gone(project: KeptProject, today: date) -> float | None:
    """Return the share of the project's days that is over, from 0 to 1; None without its days."""
    first, last = project.starts_on, project.ends_on
    if first is None or last is None:
        return None
    return min(max((today - first).days / max((last - first).days, 1), 0.0), 1.0)


def _risks(project: KeptProject) -> Light:
    if not project.risks:
        return Light(GREY, Message("No risk is named yet."))
    bare = [one.said for one in project.risks if one.said.state in {"open", "occurred"}]
    treated = [one.said for one in project.risks if one.said.state == "treated"]
    worst = max((one.score for one in bare), default=0)
    told = {"score": worst}
    if worst >= HIGH_RISK:
        return Light(RED, Message("The greatest open risk has %(score)s of 25.", told))
    if any(one.state == "occurred" for one in bare):
        return Light(AMBER, Message("A risk has occurred."))
    if worst >= MIDDLE_RISK:
        return Light(AMBER, Message("The greatest open risk has %(score)s of 25.", told))
    if any(one.score >= HIGH_RISK for one in treated):
        return Light(AMBER, Message("A great risk is treated, and not over."))
    return Light(
        GREEN, Message("No open risk has %(score)s of 25 or more.", {"score": MIDDLE_RISK})
    )


def _people(project: KeptProject, facts: LightFacts) -> Light:
    people = {project.cards[one.said.researcher_id].researcher_id for one in project.shares}
    if not people:
        return Light(GREY, Message("Nobody has a share of their time in it yet."))
    last = facts.today + LOOKED_AHEAD
    peaks = [peak(facts.shares.get(one, []), facts.today, last) for one in sorted(people)]
    above = [one.percent for one in peaks if one and one.percent > facts.limit_percent]
    if not above:
        return Light(GREEN, Message("Nobody in it is overloaded in the next three months."))
    told = {"count": len(above), "percent": max(above)}
    reason = Message("Overloaded people: %(count)s, with up to %(percent)s percent.", told)
    return Light(RED if max(above) > facts.limit_percent + OVERLOAD else AMBER, reason)
