"""What the tests of the office's pages look at: its paths, its audit trail, its forms."""

import re

from sqlalchemy import select, update

from catalogue.database.models import StoredNeed
from catalogue.database.service_models import AuditEntry
from office.needs.reading import need_of
from tests.support.worlds.pages import CLOSED_NEED, HEAD, OPEN_NEED

CLOSED_PATH = f"/needs/{CLOSED_NEED}"
OPEN_PATH = f"/needs/{OPEN_NEED}"
ODD_PATH = "/needs/N%2F2%20%25"
BOTH = "薄い膜 thin film packaging"  # words of both researchers' evidence


def audited(catalogue, action: str) -> list[tuple[str, str, str]]:
    with catalogue.reading() as connection:
        query = select(AuditEntry.actor, AuditEntry.object_id, AuditEntry.detail)
        return [tuple(row) for row in connection.execute(query.where(AuditEntry.action == action))]


def version_of(catalogue, need_id: str) -> str:
    with catalogue.reading() as connection:
        return need_of(connection, HEAD, need_id).version


def form_of(page: str) -> dict[str, str]:
    """Return the fields of a need's form as a browser would send them back."""
    fields = dict(re.findall(r'<input(?:[^>]*?) name="(\w+)"[^>]*? value="([^"]*)"', page))
    fields |= dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)</textarea>', page))
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


def release_form(page: str) -> dict[str, str | list[str]]:
    """Return what the page of a release sends back as it stands: everybody ticked, nothing confirmed."""
    fields: dict[str, str | list[str]] = dict(
        re.findall(r'<input type="hidden" name="(mark|whom|once)" value="([^"]*)"', page)
    )
    fields["person"] = re.findall(r'name="person" value="([^"]+)" checked', page)
    return fields


def concerns_on(page: str) -> list[str]:
    """Return what the page of a release wants to be confirmed."""
    return re.findall(r'name="confirmed" value="([^"]+)" required', page)


def worded(catalogue, text: str) -> None:
    """Let the open need have another text."""
    with catalogue.writing() as connection:
        chosen = StoredNeed.need_id == OPEN_NEED
        connection.execute(update(StoredNeed).where(chosen).values(text=text))
