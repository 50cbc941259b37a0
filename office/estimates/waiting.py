"""Which estimates wait for a check by a user."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select, true

from catalogue.database.case_models import OfficeCase
from catalogue.database.money_models import ASKED, RETURNED
from catalogue.database.viewer import CHIEF, FINANCE, Viewer
from office.access.rules import CHECK_ESTIMATES, may, visible_cases
from office.cases.kept import with_needs
from office.delegations.acting import in_place_of, may_or_stands_in
from office.delegations.standing_in import absent
from office.estimates.kept import ESTIMATES, KeptEstimate, kept_estimate


def count_to_check(connection: Connection, viewer: Viewer) -> int:
    """Return how many estimates wait for a check by the viewer; none where their role checks none."""
    if not may_or_stands_in(viewer, CHECK_ESTIMATES):
        return 0
    return int(connection.execute(_to_check(viewer, func.count())).scalar_one())


def estimates_to_check(
    connection: Connection, viewer: Viewer, *, limit: int = 1_000
) -> tuple[KeptEstimate, ...]:
    """Return the estimates that wait for a check by the viewer, those that have waited longest first."""
    if not may_or_stands_in(viewer, CHECK_ESTIMATES):
        return ()
    ordered = _to_check(viewer, ESTIMATES).order_by(ESTIMATES.c.asked_at, ESTIMATES.c.row_id)
    rows = connection.execute(ordered.limit(limit)).mappings()
    return tuple(kept_estimate(row, newest=True) for row in rows)


def sent_back(connection: Connection, viewer: Viewer) -> list[KeptEstimate]:
    """Return the estimates that the viewer wrote or put up, and that were sent back, the oldest first."""
    mine = (ESTIMATES.c.made_by == viewer.viewer_id) | (ESTIMATES.c.asked_by == viewer.viewer_id)
    query = _newest(viewer, ESTIMATES).where(ESTIMATES.c.state == RETURNED, mine)
    rows = connection.execute(query.order_by(ESTIMATES.c.checked_at, ESTIMATES.c.row_id))
    return [kept_estimate(row, newest=True) for row in rows.mappings()]


def _newest(viewer: Viewer, *columns: Any) -> Any:
    """Return the query for versions of cases that the viewer sees, after which none came."""
    later = ESTIMATES.alias()
    newer = select(later.c.row_id).where(
        later.c.estimate_id == ESTIMATES.c.estimate_id, later.c.version > ESTIMATES.c.version
    )
    query = select(*columns).select_from(ESTIMATES)
    return query.where(ESTIMATES.c.case_id.in_(_seen_by(viewer)), ~newer.exists())


def _to_check(viewer: Viewer, *columns: Any) -> Any:
    """Return the query for versions that wait, none came after, and somebody else wrote."""
    query = _newest(viewer, *columns).where(
        ESTIMATES.c.state == ASKED, ESTIMATES.c.made_by != viewer.viewer_id
    )
    if may(viewer, CHECK_ESTIMATES):
        return query.where(_is_asked(viewer.role))
    in_place = (  # nobody checks in the place of who wrote it, or does not see it
        and_(
            _is_asked(away.role),
            ESTIMATES.c.made_by != away.user_id,
            ESTIMATES.c.case_id.in_(_seen_by(absent(away))),
        )
        for away in viewer.stands_in
        if in_place_of(replace(viewer, stands_in=(away,)), CHECK_ESTIMATES)
    )
    return query.where(or_(false(), *in_place))


def _is_asked(role: str) -> ColumnElement[bool]:
    """Return the condition on versions that a role is asked for.

    The chief is asked for those alone that finance does not see: of cases of a closed circle.
    """
    if role != CHIEF:
        return true()
    return ESTIMATES.c.case_id.not_in(_seen_by(Viewer("", FINANCE)))  # whoever has the role


def _seen_by(viewer: Viewer) -> Any:
    return with_needs(select(OfficeCase.case_id)).where(visible_cases(viewer))
