"""Companies that go by the name of a hidden one: they stay apart from it, and administrators are told.

Who writes a name down learns nothing of a company of which they may not know: what they write is of a company
of its own, and both stand in the audit trail as a possible twin.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from catalogue.database.record_models import OrganisationKey
from catalogue.database.viewer import Viewer
from catalogue.identity.organisation_names import organisation_keys
from catalogue.records.drafts import Draft, new_organisation_id
from office.access import audit
from office.companies.visibility import is_hidden

ORGANISATION = "organisation"  # the kind of the audit trail's object


def companies_of_name(connection: Connection, name: str) -> set[str]:
    """Return the ids of the companies that have a name, whoever asks."""
    keys = organisation_keys(name, name)
    query = select(OrganisationKey.organisation_id).where(OrganisationKey.key.in_(keys))
    return set(connection.execute(query).scalars())


def hidden_among(connection: Connection, viewer: Viewer, found: Iterable[str]) -> list[str]:
    """Return those companies of which the viewer may not know."""
    return [one for one in sorted(found) if is_hidden(connection, viewer, one)]


def under_new_id(drafts: Iterable[Draft], *, apart: bool) -> tuple[list[Draft], str]:
    """Return a company's drafts under an id by chance, and that id; apart: from others of its name.

    A company that nobody knew gets such an id, too: one made of the name would tell whoever makes it of the
    name as well that no hidden company has it.
    """
    new = new_organisation_id()
    return [
        Draft(one.table, {**one.values, "organisation_id": new}, one.merge, is_apart=apart)
        for one in drafts
    ], new


def tell_of_twin(
    connection: Connection, viewer: Viewer, kind: str, object_id: str, hidden: list[str]
) -> None:
    """Note for administrators what goes by the name of hidden companies."""
    audit.record(connection, viewer, "possible twin", kind, object_id, others=hidden)
