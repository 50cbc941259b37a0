"""A password that somebody else set opens the page where its owner sets another, and nothing else."""

from typing import Any

import pytest
from fastapi import FastAPI

from catalogue.database.viewer import ADMINISTRATOR, CHIEF
from catalogue.records.catalogue import Catalogue
from office.accounts.sessions import Sessions
from office.accounts.users import Users
from tests.api.signin.conftest import OPERATOR, PASSWORD, AppOf, Browser, PersonOf, browser

OWN = "another four good words"
PAGES = ["/", "/needs", "/needs/N-01", "/account", "/researchers", "/admin", "/shortlist"]


@pytest.fixture(scope="module")
def app(app_of: AppOf, users: Users) -> FastAPI:
    """The application; there is an administrator."""
    users.create(OPERATOR, "root", role=ADMINISTRATOR)
    return app_of()


@pytest.fixture
def visitor(app: FastAPI) -> Browser:
    return browser(app)


@pytest.fixture
def beginner(visitor: Browser, person: PersonOf) -> Browser:
    """Somebody who signed in with a one-time password."""
    assert visitor.sign_in(person(CHIEF, is_one_time=True)).status_code == 303
    return visitor


def set_own(visitor: Browser, new: str = OWN, path: str = "/password") -> Any:
    form = {"csrf_token": visitor.token(path), "present": PASSWORD, "new": new, "repeated": new}
    return visitor.post("/password", form)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_leads_to_the_change_of_the_password(beginner: Browser, path: str) -> None:
    answer = beginner.get(path)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/password")


def test_the_page_says_why_and_leads_nowhere_else(beginner: Browser) -> None:
    page = beginner.get("/password").text

    assert "仮パスワードでログインしています" in page
    assert "/needs" not in page
    assert "/logout" in page


def test_signing_out_the_language_and_what_pages_are_made_of_stay_open(beginner: Browser) -> None:
    assert beginner.get("/static/style.css").status_code == 200
    switched = beginner.get("/password?lang=en")
    assert (switched.status_code, switched.headers["location"]) == (303, "/password")
    assert "one-time password" in beginner.get("/password").text
    switched = beginner.get("/needs?lang=ja")
    assert switched.headers["location"] == "/needs"
    answer = beginner.post("/logout", {"csrf_token": beginner.token("/password")})
    assert answer.headers["location"] == "/login"
    assert not beginner.session


def test_the_api_says_so(beginner: Browser) -> None:
    for method, path in (("GET", "/v1/needs/N-01"), ("GET", "/metrics"), ("POST", "/v1/matches")):
        sent = {"x-csrf-token": beginner.token("/password")}
        answer = beginner.client.request(method, path, headers=sent)

        assert answer.status_code == 403, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert "Set your own at /password first" in answer.json()["detail"]


def test_forms_of_other_pages_change_nothing(beginner: Browser, catalogue: Catalogue) -> None:
    form = {"csrf_token": beginner.token("/password"), "text": "薄い膜を探しています。"}

    answer = beginner.post("/needs/new", form)

    assert (answer.status_code, answer.headers["location"]) == (303, "/password")


def test_ones_own_password_opens_everything_and_leads_on(
    app: FastAPI, visitor: Browser, person: PersonOf, users: Users
) -> None:
    login = person(CHIEF, is_one_time=True)
    onward = visitor.sign_in(login, after="/needs?status=closed").headers["location"]
    asked = visitor.get(onward).headers["location"]
    assert asked == "/password?next=%2Fneeds%3Fstatus%3Dclosed"
    token = visitor.token(asked)
    assert 'name="next" value="/needs?status=closed"' in visitor.get(asked).text
    form = {"csrf_token": token, "present": PASSWORD, "new": OWN, "repeated": OWN}

    answer = visitor.post("/password", form | {"next": "/needs?status=closed"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/needs?status=closed")
    assert visitor.get("/needs").status_code == 200
    assert visitor.get("/v1/needs/N-01").status_code == 200
    assert not users.get(login).must_change_password
    later = browser(app)
    assert later.sign_in(login, OWN).status_code == 303
    assert later.get("/needs").status_code == 200


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_setting_it_leads_to_pages_of_this_service_only(beginner: Browser, after: str) -> None:
    form = {"csrf_token": beginner.token("/password"), "present": PASSWORD, "next": after}

    answer = beginner.post("/password", form | {"new": OWN, "repeated": OWN})

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("same", [PASSWORD, "ｆｏｕｒ　words that stay"])
def test_the_one_time_password_cannot_be_kept(beginner: Browser, same: str) -> None:
    answer = set_own(beginner, same)

    assert answer.status_code == 422
    assert "現在のものと同じです" in answer.text
    assert "仮パスワードでログインしています" in answer.text
    assert beginner.get("/needs").status_code == 303


def test_a_password_that_the_administrator_resets_is_for_one_time_again(
    visitor: Browser, person: PersonOf, users: Users
) -> None:
    login = person(CHIEF)
    visitor.sign_in(login)
    assert visitor.get("/needs").status_code == 200

    users.set_password(OPERATOR, login, OWN)

    assert visitor.get("/needs").headers["location"].startswith("/login")
    visitor.sign_in(login, OWN)
    assert visitor.get("/needs").headers["location"].startswith("/password")


def test_who_comes_by_the_organisations_sign_in_is_not_asked_for_a_password(
    visitor: Browser, person: PersonOf, catalogue: Catalogue
) -> None:
    login = person(CHIEF, is_one_time=True, oidc_subject="https://id.example|7")
    visitor.client.cookies.set("enmusubi", Sessions(catalogue).start(login))

    assert visitor.get("/needs").status_code == 200
