"""A company's users: invited by the office, listed, and let in no longer.

The account is made with the invitation and has no password: it is opened by a link of a mail, or by the
sign-in of the company (`office.members.sign_ins`). The login is the mail address.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from catalogue.database.account_models import UserAccount
from catalogue.database.member_models import ASKED, INVITED
from catalogue.database.service_models import MEMBER_INVITATION, MEMBER_LINK
from catalogue.database.viewer import MEMBER, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ConflictError, InputError, UnknownIdError
from enmusubi.language import clean_text
from enmusubi.mail_settings import MailSettings
from enmusubi.messages import N_
from enmusubi.settings import local_time
from office.access import audit
from office.access.rules import KEEP_MEMBERS, SEE_MEMBERS, require
from office.accounts.email_addresses import checked_email
from office.accounts.fingerprints import fingerprint, new_secret
from office.accounts.sessions import USER, end_sessions
from office.accounts.users import User, find_user, insert_user, login_name, user_of
from office.companies.finding import home_ids
from office.mail.queue import enqueue
from office.members.kept import MEMBERSHIPS, holds_on
from office.members.links import LINKS, revoke_links

INVITATION_HOLDS = timedelta(days=14)
LINK_HOLDS = timedelta(minutes=30)
MOST_USERS = 100  # of a company
MAX_NAME_CHARS = 200
FEWEST_BETWEEN = timedelta(minutes=2)  # between two links that somebody asks for
NO_MEMBER = N_("The company is no member now: record its membership first.")
UNKNOWN_USER = N_("The company has no user of that login.")


@dataclass(frozen=True)
class MemberUser:
    """A company's user; `invited_until` is when the newest invitation ends that was not used."""

    user: User
    invited_by: str
    invited_until: datetime | None

    @property
    def has_come(self) -> bool:
        """Whether they ever signed in."""
        return self.user.last_login_at is not None


@dataclass(frozen=True)
class Invited:
    """An invitation: the account, and the link's secret where the office passes it on itself."""

    user: User
    token: str
    expires_at: datetime


def users_of(connection: Connection, viewer: Viewer, organisation_id: str) -> list[MemberUser]:
    """Return a company's users by login; raises ForbiddenError."""
    require(viewer, SEE_MEMBERS)
    found = _users(connection, home_ids(connection, organisation_id))
    logins = [user.user_id for user in found]
    query = select(LINKS).where(LINKS.c.user_id.in_(logins), LINKS.c.purpose == INVITED)
    newest = {
        row["user_id"]: dict(row)
        for row in connection.execute(query.order_by(LINKS.c.link_id)).mappings()
    }
    return [_with_invitation(user, newest.get(user.user_id)) for user in found]


def _with_invitation(user: User, link: Mapping[str, Any] | None) -> MemberUser:
    if link is None:
        return MemberUser(user, "", None)
    is_open = link["used_at"] is None and link["revoked_at"] is None
    holds = is_open and link["expires_at"] > datetime.now(UTC)
    return MemberUser(user, link["made_by"], link["expires_at"] if holds else None)


def invite(
    connection: Connection,
    viewer: Viewer,
    organisation_id: str,
    *,
    email: str,
    name: str,
    language: str,
    mail: MailSettings,
    by_mail: bool,
    today: datetime | None = None,
) -> Invited:
    """Make an account for a company's user, or take the one that waits, and a link that opens it once.

    With `by_mail` the link is made when the mail is sent and nobody else sees it; else it is returned, to
    be passed on by hand. Raises ForbiddenError, InputError, and ConflictError where the address belongs to
    another account.
    """
    require(viewer, KEEP_MEMBERS)
    now = today or datetime.now(UTC)
    homes = home_ids(connection, organisation_id)
    _check_member(connection, homes, now)
    address = checked_email(email)
    if not address:
        raise InputError("missing.", of_field="email")
    user = _account(connection, viewer, homes, address, name, language)
    revoke_links(connection, user.user_id, now)
    token, expires_at = "" if by_mail else new_secret(), now + INVITATION_HOLDS
    link_id = _new_link(connection, user.user_id, INVITED, viewer.viewer_id, expires_at, token)
    if by_mail and not enqueue(connection, mail, MEMBER_INVITATION, user.user_id, str(link_id)):
        raise InputError("No mail can be sent: name a server in mail.host, or pass the link on.")
    audit.record(connection, viewer, "invite member", USER, user.user_id, by_mail=by_mail)
    return Invited(user, token, expires_at)


def let_in(connection: Connection, viewer: Viewer, organisation_id: str, login: str) -> None:
    """Let a company's user in again; raises ForbiddenError and UnknownIdError."""
    _switch(connection, viewer, organisation_id, login, "enable user", None)


