"""Who makes accounts in these tests, with which password, and what is left of it."""

from argon2 import PasswordHasher
from sqlalchemy import select

from catalogue.database.service_models import AuditEntry
from catalogue.database.viewer import ADMINISTRATOR, Viewer
from catalogue.records.catalogue import Catalogue
from office.access.audit import verify

OPERATOR = Viewer("operator", ADMINISTRATOR)
PASSWORD = "four words that stay"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def trail(catalogue: Catalogue) -> list[tuple[str, str, str]]:
    """Return actor, action and id of the audit trail's entries, which must be whole."""
    with catalogue.reading() as connection:
        assert verify(connection).is_whole
        query = select(AuditEntry.actor, AuditEntry.action, AuditEntry.object_id)
        return [tuple(row) for row in connection.execute(query.order_by(AuditEntry.entry_id))]
