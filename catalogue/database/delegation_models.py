"""Who stands in for whom, and what was handed over. Read with `catalogue.database.models`."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base, one_of
from catalogue.database.record_models import SERIAL

OF_GATES, OF_QUEUE = "gates", "queue"
DELEGATED = (OF_GATES, OF_QUEUE)
OF_NEED, OF_CASE, OF_SHORTLIST, OF_SEARCH, OF_INQUIRY = (
    "need", "case", "shortlist", "search", "inquiry",
)  # fmt: skip
HANDED_KINDS = (OF_NEED, OF_CASE, OF_SHORTLIST, OF_SEARCH, OF_INQUIRY)


class Delegation(Base):
    """While `from_user` is away, from `starts_on` to `ends_on`, both included, `to_user` stands in.

    `what` is some of DELEGATED, joined by blanks. It ends by itself, or at `ended_at` where it was ended.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        Index("ix_delegation_to_user", "to_user", "ends_on"),
        Index("ix_delegation_from_user", "from_user", "ends_on"),
    )

    delegation_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    from_user: Mapped[str] = mapped_column(ForeignKey("user_account.user_id", ondelete="CASCADE"))
    to_user: Mapped[str] = mapped_column(ForeignKey("user_account.user_id", ondelete="CASCADE"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    what: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    ended_by: Mapped[str]
    ended_at: Mapped[datetime | None]


class HandOver(Base):
    """What one person managed, given to another in one step; it can be taken back."""

    __tablename__ = "hand_over"

    hand_over_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    from_user: Mapped[str] = mapped_column(index=True)
    to_user: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    undone_by: Mapped[str]
    undone_at: Mapped[datetime | None]


class HandOverItem(Base):
    """One thing that was handed over: its kind and id; of a shortlist the need and the researcher."""

    __tablename__ = "hand_over_item"
    __table_args__ = (one_of("kind", HANDED_KINDS),)

    hand_over_id: Mapped[int] = mapped_column(
        ForeignKey("hand_over.hand_over_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[str] = mapped_column(primary_key=True)
