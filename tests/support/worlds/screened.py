"""An office whose need, people and companies meet every rule of screening. All of it is made up."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from catalogue.database.account_models import UserAccount
from catalogue.database.case_models import CasePerson, OfficeCase
from catalogue.database.inquiry_models import Inquiry
from catalogue.database.judgement_models import ShownList, StoredJudgement
from catalogue.database.screening_models import (
    CompanyGroup,
    CompetitorPair,
    DeclaredInterest,
    PastEmployer,
    PersonLimit,
)
from catalogue.database.viewer import CHIEF, FINANCE, IP, LEGAL, PROJECT, VIEWER, Viewer
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, SEEDS, Draft
from office.screening.company_ties import name_key

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
SATO, HEAD = Viewer("sato", PROJECT), Viewer("head", CHIEF)
LAW, PATENTS = Viewer("houmu", LEGAL), Viewer("chizai", IP)
MONEY, GUEST = Viewer("zaimu", FINANCE), Viewer("guest", VIEWER)
NEED, CLOSED, PLAIN = "N-1", "N-2", "N-3"
COMPANY, OWNER, DAUGHTER = "青波化学株式会社", "青波ホールディングス株式会社", "青波包装株式会社"
SISTER, RIVAL = "青波電子株式会社", "黒瀬工業株式会社"
NAMES = (
    "Aoi Mori", "Ben Sato", "Chie Abe", "Dan Ito", "Emi Kondo", "Fumi Ogawa", "Goro Saito",
    "Hana Ueki", "Ichiro Wada", "Jun Yano",
)  # fmt: skip
RECORDED: dict[str, Any] = {"source": "made up", "recorded_at": NOW}


def furnish(catalogue: Catalogue, folder: Path) -> None:
    """Write companies, people, seeds, needs and accounts; interests and limits come with each test."""
    drafts = [*_companies(), *_people(), *_seeds(), *_needs()]
    refused = [o for o in catalogue.write(drafts, source="test") if o.change == "refused"]
    assert refused == [], refused
    blank = {"password_hash": "", "failed_logins": 0, "created_at": NOW, "name": ""}
    users = [SATO, HEAD, LAW, PATENTS, MONEY, GUEST]
    with catalogue.writing() as connection:
        rows = [{"user_id": u.viewer_id, "role": u.role, **blank} for u in users]
        connection.execute(insert(UserAccount), rows)
        group(connection, OWNER, COMPANY)
        group(connection, OWNER, SISTER)
        group(connection, COMPANY, DAUGHTER)


def group(connection: Connection, parent: str, child: str) -> None:
    keys = {"parent_key": name_key(parent), "child_key": name_key(child)}
    connection.execute(insert(CompanyGroup).values(parent=parent, child=child, **keys, **RECORDED))


def rivals(connection: Connection, first: str, second: str, field_id: str = "") -> None:
    keys = {"first_key": name_key(first), "second_key": name_key(second)}
    connection.execute(
        insert(CompetitorPair).values(
            first=first, second=second, field_id=field_id, **keys, **RECORDED
        )
    )


def interest(connection: Connection, person: str, company: str, kind: str, **more: Any) -> str:
    """Write a declared interest; returns its id as evidence names it."""
    values = {"researcher_id": person, "organisation": company, "kind": kind, "remark": "内密"}
    named = {"organisation_key": name_key(company), **values, **RECORDED, **more}
    key = connection.execute(insert(DeclaredInterest).values(**named)).inserted_primary_key
    assert key is not None
    return f"interest:{key[0]}"


def limit(connection: Connection, person: str, kind: str, **more: Any) -> None:
    values = {"researcher_id": person, "kind": kind, "remark": "", **RECORDED, **more}
    connection.execute(insert(PersonLimit).values(**values))


def employer(connection: Connection, user_id: str, company: str, until: date | None) -> None:
    values = {"user_id": user_id, "organisation": company, "organisation_key": name_key(company)}
    connection.execute(insert(PastEmployer).values(**values, until=until, **RECORDED))


def reached(connection: Connection, need_id: str, person: str, stage: str) -> None:
    values = {"need_id": need_id, "researcher_id": person, "stage": stage, "judged_at": NOW}
    said = {"verdict": "suitable", "reason": "", "judged_by": "sato", "origin": "api"}
    connection.execute(insert(StoredJudgement).values(**values, **said))


def at_work(connection: Connection, need_id: str, person: str, stage: str, **more: Any) -> int:
    """Write a case with a person in it, running unless `state` says else; returns its number."""
    row: dict[str, Any] = dict.fromkeys(
        ("title", "company", "means", "next_step", "reason", "clock", "submitted_by"), ""
    )
    row |= {"need_id": need_id, "stage": stage, "state": "running", "origin": "hand"}
    row |= {"turn": "office", "is_shared": False, "is_closed": False, "manager": "sato"}
    row |= dict.fromkeys(("stage_since", "opened_at", "changed_at"), NOW)
    row |= {"opened_by": "sato", "changed_by": "sato", "version": 1, **more}
    key = connection.execute(insert(OfficeCase).values(**row)).inserted_primary_key
    assert key is not None
    within = {"case_id": key[0], "researcher_id": person, "part": "lead"}
    connection.execute(insert(CasePerson).values(**within))
    return int(key[0])


def asked(connection: Connection, need_id: str, person: str, answer: str = "", **more: Any) -> int:
    """Write an inquiry that waits until TODAY, or its answer; returns its number."""
    row: dict[str, Any] = dict.fromkeys(
        ("address", "reminder_hash", "revoked_by", "who_else", "remark", "noted_by"), ""
    )
    row |= {"need_id": need_id, "researcher_id": person, "language": "ja", "message": "-"}
    row |= {"token_hash": "-", "asked_by": "sato", "asked_at": NOW, "answer": answer}
    row |= {"expires_at": NOW + timedelta(hours=1), "answered_at": NOW if answer else None, **more}
    key = connection.execute(insert(Inquiry).values(**row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def shown_in(connection: Connection, need_id: str, field_id: str) -> None:
    """Let a need's newest list have been of a field."""
    made = {"index_version": "v1", "reranker": "", "top": 1, "source": "api", "shown_at": NOW}
    connection.execute(insert(ShownList).values(need_id=need_id, field_id=field_id, **made))


