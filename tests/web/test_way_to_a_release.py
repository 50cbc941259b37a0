"""From signing in to a list that a company sees, in a real browser: how many clicks and fields it takes."""

import re
from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Locator, expect

from api.signin import router
from catalogue.database.viewer import ADMINISTRATOR, PROJECT, Viewer
from catalogue.records.catalogue import open_catalogue
from enmusubi.service_settings import SignInSettings
from office.accounts.passwords import Passwords
from office.accounts.users import Users
from tests.support.service import Shelf, service
from tests.support.worlds import copied
from tests.support.worlds.pages import COMPANY
from tests.web.test_rows import NEED, TenRecommender

MOST_CLICKS = 8  # sign in, begin, save, two on the shortlist, look at them, tick, release
MOST_FIELDS = 5  # login, password, title, text and company
PASSWORD = "four words that stay"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The well-filled office, whose index has ten people for every need, behind its sign-in."""
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    folder = tmp_path_factory.mktemp("service")
    with (
        pytest.MonkeyPatch.context() as patch,
        open_catalogue(copied("pages", folder)) as catalogue,
    ):
        patch.setattr(router, "Passwords", lambda: quick)
        users, operator = Users(catalogue, quick), Viewer("operator", ADMINISTRATOR)
        told = {"name": "木村 望", "password": PASSWORD, "is_one_time": False}
        users.create(operator, "kimura", role=PROJECT, **told)
        shelf = Shelf(TenRecommender())
        yield service(catalogue, folder, shelf, sign_in=SignInSettings())


@dataclass
class Hand:
    """A hand at mouse and keyboard, which counts."""

    clicks: int = 0
    fields: int = 0

    def click(self, target: Locator) -> None:
        target.click()
        self.clicks += 1

    def type(self, target: Locator, text: str) -> None:
        target.fill(text)
        self.fields += 1


def test_a_manager_comes_to_a_released_list_in_few_clicks(open_page):
    page, hand = open_page(), Hand()
    hand.type(page.locator("#login"), "kimura")
    hand.type(page.locator("#password"), PASSWORD)
    hand.click(page.locator("main button[type=submit]"))
    hand.click(page.get_by_role("link", name="ニーズを登録"))
    hand.type(page.locator("#title"), "食品を包む薄い膜")
    hand.type(page.locator("#text"), NEED)
    hand.type(page.locator("#company"), COMPANY)
    hand.click(page.get_by_role("button", name="保存して研究者を探す"))
    for rank in (1, 2):
        hand.click(page.locator(f"#p{rank}").get_by_role("button", name="候補リストに追加"))
    expect(page.locator("[data-toggle=shortlist] .on")).to_have_count(2)
    hand.click(page.get_by_role("link", name="企業に開示する"))
    expect(page.locator("[name=confirmed]")).to_have_count(1)  # the company has no portal
    hand.click(page.locator("[name=confirmed]"))
    hand.click(page.get_by_role("button", name="企業に開示する"))
    expect(page).to_have_url(re.compile(r"/releases/\d+$"))
    expect(page.locator("main strong")).to_have_text(["長谷川 研究者1", "長谷川 研究者2"])
    assert hand.clicks <= MOST_CLICKS
    assert hand.fields <= MOST_FIELDS
