"""The administrator's pages in a real browser: both languages, three widths, by keyboard, with axe."""

import pytest
from playwright.sync_api import expect

from api.pages.admin.frame import SECTIONS
from catalogue.records.catalogue import open_catalogue
from tests.support.service import as_viewer, service
from tests.support.worlds import copied
from tests.support.worlds.administration import BOSS
from tests.web.conftest import serious, serving

PAGES = [
    *(section.path for section in SECTIONS),
    "/admin/people/tanaka",
    "/admin/machines/portal-1",
    "/admin/imports/1",
    "/admin/identities?state=joined",
]
WIDTHS = {"phone": 360, "tablet": 800, "desk": 1600}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The application with a well-filled office, open to its administrator."""
    folder = tmp_path_factory.mktemp("office")
    with open_catalogue(copied("administration", folder)) as catalogue:
        app = service(catalogue, folder)
        as_viewer(app, BOSS)
        with serving(app) as served:
            yield served


def name_of(path):
    return path.strip("/").replace("/", "-").replace("?state=", "-")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_fits_its_window_and_axe_finds_nothing_serious(
    open_page, address, language, shoot, read_aloud
):
    page = open_page(language)
    for number, path in enumerate(PAGES):
        page.goto(address + path)
        assert page.locator("html").get_attribute("lang") == language
        for name, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            shoot(page, f"{name_of(path)}-{name}-{language}")
            if read_aloud(language, name, number):
                assert serious(page) == [], path


@pytest.mark.exhaustive
def test_the_pages_are_sound_in_the_dark_too(open_page, address, shoot):
    page = open_page("ja", color_scheme="dark")
    for path in PAGES:
        page.goto(address + path)
        assert serious(page) == [], path
        if path == "/admin/identities":
            shoot(page, "admin-identities-dark-ja")


def test_a_person_is_added_by_keyboard_alone_without_a_script(open_page, address, shoot):
    page = open_page("ja", java_script_enabled=False)
    page.goto(f"{address}/admin/people")
    page.get_by_label("ログイン名").focus()
    page.keyboard.type("watanabe")
    page.keyboard.press("Tab")
    page.keyboard.type("渡辺 薫")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/once/*")
    password = page.locator(".secret code").inner_text()
    shoot(page, "admin-once-desk-ja")
    assert len(password) == 19
    page.get_by_role("link", name="控えました").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("渡辺 薫")


def test_what_cannot_be_undone_takes_two_steps(open_page, address, shoot):
    page = open_page("en")
    page.goto(f"{address}/admin/index")
    row = page.get_by_role("row").filter(has_text="v000001")
    button = row.get_by_role("button", name="Go back to it")
    assert not button.is_visible()
    row.locator("summary").press("Enter")
    shoot(page, "admin-index-confirm-en")
    button.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Done.")
    expect(page.get_by_role("row").filter(has_text="v000001")).to_contain_text("Serves, pinned")


def test_a_pair_is_joined_and_the_decision_undone(open_page, address, shoot):
    page = open_page("en")
    page.goto(f"{address}/admin/identities")
    pairs = page.get_by_role("article")
    expect(pairs).to_have_count(2)
    pairs.first.get_by_role("button", name="One person: join").click()
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("link", name="Joined 1").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    shoot(page, "admin-identities-joined-en")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="In doubt 2").click()
    expect(page.get_by_role("article")).to_have_count(2)
