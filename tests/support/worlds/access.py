"""An office in which every role meets every kind of need and of seed, for the tests of who sees what.

The PostgreSQL catalogue belongs to an ordinary role, which its own policies bind.
"""

from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert

from catalogue.database.account_models import UserAccount
from catalogue.database.case_models import CasePerson, OfficeCase
from catalogue.database.figure_models import OfficeCost
from catalogue.database.inquiry_models import Inquiry
from catalogue.database.judgement_models import ShownList, ShownMatch, StoredJudgement
from catalogue.database.member_models import Membership
from catalogue.database.models import AREAS, OWN
from catalogue.database.outbound_models import CompanyProfile, DormantFinding, NeedKind
from catalogue.database.project_models import ProjectBudget, ProjectMilestone
from catalogue.database.record_models import ImportRun, Record, StoredRejection
from catalogue.database.service_models import (
    Job,
    KeptAnswer,
    MatchNote,
    NeedGuest,
    ReleasedList,
    SavedSearch,
    SavedTeam,
    Shortlisted,
)
from catalogue.database.viewer import (
    ADMINISTRATOR,
    ANALYST,
    CHIEF,
    FINANCE,
    HR,
    IP,
    LEGAL,
    LOCAL_VIEWER,
    MACHINE,
    MATCHES_READ,
    MEMBER,
    NEEDS_READ,
    PORTAL,
    PROJECT,
    SCOPES,
    VIEWER,
    Viewer,
)
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, SEEDS, Draft
from matcher.records import VISIBILITIES
from office.access.rules import NeedFacts, sees_need, sees_seed

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS = {"kato": CHIEF, "ito": PROJECT, "mori": PROJECT, "abe": IP, "ueda": LEGAL, "oda": IP}
ALL_SCOPES = frozenset(SCOPES)
VIEWERS = (
    LOCAL_VIEWER,
    *(Viewer(name, role) for name, role in ACCOUNTS.items()),
    *(Viewer("x", role) for role in (FINANCE, HR, ANALYST, VIEWER, ADMINISTRATOR, MEMBER)),
    Viewer("p1", PORTAL, MACHINE, "", frozenset({"aonami"}), ALL_SCOPES),
    Viewer("p2", PORTAL, MACHINE, "", frozenset({"aonami", "kurose"}), ALL_SCOPES),
    Viewer("p3", PORTAL, MACHINE, "", frozenset(), ALL_SCOPES),
    Viewer("p4", PORTAL, MACHINE, "", frozenset({"aonami"}), frozenset({NEEDS_READ})),
    Viewer("p5", PORTAL, MACHINE, "", frozenset({"aonami"}), frozenset({MATCHES_READ})),
    Viewer("a1", ANALYST, MACHINE, "", frozenset({"aonami"}), ALL_SCOPES),
    Viewer("a2", ANALYST, MACHINE, "", frozenset(), frozenset()),
    Viewer("named", VIEWER, researcher_id="r1"),
    Viewer("abroad", FINANCE, researcher_id="r2"),
    Viewer("admin", ADMINISTRATOR, researcher_id="r1"),
)
NAMES = [f"{v.role}-{v.viewer_id}" for v in VIEWERS]
CALLED = (frozenset[str](), frozenset({"abe"}), frozenset({"ueda", "oda"}), frozenset({"mori"}))
FACTS = {
    f"n{number:03}": NeedFacts(*facts)
    for number, facts in enumerate(
        product(AREAS, VISIBILITIES, ("", "ito", "abe"), ("aonami", "kurose", ""), CALLED)
    )
}
REFUSED_RUN = {
    **{"run_id": 99, "fingerprint": "-", "format": "general", "started_at": NOW},
    **{"progress": "{}", "counts": "{}"},
}
REFUSED_ROW = {
    **{"run_id": 99, "file": "needs.csv", "row": 7, "field": "text", "reason": "-"},
    **{"shape": "-", "scope": "row", "raw": "A thin film."},
}
PEOPLE = (("r1",), ("r2",), ("r1", "r2"))
SEED_FACTS = {
    f"s{number:02}": facts
    for number, facts in enumerate(product(VISIBILITIES, ("", "unpublished", "granted"), PEOPLE))
}


