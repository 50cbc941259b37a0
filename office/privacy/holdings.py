"""What every table holds of a person: the one place that export and forgetting go by.

A table that stands neither here nor in NOBODY fails a test: whoever adds one says what becomes of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DELETED, ANONYMISED, KEPT = "deleted", "anonymised", "kept"


@dataclass(frozen=True)
class Holding:
    """How a table holds a person, and what becomes of that when they are forgotten.

    `ids` are the columns that name them by id; a row of theirs is deleted, or kept under an id that
    leads to nobody, its columns in `blank` emptied. `lists` are columns with JSON or ids in a row, of
    which their part alone goes. Where a row quotes them otherwise, columns in `cleared` are emptied.
    `pairs` are columns with a list of JSON of which they are a part: the row goes with it.
    """

    ids: tuple[str, ...] = ()
    then: str = DELETED
    blank: Mapping[str, Any] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()


ID_FIELDS = frozenset({"lead", "lead_id"})  # of JSON, that name somebody by id among other things
OF_RECORDS = frozenset({"record", "researcher", "researcher_key", "authorship", "seed"})
HOLDINGS: Mapping[str, Holding] = {
    "record": Holding(),  # these five by `forget_records`
    "researcher": Holding(("researcher_id",)),
    "researcher_key": Holding(("researcher_id",)),
    "authorship": Holding(("researcher_id",)),
    "seed": Holding(),
    "identity_link": Holding(("first_id", "second_id")),
    "seed_choice": Holding(("researcher_id",)),
    "opt_out": Holding(("researcher_id",)),
    "shown_match": Holding(("researcher_id",), ANONYMISED),
    "judgement": Holding(("researcher_id",), ANONYMISED),
    "shortlisted": Holding(("researcher_id",)),
    "match_note": Holding(("researcher_id",)),
    "inquiry": Holding(("researcher_id",)),
    "dormant_finding": Holding(("researcher_id",)),
    "declared_interest": Holding(("researcher_id",)),
    "person_limit": Holding(("researcher_id",)),
    "clearance": Holding(("researcher_id",), ANONYMISED, {"evidence": "[]", "reason": ""}),
    "user_account": Holding(
        ("researcher_id",),
        ANONYMISED,
        {"name": "", "email": "", "password_hash": "", "oidc_subject": None},
    ),
    "case_person": Holding(("researcher_id",)),
    "case_event": Holding(lists=("detail",)),
    "project_share": Holding(("researcher_id",)),
    "project_part": Holding(lists=("lead",)),
    "case_plan": Holding(lists=("content",)),
    "made_contract": Holding(lists=("content",)),
    "saved_team": Holding(lists=("members", "lead")),
    "saved_search": Holding(lists=("known", "news")),
    "released_list": Holding(lists=("content",)),
    "job": Holding(lists=("request", "result")),
    "kept_answer": Holding(lists=("body",)),
    "webhook_delivery": Holding(lists=("payload",)),
    "hand_over_item": Holding(pairs=("object_id",)),
    "rejection": Holding(cleared=("raw", "found", "message", "shape")),
}
NOBODY: Mapping[str, str] = {
    "organisation": "companies and universities",
    "organisation_key": "their names",
    "company_group": "companies",
    "competitor_pair": "companies",
    "need": "what companies ask; a text may name anybody, which is told",
    "nda": "companies",
    "company_profile": "companies",
    "dormant_look": "counts",
    "need_kind": "needs, and accounts of the office",
    "need_purpose": "needs",
    "need_veil": "needs in other words, and accounts of the office",
    "need_veil_mark": "words of needs",
    "office_case": "needs and companies; its people are in case_person, a text may name anybody",
    "case_decision": "reasons that the office wrote, and its accounts",
    "case_document": "names of documents that the office wrote",
    "estimate_version": "costs; a text may name anybody",
    "case_maturity": "reasons that the office wrote",
    "contract_checklist": "remarks that the office wrote",
    "contract_template": "files of the office, before a name is filled in",
    "case_entry": "amounts of money; a note may name anybody",
    "case_template": "what the office learnt, and its accounts; a text may name anybody",
    "case_template_use": "cases, and accounts of the office",
    "office_cost": "amounts of money",
    "figure_target": "figures to reach",
    "membership": "companies; their contacts are people of companies",
    "company_sign_in": "companies",
    "sign_in_link": "accounts, not researchers",
    "delegation": "accounts of the office",
    "hand_over": "accounts of the office",
    "gate_template": "criteria",
    "case_view": "accounts of the office",
    "project": "reasons that the office wrote, and its accounts",
    "project_milestone": "what the office plans",
    "project_budget": "lines of budgets",
    "project_spending": "amounts of money; a note may name anybody",
    "project_risk": "risks, and accounts of the office; a text may name anybody",
    "project_minutes": "what the office wrote; a text may name anybody",
    "project_action": "what the office does, and its accounts; a text may name anybody",
    "means_edit": "rows of the table of means",
    "shown_list": "needs and versions; its people are in shown_match",
    "import_run": "counts",
    "table_reading": "columns of tables",
    "suppression": "hashes of those who were forgotten",
    "client": "machines",
    "client_company": "companies",
    "api_key": "machines",
    "access_token": "machines",
    "user_session": "accounts, not researchers",
    "second_factor": "accounts, not researchers",
    "recovery_code": "accounts, not researchers",
    "known_device": "accounts, not researchers",
    "privacy_notice": "what the office tells everybody",
    "forgetting": "who is being forgotten, until their files are looked through",
    "past_employer": "accounts of the office, not researchers",
    "need_guest": "accounts of the office",
    "webhook": "portals",
    "mail": "what mails are about, by number; letters are written when they are sent",
    "audit_entry": "ids alone, chained by hash; a retention setting ends it",
}


def without_person(said: Any, ids: frozenset[str]) -> Any:
    """Return a value of JSON without what it says of a person.

    Their entries in lists go, what is said under their id, and all of an object that is about them.
    """
    if isinstance(said, list):
        return [without_person(part, ids) for part in said if not _is_of(part, ids)]
    if isinstance(said, dict):
        if _is_of(said, ids):
            return {}
        left = {name: without_person(part, ids) for name, part in said.items() if name not in ids}
        return {n: "" if n in ID_FIELDS and _is_of(part, ids) else part for n, part in left.items()}
    return said


def _is_of(part: Any, ids: frozenset[str]) -> bool:
    if isinstance(part, str):
        return part in ids
    if not isinstance(part, dict):
        return False
    inner = part.get("researcher")
    named = (
        part.get("researcher_id"),
        inner.get("researcher_id") if isinstance(inner, dict) else None,
    )
    return any(isinstance(one, str) and one in ids for one in named)
