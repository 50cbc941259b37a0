"""Accounts of people who come by OpenID Connect: found by issuer and subject, made when a role maps."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from catalogue.database.account_models import UserAccount
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, MEMBER
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import (
    AccountDisabledError,
    AccountHeldError,
    ConflictError,
    ForbiddenError,
)
from enmusubi.mail_settings import MailSettings
from office.access import audit
from office.accounts.chiefs import NEW, tell_chiefs
from office.accounts.last_administrator import has_other_administrator
from office.accounts.sessions import USER, end_sessions
from office.accounts.signing_in import OUTSIDER
from office.accounts.traces import stands_somewhere
from office.accounts.users import (
    User,
    find_user,
    insert_user,
    login_name,
    required_user,
)
from office.companies.finding import home_ids, present_ids
from office.mail.queue import NO_MAIL
from office.members.sign_ins import company_of_sign_in
from office.saved_searches import forget_news

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RoleRule:
    """Which role a user's claims give; `roles` maps a claim's value to a role, the first counts.

    `claim` may be a path such as `realm_access.roles`.
    """

    claim: str = "roles"
    roles: Mapping[str, str] | None = None
    default: str = ""

    def role_of(self, claims: Mapping[str, Any]) -> str:
        """Return the role that the claims give, empty for none."""
        value: Any = claims
        for part in self.claim.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        found = {value} if isinstance(value, str) else set()
        if isinstance(value, list):
            found = {item for item in value if isinstance(item, str)}
        return next(
            (role for name, role in (self.roles or {}).items() if name in found), self.default
        )


@dataclass(frozen=True)
class Stranger:
    """Who an OpenID provider says has signed in there.

    `is_mapped` says that a claim gave the role, not the default. `verified_email` and `company_claim` tell
    of which member company somebody is; both are empty where the provider does not vouch for them.
    """

    issuer: str
    subject: str
    login: str
    name: str
    role: str
    email: str = ""
    is_mapped: bool = True
    verified_email: str = field(default="", repr=False)
    company_claim: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        """What the account is found by."""
        return f"{self.issuer}|{self.subject}"


def account_of(
    catalogue: Catalogue, stranger: Stranger, *, address: str = "", mail: MailSettings = NO_MAIL
) -> User:
    """Return the account of a user who signed in at the provider, with the role of today.

    Raises ForbiddenError where the claims give no role, AccountDisabledError, AccountHeldError for a
    new one whose login name stands somewhere already, until an administrator confirms it, and
    ConflictError where the login name belongs to another account: that one is never taken over.
    """
    with catalogue.writing() as connection:
        found = _known(connection, stranger.key)
        company = _company(connection, found, stranger)
        stranger = replace(stranger, role=_role(found, stranger, company))
        is_new = found is None
        if stranger.role and found is None:
            found = _made(connection, stranger, company, mail)
        if stranger.role and found and not (found.disabled_at or found.held_at):
            user = found if is_new else _updated(connection, found, stranger, mail)
            now, email = datetime.now(UTC), user.email or stranger.email
            _set(connection, user.user_id, last_login_at=now, email=email)
            audit.record(
                connection, user.viewer, "sign in", USER, user.user_id, address=address, by="oidc"
            )
            return required_user(connection, user.user_id)
        if found:
            end_sessions(connection, found.user_id)
        audit.record(
            connection,
            OUTSIDER,
            "fail to sign in",
            USER,
            found.user_id if found else "",
            address=address,
            by="oidc",
        )
    if found and found.held_at:
        raise AccountHeldError(
            "Your login name is known from before you had an account. An administrator confirms that it is "
            "yours; until then it opens nothing."
        )
    if found and found.disabled_at:
        raise AccountDisabledError("This account is disabled. Ask the administrator to enable it.")
    raise ForbiddenError(
        "You are known, but have no role in Enmusubi. Ask the administrator for one."
    )


def _known(connection: Connection, key: str) -> User | None:
    query = select(UserAccount.user_id).where(UserAccount.oidc_subject == key)
    user_id = connection.execute(query).scalar()
    return required_user(connection, user_id) if user_id else None


def _company(connection: Connection, found: User | None, stranger: Stranger) -> str:
    """Return the member company that somebody comes from, empty for none and for people of the university."""
    if stranger.is_mapped:
        return ""
    company = company_of_sign_in(connection, stranger.verified_email, stranger.company_claim)
    if found is None or not company:
        return company
    theirs = present_ids(connection, [found.organisation_id])
    return company if theirs.get(found.organisation_id, found.organisation_id) == company else ""


def _role(found: User | None, stranger: Stranger, company: str) -> str:
    """Return the role of today; nobody of a company becomes one of the university by a claim, nor back."""
    if found is not None and (found.role == MEMBER) != bool(company):
        return "" if found.role == MEMBER or company else stranger.role
    return MEMBER if company else stranger.role


def _invited(connection: Connection, stranger: Stranger, company: str) -> User | None:
    """Return the account of who was invited by mail, and comes by the company's own sign-in now."""
    query = select(UserAccount.user_id).where(
        UserAccount.role == MEMBER,
        UserAccount.oidc_subject.is_(None),
        UserAccount.organisation_id.in_(home_ids(connection, company)),
        func.lower(UserAccount.email) == stranger.verified_email.lower(),
        UserAccount.disabled_at.is_(None),
    )
    user_id = connection.execute(query).scalar() if stranger.verified_email else None
    if not user_id:
        return None
    _set(connection, user_id, oidc_subject=stranger.key)
    return required_user(connection, user_id)


