"""Screening in a real browser: flags on rows, a stopped release, the queue by keyboard alone, with axe."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from catalogue.records.catalogue import open_catalogue
from office import shortlists
from tests.support.service import as_viewer, service
from tests.support.worlds import copied
from tests.support.worlds.pages import COMPANY, LAW, OPEN_NEED, SATO
from tests.support.worlds.screened import interest, limit
from tests.web.conftest import serious

UNTIL = (date.today() + timedelta(days=90)).isoformat()
WIDTHS = {"phone": 360, "desk": 1440}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The well-filled office, in which somebody on the shortlist declared an interest."""
    folder = tmp_path_factory.mktemp("service")
    with open_catalogue(copied("pages", folder)) as catalogue:
        shortlists.add_to_shortlist(catalogue, SATO, "R-01", OPEN_NEED)
        with catalogue.writing() as connection:
            interest(connection, "R-01", COMPANY, "family", since=date(2024, 4, 1))
            limit(connection, "R-01", "teaching", amount=10)
        yield service(catalogue, folder)


@pytest.fixture
def address_of_sato(app, address):
    """The address, asked as the need's manager."""
    as_viewer(app, SATO)
    return address


@pytest.mark.parametrize(("language", "window"), [("ja", "phone"), ("en", "desk")])
@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
def test_a_row_is_flagged_and_says_why_when_it_opens(  # noqa: PLR0917 - pytest passes them by name
    address_of_sato, open_page, shoot, language, window, scripted
):
    size = {"width": WIDTHS[window], "height": 900}
    page = open_page(language, viewport=size, java_script_enabled=scripted)
    page.goto(f"{address_of_sato}/?need_id={OPEN_NEED}")
    row = page.locator("article.match", has_text="森 花").first
    expect(row.locator(".flag.ask")).to_be_visible()
    row.locator(".row-open > summary").press("Enter")
    expect(row.locator("ul.screened")).to_be_visible()
    told = {"ja": "利益相反の申告あり（法務に確認）", "en": "A conflict of interest was declared."}
    expect(row.locator("ul.screened")).to_contain_text(told[language])
    shoot(page, f"screening-row-{language}-{window}")
    if scripted:
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[window]


def test_a_stopped_release_is_cleared_in_the_queue_by_keyboard_alone(
    app, address, open_page, shoot
):
    as_viewer(app, SATO)
    page = open_page("ja", viewport={"width": 360, "height": 900})
    page.goto(f"{address}/needs/{OPEN_NEED}/release")
    expect(page.locator("#screened")).to_be_visible()
    shoot(page, "screening-release")
    page.locator("[name=confirmed]").check()
    page.get_by_role("button", name="確認者に依頼する").press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text("スクリーニングにより開示できません")
    assert serious(page) == []
    as_viewer(app, LAW)
    page.goto(f"{address}/screening")
    assert serious(page) == []
    shoot(page, "screening-queue")
    expect(page.locator("main")).to_contain_text("家族")
    page.locator("textarea[name=reason]").focus()
    page.keyboard.type("配偶者の部署は別")
    page.locator("input[name=valid_until]").fill(UNTIL)
    page.get_by_role("button", name="確認済みにする").press("Enter")
    expect(page.locator(".empty")).to_contain_text("確認待ちはありません。")
    page.goto(f"{address}/screening?which=cleared")
    expect(page.locator("main")).to_contain_text("配偶者の部署は別")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    shoot(page, "screening-cleared")
    as_viewer(app, SATO)
    page.goto(f"{address}/needs/{OPEN_NEED}/release")
    page.locator("[name=confirmed]").check()
    page.get_by_role("button", name="企業に開示する").press("Enter")
    expect(page.locator(".notice.ok, .notice")).to_contain_text("開示しました")
