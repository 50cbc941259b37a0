"""What the service keeps besides the catalogue's rows, as typed models.

Who was asked in, lists given to portals, webhooks, mails, jobs, answers kept for repeated requests, and the
audit trail. Read with `catalogue.database.models`.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, false
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base, one_of
from catalogue.database.opaque_numbers import opaque_number
from catalogue.database.record_models import SERIAL

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
INVITATION, ALERT, CANDIDATES = "invitation", "alert", "candidates"
ACCOUNT, PASSWORD, TEST = "account", "password", "test"
INQUIRY, REMINDER = "inquiry", "reminder"  # to researchers; the user is who asked
TO_RESEARCHERS = (INQUIRY, REMINDER)
GATE, CLOCK, ESCALATION = "gate", "clock", "escalation"  # of cases
MILESTONE = "milestone"  # of projects: milestones and actions that are overdue
OF_CASES = (GATE, CLOCK, ESCALATION)
ESTIMATE_ASKED, ESTIMATE_CHECKED, ESTIMATE_RETURNED = (
    "estimate", "estimate_checked", "estimate_returned",
)  # fmt: skip
OF_ESTIMATES = (ESTIMATE_ASKED, ESTIMATE_CHECKED, ESTIMATE_RETURNED)
MEMBER_INVITATION, MEMBER_LINK = "member_invitation", "member_link"  # to a company's users
OF_MEMBERS = (MEMBER_INVITATION, MEMBER_LINK)
STAND_IN = "stand_in"  # to who stands in for a colleague
CHIEFS = "chiefs"  # of accounts that open everything: to all of them
MAIL_KINDS = (
    INVITATION, ALERT, CANDIDATES, ACCOUNT, PASSWORD, TEST, *TO_RESEARCHERS, *OF_CASES, *OF_MEMBERS,
    STAND_IN, CHIEFS, MILESTONE, *OF_ESTIMATES,
)  # fmt: skip
JOB_STATES = (QUEUED, RUNNING, DONE, FAILED, CANCELLED)


class NeedGuest(Base):
    """An IP or legal manager who was asked in to a competitive need."""

    __tablename__ = "need_guest"

    need_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("user_account.user_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    invited_by: Mapped[str]
    invited_at: Mapped[datetime]


class ReleasedList(Base):
    """A match list as it was given to the need's company; `content` is the API's JSON, frozen."""

    __tablename__ = "released_list"

    release_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    need_id: Mapped[str] = mapped_column(index=True)
    released_by: Mapped[str]
    released_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    content: Mapped[str]


class Webhook(Base):
    """Where a portal wants to be told that a list was released; `secret` signs what is sent."""

    __tablename__ = "webhook"

    webhook_id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(
        ForeignKey("client.client_id", ondelete="CASCADE"), index=True
    )
    url: Mapped[str]
    secret: Mapped[str]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class WebhookDelivery(Base):
    """One message to a webhook and how it fared; `payload` is JSON of ids and times, never text.

    Its receiver knows it by `public_id`, each copy of it.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_next_at", "next_at"),
        Index("uq_webhook_delivery_public_id", "public_id", unique=True),
    )

    delivery_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    public_id: Mapped[int] = mapped_column(BigInteger, default=opaque_number)
    webhook_id: Mapped[str] = mapped_column(
        ForeignKey("webhook.webhook_id", ondelete="CASCADE"), index=True
    )
    event: Mapped[str]
    payload: Mapped[str]
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime | None]  # null: delivered, or given up
    delivered_at: Mapped[datetime | None]
    status: Mapped[int | None] = mapped_column(Integer)  # of the last answer
    fault: Mapped[str]


class Mail(Base):
    """A mail to a user and how it fared; `about` is an id, never text, and no password is kept.

    Of an inquiry to a researcher the user is who asked, and `about` the inquiry, which has the address.

    `next_at` is null once nothing more is tried. `handed_at` without `sent_at` then means that the
    server was given the mail and nobody knows whether it took it. `fault` is JSON of a message.
    """

    __tablename__ = "mail"
    __table_args__ = (one_of("kind", MAIL_KINDS), Index("ix_mail_next_at", "next_at"))

    mail_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("user_account.user_id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    about: Mapped[str]
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    fault: Mapped[str]


class Job(Base):
    """Work that outlasts a request; `request` and `result` are JSON, `owner` is who asked."""

    __tablename__ = "job"
    __table_args__ = (one_of("state", JOB_STATES), Index("ix_job_owner", "owner", "created_at"))

    job_id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    done: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    cancel_asked_at: Mapped[datetime | None]
    request: Mapped[str]
    result: Mapped[str | None]
    fault: Mapped[str]


class KeptAnswer(Base):
    """The answer to a request with an `Idempotency-Key`, to be given again."""

    __tablename__ = "kept_answer"

    owner: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int] = mapped_column(Integer)
    headers: Mapped[str]  # JSON
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)


class AuditEntry(Base):
    """Who did what to which object; `hash` covers the entry and the hash before it.

    `detail` is JSON of codes, counts and ids; never a need's text nor a company's name.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_object", "object_kind", "object_id"),)

    entry_id: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(index=True)
    role: Mapped[str]
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    detail: Mapped[str]
    previous_hash: Mapped[str]
    hash: Mapped[str]


class Shortlisted(Base):
    """A researcher whom a user put on the shortlist, for a need or for none (empty)."""

    __tablename__ = "shortlisted"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    need_id: Mapped[str] = mapped_column(primary_key=True)
    researcher_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    added_at: Mapped[datetime]


class MatchNote(Base):
    """What a user wrote of a researcher for a need; seen by those who see the need."""

    __tablename__ = "match_note"
    __table_args__ = (Index("ix_match_note_pair", "need_id", "researcher_id"),)

    note_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    need_id: Mapped[str]
    researcher_id: Mapped[str]
    author: Mapped[str]
    text: Mapped[str]
    written_at: Mapped[datetime]


class SavedTeam(Base):
    """A team that was put together for a need; `members` is a JSON list of researcher ids.

    `lead` is one of them, or empty. Seen by users of the office who see the need.
    """

    __tablename__ = "saved_team"

    team_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    need_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    members: Mapped[str]
    lead: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    saved_by: Mapped[str]
    saved_at: Mapped[datetime]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class SavedSearch(Base):
    """A search that a user saved; `known` and `news` are JSON lists of researcher ids.

    `fits_nobody` says that nobody was found to fit when it was last run.
    The text is the need itself: only its owner sees it. `need_id` stands where a stored need is
    searched for, and `text` is another wording of it then, or empty. `filters` is a JSON object of all
    else that was asked: filters, area, order, length, marks and added words.
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
    fits_nobody: Mapped[bool] = mapped_column(Boolean, server_default=false())
