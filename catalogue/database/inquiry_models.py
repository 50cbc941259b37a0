"""What the office asked researchers, and what they answered, as typed models.

Read with `catalogue.database.models`.
"""

from datetime import date, datetime

from sqlalchemy import Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base, one_of
from catalogue.database.record_models import SERIAL

UNANSWERED, INTERESTED, NOT_NOW = "", "interested", "not_now"
NOT_MY_FIELD, NO_CAPACITY = "not_my_field", "no_capacity"
INQUIRY_ANSWERS = (UNANSWERED, INTERESTED, NOT_NOW, NOT_MY_FIELD, NO_CAPACITY)


class Inquiry(Base):
    """A letter to a researcher about a need, and the answer: seen by the office as the need is.

    `message` is what the researcher reads, all of it. `address` is empty where the text was copied.
    Of the links only the SHA-256 are kept: `token_hash` of the letter's, `reminder_hash` of the
    reminder's, both empty until there is one. `remind_at` is null where no reminder is due any more.
    `not_before` and `cases` are what was answered; `noted_at` is when the office took note of it.
    """

    __tablename__ = "inquiry"
    __table_args__ = (
        one_of("answer", INQUIRY_ANSWERS),
        Index("ix_inquiry_need_id", "need_id"),
        Index("ix_inquiry_asked_at", "asked_at"),
        Index("ix_inquiry_token_hash", "token_hash"),
        Index("ix_inquiry_reminder_hash", "reminder_hash"),
    )

    inquiry_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    need_id: Mapped[str]
    researcher_id: Mapped[str]
    language: Mapped[str]
    message: Mapped[str]
    address: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    token_hash: Mapped[str]
    reminder_hash: Mapped[str]
    remind_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    revoked_by: Mapped[str]
    revoked_at: Mapped[datetime | None]
    answer: Mapped[str]
    answered_at: Mapped[datetime | None]
    not_before: Mapped[date | None]
    cases: Mapped[int | None] = mapped_column(Integer)
    who_else: Mapped[str]
    remark: Mapped[str]
    noted_by: Mapped[str]
    noted_at: Mapped[datetime | None]
