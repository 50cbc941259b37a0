"""The company that a need names by its name, as far as who writes it may know of one that is there.

A company whose needs, NDAs and memberships are all hidden from them neither tells of itself nor takes the
need: it is as if there were none, so that the need gets a company of its own. Administrators find the two
in the audit trail.
"""

from sqlalchemy import Connection, select

from catalogue.database.record_models import OrganisationKey
from catalogue.database.viewer import Viewer
from catalogue.identity.organisation_names import organisation_keys
from catalogue.importers.general.columns import read_record
from catalogue.importers.general.workplaces import COMPANY
from catalogue.records.drafts import NEEDS, Draft, new_organisation_id
from office.access import audit
from office.companies.finding import present_ids
from office.companies.visibility import is_hidden, sees_organisation

ORGANISATION = "organisation"  # the kind of the audit trail's object


def named_company(
    connection: Connection, viewer: Viewer, need_id: str, name: str
) -> tuple[list[Draft], str]:
    """Return the company's draft, where one is to be written, and the id that the need names."""
    made = read_record(NEEDS, {"need_id": need_id, COMPANY: name}).drafts
    own = str(made[-1].values.get("organisation_id") or "")
    present = present_ids(connection, [own]).get(own, "")
    found = _of_that_name(connection, name) | ({present} if present else set())
    seen = [one for one in sorted(found) if sees_organisation(connection, viewer, one)]
    hidden = [one for one in sorted(found) if is_hidden(connection, viewer, one)]
    if not hidden and (len(found) < 2 or not seen):
        return list(made[:-1]), own
    if seen:
        return [], present if present in seen else seen[0]
    new = new_organisation_id()
    drafts = [Draft(d.table, {**d.values, "organisation_id": new}, d.merge, is_apart=True)
              for d in made[:-1]]  # fmt: skip
    audit.record(connection, viewer, "possible twin", ORGANISATION, new, others=hidden)
    return drafts, new


def _of_that_name(connection: Connection, name: str) -> set[str]:
    keys = organisation_keys(name, name)
    query = select(OrganisationKey.organisation_id).where(OrganisationKey.key.in_(keys))
    return set(connection.execute(query).scalars())
