"""Companies that are members, and how their users come in. Read with `catalogue.database.models`."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base, one_of
from catalogue.database.opaque_numbers import opaque_number
from catalogue.database.record_models import SERIAL

REGULAR, SPECIAL, SUPPORTING, TRIAL, OTHER_KIND = (
    "regular", "special", "supporting", "trial", "other",
)  # fmt: skip
MEMBERSHIP_KINDS = (REGULAR, SPECIAL, SUPPORTING, TRIAL, OTHER_KIND)
INVITED, ASKED = "invited", "asked"
LINK_PURPOSES = (INVITED, ASKED)
UNTOLD, TOLD_BEGUN, TOLD_ENDED = "", "begun", "ended"
DOMAIN, CLAIM = "domain", "claim"
BINDINGS = (DOMAIN, CLAIM)


class Membership(Base):
    """A company's membership for a period; a company has one after another.

    `organisation_id` is the company's id at that time, a home id: read it through the records, for two
    companies may have become one since. It holds from `since` to `until`, both included, without an end
    where that is null. `contacts` has a person a line; `source` names a file and row, or is empty.
    `version` counts changes from 1; `told` is what portals were told last of its days, by `public_id`.
    """

    __tablename__ = "membership"
    __table_args__ = (
        one_of("kind", MEMBERSHIP_KINDS),
        one_of("told", (UNTOLD, TOLD_BEGUN, TOLD_ENDED)),
        Index("uq_membership_public_id", "public_id", unique=True),
    )

    membership_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    public_id: Mapped[int] = mapped_column(BigInteger, default=opaque_number)
    organisation_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    since: Mapped[date]
    until: Mapped[date | None]
    contacts: Mapped[str]
    terms: Mapped[str]
    source: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    withdrawn_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)
    told: Mapped[str]


class SignInLink(Base):
    """A link by which a company's user signs in, once; of the link itself the SHA-256 alone is kept.

    `invited` is sent by the office, `asked` is what the user asked for. `token_hash` is null until the
    mail is sent: the link is made then.
    """

    __tablename__ = "sign_in_link"
    __table_args__ = (one_of("purpose", LINK_PURPOSES),)

    link_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("user_account.user_id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str]
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class CompanySignIn(Base):
    """What of a sign-in by OpenID Connect says that somebody is of a company: a mail domain, or a claim."""

    __tablename__ = "company_sign_in"
    __table_args__ = (one_of("kind", BINDINGS),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[str] = mapped_column(index=True)
    bound_by: Mapped[str]
    bound_at: Mapped[datetime]
