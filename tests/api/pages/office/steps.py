"""What the tests of the office's pages look at: its paths, its audit trail, its forms."""

import re

from sqlalchemy import select

from catalogue.database.service_models import AuditEntry
from office.needs.reading import need_of
from tests.support.worlds.pages import CLOSED_NEED, HEAD, OPEN_NEED

CLOSED_PATH = f"/needs/{CLOSED_NEED}"
OPEN_PATH = f"/needs/{OPEN_NEED}"
ODD_PATH = "/needs/N%2F2%20%25"


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
