"""Every route of the application: nobody unknown comes in, and no other site's page changes anything."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.dependencies import is_open
from api.languages import is_page
from catalogue.database.viewer import ADMINISTRATOR, MATCHES_READ
from catalogue.database.viewer import ANALYST as NOTEBOOK
from catalogue.records.catalogue import Catalogue
from office.accounts.keys import Keys
from office.accounts.machines import Machines
from tests.api.signin.conftest import OPERATOR, AppOf, Browser, PersonOf, browser

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
WITHOUT_COOKIES = (  # they answer who asks, by a secret in the request itself
    "/oauth/token",
    "/answers/token",
    "/member-links/token",
    "/member-sign-in",  # asks for a mail to an address that is known
)
OUT_OF_DATE, FOREIGN = "The form is out of date", "Another site's page"
NOT_ALLOWED = "Your role (administrator) may not"


def walk(routes: Any) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif (inner := getattr(route, "original_router", None)) is not None:
            yield from walk(inner.routes)


def calls(app: FastAPI, methods: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return method and path of every route, its parameters filled in."""
    found = {
        (method, route.path.replace(":path", "").replace("{", "").replace("}", ""))
        for route in walk(app.routes)
        for method in (route.methods or ())
        if method in methods
    }
    return sorted(found)


@pytest.fixture(scope="module")
def app(app_of: AppOf) -> FastAPI:
    return app_of()


@pytest.fixture(scope="module")
def visitor(app: FastAPI, person: PersonOf) -> Browser:
    """Somebody who may do everything that one role may: the administrator, reading English."""
    made = browser(app)
    made.client.headers["accept-language"] = "en"
    made.sign_in(person(ADMINISTRATOR))
    return made


def told(answer: Any) -> str:
    """Return what an answer says, as a page or as problem details."""
    return str(answer.text).replace("&#39;", "'")


def test_the_walk_finds_the_routes(app: FastAPI) -> None:
    unsafe = calls(app, UNSAFE)
    assert {("POST", "/login"), ("POST", "/logout"), ("POST", "/v1/matches")} <= set(unsafe)
    assert len(unsafe) > 30


def test_nobody_unknown_gets_past_the_open_paths(app: FastAPI, person: PersonOf) -> None:
    person()
    stranger = browser(app)
    for method, path in calls(app, ("GET", *UNSAFE)):
        if is_open(path):
            continue
        answer = stranger.client.request(method, path)
        assert answer.status_code == 401, (method, path)
        page = stranger.client.request(method, path, headers={"accept": "text/html"})
        assert page.status_code == (303 if is_page(path) else 401), (method, path)
        assert not is_page(path) or page.headers["location"].startswith("/login"), path


def test_no_form_is_taken_without_the_sessions_token(
    app: FastAPI, visitor: Browser, person: PersonOf
) -> None:
    other = browser(app)
    other.sign_in(person(ADMINISTRATOR))
    others_token = other.token("/password")
    bodies: list[dict[str, Any]] = [
        {},
        {"data": {"csrf_token": ""}},
        {"data": {"csrf_token": others_token}},
        {"data": {"csrf_token": "縁"}},
        {"files": {"csrf_token": ("f.txt", b"x")}},
        {"files": {"file": ("f.txt", b"x")}, "data": {"csrf_token": others_token}},
        {"json": {}},
        {"json": {}, "headers": {"x-csrf-token": others_token}},
    ]
    for method, path in calls(app, UNSAFE):
        if path in WITHOUT_COOKIES:
            continue
        for body in bodies:
            answer = visitor.client.request(method, path, **body)
            assert answer.status_code == 403, (method, path, body)
            said = told(answer)  # a form whose sender may not do it at all is not read
            assert OUT_OF_DATE in said or NOT_ALLOWED in said, (method, path, body)


def test_no_other_site_sends_a_form_even_with_the_token(app: FastAPI, visitor: Browser) -> None:
    headers: list[dict[str, str]] = [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://enmusubi.example.evil.example"},
    ]
    token = {"csrf_token": visitor.token("/password")}
    for method, path in calls(app, UNSAFE):
        if path in WITHOUT_COOKIES:
            continue
        for sent in headers:
            answer = visitor.client.request(method, path, data=token, headers=sent)
            assert answer.status_code == 403, (method, path, sent)
            assert FOREIGN in told(answer), (method, path, sent)


@pytest.mark.parametrize("kind", ["form", "parts", "header"])
def test_the_token_is_taken_from_a_form_its_parts_or_a_header(visitor: Browser, kind: str) -> None:
    token = visitor.token("/password")
    body: dict[str, Any] = {
        "form": {"data": {"csrf_token": token, "present": "x"}},
        "parts": {"data": {"csrf_token": token}, "files": {"file": ("f.txt", b"x")}},
        "header": {"headers": {"x-csrf-token": token}},
    }[kind]

    answer = visitor.client.post("/password", **body)

    assert answer.status_code == 422  # for the new password, which is none


def test_a_key_needs_no_form_and_no_token_and_never_falls_back_on_the_cookie(
    visitor: Browser, catalogue: Catalogue
) -> None:
    Machines(catalogue).create(OPERATOR, "notebook", role=NOTEBOOK)
    key = Keys(catalogue).create(OPERATOR, "notebook", [MATCHES_READ]).text
    need = {"need_text": "A thin film for packaging."}

    for text, status in ((key, 200), (key + "x", 401), ("", 401)):
        sent = {"authorization": f"Bearer {text}", "origin": "https://evil.example"}
        assert visitor.client.post("/v1/matches", json=need, headers=sent).status_code == status


def test_the_sign_in_form_is_taken_from_its_own_browser_only(
    app: FastAPI, person: PersonOf
) -> None:
    login = {"login": person(), "password": "four words that stay"}
    stranger, other = browser(app), browser(app)
    token, others_token = stranger.token(), other.token()

    assert token != others_token
    for sent in ("", others_token):
        assert stranger.post("/login", {**login, "csrf_token": sent}).status_code == 403
    foreign = {"sec-fetch-site": "cross-site"}
    assert stranger.post("/login", {**login, "csrf_token": token}, **foreign).status_code == 403
    assert stranger.post("/login", {**login, "csrf_token": token}).status_code == 303


def test_behind_a_proxy_the_public_address_is_the_own_one(app_of: AppOf, person: PersonOf) -> None:
    visitor = browser(app_of(public_url="https://office.example"), host="10.0.0.5:8000")
    visitor.client.base_url = "https://10.0.0.5:8000"
    form = {"csrf_token": visitor.token(), "login": person(), "password": "four words that stay"}
    for origin, status in (("https://10.0.0.5:8000", 403), ("https://office.example", 303)):
        sent = {"origin": origin, "accept": "text/html"}
        assert visitor.client.post("/login", data=form, headers=sent).status_code == status
    assert visitor.client.cookies.get("__Host-enmusubi")
