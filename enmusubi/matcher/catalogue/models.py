"""The catalogue's tables as typed models; the migrations build the same, and a test holds that.

Text that is unknown is empty; ids that are unknown are null, so that they can be unique.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from enmusubi.matcher.language import ENGLISH, JAPANESE
from enmusubi.matcher.records import (
    COMPETITIVE,
    NON_COMPETITIVE,
    REPRESENTATIVE,
    SEED_KINDS,
    VISIBILITIES,
)

UNPUBLISHED, OPEN = "unpublished", "open"

ORGANISATION_KINDS = ("university", "company", "other")
LANGUAGES = (JAPANESE, ENGLISH)
PATENT_STATUSES = ("", UNPUBLISHED, "published", "granted", "lapsed")
AREAS = ("", COMPETITIVE, NON_COMPETITIVE)
WITHDRAWN = "withdrawn"
CHOICES = ("", REPRESENTATIVE, WITHDRAWN)
OWN, MENTION = "own", "mention"
AUTHORITIES = (OWN, MENTION)
QUEUED, JOINED, APART = "queued", "joined", "apart"
LINK_STATES = (QUEUED, JOINED, APART)
NEED_STATUSES = (OPEN, "closed")

_SERIAL = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts in INTEGER keys only

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def _one_of(column: str, values: Sequence[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Base(DeclarativeBase):
    """Root of the models: one metadata, one naming of constraints."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text, datetime: DateTime(timezone=True)}  # noqa: RUF012


class Provenance:
    """Where a row came from, when it last changed, and a hash of its content."""

    content_hash: Mapped[str]
    source: Mapped[str]
    updated_at: Mapped[datetime]


class Withdrawable:
    """Whether any source still has the row: null, or when the last one withdrew it."""

    withdrawn_at: Mapped[datetime | None]


class Organisation(Provenance, Withdrawable, Base):
    """A university, a company or another body; `ror_id` is the bare id, such as `05hz8m414`.

    Aliases are joined by `; `.
    """

    __tablename__ = "organisation"
    __table_args__ = (_one_of("kind", ORGANISATION_KINDS),)

    organisation_id: Mapped[str] = mapped_column(primary_key=True)
    name_ja: Mapped[str] = mapped_column(index=True)
    name_en: Mapped[str] = mapped_column(index=True)
    ror_id: Mapped[str | None] = mapped_column(index=True)
    kind: Mapped[str]
    aliases: Mapped[str]


class Researcher(Provenance, Withdrawable, Base):
    """A person with the ids of the systems that know them; lists are joined by `; `.

    Other systems' ids are not unique here: of two people who were joined by one and are told apart
    again, both keep what their sources say.
    """

    __tablename__ = "researcher"

    researcher_id: Mapped[str] = mapped_column(primary_key=True)
    orcid: Mapped[str | None] = mapped_column(index=True)
    openalex_id: Mapped[str | None] = mapped_column(index=True)
    researchmap_id: Mapped[str | None] = mapped_column(index=True)
    kaken_id: Mapped[str | None] = mapped_column(index=True)
    erad_id: Mapped[str | None] = mapped_column(index=True)
    local_id: Mapped[str | None] = mapped_column(index=True)
    name_ja: Mapped[str]
    name_kana: Mapped[str]
    name_en: Mapped[str]
    aliases: Mapped[str]
    organisation_id: Mapped[str | None] = mapped_column(
        ForeignKey("organisation.organisation_id"), index=True
    )
    department_ja: Mapped[str]
    department_en: Mapped[str]
    position_ja: Mapped[str]
    position_en: Mapped[str]
    keywords_ja: Mapped[str]
    keywords_en: Mapped[str]
    profile_ja: Mapped[str]
    profile_en: Mapped[str]


