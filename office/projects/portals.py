"""Tells portals of projects that their company knows of: the period, and milestones that came to an end."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from catalogue.database.project_models import PLANNED, ProjectMilestone
from office.cases.portals import tell_portals
from office.cases.steps import Plain
from office.projects.drafts import MILESTONE
from office.projects.kept import KeptProject
from office.webhooks.events import PROJECT_MOVED

PERIOD = "period"


def tell_of_project(
    connection: Connection, before: KeptProject, after: KeptProject, step: Mapping[str, Plain]
) -> None:
    """Let portals know of a step of a project; lights, money, people and risks are the office's own."""
    if step["part"] == PERIOD:
        tell_portals(connection, after.case, PROJECT_MOVED, part=PERIOD)
    if step["part"] != MILESTONE:
        return
    number = int(str(step["entry"]))
    was, now = (project.entry(MILESTONE, number) for project in (before, after))
    state = now.said.state if now else PLANNED
    if state not in {PLANNED, was.said.state if was else PLANNED}:
        place = _place(connection, after.case.case_id, number)
        told = {"part": MILESTONE, "milestone": place, "state": state}
        tell_portals(connection, after.case, PROJECT_MOVED, **told)


def _place(connection: Connection, case_id: int, number: int) -> int:
    """Return which of the project's milestones it is, from 1: its number tells how many all projects have."""
    query = select(func.count()).where(
        ProjectMilestone.case_id == case_id, ProjectMilestone.entry_id <= number
    )
    return int(connection.execute(query).scalar_one())