def _made(connection: Connection, stranger: Stranger, company: str, mail: MailSettings) -> User:
    if company and (invited := _invited(connection, stranger, company)):
        return invited
    user_id = login_name(stranger.login)
    if find_user(connection, user_id) is not None:
        raise ConflictError(
            "There is another account %(login)r already. Ask the administrator to link "
            "it to this sign-in: `enmusubi user link`.",
            login=user_id,
        )
    given: dict[str, Any] = {
        "role": stranger.role,
        "name": stranger.name,
        "researcher_id": None,
        "oidc_subject": stranger.key,
        "email": stranger.email,
        "organisation_id": company,
    }
    if stands_somewhere(connection, user_id):
        given["held_at"] = datetime.now(UTC)
    user = insert_user(connection, OUTSIDER, user_id, given, "")
    if user.held_at:
        audit.record(connection, OUTSIDER, "hold user", USER, user_id, by="oidc")
    if user.role == CHIEF:
        tell_chiefs(connection, mail, OUTSIDER, user_id, NEW)
    return user


def _updated(connection: Connection, user: User, stranger: Stranger, mail: MailSettings) -> User:
    """Return the account in the role of today's claims; the last administrator stays one.

    What a provider says must not take the last administrator away.
    """
    if user.role == stranger.role:
        return user
    if user.role == ADMINISTRATOR and not has_other_administrator(connection, user.user_id):
        _log.warning(
            "%s is the last administrator and stays one, though the provider's claims say %s",
            user.user_id,
            stranger.role,
        )
        said = {"role": user.role, "claimed": stranger.role, "by": "oidc"}
        audit.record(connection, OUTSIDER, "keep role", USER, user.user_id, **said)
        return user
    _set(connection, user.user_id, role=stranger.role)
    forget_news(connection, user.user_id)
    audit.record(
        connection, OUTSIDER, "change user", USER, user.user_id, role=stranger.role, by="oidc"
    )
    if stranger.role == CHIEF:
        tell_chiefs(connection, mail, OUTSIDER, user.user_id, NEW)
    return required_user(connection, user.user_id)


def _set(connection: Connection, user_id: str, **values: Any) -> None:
    mine = UserAccount.user_id == user_id
    connection.execute(update(UserAccount).where(mine).values(**values))
