"""Who may sign in and what opens the door: people, machines, sessions, keys, as typed models.

Secrets are here only as hashes. Read with `catalogue.database.models`.
"""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, false, text
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base, one_of
from catalogue.database.viewer import ACCOUNT_ROLES, MACHINE_ROLES


class UserAccount(Base):
    """A person who may sign in; `user_id` is the login name in small letters.

    `password_hash` is empty for those who come by OpenID Connect alone; `oidc_subject` is issuer and
    subject. A `researcher_id` lets people see the confidential seeds that name them. A password that
    another user set is for one sign-in: `must_change_password` until its owner sets another; it opens
    nothing after `one_time_until`. One that came by OpenID Connect under a login name that stood
    somewhere already is held since `held_at`: it opens nothing until an administrator confirms it.
    Mails go to `email` in `language` (empty: that of the service), all kinds but those in `muted_mail`,
    which are joined by blanks. `organisation_id` is the company of a company's user, the id that it had
    when they were invited; empty for people of the university.
    """

    __tablename__ = "user_account"
    __table_args__ = (one_of("role", ACCOUNT_ROLES),)

    user_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    must_change_password: Mapped[bool] = mapped_column(Boolean, server_default=false())
    one_time_until: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    oidc_subject: Mapped[str | None] = mapped_column(unique=True)
    researcher_id: Mapped[str | None] = mapped_column(index=True)
    failed_logins: Mapped[int] = mapped_column(Integer)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    password_changed_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    email: Mapped[str] = mapped_column(server_default=text("''"))
    language: Mapped[str] = mapped_column(server_default=text("''"))
    muted_mail: Mapped[str] = mapped_column(server_default=text("''"))
    organisation_id: Mapped[str] = mapped_column(server_default=text("''"), index=True)


class UserSession(Base):
    """A session of a signed-in person, by the SHA-256 of its cookie.

    One that a password for one sign-in opened has `must_change_password`: it is good for that alone; one
    that `awaits_factor` is good for proving or setting up a second factor, which was proved at `proved_at`.
    `challenge` is what a passkey must sign next; `provider_token` is the provider's ID token, which
    ends its session at signing out.
    """

    __tablename__ = "user_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("user_account.user_id", ondelete="CASCADE"), index=True
    )
    csrf_token: Mapped[str]
    must_change_password: Mapped[bool] = mapped_column(Boolean, server_default=false())
    awaits_factor: Mapped[bool] = mapped_column(Boolean, server_default=false())
    proved_at: Mapped[datetime | None]
    challenge: Mapped[str] = mapped_column(server_default=text("''"))
    provider_token: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime]
    rotated_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Client(Base):
    """A machine that calls the API: a portal, bound to companies, or an analyst's notebook."""

    __tablename__ = "client"
    __table_args__ = (one_of("role", MACHINE_ROLES),)

    client_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class ClientCompany(Base):
    """A company whose needs a machine may see and write."""

    __tablename__ = "client_company"

    client_id: Mapped[str] = mapped_column(
        ForeignKey("client.client_id", ondelete="CASCADE"), primary_key=True
    )
    organisation_id: Mapped[str] = mapped_column(primary_key=True, index=True)


class ApiKey(Base):
    """A machine's key: `key_id` is its open part, the secret is a hash; scopes joined by blanks.

    The same key is the client secret of OAuth2 client credentials.
    """

    __tablename__ = "api_key"

    key_id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(
        ForeignKey("client.client_id", ondelete="CASCADE"), index=True
    )
    secret_hash: Mapped[str]
    scopes: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class AccessToken(Base):
    """A short-lived token that a machine got for its key, by its SHA-256."""

    __tablename__ = "access_token"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(
        ForeignKey("api_key.key_id", ondelete="CASCADE"), index=True
    )
    scopes: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)
