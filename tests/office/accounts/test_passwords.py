"""Which passwords and login names are good enough."""

import pytest
from argon2 import PasswordHasher

from enmusubi.errors import InputError
from office.accounts import passwords
from office.accounts.passwords import Passwords, check_password
from office.accounts.users import login_name


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short 123", "fewer than 10"),
        ("x" * 5 + "long words " * 20, "more than 200"),
        ("tanaka-tanaka-1", "easy to guess"),
        ("P@ssw0rd-2026", "easy to guess"),
        ("パスワード12345", "easy to guess"),
        ("1234567890", "easy to guess"),
        ("aaaaaaaaaaaaaaa", "easy to guess"),
        ("enmusubi-縁結び-1", "easy to guess"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str, fault: str) -> None:
    with pytest.raises(InputError, match=fault) as refusal:
        check_password(password, "tanaka")
    assert password not in str(refusal.value)


@pytest.mark.parametrize(
    "password",
    ["four words that stay", "tanaka likes green tea", "山と川とガラスの森の話", "x7!kQ9zR2m"],
)
def test_other_passwords_are_taken(password: str) -> None:
    check_password(password, "tanaka")


@pytest.mark.parametrize("login", ["", "a b", "x" * 65, "<script>", "a/b", "a\x00"])
def test_a_login_name_of_other_characters_is_refused(login: str) -> None:
    with pytest.raises(InputError, match="A login name has"):
        login_name(login)


def test_a_login_name_is_stored_in_one_form() -> None:
    assert login_name(" Ｔanaka@Example.org\n") == "tanaka@example.org"


def test_a_password_costs_64_mib_and_three_passes_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PasswordHasher", PasswordHasher)  # the tests' own is cheap

    assert Passwords().hash("four words that stay").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
