"""An office with accounts of every kind, two companies, and a need that a file brought."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from catalogue.database.account_models import UserAccount
from catalogue.database.viewer import (
    CHIEF,
    FINANCE,
    IP,
    LEGAL,
    MACHINE,
    PORTAL,
    PROJECT,
    SCOPES,
    Viewer,
)
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, Draft

CHIEF_KATO, IP_ABE = Viewer("kato", CHIEF), Viewer("abe", IP)
ITO, MORI = Viewer("ito", PROJECT), Viewer("mori", PROJECT)
PORTAL_ONE = Viewer("portal-1", PORTAL, MACHINE, "", frozenset({"aonami"}), frozenset(SCOPES))


def account(user_id: str, role: str, **fields: Any) -> dict[str, Any]:
    blank = {"name": user_id, "password_hash": "", "failed_logins": 0, "disabled_at": None}
    return {"user_id": user_id, "role": role, "created_at": datetime.now(UTC), **blank, **fields}


def furnish(catalogue: Catalogue, folder: Path) -> None:
    """Write the companies, the need, and the accounts, one of them disabled."""
    catalogue.write([company("aonami"), company("kurose"), filed()], source="file")
    with catalogue.writing() as connection:
        people = [
            ("kato", CHIEF),
            ("abe", IP),
            ("ueda", LEGAL),
            ("ito", PROJECT),
            ("mori", PROJECT),
        ]
        gone = account("saito", IP, disabled_at=datetime.now(UTC))
        connection.execute(insert(UserAccount), [account(*person) for person in people])
        connection.execute(insert(UserAccount), [gone, account("seki", FINANCE)])


def company(name: str) -> Draft:
    return Draft(ORGANISATIONS, {"organisation_id": name, "name_en": name, "kind": "company"})


def filed(**fields: Any) -> Draft:
    """Return the need as its file says it, or said otherwise."""
    said = {"need_id": "n-file", "text": "A thin film.", "horizon": "2027", "manager": "ito"}
    return Draft(NEEDS, {**said, "organisation_id": "kurose", "budget_jpy": 500, **fields})
