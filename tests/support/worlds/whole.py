"""A made-up catalogue with rows in every table, and what a database holds of it."""

from datetime import UTC, date, datetime

from sqlalchemy import func, insert, select

from catalogue.database.schema import tables_in_order
from catalogue.judgements.judgements import Judgement, record_judgement
from catalogue.judgements.shown_lists import record_shown
from catalogue.records.choices import choose_works
from catalogue.records.drafts import (
    NEEDS,
    ORGANISATIONS,
    RESEARCHERS,
    SEEDS,
    Draft,
    Merge,
    Rejection,
)
from catalogue.records.import_runs import begin_run, store_rejections
from enmusubi.messages import Message
from matcher.records import Match, MatchList, ResearcherCard

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ORCID = "0000-0002-1825-0097"
PAPER = {"kind": "paper", "title": "粘土の膜"}
TERMS = {"posted_on": date(2026, 1, 2), "budget_jpy": 10**13}


def furnish(catalogue, folder):
    office = [
        Draft(
            ORGANISATIONS,
            {"organisation_id": "kasumi", "name_ja": "霞野大学", "kind": "university"},
        ),
        Draft(
            RESEARCHERS,
            {
                "researcher_id": "r1",
                "name_ja": "森 花",
                "orcid": ORCID,
                "organisation_id": "kasumi",
            },
        ),
        Draft(RESEARCHERS, {"researcher_id": "r2", "name_en": "Jiro “J.” Sato 🧵", "orcid": ORCID}),
        Draft(
            SEEDS,
            {"seed_id": "s1", "kind": "paper", "title": "粘土の膜", "text": "長い。" * 20_000},
            people=("r1",),
        ),
        Draft(
            NEEDS,
            {
                "need_id": "n1",
                "text": "湿気を\nふせぐ。",
                "posted_on": date(2026, 1, 2),
                "budget_jpy": 10**13,
            },
        ),
    ]
    catalogue.write(office, source="office")
    mention = Draft(
        RESEARCHERS,
        {"researcher_id": "A1", "name_en": "Hana Mori", "openalex_id": "A1"},
        Merge.FILL,
    )
    copy = {
        "seed_id": "W1",
        "kind": "paper",
        "title": "Films of clay",
        "doi": "10.1/a",
        "year": 2020,
    }
    catalogue.write([mention, Draft(SEEDS, copy, people=("A1", "r1"))], source="openalex", rank=60)
    matches = (
        Match(1, ResearcherCard("r1"), 0.1 + 0.2, (), 0.75),
        Match(2, ResearcherCard("r2"), -1.5, ()),
    )
    shown = MatchList("n1", "ja", matches, 2, "v000001", "made up", reranker="linear@0a")
    record_shown(catalogue, shown, "nightly", top=10, now=NOW)
    with catalogue.writing() as connection:
        early = Judgement("n1", "r2", "not_suitable", "too_early", judged_at=NOW)
        for judgement in (early, Judgement("n1", "r1", stage="nda", judged_by="mori")):
            record_judgement(connection, judgement)
        choose_works(connection, "r1", ["s1"], "representative", NOW)
        run = begin_run(connection, "f", "general", NOW, restart=False)
        rejection = Rejection("", Message("x"), file="a.csv", row=2)
        store_rejections(connection, run, [(rejection, '"a",\t=1+1')])
        for table in tables_in_order():
            if connection.execute(select(func.count()).select_from(table)).scalar_one() == 0:
                connection.execute(insert(table).values(_made_up(table)))


OF_ALLOWED_VALUES = {
    "declared_interest": {"kind": "shares"},
    "person_limit": {"kind": "running"},
    "clearance": {"decision": "cleared"},
    "inquiry": {"answer": "interested"},
    "office_case": {
        "stage": "nda", "state": "running", "means": "alliance", "origin": "list",
        "turn": "office", "clock": "", "reason": "",
    },
    "case_person": {"part": "lead"},
    "case_decision": {
        "gate": "nda", "decision": "go", "from_stage": "dialogue", "to_stage": "nda",
    },
    "case_document": {"kind": "plan", "gate": "nda"},
    "case_event": {"kind": "opened"},
    "gate_template": {"gate": "nda"},
    "project": {"light": "amber"},
    "project_part": {"state": "running"},
    "project_milestone": {"state": "planned"},
    "project_budget": {"kind": "travel"},
    "project_spending": {"origin": "hand"},
    "project_risk": {"state": "open"},
    "means_edit": {"name": "cvc"},
    "case_entry": {"kind": "licence"},
    "case_template": {"outcome": "success"},
    "estimate_version": {"state": "checked"},
    "case_plan": {"language": "ja"},
    "case_maturity": {"step": "module"},
    "contract_checklist": {"kind": "nda"},
    "made_contract": {"kind": "nda"},
    "contract_template": {"kind": "licence", "language": "en"},
    "need_veil_mark": {"decision": "accepted"},
    "need_kind": {"kind": "disruptive"},
    "membership": {"kind": "regular", "told": "begun"},
    "sign_in_link": {"purpose": "invited"},
    "company_sign_in": {"kind": "domain"},
    "hand_over_item": {"hand_over_id": 1, "kind": "need"},
    "second_factor": {"kind": "totp"},
}  # fmt: skip


def _made_up(table):
    """Return values for one row: those of one name are equal, so that rows find their owners."""
    given = {"role": "analyst", "state": "queued", **dict.fromkeys(("need_id",), "n1")}
    if table.name == "mail":  # one that was sent: what waits is held when it is restored
        given |= {"kind": "invitation", "next_at": None}
    given |= OF_ALLOWED_VALUES.get(table.name, {})
    values = {str: "x; 膜", int: 7, float: 0.5, bool: True, datetime: NOW, date: NOW.date()}
    return {
        column.name: given.get(column.name, values[column.type.python_type])
        for column in table.columns
        if not (column.primary_key and column.type.python_type is int and column.autoincrement)
    }


def content(catalogue):
    with catalogue.reading() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in tables_in_order()
        }
