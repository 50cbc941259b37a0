"""The company that a need names by its name, as far as who writes it may know of one that is there.

A company whose needs, NDAs and memberships are all hidden from them neither tells of itself nor takes the
need: it is as if there were none, so that the need gets a company of its own. Administrators find the two
in the audit trail.
"""

from sqlalchemy import Connection, select

from catalogue.database.record_models import Record
from catalogue.database.viewer import Viewer
from catalogue.importers.general.columns import read_record
from catalogue.importers.general.workplaces import COMPANY
from catalogue.records.drafts import NEEDS, ORGANISATIONS, Draft
from office.companies.finding import present_ids
from office.companies.twins import (
    ORGANISATION,
    companies_of_name,
    hidden_among,
    tell_of_twin,
    under_new_id,
)
from office.companies.visibility import sees_organisation


def named_company(
    connection: Connection, viewer: Viewer, need_id: str, name: str
) -> tuple[list[Draft], str]:
    """Return the company's draft, where one is to be written, and the id that the need names."""
    made = read_record(NEEDS, {"need_id": need_id, COMPANY: name}).drafts
    own = str(made[-1].values.get("organisation_id") or "")
    present = present_ids(connection, [own]).get(own, "")
    found = companies_of_name(connection, name) | ({present} if present else set())
    seen = [one for one in sorted(found) if sees_organisation(connection, viewer, one)]
    hidden = hidden_among(connection, viewer, found)
    if not found:
        return under_new_id(made[:-1], apart=False)
    if not hidden and (len(found) < 2 or not seen):
        return list(made[:-1]), own
    if seen:
        return [], present if present in seen else _first_known(connection, seen)
    drafts, new = under_new_id(made[:-1], apart=True)
    tell_of_twin(connection, viewer, ORGANISATION, new, hidden)
    return drafts, new


def _first_known(connection: Connection, companies: list[str]) -> str:
    """Return of companies of one name the one that the catalogue has had for longest."""
    query = select(Record.row_id).where(
        Record.table_name == ORGANISATIONS, Record.row_id.in_(companies)
    )
    return str(connection.execute(query.order_by(Record.record_id).limit(1)).scalar_one())
