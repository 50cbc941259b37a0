"""Signing in by OpenID Connect: accounts, roles, and journeys that are somebody else's."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from fastapi import FastAPI

from api.signin.oidc import stranger_of
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, LEGAL, VIEWER
from catalogue.records.catalogue import Catalogue
from enmusubi.service_settings import OidcSettings
from office.accounts.users import Users
from tests.api.signin.conftest import OPERATOR, AppOf, Browser, browser
from tests.api.signin.oidc_apps import NEED, ROLES, app_at
from tests.api.signin.providers import provider_process


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with provider_process() as address:
        yield address


@pytest.fixture(scope="module")
def app(provider: str, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return app_at(provider, catalogue, tmp_path_factory.mktemp("data"))


def tell(provider: str, subject: str, **claims: Any) -> None:
    """Let the provider know somebody."""
    httpx2.put(f"{provider}/users/{subject}", json=claims).raise_for_status()


def travel(visitor: Browser, subject: str, after: str = "", **form: str) -> Any:
    """Go to the provider, sign in there and come back; returns the service's answer."""
    leaving = visitor.get("/login/oidc", params={"next": after})
    assert leaving.status_code == 303, leaving.text
    back = httpx2.post(leaving.headers["location"], data={"sub": subject, **form})
    return visitor.get(back.headers["location"].removeprefix("http://enmusubi.example"))


def test_the_sign_in_page_leads_to_the_provider(app: FastAPI, provider: str) -> None:
    visitor = browser(app)
    assert 'href="/login/oidc?next=' in visitor.get("/login").text
    leaving = visitor.get("/login/oidc")
    asked = dict(parse_qsl(urlsplit(leaving.headers["location"]).query))

    assert leaving.headers["location"].startswith(f"{provider}/oauth2/authorize?")
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == "http://enmusubi.example/login/oidc/callback"
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert asked["scope"] == "openid profile email"


def test_somebody_with_a_role_gets_an_account_and_comes_in(
    app: FastAPI, provider: str, users: Users
) -> None:
    tell(provider, "s-1", preferred_username="Mori.Hana", name="森 花", roles=["other", "office"])
    visitor = browser(app)

    answer = travel(visitor, "s-1", after="/needs")

    assert (answer.status_code, answer.headers["location"]) == (303, "/needs")
    assert visitor.get(NEED).status_code == 200
    made = users.get("mori.hana")
    assert (made.name, made.role, made.has_password) == ("森 花", CHIEF, False)
    assert made.oidc_subject == f"{provider}|s-1"


def test_the_role_follows_the_claims_and_goes_with_them(
    app: FastAPI, provider: str, users: Users
) -> None:
    first, second, third = browser(app), browser(app), browser(app)
    tell(provider, "s-2", preferred_username="sato", roles=["office"])
    assert travel(first, "s-2").status_code == 303
    tell(provider, "s-2", preferred_username="renamed", roles="law")
    assert travel(second, "s-2").status_code == 303
    assert users.get("sato").role == LEGAL  # one account, whatever it is called there today
    tell(provider, "s-2", preferred_username="sato", roles=[])

    answer = travel(third, "s-2")

    assert answer.status_code == 403
    assert "役割" in answer.text
    assert not third.session
    assert second.get("/account").headers["location"].startswith("/login")


def test_the_last_administrator_stays_one_whatever_the_claims_say(
    app: FastAPI, provider: str, users: Users, caplog: pytest.LogCaptureFixture
) -> None:
    tell(provider, "s-3", preferred_username="root", roles=["office"])
    assert travel(browser(app), "s-3").status_code == 303
    users.change(OPERATOR, "root", role=ADMINISTRATOR)
    visitor = browser(app)

    assert travel(visitor, "s-3").status_code == 303
    assert visitor.get("/admin").status_code == 200
    assert users.get("root").role == ADMINISTRATOR
    assert "root is the last administrator and stays one" in caplog.text

    users.create(OPERATOR, "second", role=ADMINISTRATOR)
    assert travel(browser(app), "s-3").status_code == 303
    assert users.get("root").role == CHIEF


def test_a_role_may_stand_within_other_claims_or_be_everybodys() -> None:
    settings = OidcSettings(roles=ROLES, role_claim="realm.roles", default_role=VIEWER)

    named = stranger_of({"sub": "1", "email": "a@b.example", "realm": {"roles": ["law"]}}, settings)
    assert (named.login, named.role) == ("a@b.example", LEGAL)
    for other in ({}, {"realm": "law"}, {"realm": {"roles": [7, None]}}, {"realm": {"roles": {}}}):
        assert stranger_of({"sub": "1", **other}, settings).role == VIEWER


