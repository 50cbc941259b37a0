"""Two portals with their companies, and a need of each."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from catalogue.database.account_models import ApiKey, Client, ClientCompany
from catalogue.database.viewer import MACHINE, PORTAL, SCOPES, Viewer
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, Draft

BUILT_ON = "small"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def portal(client_id: str, *companies: str) -> Viewer:
    """Return a portal that acts for these companies."""
    return Viewer(
        client_id, PORTAL, MACHINE, companies=frozenset(companies), scopes=frozenset(SCOPES)
    )


AOBA, KITANO = portal("portal-aoba", "aoba"), portal("portal-kitano", "kitano")


def furnish(catalogue: Catalogue, folder: Path) -> None:
    """Write two companies with a need each, and the portal of each."""
    drafts = [
        draft
        for name in ("aoba", "kitano")
        for draft in (
            Draft(ORGANISATIONS, {"organisation_id": name, "name_ja": f"{name}株式会社"}),
            Draft(NEEDS, {
                "need_id": f"N-{name}", "text": "薄い膜を探しています。", "organisation_id": name,
            }),
        )
    ]  # fmt: skip
    assert "refused" not in {outcome.change for outcome in catalogue.write(drafts, source="test")}
    with catalogue.writing() as connection:
        for viewer in (AOBA, KITANO):
            client = {"client_id": viewer.viewer_id, "name": "", "role": PORTAL}
            connection.execute(insert(Client).values(**client, created_at=NOW))
            for company in viewer.companies:
                bound = {"client_id": viewer.viewer_id, "organisation_id": company}
                connection.execute(insert(ClientCompany).values(**bound))
            key = {"key_id": f"k-{viewer.viewer_id}", "client_id": viewer.viewer_id}
            connection.execute(
                insert(ApiKey).values(
                    **key, secret_hash="", scopes=" ".join(SCOPES), created_at=NOW
                )
            )
