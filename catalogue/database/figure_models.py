"""What figures of the office are counted from besides cases: entries of cases, costs, targets, templates.

Read with `catalogue.database.models`.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Float, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base, one_of
from catalogue.database.record_models import SERIAL

REVENUE, CONTRACT, INDIRECT = "revenue", "contract", "indirect"
LICENCE, INVESTMENT, JOINT_PATENT = "licence", "investment", "joint_patent"
ENTRY_KINDS = (REVENUE, CONTRACT, INDIRECT, LICENCE, INVESTMENT, JOINT_PATENT)
SUCCESS, FAILURE = "success", "failure"
TEMPLATE_OUTCOMES = (SUCCESS, FAILURE)


class CaseEntry(Base):
    """Money of a case on a day, in yen, or joint patents that were filed on it, a count.

    A wrong one is withdrawn and counts no more; entries are never changed.
    """

    __tablename__ = "case_entry"
    __table_args__ = (
        one_of("kind", ENTRY_KINDS),
        Index("ix_case_entry_case_id", "case_id"),
    )

    entry_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    happened_on: Mapped[date]
    amount: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    withdrawn_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]


class OfficeCost(Base):
    """What the office costs in a fiscal year, which begins in April; `version` counts changes from 1."""

    __tablename__ = "office_cost"

    fiscal_year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    amount_jpy: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)


class FigureTarget(Base):
    """What a figure is to reach in a fiscal year, in the figure's own unit; shares lie in [0, 1]."""

    __tablename__ = "figure_target"

    figure: Mapped[str] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    value: Mapped[float] = mapped_column(Float)
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class CaseTemplate(Base):
    """A case that ended, kept with what it taught, to begin others by; seen as its case is."""

    __tablename__ = "case_template"
    __table_args__ = (
        one_of("outcome", TEMPLATE_OUTCOMES),
        Index("ix_case_template_case_id", "case_id"),
    )

    template_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str]
    title: Mapped[str]
    lessons: Mapped[str]
    means: Mapped[str]
    next_step: Mapped[str]
    kept_by: Mapped[str]
    kept_at: Mapped[datetime]
    withdrawn_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]


class CaseTemplateUse(Base):
    """From which template a case was opened."""

    __tablename__ = "case_template_use"

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    template_id: Mapped[int] = mapped_column(BigInteger, index=True)
    used_by: Mapped[str]
    used_at: Mapped[datetime]
