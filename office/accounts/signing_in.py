"""Signing in with a password: whether it is right, and a pause after too many that are wrong.

Login names without an account are counted and locked alike, so that no caller learns which exist.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, update

from catalogue.database.account_models import UserAccount
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import (
    AccountDisabledError,
    AccountHeldError,
    AccountLockedError,
    InputError,
    OneTimePasswordOverError,
    WrongPasswordError,
)
from office.access import audit
from office.accounts.devices import Devices
from office.accounts.fingerprints import same
from office.accounts.passwords import Passwords, mark_of
from office.accounts.sessions import USER
from office.accounts.users import UNLOCKED, User, find_user, login_name, required_user, user_of

OUTSIDER = Viewer("login", "none", "outside")  # who failed to sign in, in the audit trail
REMEMBERED_STRANGERS = 10_000
MOST_CHECKS = 2  # a hash that was renewed meanwhile is of the same password


@dataclass(frozen=True)
class LockRule:
    """After so many wrong passwords an account is locked for so long."""

    failures: int = 10
    duration: timedelta = timedelta(minutes=15)


@dataclass(frozen=True)
class _Failures:
    count: int = 0
    locked_until: datetime | None = None


@dataclass(frozen=True)
class _Asking:
    """From where and when a password is sent."""

    address: str
    device: str
    now: datetime


class PasswordAuthenticator:
    """Lets people in by login name and password; safe to share among threads."""

    def __init__(
        self,
        catalogue: Catalogue,
        passwords: Passwords | None = None,
        rule: LockRule | None = None,
        devices: Devices | None = None,
    ) -> None:
        self._catalogue = catalogue
        self.devices = devices or Devices(catalogue, (rule or LockRule()).failures)
        self._passwords = passwords or Passwords()
        self._rule = rule or LockRule()
        self._strangers: OrderedDict[str, _Failures] = OrderedDict()
        self._lock = threading.Lock()

    def sign_in(
        self,
        login: str,
        password: str,
        *,
        address: str = "",
        device: str = "",
        now: datetime | None = None,
    ) -> User:
        """Return the account that a login name and password open; the trail says from where.

        `device` is the token of the browser: a known one is let in while the account is locked, as
        others guess. Raises WrongPasswordError, AccountLockedError, and, to those who know the
        password, AccountDisabledError, AccountHeldError, and NotSignedInError for a one-time
        password that is over.
        """
        now = now or datetime.now(UTC)
        asks = _Asking(address, device, now)
        for _ in range(MOST_CHECKS):
            checked, is_known = self._checked(login, password, asks)
            if user := self._let_in(checked, password, asks, is_known=is_known):
                return user
        raise WrongPasswordError("The password was changed meanwhile. Sign in with the new one.")

    def confirm(self, login: str, password: str, *, address: str = "", device: str = "") -> str:
        """Return the mark of the password of a signed-in user, if it is that.

        Raises an error otherwise; wrong ones count as above.
        """
        asks = _Asking(address, device, datetime.now(UTC))
        return mark_of(self._checked(login, password, asks)[0].password_hash)

    def _checked(self, login: str, password: str, asks: "_Asking") -> tuple[Row[Any], bool]:
        """Return the account that the password is right for, and whether its device is known.

        Counts it otherwise, and raises.
        """
        address, now = asks.address, asks.now
        try:
            user_id = login_name(login)
        except InputError:
            user_id = ""
        with self._catalogue.reading() as connection:
            row = find_user(connection, user_id)
        is_known = row is not None and self.devices.knows(asks.device, user_id, now)
        if not is_known:
            self._refuse_locked(row, user_id, now)
        is_right = self._passwords.is_right(password, row.password_hash if row else "")
        if row is not None and is_right:
            return row, is_known
        if row is None:
            self._count_stranger(user_id, address, now)
        elif is_known:
            self.devices.count_failure(asks.device)
            audit.note(self._catalogue, OUTSIDER, "fail to sign in", USER, user_id, address=address)
        else:
            self._count_failure(user_id, address, now)
        raise WrongPasswordError("The login name or the password is wrong.")

    def _refuse_locked(self, row: Row[Any] | None, user_id: str, now: datetime) -> None:
        """Raise AccountLockedError while the account, or a name without one, is locked."""
        if row is None:
            with self._lock:
                until = self._strangers.get(user_id, _Failures()).locked_until
        else:
            until = row.locked_until
        # no lock is longer than the rule's: one that is was made by a clock which has gone back since
        if until is not None and now < until <= now + self._rule.duration:
            minutes = max(1, -(-(until - now) // timedelta(minutes=1)))
            raise AccountLockedError(
                "This account is locked for another %(minutes)s min after %(failures)s wrong "
                "passwords. Wait, or ask the administrator to unlock it.",
                retry_after_s=max(1, round((until - now).total_seconds())),
                minutes=minutes,
                failures=self._rule.failures,
            )

    def _next(self, before: int, now: datetime) -> _Failures:
        """Return the count after one more failure; reaching the limit locks and starts anew."""
        if before + 1 < self._rule.failures:
            return _Failures(before + 1)
        return _Failures(0, now + self._rule.duration)

    def _count_stranger(self, user_id: str, address: str, now: datetime) -> None:
        with self._lock:
            before = self._strangers.pop(user_id, _Failures())
            self._strangers[user_id] = self._next(before.count, now)
            while len(self._strangers) > REMEMBERED_STRANGERS:
                self._strangers.popitem(last=False)
        # the name stays out of the trail: people type passwords into the wrong field
        audit.note(self._catalogue, OUTSIDER, "fail to sign in", USER, address=address)

    def _count_failure(self, user_id: str, address: str, now: datetime) -> None:
        with self._catalogue.writing() as connection:
            row = find_user(connection, user_id)
            failures = self._next(row.failed_logins if row else 0, now)
            values = {"failed_logins": failures.count, "locked_until": failures.locked_until}
            mine = UserAccount.user_id == user_id
            connection.execute(update(UserAccount).where(mine).values(**values))
            audit.record(connection, OUTSIDER, "fail to sign in", USER, user_id, address=address)
            if failures.locked_until:
                audit.record(connection, OUTSIDER, "lock user", USER, user_id, address=address)

    def _let_in(
        self, checked: Row[Any], password: str, asks: "_Asking", *, is_known: bool
    ) -> User | None:
        """Return the account as it is now; None where its password is another than was checked."""
        user_id, now = checked.user_id, asks.now
        with self._catalogue.writing() as connection:
            row = find_user(connection, user_id)
            assert row is not None  # noqa: S101 - accounts are never deleted
            if not same(row.password_hash, checked.password_hash):
                return None
            if not is_known:
                self._refuse_locked(row, user_id, now)  # by guesses that were checked meanwhile
            user = user_of(row)
            if user.disabled_at is not None:
                raise AccountDisabledError(
                    "This account is disabled. Ask the administrator to enable it."
                )
            _refuse_unready(user, now)
            values: dict[str, Any] = {"last_login_at": now, **UNLOCKED}
            if self._passwords.is_outdated(row.password_hash):
                values["password_hash"] = self._passwords.hash(password)
            mine = UserAccount.user_id == user_id
            connection.execute(update(UserAccount).where(mine).values(**values))
            audit.record(connection, user.viewer, "sign in", USER, user_id, address=asks.address)
            return required_user(connection, user_id)


def _refuse_unready(user: User, now: datetime) -> None:
    """Raise an error for an account that is held, or whose one-time password is over."""
    if user.held_at is not None:
        raise AccountHeldError("This account waits until an administrator confirms it.")
    if user.must_change_password and user.one_time_until and user.one_time_until <= now:
        raise OneTimePasswordOverError(
            "This one-time password is over. Ask the administrator for another."
        )