def test_an_account_of_that_name_is_never_taken_over_but_can_be_linked(
    app: FastAPI, provider: str, users: Users
) -> None:
    users.create(OPERATOR, "kato", role=VIEWER, password="four words that stay")
    tell(provider, "s-5", preferred_username="kato", roles=["office"])

    answer = travel(browser(app), "s-5")

    assert answer.status_code == 409
    assert users.get("kato").role == VIEWER
    users.change(OPERATOR, "kato", oidc_subject=f"{provider}|s-5")
    assert travel(browser(app), "s-5").status_code == 303
    assert users.get("kato").role == CHIEF


def test_somebody_disabled_stays_out(app: FastAPI, provider: str, users: Users) -> None:
    tell(provider, "s-6", preferred_username="ueda", roles=["office"])
    assert travel(browser(app), "s-6").status_code == 303
    users.disable(OPERATOR, "ueda")

    visitor = browser(app)

    assert travel(visitor, "s-6").status_code == 403
    assert not visitor.session


def test_who_declines_at_the_provider_is_back_at_the_sign_in(app: FastAPI) -> None:
    answer = travel(browser(app), "s-1", action="deny")

    assert answer.status_code == 401
    assert 'name="login"' in answer.text


def test_a_code_from_another_browser_or_journey_is_refused(app: FastAPI, provider: str) -> None:
    attacker, victim = browser(app), browser(app)
    back = httpx2.post(attacker.get("/login/oidc").headers["location"], data={"sub": "s-1"})
    path = back.headers["location"].removeprefix("http://enmusubi.example")
    victim.get("/login/oidc")

    for visitor in (victim, browser(app)):
        assert visitor.get(path).status_code == 401
        assert not visitor.session
    assert attacker.get(path).status_code == 303
    assert attacker.get(path).status_code == 401  # once only


@pytest.mark.parametrize("kept", ["", "x", "{}", "[1,2,3,4]", '["a"]', "null"])
def test_a_cookie_that_makes_no_sense_is_no_journey(app: FastAPI, kept: str) -> None:
    visitor = browser(app)
    visitor.client.cookies.set("enmusubi-oidc", kept)

    assert visitor.get("/login/oidc/callback?state=a&code=b").status_code == 401


def test_the_way_back_leads_to_pages_of_this_service_only(app: FastAPI) -> None:
    visitor = browser(app)
    leaving = visitor.get("/login/oidc", params={"next": "//evil.example"})
    back = httpx2.post(leaving.headers["location"], data={"sub": "s-1"})
    path = back.headers["location"].removeprefix("http://enmusubi.example")

    assert visitor.get(path).headers["location"] == "/"


def test_without_a_provider_there_is_no_such_page(app_of: AppOf, users: Users) -> None:
    visitor = browser(app_of(mode="required"))

    assert visitor.get("/login/oidc").status_code == 404
    assert visitor.get("/login/oidc/callback").status_code == 404
    assert "/login/oidc" not in visitor.get("/login").text


def test_signing_out_ends_the_providers_session_too(app: FastAPI, provider: str) -> None:
    tell(provider, "s-leaving", preferred_username="leaving", roles=["office"])
    visitor = browser(app)
    travel(visitor, "s-leaving")
    left = visitor.post("/logout", {"csrf_token": visitor.token("/account")})
    assert left.status_code == 200
    address = re.search(r'url=([^"]+)"', left.text)
    assert address is not None
    place = urlsplit(unescape(address[1]))
    described = httpx2.get(f"{provider}/.well-known/openid-configuration").json()
    asked = dict(parse_qsl(place.query))
    ends_at = described["end_session_endpoint"]
    assert f"{place.scheme}://{place.netloc}{place.path}" == ends_at
    assert asked["post_logout_redirect_uri"] == "http://enmusubi.example/login"
    assert asked["id_token_hint"].count(".") == 2
    assert visitor.get("/account").status_code == 303


def test_without_passwords_the_provider_alone_lets_in(
    provider: str, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = app_at(provider, catalogue, tmp_path_factory.mktemp("data"), passwords=False)
    visitor = browser(app)
    page = visitor.get("/login").text
    assert ('name="password"' in page, "/login/oidc" in page) == (False, True)
    form = {"csrf_token": visitor.client.cookies["enmusubi-form"], "login": "x", "password": "y"}
    assert visitor.post("/login", form).status_code == 403