def furnish(catalogue: Catalogue, folder: Path) -> None:
    """Write a need and a seed of every kind, guests, lists given out, notes and shortlists."""
    companies = ({"organisation_id": name, "name_en": name} for name in ("aonami", "kurose"))
    catalogue.write(
        [
            *(Draft(ORGANISATIONS, {**company, "kind": "company"}) for company in companies),
            *(need(need_id, facts) for need_id, facts in FACTS.items()),
            *(Draft(RESEARCHERS, {"researcher_id": r, "name_en": r}) for r in ("r1", "r2")),
            *(seed(seed_id, *facts) for seed_id, facts in SEED_FACTS.items()),
        ],
        source="made up",
    )
    blank = {"password_hash": "", "failed_logins": 0, "created_at": NOW}
    people = [{"user_id": u, "name": u, "role": role, **blank} for u, role in ACCOUNTS.items()]
    guests = [(need_id, user) for need_id, facts in FACTS.items() for user in facts.guests]
    with catalogue.writing() as connection:
        connection.execute(insert(UserAccount), people)
        called = [{"need_id": n, "user_id": u} for n, u in guests]
        stamped = [{**row, "invited_by": "ito", "invited_at": NOW} for row in called]
        connection.execute(insert(NeedGuest), stamped)
        given = {"released_by": "ito", "released_at": NOW, "content": "{}"}
        connection.execute(insert(ReleasedList), [{"need_id": n, **given} for n in FACTS])
        noted = {"researcher_id": "r1", "author": "ito", "text": "-", "written_at": NOW}
        connection.execute(insert(MatchNote), [{"need_id": n, **noted} for n in FACTS])
        kept = {"name": "-", "members": '["r1", "r2"]', "lead": "r1", "version": 1}
        kept |= {"saved_by": "ito", "saved_at": NOW, "changed_by": "ito", "changed_at": NOW}
        connection.execute(insert(SavedTeam), [{"need_id": n, **kept} for n in FACTS])
        letter = dict.fromkeys(("message", "address", "token_hash", "reminder_hash"), "")
        letter |= dict.fromkeys(("revoked_by", "answer", "who_else", "remark", "noted_by"), "")
        letter |= {"researcher_id": "r1", "language": "ja", "asked_by": "ito"}
        letter |= {"asked_at": NOW, "expires_at": NOW}
        connection.execute(insert(Inquiry), [{"need_id": n, **letter} for n in FACTS])
        other_directions(connection)
        let_in_as_members(connection)
        open_cases(connection)
        spent = {"fiscal_year": 2025, "amount_jpy": 1, "note": "", "changed_by": "ito"}
        connection.execute(insert(OfficeCost), [{**spent, "changed_at": NOW, "version": 1}])
        judge_all(connection)
        for viewer in VIEWERS:
            keep_at_hand(connection, viewer.viewer_id)
            keep_work(connection, viewer.owner)
        connection.execute(insert(ImportRun), [REFUSED_RUN])
        connection.execute(insert(StoredRejection), [REFUSED_ROW])


def other_directions(connection):
    """A company profile, and of each need a kind and what a new seed is for it."""
    texts = ("name_ja", "name_en", "business_ja", "business_en", "products_ja", "products_en")
    more = ("fields", "membership", "homepage", "source", "recorded_by", "organisation_key")
    profile = {**dict.fromkeys((*texts, *more), ""), "recorded_at": NOW}
    connection.execute(insert(CompanyProfile).values(profile))
    found = {"researcher_id": "r1", "seed_id": "s1", "probability": 0.5, "found_at": NOW}
    rows = [{"need_id": n, **found, "noted_by": ""} for n in FACTS]
    connection.execute(insert(DormantFinding), rows)
    kinds = [{"need_id": n, "kind": "disruptive", "set_by": "ito", "set_at": NOW} for n in FACTS]
    connection.execute(insert(NeedKind), kinds)


def let_in_as_members(connection: Connection) -> None:
    """Write a membership of each company, and one from when Aonami had another id."""
    blank = dict.fromkeys(
        ("contacts", "terms", "source", "recorded_by", "withdrawn_by", "told"), ""
    )
    blank |= {"kind": "regular", "since": NOW.date(), "recorded_at": NOW, "version": 1}
    rows = [{**blank, "organisation_id": one} for one in ("aonami", "kurose", "before")]
    connection.execute(insert(Membership), rows)
    joined = {"table_name": ORGANISATIONS, "source": "-", "source_key": "before", "content": "{}"}
    joined |= {"home_id": "before", "row_id": "aonami", "authority": OWN, "rank": 9}
    joined |= {"changed_at": NOW, "run_id": 1, "run_row": 1, "change": "added"}
    connection.execute(insert(Record), [joined])


