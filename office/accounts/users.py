"""People's accounts: made, listed, changed, disabled. Every change is in the audit trail.

No account is deleted, so that the trail's names stay known; that of a user who left is disabled.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from catalogue.database.account_models import UserAccount
from catalogue.database.models import Researcher
from catalogue.database.viewer import ADMINISTRATOR, MEMBER, PERSON, PERSON_ROLES, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ConflictError, InputError, UnknownIdError
from enmusubi.messages import N_
from office.access import audit
from office.accounts.email_addresses import checked_email
from office.accounts.last_administrator import keep_an_administrator
from office.accounts.passwords import Passwords, check_password, mark_of, same_mark
from office.accounts.sessions import USER, end_sessions
from office.saved_searches import forget_news

MAX_LOGIN_CHARS = 64
COMPANY_USER = N_(
    "This is a company's user: they stay that, and sign in by links of mails or their company's sign-in."
)
_LOGIN = re.compile(r"[\w.@+-]+")
_TEXTS = frozenset({"name", "email"})  # empty where they are unknown; ids are null
_CHANGEABLE = frozenset({"role", "researcher_id", "oidc_subject"}) | _TEXTS


@dataclass(frozen=True)
class User:
    """A person's account, without its secrets.

    `password_mark` changes with the password, and tells nothing of it; it is empty without one.
    `muted_mail` holds the kinds of mail that the person does not want, joined by blanks.
    """

    user_id: str
    name: str
    role: str
    has_password: bool
    must_change_password: bool
    oidc_subject: str | None
    researcher_id: str | None
    failed_logins: int
    locked_until: datetime | None
    created_at: datetime
    password_changed_at: datetime | None
    last_login_at: datetime | None
    disabled_at: datetime | None
    email: str = ""
    language: str = ""
    muted_mail: str = ""
    organisation_id: str = ""  # of a company's user
    one_time_until: datetime | None = None
    held_at: datetime | None = None
    password_mark: str = field(default="", repr=False)

    @property
    def viewer(self) -> Viewer:
        """Who the person is for the rules."""
        return Viewer(
            self.user_id, self.role, PERSON, self.name, researcher_id=self.researcher_id or ""
        )


Also = Callable[[Connection, User], object]
"""Done in the transaction of a change, with the account as it is then."""


class Users:
    """The accounts in a catalogue; `by` is who makes a change."""

    def __init__(self, catalogue: Catalogue, passwords: Passwords | None = None) -> None:
        self._catalogue = catalogue
        self._passwords = passwords or Passwords()

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
        }
        hashed = self._passwords.hash(password) if password else ""
        with self._catalogue.writing() as connection:
            user = insert_user(connection, by, user_id, given, hashed)
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
            _check_values(connection, before.user_id, changed)
            if before.role == MEMBER and changed.keys() & {"role", "researcher_id"}:
                raise InputError(COMPANY_USER)
            if before.role == ADMINISTRATOR and changed.get("role", ADMINISTRATOR) != ADMINISTRATOR:
                keep_an_administrator(connection, before.user_id)
            if changed:
                _set(connection, before.user_id, changed)
                if "role" in changed:
                    forget_news(connection, before.user_id)
                detail = {"changed": sorted(changed), "role": changed.get("role", before.role)}
                audit.record(connection, by, "change user", USER, before.user_id, **detail)
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
            changed = replace_password(connection, user.user_id, hashed, is_one_time=is_one_time)
            detail = {
                "sessions_ended": end_sessions(connection, user.user_id),
                "one_time": is_one_time,
            }
            audit.record(connection, by, "change password", USER, user.user_id, **detail)
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
                _set(connection, user.user_id, {"disabled_at": datetime.now(UTC)})
                end_sessions(connection, user.user_id)
                audit.record(connection, by, "disable user", USER, user.user_id)
            return required_user(connection, user.user_id)

    def enable(self, by: Viewer, login: str) -> User:
        """Enable an account that was disabled or locked out."""
        with self._catalogue.writing() as connection:
            user = required_user(connection, login)
            _set(connection, user.user_id, {"disabled_at": None, **UNLOCKED})
            audit.record(connection, by, "enable user", USER, user.user_id)
            return required_user(connection, user.user_id)


UNLOCKED: Mapping[str, Any] = {"failed_logins": 0, "locked_until": None}


def login_name(login: str) -> str:
    """Return a login name in the form that is stored: NFKC, small letters; raises InputError."""
    name = unicodedata.normalize("NFKC", login).strip().casefold()
    if not _LOGIN.fullmatch(name) or len(name) > MAX_LOGIN_CHARS:
        raise InputError(
            "A login name has 1 to 64 letters, digits or any of . _ @ + -, such as tanaka."
        )
    return name


def find_user(connection: Connection, user_id: str) -> Row[Any] | None:
    """Return the account's row, None where there is none."""
    query = select(UserAccount.__table__).where(UserAccount.user_id == user_id)
    return connection.execute(query).first()


