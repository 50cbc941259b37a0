"""People's accounts: made, listed, changed, disabled. Every change is in the audit trail.

No account is deleted, so that the trail's names stay known; that of a user who left is disabled.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from catalogue.database.account_models import UserAccount
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, MEMBER, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import InputError
from enmusubi.mail_settings import MailSettings
from enmusubi.messages import N_
from office.access import audit
from office.accounts.chiefs import NEW, PASSWORD_SET, tell_chiefs
from office.accounts.email_addresses import checked_email
from office.accounts.last_administrator import keep_an_administrator
from office.accounts.passwords import Passwords, check_password, same_mark
from office.accounts.sessions import USER, end_sessions
from office.accounts.user_rows import (
    UNLOCKED,
    User,
    check_account,
    find_user,
    insert_user,
    login_name,
    replace_password,
    required_user,
    set_account,
    user_of,
)
from office.mail.queue import NO_MAIL
from office.saved_searches import forget_news

COMPANY_USER = N_(
    "This is a company's user: they stay that, and sign in by links of mails or their company's sign-in."
)
ONE_TIME_FOR = timedelta(hours=72)
__all__ = [
    "UNLOCKED",
    "Also",
    "User",
    "Users",
    "find_user",
    "insert_user",
    "login_name",
    "replace_password",
    "required_user",
    "user_of",
]
_TEXTS = frozenset({"name", "email"})  # empty where they are unknown; ids are null
_CHANGEABLE = frozenset({"role", "researcher_id", "oidc_subject"}) | _TEXTS


Also = Callable[[Connection, User], object]
"""Done in the transaction of a change, with the account as it is then."""


class Users:
    """The accounts in a catalogue; `by` is who makes a change."""

    def __init__(
        self,
        catalogue: Catalogue,
        passwords: Passwords | None = None,
        *,
        mail: MailSettings = NO_MAIL,
        one_time_for: timedelta = ONE_TIME_FOR,
    ) -> None:
        """Keep what changes need; one-time passwords end after `one_time_for`, chiefs are told by `mail`."""
        self._catalogue, self._mail = catalogue, mail
        self._passwords, self._one_time_for = passwords or Passwords(), one_time_for

    def any(self) -> bool:
        """Return whether there is any account, disabled ones included."""
        with self._catalogue.reading() as connection:
            return connection.execute(select(UserAccount.user_id).limit(1)).first() is not None

    def list(self) -> list[User]:
        """Return all accounts by login name."""
        with self._catalogue.reading() as connection:
            rows = connection.execute(select(UserAccount.__table__).order_by(UserAccount.user_id))
            return [user_of(row) for row in rows]

    def get(self, login: str) -> User:
        """Return an account; raises UnknownIdError."""
        with self._catalogue.reading() as connection:
            return required_user(connection, login)

    def create(
        self,
        by: Viewer,
        login: str,
        *,
        role: str,
        name: str = "",
        password: str = "",
        is_one_time: bool = True,
        researcher_id: str | None = None,
        oidc_subject: str | None = None,
        email: str = "",
        also: Also | None = None,
    ) -> User:
        """Return a new account; without a password it is opened by OpenID Connect alone.

        A one-time password is good for setting another and for nothing else.
        """
        user_id = login_name(login)
        if password:
            check_password(password, user_id)
        given = {
            "role": role,
            "name": name.strip(),
            "researcher_id": researcher_id or None,
            "oidc_subject": oidc_subject or None,
            "email": checked_email(email),
            "must_change_password": bool(password) and is_one_time,
            "one_time_until": self._until(is_one_time=bool(password) and is_one_time),
        }
        hashed = self._passwords.hash(password) if password else ""
        with self._catalogue.writing() as connection:
            user = insert_user(connection, by, user_id, given, hashed)
            if user.role == CHIEF:
                tell_chiefs(connection, self._mail, by, user_id, NEW)
            if also:
                also(connection, user)
            return user

    def change(self, by: Viewer, login: str, **values: str | None) -> User:
        """Change role, name, email, researcher_id or oidc_subject; what is not named stays."""
        unknown = sorted(set(values) - _CHANGEABLE)
        if unknown:
            raise InputError("An account has no %(name)r that can be changed.", name=unknown[0])
        with self._catalogue.writing() as connection:
            before = required_user(connection, login)
            given: dict[str, Any] = {
                key: value or ("" if key in _TEXTS else None) for key, value in values.items()
            }
            if "email" in given:
                given["email"] = checked_email(given["email"])
            changed = {key: value for key, value in given.items() if getattr(before, key) != value}
            check_account(connection, before.user_id, changed)
            if before.role == MEMBER and changed.keys() & {"role", "researcher_id"}:
                raise InputError(COMPANY_USER)
            if before.role == ADMINISTRATOR and changed.get("role", ADMINISTRATOR) != ADMINISTRATOR:
                keep_an_administrator(connection, before.user_id)
            if changed:
                set_account(connection, before.user_id, changed)
                if "role" in changed:
                    forget_news(connection, before.user_id)
                detail = {"changed": sorted(changed), "role": changed.get("role", before.role)}
                audit.record(connection, by, "change user", USER, before.user_id, **detail)
            if changed.get("role") == CHIEF:
                tell_chiefs(connection, self._mail, by, before.user_id, NEW)
            return required_user(connection, before.user_id)

    def set_password(
        self,
        by: Viewer,
        login: str,
        password: str,
        *,
        is_one_time: bool = True,
        only_if: str | None = None,
        also: Also | None = None,
    ) -> User:
        """Give an account another password; it is unlocked and signed out everywhere.

        A one-time password is good for setting another and for nothing else; what people set
        themselves is none. With `only_if`, raises WrongPasswordError unless that is still the mark of
        the password that it replaces.
        """
        user_id = login_name(login)
        check_password(password, user_id)
        hashed = self._passwords.hash(password)
        with self._catalogue.writing() as connection:
            user = required_user(connection, user_id)
            if user.role == MEMBER:
                raise InputError(COMPANY_USER)
            same_mark(user.password_mark, only_if)
            until = self._until(is_one_time=is_one_time)
            changed = replace_password(
                connection, user.user_id, hashed, is_one_time=is_one_time, until=until
            )
            detail = {
                "sessions_ended": end_sessions(connection, user.user_id),
                "one_time": is_one_time,
            }
            audit.record(connection, by, "change password", USER, user.user_id, **detail)
            if user.role == CHIEF and by.viewer_id != user.user_id:
                tell_chiefs(connection, self._mail, by, user.user_id, PASSWORD_SET)
            if also:
                also(connection, changed)
            return changed

    def disable(self, by: Viewer, login: str) -> User:
        """Disable an account, and sign its user out everywhere."""
        with self._catalogue.writing() as connection:
            user = required_user(connection, login)
            if user.role == ADMINISTRATOR:
                keep_an_administrator(connection, user.user_id)
            if user.disabled_at is None:
                set_account(connection, user.user_id, {"disabled_at": datetime.now(UTC)})
                end_sessions(connection, user.user_id)
                audit.record(connection, by, "disable user", USER, user.user_id)
            return required_user(connection, user.user_id)

    def enable(self, by: Viewer, login: str) -> User:
        """Enable an account that was disabled, locked out, or held until somebody confirms it."""
        with self._catalogue.writing() as connection:
            user = required_user(connection, login)
            set_account(
                connection, user.user_id, {"disabled_at": None, "held_at": None, **UNLOCKED}
            )
            done = "confirm user" if user.held_at else "enable user"
            audit.record(connection, by, done, USER, user.user_id)
            return required_user(connection, user.user_id)

    def _until(self, *, is_one_time: bool) -> datetime | None:
        return datetime.now(UTC) + self._one_time_for if is_one_time else None
