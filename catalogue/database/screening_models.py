"""What screening reads and keeps, as typed models: interests, ties of companies, capacity, clearances.

Companies stand by their names as they were declared, and by the key of `catalogue.identity`: one may
come into the catalogue later. Researchers stand by a home id, so that rows follow whoever is joined or
told apart. Read with `catalogue.database.models`.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base, one_of
from catalogue.database.record_models import SERIAL

ROLE, SHARES, FEES, FAMILY = "role", "shares", "fees", "family"
STARTUP, CHAIR, EMPLOYMENT = "startup", "chair", "employment"
INTEREST_KINDS = (ROLE, SHARES, FEES, FAMILY, STARTUP, CHAIR, EMPLOYMENT)
RUNNING, LEAVE, RETIREMENT = "running", "leave", "retirement"
CONTRACT_END, NOT_BEFORE, TEACHING = "contract_end", "not_before", "teaching"
LIMIT_KINDS = (RUNNING, LEAVE, RETIREMENT, CONTRACT_END, NOT_BEFORE, TEACHING)
WAITING, CLEARED, REFUSED = "", "cleared", "refused"
DECISIONS = (WAITING, CLEARED, REFUSED)


class DeclaredInterest(Base):
    """An interest that a researcher declared: confidential, for the chief and legal managers alone.

    `source` names the file and row that it came from, or who wrote it.
    """

    __tablename__ = "declared_interest"
    __table_args__ = (one_of("kind", INTEREST_KINDS),)

    interest_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    researcher_id: Mapped[str] = mapped_column(index=True)
    organisation: Mapped[str]
    organisation_key: Mapped[str]
    kind: Mapped[str]
    amount_jpy: Mapped[int | None] = mapped_column(BigInteger)
    since: Mapped[date | None]
    until: Mapped[date | None]
    remark: Mapped[str]
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class CompanyGroup(Base):
    """A company and one that it owns."""

    __tablename__ = "company_group"

    parent_key: Mapped[str] = mapped_column(primary_key=True)
    child_key: Mapped[str] = mapped_column(primary_key=True, index=True)
    parent: Mapped[str]
    child: Mapped[str]
    source: Mapped[str]
    recorded_at: Mapped[datetime]


class CompetitorPair(Base):
    """Two companies that compete, in a field of research, or in all (empty)."""

    __tablename__ = "competitor_pair"

    first_key: Mapped[str] = mapped_column(primary_key=True)
    second_key: Mapped[str] = mapped_column(primary_key=True, index=True)
    field_id: Mapped[str] = mapped_column(primary_key=True)
    first: Mapped[str]
    second: Mapped[str]
    source: Mapped[str]
    recorded_at: Mapped[datetime]


class PersonLimit(Base):
    """What bounds a researcher's time: `amount` is cases at once, or lessons a week for teaching."""

    __tablename__ = "person_limit"
    __table_args__ = (one_of("kind", LIMIT_KINDS),)

    limit_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    researcher_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    amount: Mapped[int | None] = mapped_column(Integer)
    since: Mapped[date | None]
    until: Mapped[date | None]
    remark: Mapped[str]
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class PastEmployer(Base):
    """A company that a user of the office worked for before.

    `industry` is a code of `office.screening.industries`, empty where nobody said it.
    """

    __tablename__ = "past_employer"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    organisation_key: Mapped[str] = mapped_column(primary_key=True)
    organisation: Mapped[str]
    until: Mapped[date | None]
    industry: Mapped[str] = mapped_column(server_default=text("''"))
    source: Mapped[str]
    recorded_at: Mapped[datetime]


class Clearance(Base):
    """What was asked of the one who clears a rule for a need and a researcher, and what they decided.

    `researcher_id` is empty where the finding is of the need alone. `rule_id` is the id under which
    everybody may see the finding. `evidence` are ids, joined by blanks: what was decided on; anything
    else that is found later was not. `valid_until` is the last day of what was cleared.
    """

    __tablename__ = "clearance"
    __table_args__ = (
        one_of("decision", DECISIONS),
        Index("ix_clearance_pair", "need_id", "researcher_id"),
    )

    clearance_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    need_id: Mapped[str]
    researcher_id: Mapped[str]
    rule_id: Mapped[str]
    role: Mapped[str]
    evidence: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    decision: Mapped[str]
    reason: Mapped[str]
    valid_until: Mapped[date | None]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    revoked_by: Mapped[str]
    revoked_at: Mapped[datetime | None]
