"""Titles of the needs that a desk refers to, as far as its owner may see them."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from catalogue.database.models import StoredNeed
from catalogue.database.viewer import Viewer
from catalogue.records.source_records import chunks
from office.access.rules import visible_needs


def titles_of(connection: Connection, viewer: Viewer, need_ids: Iterable[str]) -> dict[str, str]:
    """Return the title of each need that the viewer sees; others are not in it."""
    found: dict[str, str] = {}
    for chunk in chunks(sorted(set(need_ids))):
        query = select(StoredNeed.need_id, StoredNeed.title).where(
            StoredNeed.need_id.in_(chunk), visible_needs(viewer), StoredNeed.withdrawn_at.is_(None)
        )
        found |= {row.need_id: row.title for row in connection.execute(query)}
    return found
