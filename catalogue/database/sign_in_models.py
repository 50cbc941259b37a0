"""What people prove themselves with besides a password, and the devices that they came from, as typed models.

What is sent by a browser is here only as hashes; the secret of an authenticator app has to be known.
Read with `catalogue.database.models`.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base, one_of

TOTP, PASSKEY = "totp", "passkey"
FACTOR_KINDS = (TOTP, PASSKEY)


class SecondFactor(Base):
    """An authenticator app or a passkey of an account; until `confirmed_at` it proves nothing.

    Of an app `secret` is the shared secret in base32 and `counter` the last time step that was taken, so
    that no code counts twice. Of a passkey `credential_id` and `public_key` are base64url and `counter` is
    the number of signatures that it told.
    """

    __tablename__ = "second_factor"
    __table_args__ = (one_of("kind", FACTOR_KINDS),)

    factor_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("user_account.user_id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    name: Mapped[str]
    secret: Mapped[str]
    credential_id: Mapped[str | None] = mapped_column(unique=True)
    public_key: Mapped[str]
    counter: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that stands in once for a second factor, by its SHA-256; it goes when it is used."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("user_account.user_id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]


class KnownDevice(Base):
    """A browser that a user signed in with, by the SHA-256 of its cookie: wrong guesses don't lock it out."""

    __tablename__ = "known_device"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("user_account.user_id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
