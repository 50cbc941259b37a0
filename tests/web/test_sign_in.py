"""Signing in and out in a real browser, over plain http under a name, where browsers say least."""

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page, expect, sync_playwright

from api.signin import router
from catalogue.database.viewer import ADMINISTRATOR, IP, Viewer
from catalogue.records.catalogue import open_catalogue
from enmusubi.service_settings import OidcSettings, SignInSettings
from office.accounts.passwords import Passwords
from office.accounts.users import Users
from tests.support.service import service
from tests.support.worlds import copied
from tests.web.conftest import (
    BROWSER_OPTIONS,
    BROWSERS,
    COLOURS,
    TIMEOUT_MS,
    FailedRequests,
    serving,
    shutil,
    violations,
)

HOST = "office.example"  # no https and not this computer: no Sec-Fetch headers, only the origin
PASSWORD = "four words that stay"
NEW = "another four good words"
WITHOUT_HTTPS = "The Cross-Origin-Opener-Policy header has been ignored"
Shoot = Callable[[Page, str], None]
SIZES = ((360, 740), (1280, 800), (1600, 900))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium that finds the host of these tests on this computer."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    rule = f"--host-resolver-rules=MAP {HOST} 127.0.0.1"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=[*BROWSER_OPTIONS, rule])


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application with an account, served under a name."""
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    folder = tmp_path_factory.mktemp("service")
    oidc = OidcSettings(issuer="https://id.example.org", client_id="enmusubi")
    with (
        pytest.MonkeyPatch.context() as patch,
        open_catalogue(copied("small", folder)) as catalogue,
    ):
        patch.setattr(router, "Passwords", lambda: quick)
        operator = Viewer("operator", ADMINISTRATOR)
        make = partial(Users(catalogue, quick).create, operator, role=IP, password=PASSWORD)
        make("mori", name="森 花", is_one_time=False)
        make("changing", name="森 花", is_one_time=False)
        make("beginner", name="新 一")
        with serving(service(catalogue, folder, sign_in=SignInSettings(oidc=oidc))) as served:
            yield served.replace("127.0.0.1", HOST)


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """A function that opens a page of the service in a fresh profile."""
    watch, contexts = FailedRequests(), []

    def start(path: str = "/", language: str = "ja-JP", **options: object) -> Page:
        context = browser.new_context(locale=language, **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        page = context.new_page()
        watch.follow(page)
        page.goto(address + path)
        return page

    yield start
    for context in contexts:
        context.close()
    watch.messages = [text for text in watch.messages if not text.startswith(WITHOUT_HTTPS)]
    watch.check(address)


def sign_in(page: Page, login: str = "mori", password: str = PASSWORD) -> None:
    page.fill("#login", login)
    page.fill("#password", password)
    page.press("#password", "Enter")


def test_somebody_signs_in_works_and_signs_out(visit: Callable[..., Page], address: str) -> None:
    page = visit("/needs")
    assert page.url == f"{address}/login?next=%2Fneeds"
    sign_in(page)
    expect(page).to_have_url(f"{address}/needs")
    page.goto(address)
    page.fill("textarea", "食品包装の薄い膜を探しています。")  # a form of many parts
    page.click("#ask button[type=submit]")
    page.wait_for_selector(".matches, #answer")
    assert page.locator(".notice.error").count() == 0

    page.click("form[action='/logout'] button")

    expect(page).to_have_url(f"{address}/login")
    page.goto(f"{address}/needs")
    assert page.url.startswith(f"{address}/login")


@pytest.mark.parametrize("language", ["ja-JP", "en-GB"])
@pytest.mark.parametrize("scheme", COLOURS)
def test_pages_fit_and_axe_finds_nothing(
    visit: Callable[..., Page], address: str, language: str, scheme: str, shoot: Shoot
) -> None:
    page = visit("/login", language, color_scheme=scheme)

    def look(name: str) -> None:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            shoot(page, f"signin-{name}-{language[:2]}-{scheme}-{width}")
        assert violations(page) == [], name

    look("login")
    sign_in(page, password="another password")
    expect(page.locator("[role=alert]")).to_be_visible()
    look("login-wrong")
    sign_in(page)
    expect(page).not_to_have_url(re.compile("login"))
    page.goto(f"{address}/account")
    look("account")
    page.goto(f"{address}/password")
    look("password")


def test_a_one_time_password_leads_to_the_page_that_changes_it_and_on(
    visit: Callable[..., Page], address: str, shoot: Shoot
) -> None:
    page = visit("/needs")
    sign_in(page, "beginner")
    expect(page).to_have_url(f"{address}/password?next=%2Fneeds")
    expect(page.locator("p.notice")).to_contain_text("仮パスワード")
    shoot(page, "signin-one-time-ja-1280")
    assert violations(page) == []
    page.click("a.switch")
    expect(page.locator("p.notice")).to_contain_text("one-time password")
    page.fill("#present", PASSWORD)
    page.fill("#new", NEW)
    page.fill("#repeated", NEW)
    page.press("#repeated", "Enter")

    expect(page).to_have_url(f"{address}/needs")
    expect(page.locator("[role=status]")).to_have_text("Saved.")


def test_the_password_is_changed_by_keyboard_alone(
    visit: Callable[..., Page], address: str
) -> None:
    page = visit("/login")
    sign_in(page, "changing")
    expect(page).not_to_have_url(re.compile("login"))
    page.goto(f"{address}/password")
    page.focus("#present")
    for text in (PASSWORD, NEW, NEW):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url(f"{address}/account")
    assert page.locator("[role=status]").inner_text() == "保存しました。"
