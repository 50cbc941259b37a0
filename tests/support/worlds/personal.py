"""What a person keeps at hand: three researchers, an open need and one of a closed circle. All made up."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from catalogue.database.account_models import UserAccount
from catalogue.database.viewer import ANALYST, CHIEF, IP, PROJECT, Viewer
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, Draft

HUSHED = "nobody must hear of this glue"
SATO = Viewer("sato", PROJECT, name="佐藤")
TANAKA = Viewer("tanaka", PROJECT, name="田中")
HEAD = Viewer("head", CHIEF)
PATENTS = Viewer("ip", IP)
NUMBERS = Viewer("numbers", ANALYST)


def furnish(catalogue: Catalogue, folder: Path) -> None:
    """Write three researchers and two needs that Sato manages; accounts come with the tests."""
    needs = [
        {"need_id": "N-open", "title": "薄い膜", "text": "食品包装の膜を探しています。",
         "area": "non-competitive", "confidentiality": "public", "manager": "sato"},
        {"need_id": "N-closed", "title": "接着剤", "text": HUSHED,
         "area": "competitive", "manager": "sato"},
    ]  # fmt: skip
    outcomes = catalogue.write(
        [
            Draft(ORGANISATIONS, {"organisation_id": "hu", "name_ja": "星ヶ野大学"}),
            *(
                Draft(RESEARCHERS, {"researcher_id": f"R-{n}", "name_ja": name,
                                    "organisation_id": "hu"})
                for n, name in enumerate(("森 花", "林 海", "岡 空"), start=1)
            ),
            *(Draft(NEEDS, need) for need in needs),
        ],
        source="test",
    )  # fmt: skip
    assert [o for o in outcomes if o.change == "refused"] == []


def account(catalogue: Catalogue, viewer: Viewer, *, disabled: bool = False) -> None:
    """Give somebody an account."""
    now = datetime.now(UTC)
    values = {
        "user_id": viewer.viewer_id, "name": viewer.name, "role": viewer.role, "password_hash": "",
        "failed_logins": 0, "created_at": now, "disabled_at": now if disabled else None,
    }  # fmt: skip
    with catalogue.writing() as connection:
        connection.execute(insert(UserAccount).values(values))
