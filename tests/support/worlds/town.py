"""A town to attack: people of every role, machines with their companies, needs and seeds of every kind.

All of it is made up.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import delete, insert

from catalogue.database.service_models import NeedGuest
from catalogue.database.viewer import (
    ADMINISTRATOR,
    ANALYST,
    CHIEF,
    FINANCE,
    HR,
    IP,
    LEGAL,
    MATCHES_READ,
    MEMBER,
    METRICS_READ,
    NEEDS_READ,
    PORTAL,
    PROJECT,
    SCOPES,
    VIEWER,
    Viewer,
)
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, SEEDS, Draft
from enmusubi.mail_settings import MailSettings
from office.access.rules import NeedFacts
from office.accounts.machines import Machines
from office.accounts.users import Users
from office.members.memberships import MembershipDraft, keep_membership
from office.members.users import invite

BUILT_ON = "small"
OPERATOR = Viewer("operator", ADMINISTRATOR)
ROLES = {
    "head": CHIEF, "kato": PROJECT, "morita": PROJECT, "sato": IP, "suzuki": IP, "abe": LEGAL,
    "endo": FINANCE, "jinji": HR, "nishi": ANALYST, "ota": VIEWER, "root": ADMINISTRATOR,
}  # fmt: skip
MEMBERS = {"user@aonami.example": "aonami", "user@kurose.example": "kurose"}
AUTHOR = "mori"  # a viewer who is named on the seeds of R-01
MACHINES = {
    "portal-a": (PORTAL, ("aonami",), SCOPES),
    "portal-k": (PORTAL, ("kurose",), SCOPES),
    "portal-m": (PORTAL, ("aonami",), (METRICS_READ,)),
    "notebook": (ANALYST, (), (MATCHES_READ, NEEDS_READ)),
}
TEXT = "食品包装の薄い膜を探しています。We look for a thin film for food packaging."
_BOUND = {"organisation_id": "aonami", "manager": "kato"}
NEED_ROWS: Mapping[str, dict[str, str]] = {
    "N-open": {**_BOUND, "area": "non-competitive", "confidentiality": "public"},
    "N-inside": {**_BOUND, "area": "non-competitive", "confidentiality": "internal"},
    "N-silent": {**_BOUND, "area": "non-competitive", "confidentiality": "confidential"},
    "N-rival": {**_BOUND, "area": "competitive", "confidentiality": "public"},
    "N/undeclared 1": {**_BOUND, "confidentiality": "public"},
    "N-guests": {**_BOUND, "area": "competitive", "confidentiality": "confidential"},
    "N-kurose": {
        "organisation_id": "kurose", "manager": "endo", "area": "competitive",
        "confidentiality": "internal",
    },
}  # fmt: skip
GUESTS = ("sato", "abe")  # of N-guests
SEED_ROWS = {  # visibility and the patent's status
    "S-public": ("public", ""),
    "S-inside": ("internal", ""),
    "S-secret": ("confidential", ""),
    "S-filing": ("public", "unpublished"),
}
PEOPLE = (
    *(Viewer(login, role) for login, role in ROLES.items()),
    Viewer(AUTHOR, VIEWER, researcher_id="R-01"),
)


def furnish(catalogue: Catalogue, folder: Path) -> None:
    """Write the needs and seeds, the accounts, and the machines without their keys."""
    companies = {"aonami": "青波フーズ", "kurose": "黒瀬工業"}
    rows = [
        Draft(ORGANISATIONS, {"organisation_id": key, "name_ja": name, "kind": "company"})
        for key, name in companies.items()
    ]
    for number, (need_id, row) in enumerate(NEED_ROWS.items(), start=1):
        named = {"need_id": need_id, "title": f"題 {need_id}", "text": TEXT}
        rows.append(Draft(NEEDS, {**named, "posted_on": date(2026, 1, number), **row}))
    for seed_id, (visibility, status) in SEED_ROWS.items():
        seed = {
            "seed_id": seed_id, "kind": "patent" if status else "paper", "lang": "ja",
            "title": f"膜の研究 {seed_id}", "text": "薄い膜。", "year": 2020, "visibility": visibility,
        }  # fmt: skip
        more = {"patent_status": status} if status else {}
        rows.append(Draft(SEEDS, {**seed, **more}, people=("R-01",)))
    rows.append(Draft(RESEARCHERS, {"researcher_id": "R-02", "name_ja": "林 海"}))
    refused = [found for found in catalogue.write(rows, source="test") if found.rejections]
    assert refused == [], refused
    users, machines = Users(catalogue), Machines(catalogue)
    for person in PEOPLE:
        known_as = {"name": person.viewer_id, "researcher_id": person.researcher_id or None}
        users.create(OPERATOR, person.viewer_id, role=person.role, **known_as)
    let_members_in(catalogue)
    for name, (role, companies, _) in MACHINES.items():
        machines.create(OPERATOR, name, role=role, companies=companies)
    ask_guests_in(catalogue)


def let_members_in(catalogue: Catalogue) -> None:
    """Make the town's companies members, each with a user."""
    head = Viewer("head", CHIEF)
    with catalogue.writing() as connection:
        for email, company in MEMBERS.items():
            keep_membership(connection, head, MembershipDraft(company, date(2026, 1, 1)))
            invite(
                connection, head, company, email=email, name=email, language="ja",
                mail=MailSettings(), by_mail=False,
            )  # fmt: skip


def member(email: str) -> Viewer:
    """Return a user of one of the town's members."""
    return Viewer(email, MEMBER, name=email, companies=frozenset({MEMBERS[email]}))


def ask_guests_in(catalogue: Catalogue) -> None:
    """Let the guests of the town's needs be those that the rules are asked of."""
    now = datetime.now(UTC)
    asked = {"need_id": "N-guests", "invited_by": "kato", "invited_at": now}
    with catalogue.writing() as connection:
        connection.execute(delete(NeedGuest))
        connection.execute(insert(NeedGuest), [{**asked, "user_id": login} for login in GUESTS])


def facts(need_id: str) -> NeedFacts:
    """Return what the rules ask of a need of the town."""
    row = NEED_ROWS[need_id]
    return NeedFacts(
        row.get("area", ""),
        row["confidentiality"],
        row["manager"],
        row["organisation_id"],
        frozenset(GUESTS) if need_id == "N-guests" else frozenset(),
    )
