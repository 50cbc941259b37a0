"""A passkey in a real Chromium, with the DevTools protocol's virtual authenticator."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page, expect

from api.signin import router
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, Viewer
from catalogue.records.catalogue import open_catalogue
from enmusubi.service_settings import SignInSettings
from office.accounts.passwords import Passwords
from office.accounts.users import Users
from tests.support.service import service
from tests.support.worlds import copied
from tests.web.conftest import TIMEOUT_MS, FailedRequests, serious, serving

PASSWORD = "four words that stay"
KEY = {
    "protocol": "ctap2", "transport": "usb", "hasResidentKey": False,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application, in which chiefs must have a second factor; passkeys need a name, not a number."""
    folder: Path = tmp_path_factory.mktemp("service")
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    with (
        pytest.MonkeyPatch.context() as patch,
        open_catalogue(copied("small", folder)) as catalogue,
    ):
        patch.setattr(router, "Passwords", lambda: quick)
        boss = {"role": CHIEF, "name": "山田 統", "password": PASSWORD, "is_one_time": False}
        Users(catalogue, quick).create(Viewer("operator", ADMINISTRATOR), "boss", **boss)  # type: ignore[arg-type]
        settings = SignInSettings(second_factor="required")
        with serving(service(catalogue, folder, sign_in=settings)) as served:
            yield served.replace("127.0.0.1", "localhost")


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.fill("#login", "boss")
    page.fill("#password", PASSWORD)
    page.locator("main button[type=submit]").click()


def test_a_passkey_is_made_asked_for_and_opens_the_service(
    browser: Browser, address: str, shoot: Callable[[Page, str], None]
) -> None:
    watch, context = FailedRequests(), browser.new_context(locale="ja-JP")
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    watch.follow(page)
    protocol = context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    made = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})

    sign_in(page, address)
    expect(page).to_have_url(f"{address}/account/second-factor")
    assert serious(page) == []
    shoot(page, "second-factor-needed")
    page.fill("#passkey-name", "机の鍵")
    page.get_by_role("button", name="パスキーを追加する").click()
    codes = page.locator(".codes code")
    expect(codes).to_have_count(10)
    assert re.fullmatch(r"[a-z2-9]{5}(-[a-z2-9]{5}){2}", codes.first.inner_text())
    page.locator("main a.button").click()
    expect(page).to_have_url(f"{address}/")

    page.locator("header form button").click()
    sign_in(page, address)
    expect(page).to_have_url(re.compile("/login/second"))
    assert serious(page) == []
    shoot(page, "second-step")
    held = protocol.send("WebAuthn.getCredentials", {"authenticatorId": made["authenticatorId"]})
    page.get_by_role("button", name="パスキーを使う").click()
    expect(page).to_have_url(f"{address}/")
    page.goto(f"{address}/account/second-factor")
    expect(page.get_by_text("机の鍵")).to_be_visible()
    shoot(page, "second-factors")

    page.locator("header form button").click()
    sign_in(page, address)  # another key than the one that was registered opens nothing
    gone = {"authenticatorId": made["authenticatorId"],
            "credentialId": held["credentials"][0]["credentialId"]}  # fmt: skip
    protocol.send("WebAuthn.removeCredential", gone)
    protocol.send("WebAuthn.setUserVerified", {
        "authenticatorId": made["authenticatorId"], "isUserVerified": False,
    })  # fmt: skip
    page.get_by_role("button", name="パスキーを使う").click()
    expect(page.locator("[data-failed]")).to_be_visible()
    expect(page).to_have_url(re.compile("/login/second"))
    watch.check(address)
    context.close()