def shut_out(connection: Connection, viewer: Viewer, organisation_id: str, login: str) -> None:
    """Let a company's user in no longer: sessions and links end; raises ForbiddenError, UnknownIdError."""
    now = datetime.now(UTC)
    user_id = _switch(connection, viewer, organisation_id, login, "disable user", now)
    end_sessions(connection, user_id)
    revoke_links(connection, user_id, now)


def ask_for_link(catalogue: Catalogue, email: str, mail: MailSettings) -> bool:
    """Write the mail with a link to sign in, where the address is a company's user; returns whether it did.

    Whoever asks must be answered alike in either case.
    """
    now = datetime.now(UTC)
    with catalogue.writing() as connection:
        user = _by_email(connection, email)
        if user is None or user.disabled_at is not None:
            return False
        recent = select(LINKS.c.link_id).where(
            LINKS.c.user_id == user.user_id,
            LINKS.c.purpose == ASKED,
            LINKS.c.made_at > now - FEWEST_BETWEEN,
        )
        if connection.execute(recent).first() is not None:
            return False
        link_id = _new_link(connection, user.user_id, ASKED, user.user_id, now + LINK_HOLDS, "")
        return enqueue(connection, mail, MEMBER_LINK, user.user_id, str(link_id))


def _by_email(connection: Connection, email: str) -> User | None:
    query = select(UserAccount.__table__).where(
        func.lower(UserAccount.email) == email.strip().lower(),
        UserAccount.email != "",
        UserAccount.role == MEMBER,
    )
    row = connection.execute(query.limit(1)).first()
    return user_of(row) if row else None


def _account(  # noqa: PLR0917 - in the order of the sentence
    connection: Connection, viewer: Viewer, homes: list[str], address: str, name: str, language: str
) -> User:
    """Return the account of an address, made where there is none."""
    said = " ".join(clean_text(name).split())
    if len(said) > MAX_NAME_CHARS:
        raise InputError(
            "at most %(most)s characters are kept.", of_field="name", most=MAX_NAME_CHARS
        )
    if language not in {"", "ja", "en"}:
        raise InputError("expected %(choices)s.", of_field="language", choices="ja, en")
    login = login_name(address)
    row = find_user(connection, login)
    if row is None:
        if len(_users(connection, homes)) >= MOST_USERS:
            raise ConflictError(
                "The company has %(most)s users, as many as it can.", most=MOST_USERS
            )
        given = {
            "role": MEMBER, "name": said, "email": address, "language": language,
            "organisation_id": homes[0], "researcher_id": None, "oidc_subject": None,
        }  # fmt: skip
        return insert_user(connection, viewer, login, given, "")
    user = user_of(row)
    if user.role != MEMBER or user.organisation_id not in homes:
        raise ConflictError("That address belongs to another account already.")
    if user.disabled_at is not None:
        raise ConflictError("That user is let in no longer. Let them in again first.")
    changed = {"name": said or user.name, "language": language or user.language}
    mine = UserAccount.user_id == login
    connection.execute(update(UserAccount).where(mine).values(**changed))
    return user


def _check_member(connection: Connection, homes: Iterable[str], now: datetime) -> None:
    query = select(MEMBERSHIPS.c.membership_id).where(
        MEMBERSHIPS.c.organisation_id.in_(list(homes)), *holds_on(local_time(now, "ja").date())
    )
    if connection.execute(query).first() is None:
        raise ConflictError(NO_MEMBER)


def _users(connection: Connection, homes: Iterable[str]) -> list[User]:
    query = select(UserAccount.__table__).where(
        UserAccount.role == MEMBER, UserAccount.organisation_id.in_(list(homes))
    )
    return [user_of(row) for row in connection.execute(query.order_by(UserAccount.user_id))]


def _switch(  # noqa: PLR0917 - in the order of the sentence
    connection: Connection,
    viewer: Viewer,
    organisation_id: str,
    login: str,
    action: str,
    at: datetime | None,
) -> str:
    require(viewer, KEEP_MEMBERS)
    homes = home_ids(connection, organisation_id)
    user = next((one for one in _users(connection, homes) if one.user_id == login), None)
    if user is None:
        raise UnknownIdError(UNKNOWN_USER)
    if (user.disabled_at is None) != (at is None):
        mine = UserAccount.user_id == user.user_id
        connection.execute(update(UserAccount).where(mine).values(disabled_at=at))
        audit.record(connection, viewer, action, USER, user.user_id)
    return user.user_id


def _new_link(  # noqa: PLR0917 - the columns in their order
    connection: Connection, user_id: str, purpose: str, by: str, expires_at: datetime, token: str
) -> int:
    row = {
        "user_id": user_id, "purpose": purpose, "token_hash": fingerprint(token) if token else None,
        "made_by": by, "made_at": datetime.now(UTC), "expires_at": expires_at,
    }  # fmt: skip
    key = connection.execute(insert(LINKS).values(**row)).inserted_primary_key
    return int(key[0]) if key else 0
