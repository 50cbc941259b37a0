"""Projects: what a case in prototype or later is led by, as typed models; edits of the table of means.

A project is a case, by its number; it has a row of its own from its first change on. Of what belongs to it
each row has the same columns beside its own: who put it in, who changed it last, and who took it out.
Read with `catalogue.database.models`.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.case_models import MEANS
from catalogue.database.models import Base, one_of
from catalogue.database.record_models import SERIAL

GREEN, AMBER, RED, GREY = "green", "amber", "red", "grey"
LIGHTS = (GREEN, AMBER, RED, GREY)  # grey: there is nothing to tell it by
BUDGET_KINDS = (
    "people", "equipment", "facilities", "travel", "outsourcing", "indirect", "other",
)  # fmt: skip
PART_STATES = ("planned", "running", "done", "dropped")
PLANNED, REACHED_IT, DROPPED = "planned", "reached", "dropped"
MILESTONE_STATES = (PLANNED, REACHED_IT, DROPPED)
RISK_STATES = ("open", "treated", "occurred", "closed")
SPENT_BY_HAND, SPENT_FROM_FILE = "hand", "file"
SPENDING_ORIGINS = (SPENT_BY_HAND, SPENT_FROM_FILE)
WEIGHTS = "weights"  # the row of the table of means that has the weights of its questions


class Project(Base):
    """What is kept of a project as a whole; `version` counts changes of all that belongs to it.

    A light that was set by hand holds until the end of `light_until`; empty: none was.
    """

    __tablename__ = "project"
    __table_args__ = (one_of("light", ("", *LIGHTS[:3])),)

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    light: Mapped[str]
    light_reason: Mapped[str]
    light_until: Mapped[date | None]
    light_by: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class _Entry:
    """The columns that all have which belong to a project."""

    entry_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger)
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    removed_by: Mapped[str]
    removed_at: Mapped[datetime | None]


class ProjectPart(_Entry, Base):
    """A sub-project; `lead` is a researcher's id, or empty."""

    __tablename__ = "project_part"
    __table_args__ = (one_of("state", PART_STATES), Index("ix_project_part_case_id", "case_id"))

    name: Mapped[str]
    lead: Mapped[str]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    state: Mapped[str]


class ProjectShare(_Entry, Base):
    """The share of a researcher's time, in percent, from `since` to the end of `until`."""

    __tablename__ = "project_share"
    __table_args__ = (
        Index("ix_project_share_case_id", "case_id"),
        Index("ix_project_share_researcher_id", "researcher_id", "until"),
    )

    researcher_id: Mapped[str]
    part_id: Mapped[int | None] = mapped_column(BigInteger)
    percent: Mapped[int] = mapped_column(Integer)
    since: Mapped[date]
    until: Mapped[date]


class ProjectMilestone(_Entry, Base):
    """What is to be there on a day, and when it was."""

    __tablename__ = "project_milestone"
    __table_args__ = (
        one_of("state", MILESTONE_STATES),
        Index("ix_project_milestone_case_id", "case_id"),
        Index("ix_project_milestone_due", "state", "planned_on"),
    )

    part_id: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str]
    planned_on: Mapped[date]
    actual_on: Mapped[date | None]
    state: Mapped[str]


class ProjectBudget(_Entry, Base):
    """A line of the budget, in yen."""

    __tablename__ = "project_budget"
    __table_args__ = (one_of("kind", BUDGET_KINDS), Index("ix_project_budget_case_id", "case_id"))

    kind: Mapped[str]
    name: Mapped[str]
    amount_jpy: Mapped[int] = mapped_column(BigInteger)


class ProjectSpending(_Entry, Base):
    """What was spent on a line of the budget, in yen; what came back is negative."""

    __tablename__ = "project_spending"
    __table_args__ = (
        one_of("origin", SPENDING_ORIGINS),
        Index("ix_project_spending_case_id", "case_id"),
    )

    budget_id: Mapped[int] = mapped_column(BigInteger)
    amount_jpy: Mapped[int] = mapped_column(BigInteger)
    spent_on: Mapped[date]
    voucher: Mapped[str]
    note: Mapped[str]
    origin: Mapped[str]


class ProjectRisk(_Entry, Base):
    """A risk: probability and impact from 1 to 5, who answers for it (a login), and what is done."""

    __tablename__ = "project_risk"
    __table_args__ = (one_of("state", RISK_STATES), Index("ix_project_risk_case_id", "case_id"))

    name: Mapped[str]
    probability: Mapped[int] = mapped_column(Integer)
    impact: Mapped[int] = mapped_column(Integer)
    owner: Mapped[str]
    measure: Mapped[str]
    state: Mapped[str]


class ProjectMinutes(_Entry, Base):
    """Minutes of a meeting: what was said, and what was decided."""

    __tablename__ = "project_minutes"
    __table_args__ = (Index("ix_project_minutes_case_id", "case_id"),)

    held_on: Mapped[date]
    name: Mapped[str]
    text: Mapped[str]
    decisions: Mapped[str]


class ProjectAction(_Entry, Base):
    """What somebody of the office (a login) does until a day; `minutes_id` where a meeting asked for it."""

    __tablename__ = "project_action"
    __table_args__ = (
        Index("ix_project_action_case_id", "case_id"),
        Index("ix_project_action_owner", "owner", "due_on"),
    )

    minutes_id: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str]
    owner: Mapped[str]
    due_on: Mapped[date]
    done_on: Mapped[date | None]


class MeansEdit(Base):
    """A row of the table of means as the office edited it; older versions stay.

    `content` is JSON; empty: from that version on the row is again as it ships.
    """

    __tablename__ = "means_edit"
    __table_args__ = (one_of("name", (*MEANS, WEIGHTS)),)

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[str]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
