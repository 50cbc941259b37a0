"""Tells portals of projects that their company knows of: the period, and milestones that came to an end."""

from collections.abc import Mapping

from sqlalchemy import Connection

from catalogue.database.project_models import PLANNED
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
        told = {"part": MILESTONE, "milestone": number, "state": state}
        tell_portals(connection, after.case, PROJECT_MOVED, **told)
