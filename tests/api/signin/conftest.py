"""The application with its real authenticator, people who can sign in, and browsers to do it with."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.signin import router
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, Viewer
from catalogue.records.catalogue import Catalogue, open_catalogue
from enmusubi.service_settings import SignInSettings
from office.accounts.passwords import Passwords
from office.accounts.users import Users
from tests.support.service import service
from tests.support.worlds import copied

OPERATOR = Viewer("operator", ADMINISTRATOR)
PASSWORD = "four words that stay"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
LOCAL = ("127.0.0.1", 50_000)
ELSEWHERE = ("192.0.2.7", 50_000)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


AppOf = Callable[..., FastAPI]
PersonOf = Callable[..., str]


@pytest.fixture(scope="module", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords cost next to nothing here; that they cost enough is what the defaults are for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(router, "Passwords", lambda: Passwords(QUICK))
        yield


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """A catalogue for all tests of a module."""
    folder = tmp_path_factory.mktemp("office")
    with open_catalogue(copied("small", folder)) as opened:
        yield opened


@pytest.fixture(scope="module")
def app_of(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> AppOf:
    """A function that returns the application with the authenticator of such settings, made once."""
    folder = tmp_path_factory.mktemp("data")

    @cache
    def start(**sign_in: Any) -> FastAPI:
        many = {"attempts_per_address": 10_000, **sign_in}
        return service(catalogue, folder, sign_in=SignInSettings(**many), rate_burst=10_000)

    return start


@pytest.fixture(scope="module")
def users(catalogue: Catalogue) -> Users:
    """The accounts."""
    return Users(catalogue, Passwords(QUICK))


@pytest.fixture(scope="module")
def person(users: Users) -> PersonOf:
    """A function that makes an account whose own password is PASSWORD and returns its login name."""
    numbers = count(1)

    def make(role: str = CHIEF, **more: Any) -> str:
        login, given = f"person-{next(numbers)}", {"is_one_time": False, **more}
        users.create(OPERATOR, login, role=role, name="田中", password=PASSWORD, **given)
        return login

    return make


@dataclass
class Browser:
    """A browser that follows nothing by itself and says where its requests come from."""

    client: TestClient

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, headers={"accept": "text/html"}, **more)

    def post(self, path: str, form: dict[str, str], **headers: str) -> Any:
        sent = {"accept": "text/html", "sec-fetch-site": "same-origin", **headers}
        return self.client.post(path, data=form, headers=sent)

    def token(self, path: str = "/login") -> str:
        """Return the token in a page's form."""
        found = TOKEN.search(self.get(path).text)
        assert found, path
        return found[1]

    def sign_in(self, login: str, password: str = PASSWORD, after: str = "") -> Any:
        form = {"csrf_token": self.token(), "login": login, "password": password, "next": after}
        return self.post("/login", form)

    @property
    def session(self) -> str:
        """The session's cookie, empty without one."""
        names = ("enmusubi", "__Host-enmusubi")
        return next((value for name in names if (value := self.client.cookies.get(name))), "")


def browser(app: FastAPI, host: str = "enmusubi.example", https: bool = False) -> Browser:
    """Return a browser at another computer."""
    url = f"{'https' if https else 'http'}://{host}"
    return Browser(
        TestClient(
            app,
            base_url=url,
            client=ELSEWHERE,
            follow_redirects=False,
            raise_server_exceptions=False,
        )
    )


@pytest.fixture(scope="module")
def visitor_of(app_of: AppOf, users: Users) -> AppOf:
    """A function that returns a browser at the usual application."""
    users.create(OPERATOR, "root", role=ADMINISTRATOR)
    return lambda **more: browser(app_of(), **more)


@pytest.fixture
def visitor(visitor_of: AppOf) -> Browser:
    """A browser at the usual application."""
    return visitor_of()
