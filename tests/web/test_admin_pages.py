"""The administrator's pages in a real browser: both languages, three widths, by keyboard, with axe."""

import socket
import threading
import time

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from api.pages.admin.frame import SECTIONS
from catalogue.records.catalogue import open_catalogue
from tests.api.admin.office import BOSS, furnish
from tests.support.databases import new_sqlite
from tests.support.service import as_viewer, fill, service
from tests.web.conftest import SCREENSHOTS

PAGES = [
    *(section.path for section in SECTIONS),
    "/admin/people/tanaka",
    "/admin/machines/portal-1",
    "/admin/imports/1",
    "/admin/identities?state=joined",
]
WIDTHS = {"phone": 360, "tablet": 800, "desk": 1600}
LOOKED_AT_BY_AXE = {"ja": "phone", "en": "desk"}  # it takes a second a page
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The application with a well-filled office, open to its administrator."""
    folder = tmp_path_factory.mktemp("office")
    with (
        open_catalogue(new_sqlite(folder / "catalogue.sqlite")) as catalogue,
        socket.create_server(("127.0.0.1", 0)) as listening,
    ):
        fill(catalogue)
        furnish(catalogue, folder)
        app = service(catalogue, folder)
        as_viewer(app, BOSS)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


def faults_of(page):
    found = Axe().run(page).response["violations"]
    return [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in SERIOUS]


def name_of(path):
    return path.strip("/").replace("/", "-").replace("?state=", "-")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_fits_its_window_and_axe_finds_nothing_serious(open_page, address, language):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page = open_page(language)
    for path in PAGES:
        page.goto(address + path)
        assert page.locator("html").get_attribute("lang") == language
        for name, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            shot = SCREENSHOTS / f"{name_of(path)}-{name}-{language}.png"
            page.screenshot(path=shot, full_page=True)
            if LOOKED_AT_BY_AXE[language] == name:
                assert faults_of(page) == [], path


def test_the_pages_are_sound_in_the_dark_too(open_page, address):
    page = open_page("ja", color_scheme="dark")
    for path in PAGES:
        page.goto(address + path)
        assert faults_of(page) == [], path
        if path == "/admin/identities":
            page.screenshot(path=SCREENSHOTS / "admin-identities-dark-ja.png", full_page=True)


def test_a_person_is_added_by_keyboard_alone_without_a_script(open_page, address):
    page = open_page("ja", java_script_enabled=False)
    page.goto(f"{address}/admin/people")
    page.get_by_label("ログイン名").focus()
    page.keyboard.type("watanabe")
    page.keyboard.press("Tab")
    page.keyboard.type("渡辺 薫")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/once/*")
    password = page.locator(".secret code").inner_text()
    page.screenshot(path=SCREENSHOTS / "admin-once-desk-ja.png", full_page=True)
    assert len(password) == 19
    page.get_by_role("link", name="控えました").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("渡辺 薫")


def test_what_cannot_be_undone_takes_two_steps(open_page, address):
    page = open_page("en")
    page.goto(f"{address}/admin/index")
    row = page.get_by_role("row").filter(has_text="v000001")
    button = row.get_by_role("button", name="Go back to it")
    assert not button.is_visible()
    row.locator("summary").press("Enter")
    page.screenshot(path=SCREENSHOTS / "admin-index-confirm-en.png", full_page=True)
    button.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Done.")
    expect(page.get_by_role("row").filter(has_text="v000001")).to_contain_text("Serves, pinned")


def test_a_pair_is_joined_and_the_decision_undone(open_page, address):
    page = open_page("en")
    page.goto(f"{address}/admin/identities")
    pairs = page.get_by_role("article")
    expect(pairs).to_have_count(2)
    pairs.first.get_by_role("button", name="One person: join").click()
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("link", name="Joined 1").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.screenshot(path=SCREENSHOTS / "admin-identities-joined-en.png", full_page=True)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="In doubt 2").click()
    expect(page.get_by_role("article")).to_have_count(2)