def _companies() -> list[Draft]:
    names = {"aonami": COMPANY, "kurose": RIVAL, "denshi": SISTER}
    rows = [
        {"organisation_id": key, "name_ja": name, "kind": "company"} for key, name in names.items()
    ]
    rows[0]["name_en"] = "Aonami Chemical Co., Ltd."
    rows.append({"organisation_id": "hu", "name_ja": "星ヶ野大学", "kind": "university"})
    return [Draft(ORGANISATIONS, row) for row in rows]


def _people() -> list[Draft]:
    people = [
        Draft(RESEARCHERS, {"researcher_id": f"R-{n}", "name_en": name, "organisation_id": "hu"})
        for n, name in enumerate(NAMES, start=1)
    ]  # fmt: skip
    staff = {"researcher_id": "R-staff", "name_en": "Worker", "organisation_id": "aonami"}
    return [*people, Draft(RESEARCHERS, staff)]


def _seeds() -> list[Draft]:
    def seed(seed_id: str, kind: str, year: int, people: tuple[str, ...], **more: str) -> Draft:
        values: dict[str, Any] = {
            "seed_id": seed_id,
            "kind": kind,
            "title": seed_id,
            "year": year,
            **more,
        }
        return Draft(SEEDS, {"visibility": "public", "lang": "ja", **values}, people=people)

    return [
        seed("S-paper", "paper", 2024, ("R-1",), companies=f"別会社株式会社; {COMPANY}"),
        seed("S-old", "paper", 2009, ("R-1",), companies=COMPANY),
        seed("S-patent", "patent", 2025, ("R-1",), companies="AONAMI CHEMICAL CO LTD"),
        seed("S-grant", "grant", 2023, ("R-2",), companies=DAUGHTER),
        seed("S-staff", "paper", 2022, ("R-2", "R-staff")),
        seed("S-rival", "grant", 2025, ("R-3",), companies=RIVAL),
        seed("S-hidden", "paper", 2025, ("R-4",), companies=COMPANY, visibility="confidential"),
    ]


def _needs() -> list[Draft]:
    named: dict[str, Any] = {
        "organisation_id": "aonami",
        "manager": "sato",
        "posted_on": date(2026, 5, 1),
    }
    open_one = {"area": "non-competitive", "confidentiality": "public"}
    closed = {"area": "competitive", "confidentiality": "confidential"}
    return [
        Draft(NEEDS, {"need_id": NEED, "title": "薄い膜", "text": "薄い膜。", **named, **open_one}),
        Draft(NEEDS, {"need_id": CLOSED, "title": "接着剤", "text": "秘密。", **named, **closed}),
        Draft(NEEDS, {"need_id": PLAIN, "title": "塗料", "text": "塗料。", **open_one}),
    ]
