"""Who looks after a need is chosen among the people who can, by name; oneself, unless said otherwise."""

import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient

from api.pages.rendering import need_path
from catalogue.database.viewer import (
    ADMINISTRATOR,
    LOCAL_VIEWER,
    MACHINE,
    PERSON_ROLES,
    PORTAL,
    Viewer,
)
from catalogue.records.catalogue import Catalogue, open_catalogue
from office.access.rules import MANAGER_ROLES, names_manager
from office.accounts.users import Users
from office.needs.managers import possible_managers
from tests.support.service import as_viewer, service
from tests.support.worlds import copied
from tests.support.worlds.pages import HEAD, OPEN_NEED, PLAIN_NEED, SATO

OPERATOR = Viewer("operator", ADMINISTRATOR)
CHANGE = f"/needs/{OPEN_NEED}/change"
PLAIN_CHANGE = f"{need_path(PLAIN_NEED)}/change"
FORM = {"text": "薄い膜を探しています。", "area": "", "confidentiality": "public"}
Act = Callable[[Viewer], TestClient]


@pytest.fixture
def catalogue(tmp_path) -> Iterator[Catalogue]:
    """The office, with somebody who left."""
    with open_catalogue(copied("pages", tmp_path)) as opened:
        users = Users(opened)
        users.create(OPERATOR, "gone", role="project", name="去田 学")
        users.disable(OPERATOR, "gone")
        yield opened


@pytest.fixture
def act(catalogue: Catalogue, tmp_path) -> Iterator[Act]:
    """A function that returns a client of a viewer, in English."""
    app = service(catalogue, tmp_path)
    with TestClient(app, headers={"accept-language": "en"}) as client:

        def become(viewer: Viewer) -> TestClient:
            as_viewer(app, viewer)
            return client

        yield become


def choices(page: str) -> dict[str, str]:
    """Return what the form lets be chosen: login → text."""
    found = re.search(r'<select id="manager".*?</select>', page, re.S)
    assert found, page
    options = re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)</option>', found[0])
    return {login: unescape(text) for login, text in options}


def chosen(page: str) -> list[str]:
    found = re.search(r'<select id="manager".*?</select>', page, re.S)
    return re.findall(r'<option value="([^"]*)" selected', found[0] if found else "")


def test_people_of_the_office_whose_accounts_work_can_be_chosen_by_name(act: Act) -> None:
    page = act(SATO).get("/needs/new").text

    assert choices(page) == {
        "houmu": "法村 正 (houmu)",
        "chizai": "千財 守 (chizai)",
        "head": "大野 司 (head)",
        "sato": "佐藤 みどり (sato)",
        "tanaka": "田中 一郎 (tanaka)",
    }
    assert chosen(page) == ["sato"]
    assert chosen(act(HEAD).get("/needs/new").text) == ["head"]


@pytest.mark.parametrize("manager", ["gone", "guest", "numbers", "root", "nobody"])
def test_nobody_else_can_be_named(act: Act, manager: str) -> None:
    answer = act(HEAD).post("/needs/new", data={**FORM, "manager": manager})

    assert answer.status_code == 422
    assert re.search(r'<select id="manager"[^>]*aria-invalid="true"', answer.text)


def test_a_need_is_given_to_a_colleague(act: Act) -> None:
    made = act(HEAD).post("/needs/new", data={**FORM, "manager": "tanaka"}, follow_redirects=False)

    assert made.status_code == 303
    assert "田中 一郎" in act(HEAD).get(made.headers["location"]).text


def test_a_manager_who_left_stays_until_another_is_chosen(act: Act, catalogue: Catalogue) -> None:
    Users(catalogue).disable(OPERATOR, "sato")
    page = act(HEAD).get(CHANGE).text
    assert choices(page)["sato"] == "sato"
    assert chosen(page) == ["sato"]
    version = re.search(r'name="version" value="([^"]+)"', page)
    assert version

    sent = {**FORM, "title": "膜", "manager": "sato", "version": unescape(version[1])}
    answer = act(HEAD).post(CHANGE, data=sent, follow_redirects=False)

    assert answer.status_code == 303


def test_a_need_that_nobody_looks_after_says_so(act: Act) -> None:
    page = act(HEAD).get(PLAIN_CHANGE).text

    assert choices(page)[""] == "Nobody yet"
    assert chosen(page) == [""]
    assert "" not in choices(act(HEAD).get(CHANGE).text)


def test_a_clash_names_the_other_manager(act: Act) -> None:
    sent = {**FORM, "manager": "tanaka", "version": "an older one"}

    page = act(HEAD).post(CHANGE, data=sent)

    assert page.status_code == 412
    assert chosen(page.text) == ["tanaka"]
    assert "佐藤 みどり (sato)</p>" in page.text


def test_this_computers_own_user_is_the_only_choice_while_there_is_no_account(tmp_path) -> None:
    with open_catalogue(copied("small", tmp_path)) as catalogue:
        app = service(catalogue, tmp_path)
        as_viewer(app, LOCAL_VIEWER)
        with TestClient(app) as client:
            assert choices(client.get("/needs/new").text) == {"local": "local"}


def test_the_rule_is_the_offices(catalogue: Catalogue) -> None:
    may_name = {role for role in PERSON_ROLES if names_manager(Viewer("x", role))}
    assert may_name == MANAGER_ROLES == {"chief", "project", "ip", "legal", "finance", "hr"}
    assert not names_manager(Viewer("p", PORTAL, MACHINE))
    with catalogue.reading() as connection:
        assert possible_managers(connection, Viewer("p", PORTAL, MACHINE)) == ()
