"""Measures the pages of a ledger with many made-up cases: p50 and p95 of each, in milliseconds.

Writes a catalogue of its own into a temporary folder. Example: python tools/measure_cases.py --cases 5000
"""

import argparse
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Connection, insert

from catalogue.database.case_models import (
    CASE_STAGES,
    CaseDecision,
    CaseEvent,
    CasePerson,
    OfficeCase,
)
from catalogue.database.figure_models import CaseEntry
from catalogue.database.viewer import CHIEF, Viewer
from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, Draft

PAGES = (
    "/cases?view=board",
    "/cases?view=table",
    "/cases?view=table&order=company",
    "/cases?due=overdue",
    "/cases/1",
    "/cases/export.csv",
    "/kpis",
    "/kpis?by=year",
    "/kpis/contract",
)
NEED_COUNT, PEOPLE_COUNT = 1_000, 500


def main() -> None:
    """Fill a catalogue and ask for each page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--times", type=int, default=15)
    chosen = parser.parse_args()
    from tests.support.service import as_viewer, service

    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'catalogue.sqlite'}"
        with open_catalogue(url) as catalogue:
            _fill(catalogue, chosen.cases)
            app = service(catalogue, Path(folder))
            as_viewer(app, Viewer("head", CHIEF))
            with TestClient(app) as client:
                for page in PAGES:
                    print(f"{page:36} {_told(client, page, chosen.times)}")


def _fill(catalogue: Catalogue, count: int) -> None:
    chance = random.Random(0)  # noqa: S311 - made-up data
    drafts = [
        Draft(ORGANISATIONS, {"organisation_id": "c", "name_ja": "ある会社", "kind": "company"})
    ]
    drafts += [
        Draft(RESEARCHERS, {"researcher_id": f"r{n}", "name_ja": f"研究 者{n}"})
        for n in range(PEOPLE_COUNT)
    ]
    drafts += [
        Draft(
            NEEDS,
            {"need_id": f"n{n}", "title": f"ニーズ{n}", "text": "薄い膜。", "organisation_id": "c"},
        )
        for n in range(NEED_COUNT)
    ]
    catalogue.write(drafts, source="made up")
    now = datetime.now(UTC)
    blank: dict[str, Any] = dict.fromkeys(
        ("title", "company", "means", "next_step", "reason", "submitted_by"), ""
    )
    blank |= {"state": "running", "origin": "list", "turn": "office", "is_closed": False}
    blank |= {"is_shared": False, "manager": "head", "clock": "decision", "clock_since": now}
    blank |= {"stage_since": now, "opened_by": "head", "opened_at": now, "changed_by": "head"}
    blank |= {"changed_at": now, "version": 1}
    rows = [
        {
            **blank,
            "case_id": number,
            "need_id": f"n{chance.randrange(NEED_COUNT)}",
            "stage": chance.choice(CASE_STAGES),
            "due_on": (now + timedelta(days=chance.randint(-30, 60))).date(),
        }
        for number in range(1, count + 1)
    ]
    people = [
        {"case_id": n, "researcher_id": f"r{chance.randrange(PEOPLE_COUNT)}", "part": "lead"}
        for n in range(1, count + 1)
    ]
    with catalogue.writing() as connection:
        connection.execute(insert(OfficeCase), rows)
        connection.execute(insert(CasePerson), people)
        _add_history(connection, rows, chance)


def _add_history(
    connection: Connection, cases: list[dict[str, Any]], chance: random.Random
) -> None:
    """Write how each case came to its stage within two years, and an entry for each."""
    decided: dict[str, Any] = {"decision": "go", "skipped": "", "criteria": "[]", "reason": ""}
    decided |= {"decided_by": "head", "role": "chief"}
    events, decisions, entries = [], [], []
    for case in cases:
        number, at = case["case_id"], case["opened_at"] - timedelta(days=chance.randint(200, 700))
        detail = '{"origin": "list", "means": "joint_research"}'
        event = {"case_id": number, "kind": "opened", "at": at, "actor": "head"}
        events.append({**event, "detail": detail, "text": ""})
        for before, gate in pairwise(CASE_STAGES):
            if before == case["stage"]:
                break
            at += timedelta(days=chance.randint(5, 40))
            moved = {"gate": gate, "from_stage": before, "to_stage": gate, "decided_at": at}
            due = {"submitted_at": at, "due_on": (at + timedelta(days=3)).date()}
            decisions.append({**decided, **moved, **due, "case_id": number})
        money = {"kind": "contract", "happened_on": at.date(), "amount": 1_000_000, "note": ""}
        by: dict[str, Any] = {"recorded_by": "head", "recorded_at": at, "withdrawn_by": ""}
        entries.append({**money, **by, "case_id": number})
    connection.execute(insert(CaseEvent), events)
    connection.execute(insert(CaseDecision), decisions)
    connection.execute(insert(CaseEntry), entries)


def _told(client: TestClient, page: str, times: int) -> str:
    taken = []
    for _ in range(times + 1):  # the first one warms up
        began = time.perf_counter()
        answer = client.get(page)
        taken.append(1_000 * (time.perf_counter() - began))
        if answer.status_code != 200:
            raise SystemExit(f"{page}: {answer.status_code}")
    ordered = sorted(taken[1:])
    p95 = ordered[round(0.95 * (len(ordered) - 1))]
    return f"p50 {statistics.median(ordered):7.1f} ms   p95 {p95:7.1f} ms"


if __name__ == "__main__":
    main()