def required_user(connection: Connection, login: str) -> User:
    """Return an account; raises UnknownIdError."""
    row = find_user(connection, login_name(login))
    if row is None:
        raise UnknownIdError(
            "There is no account %(login)r. `enmusubi user list` shows those there are.",
            login=login_name(login),
        )
    return user_of(row)


def insert_user(
    connection: Connection, by: Viewer, user_id: str, given: Mapping[str, Any], password_hash: str
) -> User:
    """Return a new account of role, name, researcher_id and oidc_subject."""
    if find_user(connection, user_id) is not None:
        raise ConflictError(
            "There is an account %(login)r already. Choose another login name.", login=user_id
        )
    _check_values(connection, user_id, given)
    now = datetime.now(UTC)
    row = {
        **given,
        **UNLOCKED,
        "user_id": user_id,
        "password_hash": password_hash,
        "created_at": now,
        "password_changed_at": now if password_hash else None,
    }
    connection.execute(insert(UserAccount), row)
    audit.record(connection, by, "create user", USER, user_id, role=given["role"])
    return required_user(connection, user_id)


def replace_password(
    connection: Connection, user_id: str, password_hash: str, *, is_one_time: bool
) -> User:
    """Return an account with another password, unlocked; it says nothing to the audit trail."""
    changed = {"password_hash": password_hash, "must_change_password": is_one_time}
    _set(connection, user_id, {**changed, "password_changed_at": datetime.now(UTC), **UNLOCKED})
    return required_user(connection, user_id)


def user_of(row: Row[Any]) -> User:
    """Return an account for its row."""
    values: dict[str, Any] = dict(row._mapping)
    stored = values.pop("password_hash")
    return User(has_password=bool(stored), password_mark=mark_of(stored), **values)


def _set(connection: Connection, user_id: str, values: Mapping[str, Any]) -> None:
    connection.execute(update(UserAccount).where(UserAccount.user_id == user_id).values(**values))


def _check_values(connection: Connection, user_id: str, given: Mapping[str, Any]) -> None:
    allowed = {*PERSON_ROLES, MEMBER} if given.get("organisation_id") else PERSON_ROLES
    if "role" in given and given["role"] not in allowed:
        raise InputError(
            "%(role)r is no role of a person: expected %(choices)s.",
            role=given["role"],
            choices=", ".join(PERSON_ROLES),
        )
    if person := given.get("researcher_id"):
        query = select(Researcher.researcher_id).where(Researcher.researcher_id == person)
        if connection.execute(query).first() is None:
            raise UnknownIdError(
                "No researcher has the id %(id)r; match lists show the ids.", id=person
            )
    if subject := given.get("oidc_subject"):
        query = select(UserAccount.user_id).where(
            UserAccount.oidc_subject == subject, UserAccount.user_id != user_id
        )
        if other := connection.execute(query).scalar():
            raise ConflictError(
                "The account %(login)r has that OpenID Connect subject already.", login=other
            )
