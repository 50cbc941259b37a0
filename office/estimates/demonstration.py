"""Made-up estimates, plans and contracts for the cases of `enmusubi demo`; each says that it is made up."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from catalogue.database.case_models import (
    DISCOVERY,
    FULL_PROTOTYPE,
    NDA,
    RUNNING,
    SMALL_PROTOTYPE,
)
from catalogue.database.money_models import JOINT_RESEARCH_CONTRACT, NON_DISCLOSURE, UNIT
from catalogue.database.viewer import CHIEF, LOCAL_VIEWER, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from office.access.scoped import writing_as
from office.cases.kept import CASES, KeptCase, case_of
from office.contracts.checklists import SETTLED, save_checklist
from office.contracts.templates import add_template
from office.estimates.amounts import CostLine, Estimate, Percentages
from office.estimates.kept import (
    ESTIMATES,
    KeptEstimate,
    ask_for_check,
    check_estimate,
    save_estimate,
)
from office.maturity.standing import set_standing
from office.plans.kept import save_plan

CHECKER = Viewer("demo-finance", CHIEF)  # somebody else than who wrote them; sees every case
EVERY = 3  # of the cases past their discovery, every third has an estimate
PLANS = 4  # of those with an estimate, so many have a plan
CONTRACTS = 4  # of the running cases, so many have a contract that was begun
FIRST_YEAR = 2027


@dataclass(frozen=True)
class MadeUpEstimates:
    """How many were written."""

    estimates: int = 0
    plans: int = 0


def make_demonstration_estimates(catalogue: Catalogue, settings: Settings) -> MadeUpEstimates:
    """Write made-up estimates, plans, a checklist and a template; nothing where an estimate is there."""
    with writing_as(catalogue, LOCAL_VIEWER) as connection:
        if connection.execute(select(func.count()).select_from(ESTIMATES)).scalar_one():
            return MadeUpEstimates()
        query = select(CASES.c.case_id).where(CASES.c.stage != DISCOVERY).order_by(CASES.c.case_id)
        chosen = list(connection.execute(query).scalars())[::EVERY]
        cases = [case_of(connection, LOCAL_VIEWER, number) for number in chosen]
        for place, case in enumerate(cases):
            _make_estimate(connection, case, place)
        planned = cases[:PLANS]
        for place, case in enumerate(planned):
            edited = {"risks": _texts()["risk"]} if place == 0 else {}
            save_plan(connection, LOCAL_VIEWER, case.case_id, "ja", edited, settings)
        if planned:
            number = planned[0].case_id
            save_plan(connection, LOCAL_VIEWER, number, "en", {}, settings)
            set_standing(connection, LOCAL_VIEWER, number, UNIT, _texts()["standing"])
        _begin_contracts(connection)
        _add_template(connection)
    return MadeUpEstimates(len(cases), len(planned))


def _begin_contracts(connection: Connection) -> None:
    """Begin the joint research contract of cases that run and have come to one."""
    query = select(CASES.c.case_id).where(
        CASES.c.state == RUNNING, CASES.c.stage.in_((NDA, SMALL_PROTOTYPE, FULL_PROTOTYPE))
    )
    said = {name: (SETTLED, note) for name, note in _texts()["contract"].items()}
    for number in connection.execute(query.order_by(CASES.c.case_id).limit(CONTRACTS)).scalars():
        save_checklist(
            connection, LOCAL_VIEWER, number, JOINT_RESEARCH_CONTRACT, said, expected_version=0
        )


def _make_estimate(connection: Connection, case: KeptCase, place: int) -> KeptEstimate:
    """Write an estimate and lead it on: a draft, one that waits, one checked, one sent back."""
    texts = _texts()
    kind = place % len(texts["lines"])
    lines = tuple(
        CostLine(year, of, text, unit, Decimal(quantity))
        for year, of, text, unit, quantity in texts["lines"][kind]
    )
    rates = Percentages(Decimal(10), Decimal(20), Decimal(10))
    years = max(line.year for line in lines)
    title, note = texts["titles"][kind], texts["note"]
    estimate = Estimate(title, years, rates, lines, FIRST_YEAR, note)
    kept = save_estimate(connection, LOCAL_VIEWER, case.case_id, estimate)
    number = (case.case_id, kept.estimate_id)
    if place % 4:
        kept = ask_for_check(connection, LOCAL_VIEWER, *number, expected_tag=None)
    if place % 4 > 1:
        accepts = place % 4 == 2
        remark = "" if accepts else texts["remark"]
        kept = check_estimate(
            connection, CHECKER, *number, accepts=accepts, remark=remark, expected_tag=None
        )
    return kept


def _add_template(connection: Connection) -> None:
    from docx import Document

    document: Any = Document()
    for line in _texts()["template"]:
        document.add_paragraph(line)
    content = io.BytesIO()
    document.save(content)
    name = _texts()["template_name"]
    add_template(connection, LOCAL_VIEWER, NON_DISCLOSURE, "ja", name, content.getvalue())


@cache
def _texts() -> Mapping[str, Any]:
    stored: dict[str, Any] = json.loads(
        Path(__file__).with_name("demonstration.json").read_text("utf-8")
    )
    return stored
