"""Tables of people's own data: who was forgotten or is not to be matched, and what they are told of it."""

from datetime import datetime

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base


class Suppression(Base):
    """A key of somebody who was forgotten, as a keyed hash: no import brings them in again.

    The row whose hash is empty holds the secret of the hashes; it tells nobody's key.
    """

    __tablename__ = "suppression"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    secret: Mapped[str]
    since: Mapped[datetime]


class OptOut(Base):
    """A person, by home id, who is not to be matched or listed; they stay in the catalogue."""

    __tablename__ = "opt_out"

    researcher_id: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    noted_by: Mapped[str]


class Forgetting(Base):
    """Somebody whose rows are gone and whose files are not looked through yet: what to look for, as JSON.

    It is there from the rows' transaction until the files are done, so that a kill between loses nothing.
    """

    __tablename__ = "forgetting"

    stand_in: Mapped[str] = mapped_column(primary_key=True)
    words: Mapped[str]


class PrivacyNotice(Base):
    """A version of the privacy notice in both languages, numbered from 1; the newest is in force."""

    __tablename__ = "privacy_notice"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    text_ja: Mapped[str]
    text_en: Mapped[str]
    saved_by: Mapped[str]
    saved_at: Mapped[datetime]
