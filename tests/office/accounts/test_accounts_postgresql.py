"""The door on PostgreSQL: people, sessions, machines, keys and tokens, once around."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from catalogue.database.viewer import ADMINISTRATOR, ANALYST, LEGAL, MATCHES_READ, Viewer
from catalogue.records.catalogue import open_catalogue
from enmusubi.errors import AccountLockedError, WrongPasswordError
from office.access.audit import verify
from office.accounts.federated import Stranger, account_of
from office.accounts.keys import Keys, Tokens, split_key
from office.accounts.machines import Machines
from office.accounts.passwords import Passwords
from office.accounts.sessions import Sessions
from office.accounts.signing_in import LockRule, PasswordAuthenticator
from office.accounts.users import Users

OPERATOR = Viewer("operator", ADMINISTRATOR)
PASSWORD = "four words that stay"


def test_people_and_machines_come_in_and_out(postgres_url: str) -> None:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    with open_catalogue(postgres_url) as catalogue:
        users, sessions = Users(catalogue, quick), Sessions(catalogue)
        authenticator = PasswordAuthenticator(catalogue, quick, LockRule(1))
        users.create(OPERATOR, "tanaka", role=LEGAL, password=PASSWORD)
        now = datetime.now(UTC)
        token = sessions.start(authenticator.sign_in("tanaka", PASSWORD).user_id, now=now)
        found = sessions.find(token, may_rotate=True, now=now + timedelta(minutes=20))
        assert found is not None
        assert sessions.find(found.new_token) is not None
        users.disable(OPERATOR, "tanaka")
        assert sessions.find(found.new_token) is None
        with pytest.raises(WrongPasswordError, match="is wrong"):
            authenticator.sign_in("tanaka", "another password")
        with pytest.raises(AccountLockedError, match="locked for another 15 min"):
            authenticator.sign_in("tanaka", PASSWORD)

        stranger = Stranger("https://id.example.org", "7", "mori", "Mori", LEGAL)
        assert account_of(catalogue, stranger) == users.get("mori")

        Machines(catalogue).create(OPERATOR, "notebook", role=ANALYST)
        keys = Keys(catalogue)
        key = keys.create(OPERATOR, "notebook", [MATCHES_READ], expires_at=now + timedelta(days=1))
        tokens = Tokens(catalogue)
        got = tokens.issue(*split_key(key.text))
        assert tokens.viewer_of(got.text) == keys.viewer_of(key.text)
        keys.revoke(OPERATOR, key.key.key_id)
        assert tokens.viewer_of(got.text) is None
        with catalogue.reading() as connection:
            assert verify(connection).is_whole
