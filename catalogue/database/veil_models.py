"""What of a need people outside its circle are shown, and its purpose in a sentence, as typed models.

Read with `catalogue.database.models`.
"""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base, one_of
from catalogue.database.record_models import SERIAL

ACCEPTED, DECLINED = "accepted", "declined"
VEIL_DECISIONS = (ACCEPTED, DECLINED)


class NeedVeil(Base):
    """A version of a need for people outside its circle: seen by whoever sees the need.

    The newest of a need that was not taken back stands. `need_hash` is of the fields that it was made of: a
    need with another one has changed since.
    """

    __tablename__ = "need_veil"
    __table_args__ = (Index("ix_need_veil_need_id", "need_id"),)

    veil_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    need_id: Mapped[str]
    need_hash: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    constraints: Mapped[str]
    horizon: Mapped[str]
    company: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]
    revoked_by: Mapped[str]
    revoked_at: Mapped[datetime | None]


class VeilMark(Base):
    """Something that a need says, and whether a veil keeps it secret: seen by the office with the need.

    `said` is what must not come out where it was accepted; `identifies` is from 0 to 100.
    """

    __tablename__ = "need_veil_mark"
    __table_args__ = (
        one_of("decision", VEIL_DECISIONS),
        Index("ix_need_veil_mark_veil_id", "veil_id"),
    )

    mark_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    veil_id: Mapped[int]
    need_id: Mapped[str]
    kind: Mapped[str]
    said: Mapped[str]
    identifies: Mapped[int]
    decision: Mapped[str]
    instead: Mapped[str]


class NeedPurpose(Base):
    """A need's purpose in one sentence, as its manager left it: seen by the office with the need."""

    __tablename__ = "need_purpose"

    need_id: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    said_by: Mapped[str]
    said_at: Mapped[datetime]
