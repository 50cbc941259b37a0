"""What a case costs and how it is planned, as typed models: estimates, plans, maturity, contracts.

Read with `catalogue.database.models`. Every save is a row of its own: nothing is overwritten.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import LANGUAGES, Base, one_of
from catalogue.database.record_models import SERIAL

DRAFT, ASKED, CHECKED, RETURNED = "draft", "asked", "checked", "returned"
ESTIMATE_STATES = (DRAFT, ASKED, CHECKED, RETURNED)
SEED, MODULE, UNIT, SALE = "seed", "module", "unit", "sale"
MATURITY_STEPS = (SEED, MODULE, UNIT, SALE)
NON_DISCLOSURE, JOINT_RESEARCH_CONTRACT, LICENCE = "nda", "joint_research", "licence"
CONTRACT_KINDS = (NON_DISCLOSURE, JOINT_RESEARCH_CONTRACT, LICENCE)


class EstimateVersion(Base):
    """A version of an estimate of a case, numbered from 1; only its state changes after it was written.

    `content` is JSON (`office.estimates.amounts`), `total_jpy` what comes out of it, tax included, in yen.
    `estimate_id` is the number of its first row, so that several estimates of a case are told apart.
    `asked_by` put it up for a check, `checked_by` checked it or sent it back with `remark`.
    """

    __tablename__ = "estimate_version"
    __table_args__ = (
        one_of("state", ESTIMATE_STATES),
        Index("ix_estimate_version_case_id", "case_id"),
        Index("ix_estimate_version_state", "state"),
        Index("uq_estimate_version_version", "estimate_id", "version", unique=True),
    )

    row_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    estimate_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    case_id: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str]
    content: Mapped[str]
    total_jpy: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime | None]
    checked_by: Mapped[str]
    checked_at: Mapped[datetime | None]
    remark: Mapped[str]


class CasePlan(Base):
    """A version of a case's plan in a language, numbered from 1; never changed.

    `content` is a JSON list of sections, each with its parts; a part that is about one researcher has
    their id. `estimate_id` and `estimate_version` name the estimate that it quotes, 0 where it quotes none.
    """

    __tablename__ = "case_plan"
    __table_args__ = (one_of("language", LANGUAGES),)

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[str]
    estimate_id: Mapped[int] = mapped_column(BigInteger)
    estimate_version: Mapped[int] = mapped_column(Integer)
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class CaseMaturity(Base):
    """Where somebody said that a case stands, and why; the newest row counts, an empty step undoes it."""

    __tablename__ = "case_maturity"
    __table_args__ = (
        one_of("step", ("", *MATURITY_STEPS)),
        Index("ix_case_maturity_case_id", "case_id"),
    )

    maturity_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[str]
    reason: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class ContractChecklist(Base):
    """A version of what was settled for a contract of a case; `answers` is JSON by the item's id."""

    __tablename__ = "contract_checklist"
    __table_args__ = (one_of("kind", CONTRACT_KINDS),)

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    answers: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class ContractTemplate(Base):
    """A Word file of the office's with fields to be filled.

    `content` is the file in Base64, so that a backup holds it as a line; `fields` are those that it uses, as
    a JSON list.
    """

    __tablename__ = "contract_template"
    __table_args__ = (one_of("kind", CONTRACT_KINDS), one_of("language", LANGUAGES))

    template_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    kind: Mapped[str]
    language: Mapped[str]
    name: Mapped[str]
    content: Mapped[str]
    sha256: Mapped[str]
    fields: Mapped[str]
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[datetime]
    withdrawn_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]


class MadeContract(Base):
    """A version of a contract made for a case of a template, numbered from 1 for each kind; never changed.

    The file is the template with what `content` says, a JSON object: `said` are fields, `people` have
    those of researchers, each under their id.
    """

    __tablename__ = "made_contract"
    __table_args__ = (
        one_of("kind", CONTRACT_KINDS),
        Index("uq_made_contract_version", "case_id", "kind", "version", unique=True),
    )

    contract_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    template_id: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
