"""What matching in the other directions keeps, as typed models: company profiles, news of dormant needs.

Companies stand by their names, and by the key of `catalogue.identity`: one may come into the catalogue later.
Read with `catalogue.database.models`.
"""

from datetime import datetime

from sqlalchemy import Float, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base, one_of
from catalogue.database.record_models import SERIAL

STORED_KINDS = ("sustaining", "disruptive")


class CompanyProfile(Base):
    """What the office knows of a company: for the office alone, and matched with technologies.

    `fields` are ids of fields of research, joined by `; `. `source` names the file and row that it came from,
    or who wrote it.
    """

    __tablename__ = "company_profile"

    profile_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(index=True)
    name_ja: Mapped[str]
    name_en: Mapped[str]
    business_ja: Mapped[str]
    business_en: Mapped[str]
    products_ja: Mapped[str]
    products_en: Mapped[str]
    fields: Mapped[str]
    membership: Mapped[str]
    homepage: Mapped[str]
    source: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class DormantFinding(Base):
    """A new or changed seed that made a researcher likely for a need that lies dormant.

    `told_at` is when a night's report told of it, `noted_at` when the office took note of it.
    """

    __tablename__ = "dormant_finding"
    __table_args__ = (Index("ix_dormant_finding_found_at", "found_at"),)

    need_id: Mapped[str] = mapped_column(primary_key=True)
    researcher_id: Mapped[str] = mapped_column(primary_key=True)
    seed_id: Mapped[str] = mapped_column(primary_key=True)
    probability: Mapped[float] = mapped_column(Float)
    found_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    noted_by: Mapped[str]
    noted_at: Mapped[datetime | None]


class DormantLook(Base):
    """When new seeds looked for dormant needs: how many of both there were."""

    __tablename__ = "dormant_look"

    look_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    looked_at: Mapped[datetime]
    seeds: Mapped[int] = mapped_column(Integer)
    needs: Mapped[int] = mapped_column(Integer)


class NeedKind(Base):
    """Which kind of need it is, as somebody of the office set it."""

    __tablename__ = "need_kind"
    __table_args__ = (one_of("kind", STORED_KINDS),)

    need_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
