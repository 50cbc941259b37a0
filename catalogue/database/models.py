"""The catalogue's tables as typed models; the migrations build the same, and a test holds that.

Text that is unknown is empty; ids that are unknown are null, so that they can be unique.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from enmusubi.language import ENGLISH, JAPANESE
from matcher.records import COMPETITIVE, NON_COMPETITIVE, REPRESENTATIVE, SEED_KINDS, VISIBILITIES


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC.

    SQLite keeps a time without its zone, and PostgreSQL gives it in the zone of the session: both come
    back in UTC here. A time without a zone is taken to be in UTC.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What a column of this type holds."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time as it is stored."""
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a stored time with its zone."""
        return None if value is None else _in_utc(value)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


UNPUBLISHED = "unpublished"
OPEN, CLOSED = "open", "closed"
CONTACTS = ("email", "extension", "homepage", "laboratory")  # of a researcher: for the office alone

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
NEED_STATUSES = (OPEN, CLOSED)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def one_of(column: str, values: Sequence[str]) -> CheckConstraint:
    """Return the constraint that a column holds one of the values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Base(DeclarativeBase):
    """Root of the models: one metadata, one naming of constraints."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text, datetime: UtcDateTime}  # noqa: RUF012


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
    __table_args__ = (one_of("kind", ORGANISATION_KINDS),)

    organisation_id: Mapped[str] = mapped_column(primary_key=True)
    name_ja: Mapped[str] = mapped_column(index=True)
    name_en: Mapped[str] = mapped_column(index=True)
    ror_id: Mapped[str | None] = mapped_column(index=True)
    kind: Mapped[str]
    aliases: Mapped[str]


class Researcher(Provenance, Withdrawable, Base):
    """A person with the ids of the systems that know them; lists are joined by `; `.

    Other systems' ids are not unique here: of two people who were joined by one and are told apart
    again, both keep what their sources say. `email`, `extension`, `homepage` and `laboratory` are the
    office's alone: no index, list or answer to a portal has them.
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
    email: Mapped[str]
    extension: Mapped[str]
    homepage: Mapped[str]
    laboratory: Mapped[str]


class Seed(Provenance, Withdrawable, Base):
    """One piece of research evidence; its hash covers its authors, too.

    `field_codes` are `scheme:code` and `companies` names, both joined by `; `; `copy_key` is what
    copies of one title share.
    """

    __tablename__ = "seed"
    __table_args__ = (
        one_of("kind", SEED_KINDS),
        one_of("lang", LANGUAGES),
        one_of("visibility", VISIBILITIES),
        one_of("patent_status", PATENT_STATUSES),
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
    __table_args__ = (one_of("choice", CHOICES),)

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
        one_of("lang", LANGUAGES),
        one_of("area", AREAS),
        one_of("confidentiality", VISIBILITIES),
        one_of("status", NEED_STATUSES),
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
