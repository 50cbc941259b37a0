"""The rows of people's accounts: read, found by login name, written. Who may change what is `users`' part."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from catalogue.database.account_models import UserAccount
from catalogue.database.models import Researcher
from catalogue.database.viewer import MEMBER, PERSON, PERSON_ROLES, Viewer
from enmusubi.errors import ConflictError, InputError, UnknownIdError
from office.access import audit
from office.accounts.passwords import mark_of
from office.accounts.sessions import USER

MAX_LOGIN_CHARS = 64
_LOGIN = re.compile(r"[\w.@+-]+")


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
    check_account(connection, user_id, given)
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
    connection: Connection,
    user_id: str,
    password_hash: str,
    *,
    is_one_time: bool,
    until: datetime | None = None,
) -> User:
    """Return an account with another password, unlocked; it says nothing to the audit trail."""
    changed = {"password_hash": password_hash, "must_change_password": is_one_time}
    changed["one_time_until"] = until
    set_account(
        connection, user_id, {**changed, "password_changed_at": datetime.now(UTC), **UNLOCKED}
    )
    return required_user(connection, user_id)


def user_of(row: Row[Any]) -> User:
    """Return an account for its row."""
    values: dict[str, Any] = dict(row._mapping)
    stored = values.pop("password_hash")
    return User(has_password=bool(stored), password_mark=mark_of(stored), **values)


def set_account(connection: Connection, user_id: str, values: Mapping[str, Any]) -> None:
    """Write some columns of an account."""
    connection.execute(update(UserAccount).where(UserAccount.user_id == user_id).values(**values))


def check_account(connection: Connection, user_id: str, given: Mapping[str, Any]) -> None:
    """Raise InputError, UnknownIdError or ConflictError for values that an account cannot have."""
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
