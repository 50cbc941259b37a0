"""For which needs a researcher was listed, as far as the viewer may see them.

A list that somebody was shown may owe its order to confidential seeds. Who may not be shown those is
told of the nights' lists alone, which public seeds make.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from catalogue.database.judgement_models import NIGHTLY
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import Viewer
from catalogue.judgements.shown_lists import SHOWN_LIST, SHOWN_MATCH
from catalogue.records.catalogue import Catalogue
from catalogue.records.source_records import aware
from matcher.records import CONFIDENTIAL
from office.access.rules import SEE_NEEDS, matched_visibilities, may, visible_needs
from office.access.scoped import reading_as
from office.shortlists.people import ids_of


@dataclass(frozen=True)
class Appearance:
    """A researcher's place in the newest list of a need that held them."""

    need_id: str
    title: str = field(repr=False)
    status: str
    rank: int
    shown_at: datetime


def appearances(
    catalogue: Catalogue, viewer: Viewer, researcher_id: str, *, limit: int = 50
) -> list[Appearance]:
    """Return the needs for which a researcher was listed, the newest list first; one line a need."""
    if not may(viewer, SEE_NEEDS):
        return []
    columns = SHOWN_LIST.c.need_id, StoredNeed.title, StoredNeed.status
    with reading_as(catalogue, viewer) as connection:
        query = (
            select(*columns, SHOWN_MATCH.c.rank, SHOWN_LIST.c.shown_at)
            .join(SHOWN_MATCH, SHOWN_MATCH.c.list_id == SHOWN_LIST.c.list_id)
            .join(StoredNeed, StoredNeed.need_id == SHOWN_LIST.c.need_id)
            .where(
                SHOWN_MATCH.c.researcher_id.in_(ids_of(connection, researcher_id)),
                visible_needs(viewer),
                StoredNeed.withdrawn_at.is_(None),
            )
            .order_by(SHOWN_LIST.c.shown_at.desc(), SHOWN_LIST.c.list_id.desc(), SHOWN_MATCH.c.rank)
        )
        if CONFIDENTIAL not in matched_visibilities(viewer):
            query = query.where(SHOWN_LIST.c.source == NIGHTLY)
        found: dict[str, Appearance] = {}
        for need_id, title, status, rank, shown_at in connection.execute(query):
            found.setdefault(need_id, Appearance(need_id, title, status, rank, aware(shown_at)))
    return list(found.values())[:limit]
