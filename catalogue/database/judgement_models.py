"""What the office was shown and what it judged, as typed models; ids, ranks and codes, never text.

Researchers stand by the id that they had then, which is always a home id, so that judgements follow
whoever is joined or told apart later. Read with `catalogue.database.models`.
"""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, Float, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base, one_of
from catalogue.database.record_models import SERIAL

MATCH, NIGHTLY, API = "match", "nightly", "api"
LIST_SOURCES = (MATCH, NIGHTLY, API)
SUITABLE, NOT_SUITABLE = "suitable", "not_suitable"
VERDICTS = (SUITABLE, NOT_SUITABLE)
NO_CAPACITY, CONFLICT, DESCRIPTION_VAGUE = "no_capacity", "conflict", "description_vague"
REASONS = (
    "too_early",
    "no_benefit",
    "no_commercial_route",
    DESCRIPTION_VAGUE,
    "wrong_field",
    NO_CAPACITY,
    CONFLICT,
    "other",
)
DECLINED = "declined"
REACHED = ("discovery", "dialogue", "nda", "small_prototype", "full_prototype", "deployment")
STAGES = (*REACHED, DECLINED)
COMMAND, FILE = "command", "file"
ORIGINS = (COMMAND, FILE, API)


def as_code(value: str) -> str:
    """Return a verdict, reason or stage as it is stored: `Wrong field` gives `wrong_field`."""
    return "_".join(value.casefold().replace("-", " ").replace("_", " ").split())


class ShownList(Base):
    """One match list as a user was shown it: of which need, made by what, when, how long.

    `field_id` is the need's likeliest field of research, empty where unsure; it and `fits_nobody` are null
    in lists that were recorded before they were kept.
    """

    __tablename__ = "shown_list"
    __table_args__ = (
        one_of("source", LIST_SOURCES),
        Index("ix_shown_list_need_shown", "need_id", "shown_at"),
    )

    list_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    need_id: Mapped[str]
    index_version: Mapped[str]
    reranker: Mapped[str]  # kind and checksum
    shown_at: Mapped[datetime]
    top: Mapped[int]
    source: Mapped[str]
    field_id: Mapped[str | None]
    fits_nobody: Mapped[bool | None] = mapped_column(Boolean)


class ShownMatch(Base):
    """Who stood at which rank of a shown list."""

    __tablename__ = "shown_match"

    list_id: Mapped[int] = mapped_column(
        ForeignKey("shown_list.list_id", ondelete="CASCADE"), primary_key=True
    )
    rank: Mapped[int] = mapped_column(primary_key=True)
    researcher_id: Mapped[str] = mapped_column(index=True)
    score: Mapped[float] = mapped_column(Float)
    probability: Mapped[float | None] = mapped_column(Float)


class StoredJudgement(Base):
    """What a user judged of a need and a researcher, and how far the two came.

    `list_id` and `rank` say where the person stood when the need's list was last shown. What is
    withdrawn is kept and counts no more.
    """

    __tablename__ = "judgement"
    __table_args__ = (
        one_of("verdict", VERDICTS),
        one_of("reason", ("", *REASONS)),
        one_of("stage", ("", *STAGES)),
        one_of("origin", ORIGINS),
        CheckConstraint("(verdict = 'not_suitable') = (reason <> '')", name="reason_given"),
        Index("ix_judgement_pair", "need_id", "researcher_id"),
    )

    judgement_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    need_id: Mapped[str]
    researcher_id: Mapped[str] = mapped_column(index=True)
    verdict: Mapped[str]
    reason: Mapped[str]
    stage: Mapped[str]
    judged_by: Mapped[str]
    judged_at: Mapped[datetime]
    list_id: Mapped[int | None] = mapped_column(ForeignKey("shown_list.list_id"), index=True)
    rank: Mapped[int | None]
    origin: Mapped[str]
    withdrawn_at: Mapped[datetime | None]  # since when it counts no more
