"""Cases, what was decided of them, who and which documents are in them, as typed models.

Read with `catalogue.database.models`.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.judgement_models import REACHED, REASONS
from catalogue.database.models import Base, one_of
from catalogue.database.opaque_numbers import opaque_number
from catalogue.database.record_models import SERIAL

DISCOVERY, DIALOGUE, NDA, SMALL_PROTOTYPE, FULL_PROTOTYPE, DEPLOYMENT = REACHED
CASE_STAGES = REACHED
GATES = REACHED[1:]  # a gate has the name of the stage that it opens
RUNNING, HELD, DECLINED, COMPLETED = "running", "held", "declined", "completed"
CASE_STATES = (RUNNING, HELD, DECLINED, COMPLETED)
GO, HOLD, STOP, RECYCLE = "go", "hold", "stop", "recycle"
GATE_DECISIONS = (GO, HOLD, STOP, RECYCLE)
OFFICE, COMPANY = "office", "company"
TURNS = (OFFICE, COMPANY)
FROM_LIST, FROM_TEAM, FROM_RELEASE = "list", "team", "release"
FROM_PORTAL, FROM_FILE, BY_HAND = "portal", "file", "hand"
CASE_ORIGINS = (FROM_LIST, FROM_TEAM, FROM_RELEASE, FROM_PORTAL, FROM_FILE, BY_HAND)
NO_CLOCK, OF_STAGE, OF_DECISION = "", "stage", "decision"
CLOCKS = (NO_CLOCK, OF_STAGE, OF_DECISION)
JOINT_RESEARCH, LICENCE_OUT, LICENCE_IN = "joint_research", "licence_out", "licence_in"
ALLIANCE, CVC, ACCELERATOR = "alliance", "cvc", "accelerator"
JOINT_VENTURE, M_AND_A, CONSULTING = "joint_venture", "m_and_a", "consulting"
MEANS = (
    JOINT_RESEARCH, LICENCE_OUT, LICENCE_IN, ALLIANCE, CVC, ACCELERATOR, JOINT_VENTURE, M_AND_A,
    CONSULTING,
)  # fmt: skip
LEAD, MEMBER = "lead", "member"
PERSON_PARTS = (LEAD, MEMBER)
DOCUMENT_KINDS = ("nda", "contract", "plan", "report", "minutes", "other")
CASE_EVENTS = (
    "opened", "changed", "assigned", "submitted", "decided", "turned", "escalated",
    "reopened", "completed", "document", "note", "project",
    "estimate", "plan", "maturity", "contract",
)  # fmt: skip
DECLINE_REASONS = REASONS


class OfficeCase(Base):
    """A case: what a need and people became. Seen as its need is; without a need, by the office.

    `need_id` is empty for a case that was running before the service knew its need; `is_closed` says of
    such a one alone that only its manager and the chief see it. `company` is a name where no need says
    it. `is_shared` says that the company knows of the case: its portal sees that one. `submitted_at` is
    since when the next gate waits for its decision. The clock runs to the end of `due_on`; while the
    company is on turn, or the case is held, it stands, and `days_left` are the business days it had.
    `version` counts changes from 1.
    """

    __tablename__ = "office_case"
    __table_args__ = (
        one_of("stage", CASE_STAGES),
        one_of("state", CASE_STATES),
        one_of("means", ("", *MEANS)),
        one_of("origin", CASE_ORIGINS),
        one_of("turn", TURNS),
        one_of("clock", CLOCKS),
        one_of("reason", ("", *DECLINE_REASONS)),
        Index("ix_office_case_board", "state", "stage", "due_on"),
        Index("ix_office_case_need_id", "need_id"),
        Index("ix_office_case_manager", "manager"),
        Index("uq_office_case_public_id", "public_id", unique=True),
    )

    case_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    public_id: Mapped[int] = mapped_column(BigInteger, default=opaque_number)
    need_id: Mapped[str]
    is_closed: Mapped[bool] = mapped_column(Boolean)
    title: Mapped[str]
    company: Mapped[str]
    means: Mapped[str]
    amount_jpy: Mapped[int | None] = mapped_column(BigInteger)
    next_step: Mapped[str]
    stage: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    origin: Mapped[str]
    is_shared: Mapped[bool] = mapped_column(Boolean)
    manager: Mapped[str]
    turn: Mapped[str]
    clock: Mapped[str]
    clock_since: Mapped[datetime | None]
    due_on: Mapped[date | None]
    days_left: Mapped[int | None] = mapped_column(Integer)
    escalated_at: Mapped[datetime | None]
    stage_since: Mapped[datetime]
    submitted_by: Mapped[str]
    submitted_at: Mapped[datetime | None]
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)


class CasePerson(Base):
    """A researcher in a case, by the id under which they were put into it."""

    __tablename__ = "case_person"
    __table_args__ = (one_of("part", PERSON_PARTS),)

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    researcher_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    part: Mapped[str]


class CaseDecision(Base):
    """What was decided at a gate, by whom in which role; never changed.

    `criteria` is a JSON list of what was looked at: its id, both texts as they were, and `met`, `unmet`
    or `not_applicable`. `skipped` are the gates that were passed over, joined by blanks. `due_on` is what
    the clock said then.
    """

    __tablename__ = "case_decision"
    __table_args__ = (
        one_of("gate", GATES),
        one_of("decision", GATE_DECISIONS),
        one_of("from_stage", CASE_STAGES),
        one_of("to_stage", CASE_STAGES),
        Index("ix_case_decision_case_id", "case_id"),
    )

    decision_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger)
    gate: Mapped[str]
    decision: Mapped[str]
    from_stage: Mapped[str]
    to_stage: Mapped[str]
    skipped: Mapped[str]
    criteria: Mapped[str]
    reason: Mapped[str]
    decided_by: Mapped[str]
    role: Mapped[str]
    decided_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    decided_for: Mapped[str] = mapped_column(server_default=text("''"))


class CaseDocument(Base):
    """A document of a case, where it lies, or a remark about it; the file itself is not kept here."""

    __tablename__ = "case_document"
    __table_args__ = (
        one_of("kind", DOCUMENT_KINDS),
        one_of("gate", ("", *GATES)),
        Index("ix_case_document_case_id", "case_id"),
    )

    document_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    gate: Mapped[str]
    name: Mapped[str]
    link: Mapped[str]
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    removed_by: Mapped[str]
    removed_at: Mapped[datetime | None]


class CaseEvent(Base):
    """A step of a case for its timeline; `detail` is JSON of codes and ids, `text` what somebody wrote."""

    __tablename__ = "case_event"
    __table_args__ = (one_of("kind", CASE_EVENTS), Index("ix_case_event_case_id", "case_id"))

    event_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    detail: Mapped[str]
    text: Mapped[str]


class GateTemplate(Base):
    """A gate as the office edited it: who decides, and a JSON list of its criteria; older versions stay."""

    __tablename__ = "gate_template"
    __table_args__ = (one_of("gate", GATES),)

    gate: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    roles: Mapped[str]
    criteria: Mapped[str]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class CaseView(Base):
    """Filters and an order of the list of cases that a user saved under a name; `query` is JSON."""

    __tablename__ = "case_view"

    view_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    user_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    query: Mapped[str]
    saved_at: Mapped[datetime]
