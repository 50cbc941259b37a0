"""What a manager keeps at hand, as typed models: shortlists, notes, saved searches.

Read with `catalogue.database.models`.
"""

from datetime import datetime

from sqlalchemy import Boolean, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base
from catalogue.database.record_models import SERIAL


class Shortlisted(Base):
    """A researcher whom somebody put on the shortlist, for a need or for none (empty)."""

    __tablename__ = "shortlisted"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    need_id: Mapped[str] = mapped_column(primary_key=True)
    researcher_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    added_at: Mapped[datetime]


class MatchNote(Base):
    """What somebody wrote of a researcher for a need; seen by those who see the need."""

    __tablename__ = "match_note"
    __table_args__ = (Index("ix_match_note_pair", "need_id", "researcher_id"),)

    note_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    need_id: Mapped[str]
    researcher_id: Mapped[str]
    author: Mapped[str]
    text: Mapped[str]
    written_at: Mapped[datetime]


class SavedSearch(Base):
    """A search that somebody wants again; `known` and `news` are JSON lists of researcher ids.

    The text is the need itself: only its owner sees it. `need_id` stands where a stored need is
    searched for, and `text` is empty then.
    """

    __tablename__ = "saved_search"

    search_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    user_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    need_id: Mapped[str]
    text: Mapped[str]
    filters: Mapped[str]  # JSON
    alert: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    known: Mapped[str]
    news: Mapped[str]
