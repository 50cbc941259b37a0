"""Inquiries as they are kept: read by the office as their needs are, or by the link of a letter.

A link holds until it expires, is answered or revoked, or its need is withdrawn. Whatever the reason, one
that doesn't hold is found like one that never was. Nothing of a link is kept but its SHA-256.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, exists, or_, select

from catalogue.database.inquiry_models import UNANSWERED, Inquiry
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import Viewer
from catalogue.identity.links import rows_of
from enmusubi.errors import UnknownIdError
from enmusubi.messages import N_
from office.access.keyset_pages import Page, rows_by_id
from office.access.rules import INQUIRE, require, visible_needs
from office.access.scoped import without_row_security
from office.accounts.fingerprints import fingerprint

INQUIRIES = cast(Table, Inquiry.__table__)
INQUIRY_KIND = "inquiry"  # the kind of the audit trail's object
UNKNOWN_INQUIRY = N_("No inquiry has that number, or none that you may see.")
WAITING, ANSWERED, EXPIRED, REVOKED = "waiting", "answered", "expired", "revoked"
ALL = "all"
A_MONTH = timedelta(days=30)
MAX_TOKEN_CHARS = 100
ANSWERS_PATH = "/answers"  # where links lead, before their token
_MOST = 2**63 - 1


@dataclass(frozen=True)
class KeptInquiry:
    """An inquiry and its answer; what was written stays out of `repr`."""

    inquiry_id: int
    need_id: str
    researcher_id: str
    language: str
    message: str = field(repr=False)
    address: str = field(repr=False)
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    reminded_at: datetime | None
    revoked_at: datetime | None
    answer: str
    answered_at: datetime | None
    not_before: date | None
    cases: int | None
    who_else: str = field(repr=False)
    remark: str = field(repr=False)
    noted_at: datetime | None

    def state(self, now: datetime) -> str:
        """Return waiting, answered, expired or revoked."""
        if self.answered_at:
            return ANSWERED
        if self.revoked_at:
            return REVOKED
        return WAITING if self.expires_at > now else EXPIRED


COLUMNS = tuple(INQUIRIES.c[name] for name in KeptInquiry.__dataclass_fields__)


def inquiries_of(connection: Connection, viewer: Viewer, need_id: str) -> list[KeptInquiry]:
    """Return a need's inquiries, the newest first; raises ForbiddenError."""
    require(viewer, INQUIRE)
    query = _seen(viewer).where(INQUIRIES.c.need_id == need_id)
    rows = connection.execute(query.order_by(INQUIRIES.c.inquiry_id.desc())).mappings()
    return [as_kept(row) for row in rows]


def inquiries_page(
    connection: Connection,
    viewer: Viewer,
    *,
    need_id: str = "",
    which: str = ALL,
    after: str = "",
    limit: int = 50,
) -> Page[KeptInquiry]:
    """Return the inquiries on needs that a viewer sees, the newest first; raises ForbiddenError.

    `which` is waiting, answered, expired, revoked, or all.
    """
    require(viewer, INQUIRE)
    query, now = _seen(viewer), datetime.now(UTC)
    if need_id:
        query = query.where(INQUIRIES.c.need_id == need_id)
    if which != ALL:
        query = query.where(*_in_state(which, now))
    rows, cursor = rows_by_id(
        connection, query, INQUIRIES.c.inquiry_id, after=after, limit=limit, newest_first=True
    )
    return Page(tuple(as_kept(row) for row in rows), cursor)


def _in_state(which: str, now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions that `KeptInquiry.state` goes by."""
    if which == ANSWERED:
        return [INQUIRIES.c.answered_at.is_not(None)]
    unanswered = INQUIRIES.c.answered_at.is_(None)
    if which == REVOKED:
        return [unanswered, INQUIRIES.c.revoked_at.is_not(None)]
    is_over = INQUIRIES.c.expires_at <= now if which == EXPIRED else INQUIRIES.c.expires_at > now
    return [unanswered, INQUIRIES.c.revoked_at.is_(None), is_over]


def inquiry_of(connection: Connection, viewer: Viewer, inquiry_id: int) -> KeptInquiry:
    """Return one; raises UnknownIdError for one that isn't there or of a need that may not be seen."""
    require(viewer, INQUIRE)
    chosen = INQUIRIES.c.inquiry_id == min(inquiry_id, _MOST)
    row = connection.execute(_seen(viewer).where(chosen)).mappings().first()
    if row is None:
        raise UnknownIdError(UNKNOWN_INQUIRY)
    return as_kept(row)


def inquiry_by_token(connection: Connection, token: str, now: datetime) -> KeptInquiry | None:
    """Return the inquiry that a link answers; None where there is none, or the link holds no more.

    `connection` names no viewer: whoever has the link may read the letter, and nothing else.
    """
    if not token or len(token) > MAX_TOKEN_CHARS:
        return None
    kept = fingerprint(token)
    named = or_(INQUIRIES.c.token_hash == kept, INQUIRIES.c.reminder_hash == kept)
    row = connection.execute(select(*COLUMNS).where(named, is_open(now))).mappings().first()
    return as_kept(row) if row else None


def is_open(now: datetime) -> ColumnElement[bool]:
    """Return the condition on rows that wait for their answer; of a withdrawn need none does."""
    need = select(StoredNeed.need_id).where(
        StoredNeed.need_id == INQUIRIES.c.need_id, StoredNeed.withdrawn_at.is_(None)
    )
    return and_(
        exists(need.correlate(INQUIRIES)),
        INQUIRIES.c.answer == UNANSWERED,
        INQUIRIES.c.revoked_at.is_(None),
        INQUIRIES.c.expires_at > now,
    )


def has_news(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `need` rows with an answer that nobody took note of, for who waits for it."""
    answered = select(INQUIRIES.c.inquiry_id).where(
        INQUIRIES.c.need_id == StoredNeed.need_id,
        INQUIRIES.c.answer != UNANSWERED,
        INQUIRIES.c.noted_at.is_(None),
        or_(
            INQUIRIES.c.asked_by == viewer.viewer_id,
            StoredNeed.manager == viewer.viewer_id,
        ),
    )
    return exists(answered)


def asked_lately(connection: Connection, researcher_id: str, now: datetime) -> int:
    """Return how many inquiries a researcher got within 30 days, whoever asked and for whichever need.

    A count alone: of needs that the viewer may not see, too, or nobody would be kept from asking too often.
    """
    recent = select(INQUIRIES.c.researcher_id).where(INQUIRIES.c.asked_at > now - A_MONTH)
    with without_row_security(connection):
        asked = list(connection.execute(recent).scalars())
    present = {one: one for one in asked} | rows_of(connection, sorted(set(asked)))
    return sum(present[one] == researcher_id for one in asked)


def researchers_asked(connection: Connection, need_id: str, now: datetime) -> frozenset[str]:
    """Return the present ids of the researchers whose answer for a need is waited for."""
    query = select(INQUIRIES.c.researcher_id).where(INQUIRIES.c.need_id == need_id, is_open(now))
    asked: Sequence[str] = connection.execute(query).scalars().all()
    return frozenset(({one: one for one in asked} | rows_of(connection, asked)).values())


def as_kept(row: Any) -> KeptInquiry:
    """Return a row of COLUMNS."""
    return KeptInquiry(**{name: row[name] for name in KeptInquiry.__dataclass_fields__})


def _seen(viewer: Viewer) -> Select[Any]:
    joined = select(*COLUMNS).join(StoredNeed, StoredNeed.need_id == INQUIRIES.c.need_id)
    return joined.where(visible_needs(viewer), StoredNeed.withdrawn_at.is_(None))
