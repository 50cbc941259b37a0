"""Released lists and what their companies' portals answered: who suits, who does not, who is open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from catalogue.database.judgement_models import API, SUITABLE
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import CHIEF, OF_COMPANIES, Viewer
from catalogue.identity.links import rows_of
from catalogue.records.source_records import chunks
from office.access.rules import visible_needs
from office.needs.releases import RELEASED, people_of_document
from office.needs.verdicts import JUDGEMENT

SHOWN_RELEASES = 5


@dataclass(frozen=True)
class AnsweredRelease:
    """A released list: how many people it has, and how many of them the company judged since.

    `answered_at` is when it last did; None while it has said nothing.
    """

    release_id: int
    need_id: str
    title: str = field(repr=False)
    lang: str
    released_at: datetime
    revoked_at: datetime | None
    people: int
    suitable: int
    not_suitable: int
    answered_at: datetime | None


def answered_releases(
    connection: Connection, viewer: Viewer, *, limit: int = SHOWN_RELEASES
) -> tuple[AnsweredRelease, ...]:
    """Return the newest lists of needs that the user sees and manages, or that they released.

    The chief is shown everybody's.
    """
    query = (
        select(RELEASED, StoredNeed.title, StoredNeed.lang)
        .join(StoredNeed, StoredNeed.need_id == RELEASED.c.need_id)
        .where(visible_needs(viewer), StoredNeed.withdrawn_at.is_(None))
    )
    if viewer.role != CHIEF:
        theirs = RELEASED.c.released_by == viewer.viewer_id
        query = query.where(or_(theirs, StoredNeed.manager == viewer.viewer_id))
    newest = query.order_by(RELEASED.c.released_at.desc(), RELEASED.c.release_id.desc())
    rows = connection.execute(newest.limit(limit)).mappings().all()
    said = _said(connection, {row["need_id"] for row in rows})
    listed = [people_of_document(row["content"]) for row in rows]
    ids = {person for people in listed for person in people} | {one[1] for one in said}
    now = _present(connection, ids)
    return tuple(
        _answered(row, people, said, now) for row, people in zip(rows, listed, strict=True)
    )


_Said = tuple[str, str, str, datetime]  # need, researcher, verdict, when


def _said(connection: Connection, need_ids: Iterable[str]) -> list[_Said]:
    """Return what companies judged of needs, by portals or users, in the order of time."""
    found: list[_Said] = []
    columns = [JUDGEMENT.c[name] for name in ("need_id", "researcher_id", "verdict", "judged_at")]
    for chunk in chunks(sorted(set(need_ids))):
        query = select(*columns).where(
            JUDGEMENT.c.need_id.in_(chunk),
            JUDGEMENT.c.origin == API,
            JUDGEMENT.c.withdrawn_at.is_(None),
            or_(*(JUDGEMENT.c.judged_by.startswith(one) for one in OF_COMPANIES)),
        )
        ordered = query.order_by(JUDGEMENT.c.judged_at, JUDGEMENT.c.judgement_id)
        found += [tuple(row) for row in connection.execute(ordered)]
    return found


def _present(connection: Connection, researcher_ids: Iterable[str]) -> dict[str, str]:
    """Return the id of now for each of the ids."""
    now: dict[str, str] = {}
    for chunk in chunks(sorted(researcher_ids)):
        now |= {kept: kept for kept in chunk} | rows_of(connection, chunk)
    return now


def _answered(
    row: Any, people: Sequence[str], said: Sequence[_Said], now: Mapping[str, str]
) -> AnsweredRelease:
    about = [one for one in said if one[0] == row["need_id"] and one[3] >= row["released_at"]]
    listed = {now[person] for person in people}
    verdicts = {now[one[1]]: one[2] for one in about if now[one[1]] in listed}
    suitable = sum(verdict == SUITABLE for verdict in verdicts.values())
    return AnsweredRelease(
        release_id=row["release_id"],
        need_id=row["need_id"],
        title=row["title"],
        lang=row["lang"],
        released_at=row["released_at"],
        revoked_at=row["revoked_at"],
        people=len(people),
        suitable=suitable,
        not_suitable=len(verdicts) - suitable,
        answered_at=max((one[3] for one in about), default=None),
    )