def open_cases(connection: Connection) -> None:
    """Write two cases of each need, one that its company knows of, and two without a need."""
    blank = dict.fromkeys(("title", "company", "means", "next_step", "reason", "submitted_by"), "")
    blank |= {"stage": "nda", "state": "running", "origin": "list", "turn": "office", "clock": ""}
    blank |= {"stage_since": NOW, "opened_by": "x", "opened_at": NOW, "changed_by": "x"}
    blank |= {"changed_at": NOW, "version": 1, "is_closed": False, "is_shared": False}
    rows = [{"need_id": n, "is_shared": shared} for n in FACTS for shared in (False, True)]
    rows += [{"need_id": "", "is_closed": closed} for closed in (False, True)]
    numbered = [{"case_id": n, "manager": "ito", **row} for n, row in enumerate(rows, start=1)]
    connection.execute(insert(OfficeCase), [{**blank, **row} for row in numbered])
    person = {"researcher_id": "r1", "part": "lead"}
    connection.execute(insert(CasePerson), [{**person, "case_id": r["case_id"]} for r in numbered])
    blank = {
        "added_by": "ito",
        "changed_by": "ito",
        "added_at": NOW,
        "changed_at": NOW,
        "removed_by": "",
    }
    for row in numbered:
        entry = {**blank, "case_id": row["case_id"], "name": "x"}
        milestone = {**entry, "planned_on": NOW.date(), "state": "planned"}
        connection.execute(insert(ProjectMilestone).values(**milestone))
        connection.execute(insert(ProjectBudget).values(**entry, kind="travel", amount_jpy=1))


def judge_all(connection: Connection) -> None:
    """Write for each need a list that was shown, with r1 in it, and a judgement of r1."""
    shown = {"index_version": "v1", "reranker": "", "top": 1, "source": "api", "shown_at": NOW}
    lists = {need_id: number for number, need_id in enumerate(FACTS, start=1)}
    rows = [{"list_id": number, "need_id": n, **shown} for n, number in lists.items()]
    connection.execute(insert(ShownList), rows)
    first = {"rank": 1, "researcher_id": "r1", "score": 1.0, "probability": None}
    connection.execute(insert(ShownMatch), [{"list_id": i, **first} for i in lists.values()])
    said = {"verdict": "suitable", "reason": "", "stage": "", "judged_by": "ito", "origin": "api"}
    whom = {"researcher_id": "r1", "judged_at": NOW, "rank": 1}
    judged = [{"need_id": n, "list_id": i, **whom, **said} for n, i in lists.items()]
    connection.execute(insert(StoredJudgement), judged)


def keep_at_hand(connection: Connection, user_id: str) -> None:
    mine = {"user_id": user_id, "need_id": "n000"}
    connection.execute(
        insert(Shortlisted),
        [{**mine, "researcher_id": f"r-{uuid4().hex}", "added_at": NOW}],
    )
    search = {"name": "-", "text": "", "filters": "{}", "alert": False, "known": "[]"}
    connection.execute(insert(SavedSearch), [{**mine, **search, "news": "[]", "created_at": NOW}])


def keep_work(connection: Connection, owner: str) -> None:
    """Write a job and a kept answer of an owner."""
    connection.execute(insert(Job), [job(owner)])
    connection.execute(insert(KeptAnswer), [kept_answer(owner)])


def job(owner: str) -> dict[str, Any]:
    done = {"kind": "matches", "state": "done", "done": 1, "total": 1, "fault": ""}
    mine = {"job_id": f"job_{uuid4().hex}", "owner": owner, "created_at": NOW}
    return {**mine, **done, "request": "{}", "result": "{}"}


def kept_answer(owner: str) -> dict[str, Any]:
    answer = {"request_hash": "-", "status": 201, "headers": "{}", "body": "{}"}
    return {"owner": owner, "key": uuid4().hex, **answer, "created_at": NOW}


def need(need_id: str, facts: NeedFacts) -> Draft:
    return Draft(
        NEEDS,
        {
            "need_id": need_id,
            "text": "A thin film.",
            "area": facts.area,
            "confidentiality": facts.confidentiality,
            "manager": facts.manager,
            "organisation_id": facts.organisation_id,
            "posted_on": date(2026, 1, 1 + int(need_id[1:]) % 7),
        },
    )


def seed(seed_id: str, visibility: str, patent_status: str, people: tuple[str, ...]) -> Draft:
    values = {"visibility": visibility, "patent_status": patent_status, "companies": "Aonami"}
    return Draft(
        SEEDS, {"seed_id": seed_id, "kind": "patent", "title": seed_id, **values}, people=people
    )


def seen_needs(viewer: Viewer) -> set[str]:
    return {need_id for need_id, facts in FACTS.items() if sees_need(viewer, facts)}


def seen_seeds(viewer: Viewer) -> set[str]:
    return {
        seed_id
        for seed_id, (visibility, status, people) in SEED_FACTS.items()
        if sees_seed(viewer, visibility, frozenset(people), status)
    }


def ids(connection: Connection, query: Any) -> set[str]:
    return set(connection.execute(query).scalars())
