"""Tables of what people asked of their own data: to be forgotten, or not to be matched."""

from datetime import datetime

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