class Seed(Provenance, Withdrawable, Base):
    """One piece of research evidence; its hash covers its authors, too.

    `field_codes` are `scheme:code` and `companies` names, both joined by `; `; `copy_key` is what
    copies of one title share.
    """

    __tablename__ = "seed"
    __table_args__ = (
        _one_of("kind", SEED_KINDS),
        _one_of("lang", LANGUAGES),
        _one_of("visibility", VISIBILITIES),
        _one_of("patent_status", PATENT_STATUSES),
        Index("ix_seed_visibility_kind", "visibility", "kind"),
    )

    seed_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    lang: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    year: Mapped[int | None]
    doi: Mapped[str | None] = mapped_column(index=True)
    url: Mapped[str]
    venue: Mapped[str]
    visibility: Mapped[str]
    patent_status: Mapped[str]
    family_id: Mapped[str | None] = mapped_column(index=True)
    field_codes: Mapped[str]
    companies: Mapped[str]
    copy_key: Mapped[str] = mapped_column(index=True)


class Authorship(Provenance, Base):
    """Who made a seed; `position` 1 is the first author; `choice` is the person's own."""

    __tablename__ = "authorship"
    __table_args__ = (_one_of("choice", CHOICES),)

    seed_id: Mapped[str] = mapped_column(
        ForeignKey("seed.seed_id", ondelete="CASCADE"), primary_key=True
    )
    researcher_id: Mapped[str] = mapped_column(
        ForeignKey("researcher.researcher_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]
    choice: Mapped[str]


class StoredNeed(Provenance, Withdrawable, Base):
    """A company's need as the catalogue keeps it; `records.Need` is what leaves the catalogue."""

    __tablename__ = "need"
    __table_args__ = (
        _one_of("lang", LANGUAGES),
        _one_of("area", AREAS),
        _one_of("confidentiality", VISIBILITIES),
        _one_of("status", NEED_STATUSES),
    )

    need_id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str]
    lang: Mapped[str]
    organisation_id: Mapped[str | None] = mapped_column(
        ForeignKey("organisation.organisation_id"), index=True
    )
    area: Mapped[str]
    horizon: Mapped[str]
    budget_jpy: Mapped[int | None] = mapped_column(BigInteger)
    constraints: Mapped[str]
    confidentiality: Mapped[str]
    manager: Mapped[str]
    status: Mapped[str] = mapped_column(index=True)
    posted_on: Mapped[date | None]


class Record(Base):
    """What one source says of one row; a row is made of its records and of nothing else.

    `home_id` is the id under which the source brought it, `row_id` the row that it is part of now.
    `rank` orders sources, the most trusted first. `run_id` is the import that saw it last, `change`
    what that import did to its row.
    """

    __tablename__ = "record"
    __table_args__ = (
        _one_of("authority", AUTHORITIES),
        UniqueConstraint("table_name", "source", "source_key", name="uq_record_source_key"),
        Index("ix_record_row", "table_name", "row_id"),
        Index("ix_record_home", "table_name", "home_id"),
        Index("ix_record_source_run", "source", "run_id"),
    )

    record_id: Mapped[int] = mapped_column(_SERIAL, primary_key=True)
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

    run_id: Mapped[int] = mapped_column(_SERIAL, primary_key=True)
    fingerprint: Mapped[str]
    format: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    progress: Mapped[str]  # JSON: rows done by source
    counts: Mapped[str]  # JSON


class StoredRejection(Base):
    """Something that an import did not take; `raw` is the row as it stood, until it is given back."""

    __tablename__ = "rejection"

    rejection_id: Mapped[int] = mapped_column(_SERIAL, primary_key=True)
    run_id: Mapped[int] = mapped_column(
        ForeignKey("import_run.run_id", ondelete="CASCADE"), index=True
    )
    file: Mapped[str]
    row: Mapped[int]
    field: Mapped[str]
    reason: Mapped[str]
    shape: Mapped[str]
    scope: Mapped[str]
    raw: Mapped[str | None]


class ResearcherKey(Base):
    """The forms of a researcher's names that namesakes share."""

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
    __table_args__ = (_one_of("state", LINK_STATES), Index("ix_identity_link_state", "state"))

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
    __table_args__ = (_one_of("choice", CHOICES[1:]),)

    researcher_id: Mapped[str] = mapped_column(primary_key=True)
    seed_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    choice: Mapped[str]
    decided_at: Mapped[datetime]
