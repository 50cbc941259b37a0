"""Signing in with a password: names that look alike, lockout, and what happens meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from argon2 import PasswordHasher

from catalogue.database.viewer import LEGAL, VIEWER
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import AccountDisabledError, AccountLockedError, WrongPasswordError
from office.accounts.passwords import Passwords
from office.accounts.sessions import Sessions
from office.accounts.signing_in import PasswordAuthenticator
from office.accounts.users import Users
from tests.office.accounts.acting import OPERATOR, PASSWORD, QUICK, trail


def test_a_login_name_is_one_however_it_is_typed(authenticator: PasswordAuthenticator) -> None:
    assert authenticator.sign_in(" ＴＡＮＡＫＡ ", PASSWORD).user_id == "tanaka"


def test_a_password_is_one_however_an_input_method_composed_it(
    catalogue: Catalogue, users: Users
) -> None:
    users.create(OPERATOR, "mori", role=VIEWER, password="ガラスの森 山と川 2026")
    authenticator = PasswordAuthenticator(catalogue, Passwords(QUICK))

    assert authenticator.sign_in("mori", "ｶﾞﾗｽの森　山と川 ２０２６").viewer.role == VIEWER


def test_a_wrong_password_and_an_unknown_name_look_the_same(
    authenticator: PasswordAuthenticator,
) -> None:
    told = []
    for login in ("tanaka", "nobody", "not a name"):
        with pytest.raises(WrongPasswordError) as refusal:
            authenticator.sign_in(login, "another password")
        told.append(str(refusal.value))
    assert len(set(told)) == 1


def test_an_unknown_name_costs_a_password_check_too(catalogue: Catalogue, users: Users) -> None:
    checked = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            checked.append(str(hash).rsplit("$", 2)[0])
            return super().verify(hash, password)

    passwords = Passwords(Watched(time_cost=1, memory_cost=64, parallelism=1))
    Users(catalogue, passwords).create(OPERATOR, "tanaka", role=LEGAL, password=PASSWORD)
    authenticator = PasswordAuthenticator(catalogue, passwords)
    for login in ("tanaka", "nobody"):
        with pytest.raises(WrongPasswordError, match="is wrong"):
            authenticator.sign_in(login, "another password")

    assert len(checked) == 2
    assert len(set(checked)) == 1  # the same costs


@pytest.mark.parametrize("login", ["tanaka", "nobody"])
def test_after_three_wrong_passwords_even_the_right_one_must_wait(
    catalogue: Catalogue, authenticator: PasswordAuthenticator, login: str
) -> None:
    now = datetime.now(UTC)
    for _ in range(3):
        with pytest.raises(WrongPasswordError, match="is wrong"):
            authenticator.sign_in(login, "another password", now=now)
    with pytest.raises(AccountLockedError, match="locked for another 15 min after 3") as refusal:
        authenticator.sign_in(login, PASSWORD, now=now)
    assert refusal.value.retry_after_s == 900
    if login == "tanaka":
        assert (
            authenticator.sign_in(login, PASSWORD, now=now + timedelta(minutes=16)).failed_logins
            == 0
        )
        assert ("outside:login", "lock user", "tanaka") in trail(catalogue)


def test_a_lock_that_a_clock_ahead_of_time_made_does_not_last_until_then(
    authenticator: PasswordAuthenticator,
) -> None:
    now, ahead = datetime.now(UTC), datetime.now(UTC) + timedelta(days=400)
    for _ in range(3):
        with pytest.raises(WrongPasswordError, match="is wrong"):
            authenticator.sign_in("tanaka", "another password", now=ahead)
    assert authenticator.sign_in("tanaka", PASSWORD, now=now).user_id == "tanaka"


def test_a_name_without_an_account_stays_out_of_the_trail(
    catalogue: Catalogue, authenticator: PasswordAuthenticator
) -> None:
    with pytest.raises(WrongPasswordError, match="is wrong"):
        authenticator.sign_in("my-secret-typed-here", "x", address="192.0.2.7")

    assert trail(catalogue)[-1] == ("outside:login", "fail to sign in", "")


def test_the_administrator_unlocks(authenticator: PasswordAuthenticator, users: Users) -> None:
    for _ in range(3):
        with pytest.raises(WrongPasswordError, match="is wrong"):
            authenticator.sign_in("tanaka", "another password")

    users.enable(OPERATOR, "tanaka")

    assert authenticator.sign_in("tanaka", PASSWORD).user_id == "tanaka"


def test_only_who_knows_the_password_learns_that_an_account_is_disabled(
    authenticator: PasswordAuthenticator, users: Users
) -> None:
    users.disable(OPERATOR, "tanaka")

    with pytest.raises(AccountDisabledError, match="disabled"):
        authenticator.sign_in("tanaka", PASSWORD)
    with pytest.raises(WrongPasswordError, match="is wrong"):
        authenticator.sign_in("tanaka", "another password")


def test_an_account_without_a_password_is_not_opened_by_any(
    catalogue: Catalogue, users: Users
) -> None:
    users.create(OPERATOR, "mori", role=VIEWER, oidc_subject="https://id.example.org|1")
    authenticator = PasswordAuthenticator(catalogue, Passwords(QUICK))

    for password in ("", "another password"):
        with pytest.raises(WrongPasswordError, match="is wrong"):
            authenticator.sign_in("mori", password)


class Meanwhile(Passwords):
    """Checks a password, and lets something happen before anybody reads the answer."""

    def __init__(self, happening: Callable[[], object]) -> None:
        super().__init__(QUICK)
        self._happenings = [happening]

    def is_right(self, password: str, stored: str) -> bool:
        found = super().is_right(password, stored)
        while self._happenings:
            self._happenings.pop()()
        return found


def test_a_password_that_is_changed_while_it_is_checked_lets_nobody_in(
    catalogue: Catalogue, authenticator: PasswordAuthenticator, users: Users
) -> None:
    change = partial(users.set_password, OPERATOR, "tanaka", "another four good words")
    with pytest.raises(WrongPasswordError, match="is wrong"):
        PasswordAuthenticator(catalogue, Meanwhile(change)).sign_in("tanaka", PASSWORD)
    assert "sign in" not in {action for _, action, _ in trail(catalogue)}
    assert users.get("tanaka").failed_logins == 1


def test_a_hash_that_is_renewed_while_it_is_checked_lets_its_owner_in(
    catalogue: Catalogue, authenticator: PasswordAuthenticator
) -> None:
    costly = PasswordAuthenticator(catalogue, Passwords(PasswordHasher(2, 64, 1)))
    renew = partial(costly.sign_in, "tanaka", PASSWORD)
    user = PasswordAuthenticator(catalogue, Meanwhile(renew)).sign_in("tanaka", PASSWORD)
    assert user.failed_logins == 0


def test_no_session_starts_by_a_password_that_was_changed_since(
    catalogue: Catalogue, authenticator: PasswordAuthenticator, users: Users
) -> None:
    sessions, user = Sessions(catalogue), authenticator.sign_in("tanaka", PASSWORD)
    mark = authenticator.confirm("tanaka", PASSWORD)
    assert mark == user.password_mark
    assert sessions.find(sessions.start("tanaka", password_mark=mark))
    changed = users.set_password(OPERATOR, "tanaka", "another four good words")
    with pytest.raises(WrongPasswordError, match="changed meanwhile"):
        sessions.start("tanaka", password_mark=mark)
    with pytest.raises(WrongPasswordError, match="changed meanwhile"):
        users.set_password(OPERATOR, "tanaka", "four words of a thief", only_if=mark)
    assert sessions.find(sessions.start("tanaka", password_mark=changed.password_mark))
    assert mark not in repr(user)
