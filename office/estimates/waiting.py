"""Which estimates wait for a check by a user."""

from typing import Any

from sqlalchemy import Connection, func, select

from catalogue.database.case_models import OfficeCase
from catalogue.database.money_models import ASKED
from catalogue.database.viewer import CHIEF, FINANCE, Viewer
from office.access.rules import CHECK_ESTIMATES, may, visible_cases
from office.cases.kept import with_needs
from office.estimates.kept import ESTIMATES, KeptEstimate, kept_estimate


def count_to_check(connection: Connection, viewer: Viewer) -> int:
    """Return how many estimates wait for a check by the viewer; none where their role checks none."""
    if not may(viewer, CHECK_ESTIMATES):
        return 0
    return int(connection.execute(_to_check(viewer, func.count())).scalar_one())


def estimates_to_check(
    connection: Connection, viewer: Viewer, *, limit: int
) -> tuple[KeptEstimate, ...]:
    """Return the estimates that wait for a check by the viewer, those that have waited longest first."""
    if not may(viewer, CHECK_ESTIMATES):
        return ()
    ordered = _to_check(viewer, ESTIMATES).order_by(ESTIMATES.c.asked_at, ESTIMATES.c.row_id)
    rows = connection.execute(ordered.limit(limit)).mappings()
    return tuple(kept_estimate(row, newest=True) for row in rows)


def _to_check(viewer: Viewer, *columns: Any) -> Any:
    """Return the query for versions that wait, none came after, and somebody else wrote.

    The chief is asked for those alone that finance does not see or wrote: of cases of a closed circle.
    """
    later = ESTIMATES.alias()
    newer = select(later.c.row_id).where(
        later.c.estimate_id == ESTIMATES.c.estimate_id, later.c.version > ESTIMATES.c.version
    )
    cases = with_needs(select(OfficeCase.case_id)).where(visible_cases(viewer))
    query = (
        select(*columns)
        .select_from(ESTIMATES)
        .where(
            ESTIMATES.c.state == ASKED,
            ESTIMATES.c.made_by != viewer.viewer_id,
            ESTIMATES.c.case_id.in_(cases),
            ~newer.exists(),
        )
    )
    if viewer.role == CHIEF:
        finance = Viewer("", FINANCE)  # whoever has the role
        theirs = with_needs(select(OfficeCase.case_id)).where(visible_cases(finance))
        query = query.where(ESTIMATES.c.case_id.not_in(theirs))
    return query
