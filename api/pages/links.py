"""Addresses of this service's own pages, whatever characters an id has."""

from urllib.parse import quote


def researcher_path(researcher_id: str) -> str:
    """Return the address of a researcher's page."""
    return f"/researchers/{quote(researcher_id, safe='')}"


def need_path(need_id: str) -> str:
    """Return the address of a need's page."""
    return f"/needs/{quote(need_id, safe='')}"
