"""An office for tests of the API: two companies, needs of every kind, people and portals. Made up."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from catalogue.database.account_models import UserAccount
from catalogue.database.viewer import (
    ADMINISTRATOR,
    ANALYST,
    CHIEF,
    FINANCE,
    IP,
    LEGAL,
    MACHINE,
    PORTAL,
    PROJECT,
    SCOPES,
    VIEWER,
    Viewer,
)
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, SEEDS, Draft

UEDA = Viewer("ueda", CHIEF)
KATO, MORITA = Viewer("kato", PROJECT), Viewer("morita", PROJECT)
SATO, ABE = Viewer("sato", IP), Viewer("abe", LEGAL)
ENDO, OTA, NISHI = Viewer("endo", FINANCE), Viewer("ota", VIEWER), Viewer("nishi", ANALYST)
ROOT = Viewer("root", ADMINISTRATOR)
ALL_SCOPES = frozenset(SCOPES)


def portal(name: str, *companies: str, scopes: frozenset[str] = ALL_SCOPES) -> Viewer:
    return Viewer(name, PORTAL, MACHINE, companies=frozenset(companies), scopes=scopes)


BUILT_ON = "small"
AONAMI, KUROSE = portal("portal-a", "aonami"), portal("portal-k", "kurose")
PEOPLE = (UEDA, KATO, MORITA, SATO, ABE, ENDO, OTA, NISHI, ROOT)
TEXT = "食品包装の薄い膜で、酸素を通しにくいものを探しています。"
OPEN, SECRET, INSIDE = "N-OPEN", "N-SECRET", "N-INSIDE"  # of aonami, aonami, kurose
SHUT = "N/SHUT 1"


def furnish(catalogue: Catalogue, folder: Path) -> None:
    """Write companies, needs, a seed that few may see, and the accounts."""
    drafts = [company("aonami", "青波フーズ"), company("kurose", "黒瀬工業")]
    drafts += [
        need(OPEN, "aonami", area="non-competitive", confidentiality="public"),
        need(SECRET, "aonami", area="competitive", confidentiality="confidential"),
        need(INSIDE, "kurose", area="non-competitive", confidentiality="internal"),
        need(SHUT, "kurose", status="closed", confidentiality="public", area="non-competitive"),
        seed("S-01", "public", 2019),
        seed("S-02", "internal", 2021),
        seed("S-03", "confidential", 2023),
    ]
    outcomes = catalogue.write(drafts, source="test")
    assert {outcome.change for outcome in outcomes} == {"added"}, outcomes
    with catalogue.writing() as connection:
        connection.execute(insert(UserAccount), [account(person) for person in PEOPLE])


def company(organisation_id: str, name: str) -> Draft:
    row = {"organisation_id": organisation_id, "name_ja": name, "kind": "company"}
    return Draft(ORGANISATIONS, row)


def need(need_id: str, organisation_id: str, **values: str) -> Draft:
    row = {"need_id": need_id, "organisation_id": organisation_id, "title": "薄い膜", "text": TEXT}
    return Draft(NEEDS, {**row, "manager": "kato", **values})


def seed(seed_id: str, visibility: str, year: int) -> Draft:
    row = {"kind": "paper", "lang": "ja", "title": f"膜の研究 {seed_id}", "text": "薄い膜。"}
    values = {"seed_id": seed_id, **row, "visibility": visibility, "year": year}
    return Draft(SEEDS, values, people=("R-01",))


def account(viewer: Viewer) -> Mapping[str, Any]:
    made = {"created_at": datetime.now(UTC), "failed_logins": 0, "password_hash": ""}
    return {"user_id": viewer.viewer_id, "name": viewer.viewer_id, "role": viewer.role, **made}
