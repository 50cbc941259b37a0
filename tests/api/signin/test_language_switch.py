"""The language is switched at the door without losing the way that somebody was on."""

import re
from html import unescape

import pytest

from tests.api.signin.conftest import PASSWORD, AppOf, Browser, PersonOf, browser

SWITCH = re.compile(r'class="switch" href="([^"]+)"')


@pytest.fixture
def visitor(app_of: AppOf) -> Browser:
    return browser(app_of())


def switched(page: str) -> str:
    """Return where a page's switch leads."""
    found = SWITCH.search(page)
    assert found, page
    return unescape(found[1])


def test_the_language_is_switched_after_a_failure_without_losing_the_way(
    visitor: Browser, person: PersonOf
) -> None:
    login = person()
    wrong = visitor.sign_in(login, "another password", after="/needs?status=closed&mine=1")

    there = visitor.get(switched(wrong.text)).headers["location"]

    assert there == "/login?next=%2Fneeds%3Fstatus%3Dclosed%26mine%3D1"
    english = visitor.get(there).text
    assert '<html lang="en">' in english
    assert 'name="next" value="/needs?status=closed&amp;mine=1"' in english
    plain = visitor.sign_in(login, "another password").text
    assert switched(plain) == "/login?lang=ja"


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example", "javascript:alert(1)"])
def test_the_switch_after_a_failure_keeps_no_way_elsewhere(visitor: Browser, after: str) -> None:
    page = visitor.sign_in("nobody", "another password", after=after).text

    assert switched(page) == "/login?lang=en"


def test_a_change_of_the_password_that_failed_keeps_the_way_too(
    visitor: Browser, person: PersonOf
) -> None:
    visitor.sign_in(person(is_one_time=True))
    form = {"csrf_token": visitor.token("/password"), "present": PASSWORD, "next": "/needs"}

    page = visitor.post("/password", form | {"new": "short", "repeated": "short"}).text

    assert switched(page) == "/password?next=%2Fneeds&lang=en"
