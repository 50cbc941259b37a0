"""Accounts of people: passwords and how they are kept, changes, and the last administrator."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from catalogue.database.account_models import UserAccount
from catalogue.database.viewer import ADMINISTRATOR, LEGAL, VIEWER
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import AccountDisabledError, ConflictError, InputError, UnknownIdError
from office.accounts.passwords import Passwords
from office.accounts.sessions import Sessions
from office.accounts.signing_in import PasswordAuthenticator
from office.accounts.users import Users
from tests.office.accounts.acting import OPERATOR, PASSWORD, trail


def stored_hash(catalogue: Catalogue, user_id: str = "tanaka") -> str:
    with catalogue.reading() as connection:
        query = select(UserAccount.password_hash).where(UserAccount.user_id == user_id)
        return str(connection.execute(query).scalar_one())


def test_a_password_is_stored_as_argon2id_only(
    catalogue: Catalogue, authenticator: PasswordAuthenticator
) -> None:
    assert stored_hash(catalogue).startswith("$argon2id$")
    assert PASSWORD not in stored_hash(catalogue)


def test_a_password_is_for_one_time_until_its_owner_sets_another(
    users: Users, authenticator: PasswordAuthenticator
) -> None:
    assert authenticator.sign_in("tanaka", PASSWORD).must_change_password

    users.set_password(users.get("tanaka").viewer, "tanaka", "four of my own", is_one_time=False)

    assert not authenticator.sign_in("tanaka", "four of my own").must_change_password
    users.set_password(OPERATOR, "tanaka", PASSWORD)
    assert users.get("tanaka").must_change_password
    assert not users.create(
        OPERATOR, "mori", role=VIEWER
    ).must_change_password  # has none to change


def test_a_hash_of_other_costs_is_renewed_when_the_password_is_known(
    catalogue: Catalogue, authenticator: PasswordAuthenticator
) -> None:
    dearer = Passwords(PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))

    PasswordAuthenticator(catalogue, dearer).sign_in("tanaka", PASSWORD)

    assert "t=2" in stored_hash(catalogue)
    authenticator.sign_in("tanaka", PASSWORD)


def test_roles_people_and_names_are_checked(users: Users) -> None:
    users.create(OPERATOR, "mori", role=VIEWER)
    with pytest.raises(InputError, match="'portal' is no role of a person"):
        users.create(OPERATOR, "sato", role="portal")
    with pytest.raises(UnknownIdError, match="No researcher has the id 'R-99'"):
        users.change(OPERATOR, "mori", researcher_id="R-99")
    with pytest.raises(ConflictError, match="There is an account 'mori' already"):
        users.create(OPERATOR, "MORI", role=VIEWER)
    with pytest.raises(UnknownIdError, match="There is no account 'sato'"):
        users.get("sato")
    with pytest.raises(InputError, match="no 'user_id' that can be changed"):
        users.change(OPERATOR, "mori", user_id="x")


def test_a_new_password_or_disabling_ends_all_sessions(
    catalogue: Catalogue, authenticator: PasswordAuthenticator, users: Users
) -> None:
    sessions = Sessions(catalogue)
    first, second = sessions.start("tanaka"), sessions.start("tanaka")
    users.set_password(OPERATOR, "tanaka", "another four good words")
    third = sessions.start("tanaka")
    assert (sessions.find(first), sessions.find(second)) == (None, None)
    assert sessions.find(third) is not None

    users.disable(OPERATOR, "tanaka")

    assert sessions.find(third) is None
    with pytest.raises(AccountDisabledError, match="disabled"):
        authenticator.sign_in("tanaka", "another four good words")


def test_the_last_administrator_stays(users: Users) -> None:
    users.create(OPERATOR, "root", role=ADMINISTRATOR)

    with pytest.raises(ConflictError, match="'root' is the last administrator"):
        users.disable(OPERATOR, "root")
    with pytest.raises(ConflictError, match="'root' is the last administrator"):
        users.change(OPERATOR, "root", role=VIEWER)
    users.create(OPERATOR, "second", role=ADMINISTRATOR)
    assert users.disable(OPERATOR, "root").disabled_at is not None


def test_every_change_is_in_the_trail(catalogue: Catalogue, users: Users) -> None:
    assert not users.any()
    users.create(OPERATOR, "mori", role=VIEWER, password=PASSWORD)
    users.change(OPERATOR, "mori", role=LEGAL, name="森")
    users.change(OPERATOR, "mori", role=LEGAL)  # nothing changes
    users.set_password(OPERATOR, "mori", "another four good words")
    users.disable(OPERATOR, "mori")
    users.enable(OPERATOR, "mori")

    assert users.any()
    assert [user.name for user in users.list()] == ["森"]
    actions = [action for _, action, _ in trail(catalogue)]
    assert actions == [
        "create user", "change user", "change password", "disable user", "enable user",
    ]  # fmt: skip
