"""Accounts in a catalogue of their own, with passwords that cost next to nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from catalogue.database.viewer import LEGAL
from catalogue.records.catalogue import Catalogue, open_catalogue
from office.accounts.passwords import Passwords
from office.accounts.signing_in import LockRule, PasswordAuthenticator
from office.accounts.users import Users
from tests.office.accounts.acting import OPERATOR, PASSWORD, QUICK
from tests.support.databases import new_sqlite


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue on SQLite."""
    with open_catalogue(new_sqlite(tmp_path / "catalogue.sqlite")) as opened:
        yield opened


@pytest.fixture
def users(catalogue: Catalogue) -> Users:
    """The accounts; their passwords cost next to nothing."""
    return Users(catalogue, Passwords(QUICK))


@pytest.fixture
def authenticator(catalogue: Catalogue, users: Users) -> PasswordAuthenticator:
    """The door, which Tanaka alone has a password for; three wrong ones lock it."""
    users.create(OPERATOR, "Tanaka", role=LEGAL, name="田中", password=PASSWORD)
    return PasswordAuthenticator(catalogue, Passwords(QUICK), LockRule(3, timedelta(minutes=15)))
