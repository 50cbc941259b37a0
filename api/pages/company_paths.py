"""The address of a company's page."""

from urllib.parse import quote


def company_path(organisation_id: str) -> str:
    """Return the address of a company's page."""
    return f"/companies/{quote(organisation_id, safe='')}"
