"""What tests of cases do: open, read, decide, and look at the trail."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from enmusubi.settings import Settings
from office.access.audit import ENTRY
from office.access.scoped import reading_as, writing_as
from office.cases.deciding import GateChoice, decide_gate
from office.cases.decisions import decisions_of
from office.cases.gates import gates_of
from office.cases.kept import CASE_KIND, case_of
from office.cases.opening import CaseDraft, open_case
from office.cases.steps import timeline_of
from tests.support.worlds.screened import NEED, SATO

MONDAY = datetime(2026, 6, 1, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
SETTINGS = Settings()


def opened(catalogue, viewer=SATO, *, need_id=NEED, now=MONDAY, settings=SETTINGS, **draft):
    with writing_as(catalogue, viewer) as connection:
        return open_case(connection, viewer, CaseDraft(need_id, **draft), settings, now=now)


def read(catalogue, case_id, viewer=SATO):
    with reading_as(catalogue, viewer) as connection:
        return case_of(connection, viewer, case_id)


def doing(catalogue, viewer, change, *args, **named):
    """Run a change in a transaction of the viewer's."""
    with writing_as(catalogue, viewer) as connection:
        return change(connection, viewer, *args, **named)


def all_met(catalogue, gate, viewer=SATO):
    with reading_as(catalogue, viewer) as connection:
        return {one.id: "met" for one in gates_of(connection, viewer)[gate].criteria}


def decide(catalogue, viewer, case_id, decision, *, settings=SETTINGS, now=None, **choice):
    """Decide the gate before which a case stands, everything met unless told otherwise."""
    case = read(catalogue, case_id, viewer)
    if "answers" not in choice and case.gate:
        choice["answers"] = all_met(catalogue, case.gate, viewer)
    version = choice.pop("version", case.version)
    made = GateChoice(decision, **choice)
    return decide_gate(
        catalogue, viewer, case_id, made, settings, expected_version=version, now=now
    )


def decisions(catalogue, case_id, viewer=SATO):
    with reading_as(catalogue, viewer) as connection:
        return decisions_of(connection, case_of(connection, viewer, case_id))


def timeline(catalogue, case_id, viewer=SATO):
    with reading_as(catalogue, viewer) as connection:
        return timeline_of(connection, case_of(connection, viewer, case_id))


def trail(catalogue):
    with catalogue.reading() as connection:
        query = select(ENTRY.c.action, ENTRY.c.object_id, ENTRY.c.detail)
        rows = connection.execute(query.where(ENTRY.c.object_kind == CASE_KIND)).all()
    return [(action, number, json.loads(detail)) for action, number, detail in rows]
