"""Tells a company's portals that a membership began, changed or ended: by its record, or by its day."""

from datetime import UTC, date, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, or_, select, update

from catalogue.database.member_models import TOLD_BEGUN, TOLD_ENDED, Membership
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import local_time
from office.companies.finding import present_ids
from office.webhooks.events import MEMBER_BEGUN, MEMBER_CHANGED, MEMBER_ENDED
from office.webhooks.webhooks import enqueue_company_event

_MEMBERSHIPS = cast(Table, Membership.__table__)


def tell_of_membership(connection: Connection, membership_id: int) -> None:
    """Write the messages about a membership that was recorded or changed just now."""
    chosen = _MEMBERSHIPS.c.membership_id == membership_id
    row = connection.execute(select(_MEMBERSHIPS).where(chosen)).mappings().one()
    if not _tell_turn(connection, row, _today()) and row["told"] == TOLD_BEGUN:
        _tell(connection, row, MEMBER_CHANGED)


def tell_of_memberships(catalogue: Catalogue, now: datetime | None = None) -> int:
    """Write the messages about memberships whose first day came, or whose last day passed.

    It may be run again: nothing is told twice. Returns of how many memberships portals are told now.
    """
    today = _today(now)
    begins = (_MEMBERSHIPS.c.told != TOLD_BEGUN) & (_MEMBERSHIPS.c.since <= today)
    ends = (_MEMBERSHIPS.c.told == TOLD_BEGUN) & (_MEMBERSHIPS.c.until < today)
    standing = _MEMBERSHIPS.c.withdrawn_at.is_(None)
    query = select(_MEMBERSHIPS).where(standing, or_(begins, ends))
    with catalogue.writing() as connection:
        rows = connection.execute(query.order_by(_MEMBERSHIPS.c.membership_id)).mappings().all()
        return sum(_tell_turn(connection, row, today) for row in rows)


def _tell_turn(connection: Connection, row: Any, today: date) -> bool:
    """Tell of a beginning or an end that was not told yet; returns whether there was one."""
    is_over = row["until"] is not None and row["until"] < today
    holds = row["withdrawn_at"] is None and row["since"] <= today and not is_over
    if holds == (row["told"] == TOLD_BEGUN):
        return False
    told = {_MEMBERSHIPS.c.told: TOLD_BEGUN if holds else TOLD_ENDED}
    same = _MEMBERSHIPS.c.membership_id == row["membership_id"]
    connection.execute(update(_MEMBERSHIPS).where(same).values(told))
    _tell(connection, row, MEMBER_BEGUN if holds else MEMBER_ENDED)
    return True


def _tell(connection: Connection, row: Any, event: str) -> None:
    company = row["organisation_id"]
    company = present_ids(connection, [company]).get(company, company)
    number = row["public_id"]
    said: dict[str, str | int] = {"membership_id": number, "link": f"/v1/members/{number}"}
    said["kind"] = row["kind"]
    said["since"] = row["since"].isoformat()
    if row["until"]:
        said["until"] = row["until"].isoformat()
    enqueue_company_event(connection, event, company, said)


def _today(now: datetime | None = None) -> date:
    return local_time(now or datetime.now(UTC), "ja").date()
