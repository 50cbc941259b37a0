"""What the rows of the catalogue are made of, as typed models: records, runs, keys, decisions.

Read with `catalogue.database.models`, where the rows themselves are.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import AUTHORITIES, CHOICES, LINK_STATES, Base, one_of

SERIAL = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts in INTEGER keys only


class Record(Base):
    """What one source says of one row; a row is made of its records and of nothing else.

    `home_id` is the id under which the source brought it, `row_id` the row that it is part of now.
    `rank` orders sources, the most trusted first. `run_id` is the import that saw it last, `change`
    what that import did to its row.
    """

    __tablename__ = "record"
    __table_args__ = (
        one_of("authority", AUTHORITIES),
        UniqueConstraint("table_name", "source", "source_key", name="uq_record_source_key"),
        Index("ix_record_row", "table_name", "row_id"),
        Index("ix_record_home", "table_name", "home_id"),
        Index("ix_record_source_run", "source", "run_id"),
    )

    record_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    table_name: Mapped[str]
    source: Mapped[str]
    source_key: Mapped[str]
    home_id: Mapped[str]
    row_id: Mapped[str]
    authority: Mapped[str]
    rank: Mapped[int]
    content: Mapped[str]
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    run_id: Mapped[int]
    run_row: Mapped[int]
    change: Mapped[str]


class ImportRun(Base):
    """One import: what it reads, how far it came, what it did; all but the files' names are counts."""

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_fingerprint", "fingerprint"),)

    run_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    fingerprint: Mapped[str]
    format: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    progress: Mapped[str]  # JSON: rows done by source
    counts: Mapped[str]  # JSON


class StoredRejection(Base):
    """Something that an import did not take; `raw` is the row as it stood, until it is given back."""

    __tablename__ = "rejection"

    rejection_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    run_id: Mapped[int] = mapped_column(
        ForeignKey("import_run.run_id", ondelete="CASCADE"), index=True
    )
    file: Mapped[str]
    row: Mapped[int]
    field: Mapped[str]
    reason: Mapped[str]  # the message in English
    shape: Mapped[str]  # what was found, in English
    scope: Mapped[str]
    raw: Mapped[str | None]
    message: Mapped[str | None]  # JSON: its id and values; null where an older version stored it
    found: Mapped[str | None]  # the shape likewise


class TableReading(Base):
    """How an office's table is read, as somebody corrected it, by a hash of its header.

    `content` is JSON: what the rows are about, and the role of each column.
    """

    __tablename__ = "table_reading"

    header_hash: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class ResearcherKey(Base):
    """The forms of a researcher's names that people of one name share."""

    __tablename__ = "researcher_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    researcher_id: Mapped[str] = mapped_column(
        ForeignKey("researcher.researcher_id", ondelete="CASCADE"), primary_key=True, index=True
    )


class OrganisationKey(Base):
    """The forms of an organisation's names and aliases by which it is found."""

    __tablename__ = "organisation_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisation.organisation_id", ondelete="CASCADE"), primary_key=True, index=True
    )


class IdentityLink(Base):
    """Two researchers' home ids, the smaller first: the same person, not the same, or in doubt."""

    __tablename__ = "identity_link"
    __table_args__ = (one_of("state", LINK_STATES), Index("ix_identity_link_state", "state"))

    first_id: Mapped[str] = mapped_column(primary_key=True)
    second_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    state: Mapped[str]
    certainty: Mapped[float] = mapped_column(Float)
    reasons: Mapped[str]  # JSON: a list of codes
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]
    before: Mapped[str]  # the state that undoing returns to; empty: none


class SeedChoice(Base):
    """What a researcher said of a seed by hand; ids are home ids, so that joining keeps them."""

    __tablename__ = "seed_choice"
    __table_args__ = (one_of("choice", CHOICES[1:]),)

    researcher_id: Mapped[str] = mapped_column(primary_key=True)
    seed_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    choice: Mapped[str]
    decided_at: Mapped[datetime]
