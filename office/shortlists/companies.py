"""Names of companies that somebody knows of already: those of the needs that they see."""

from sqlalchemy import Connection, select

from catalogue.database.models import Organisation, StoredNeed
from catalogue.database.viewer import Viewer
from office.access.rules import SEE_NEEDS, require, visible_needs

MAX_OFFERED = 500


def known_companies(connection: Connection, viewer: Viewer) -> list[str]:
    """Return the names, each once, in their order."""
    require(viewer, SEE_NEEDS)
    query = (
        select(Organisation.name_ja, Organisation.name_en)
        .join(StoredNeed, StoredNeed.organisation_id == Organisation.organisation_id)
        .where(visible_needs(viewer), StoredNeed.withdrawn_at.is_(None))
        .distinct()
    )
    names = {name_ja or name_en for name_ja, name_en in connection.execute(query)}
    return sorted(names - {""})[:MAX_OFFERED]
