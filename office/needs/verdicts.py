"""Judgements that stand, as queries: counted where they lie, in the scope of a viewer's needs."""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Subquery, Table, case, func, select

from catalogue.database.judgement_models import SUITABLE, StoredJudgement
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import Viewer
from catalogue.judgements.shown_lists import current_id
from catalogue.records.source_records import chunks
from office.access.rules import visible_needs

JUDGEMENT = cast(Table, StoredJudgement.__table__)
Counts = tuple[int, int]
"""How many people were judged, and how many of them as suitable."""


def standing_verdicts(viewer: Viewer, *conditions: ColumnElement[bool]) -> Subquery:
    """Return the latest judgement of each pair of a need that the viewer sees and a person.

    The columns are need_id, person (the id of now), verdict, reason, judged_at and rank. `conditions` are
    on rows of `need`.
    """
    stored = JUDGEMENT.c
    person = current_id(stored.researcher_id).label("person")
    newest = stored.judged_at.desc(), stored.judgement_id.desc()
    place = func.row_number().over(partition_by=(stored.need_id, person), order_by=newest)
    told = stored.need_id, stored.verdict, stored.reason, stored.judged_at, stored.rank
    every = (
        select(*told, person, place.label("place"))
        .join(StoredNeed, StoredNeed.need_id == stored.need_id)
        .where(visible_needs(viewer), StoredNeed.withdrawn_at.is_(None), *conditions)
        .where(stored.withdrawn_at.is_(None))
        .subquery()
    )
    return select(every).where(every.c.place == 1).subquery()


def counted_verdicts(
    connection: Connection, viewer: Viewer, need_ids: Iterable[str]
) -> dict[str, Counts]:
    """Return how many people stand judged for each of the needs; those without judgements are out."""
    found: dict[str, Counts] = {}
    for chunk in chunks(sorted(set(need_ids))):
        stands = standing_verdicts(viewer, StoredNeed.need_id.in_(chunk))
        query: Any = select(stands.c.need_id, func.count(), count_suitable(stands))
        for need_id, judged, suitable in connection.execute(query.group_by(stands.c.need_id)):
            found[need_id] = int(judged), int(suitable)
    return found


def count_suitable(stands: Subquery) -> ColumnElement[int]:
    """Return the expression that counts those who stand as suitable."""
    return func.coalesce(func.sum(case((stands.c.verdict == SUITABLE, 1), else_=0)), 0)
