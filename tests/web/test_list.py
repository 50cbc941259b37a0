"""The match list in a real browser: narrowed, compared, exported, read by a screen reader."""

import re

import pytest
from playwright.sync_api import expect

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import NEEDS, Draft
from tests.support.service import as_viewer, service
from tests.support.worlds import copied
from tests.web.conftest import COLOURS, serious

NEED = "食品を包む、酸素を通しにくい薄い膜を探しています。The thin film blocks oxygen in food packaging."
LED_TO = {  # which buttons and links a role finds beside a stored need's match
    "chief": {"note", "refuses", "keep", "export", "/reports"},
    "project": {"note", "refuses", "keep", "export", "/reports"},
    "ip": {"note", "refuses", "keep", "export", "/reports"},
    "legal": {"note", "refuses", "keep", "export", "/reports"},
    "finance": {"note", "refuses", "keep", "export", "/reports"},
    "analyst": {"keep", "export", "/reports"},
    "viewer": {"keep"},
}
PAGE_BYTES = 100_000


def ask(page):
    page.locator("#need").fill(NEED)
    page.locator("#ask button[type=submit]").click()
    expect(page.locator("article")).to_have_count(2)


@pytest.fixture
def picture(shoot):
    """A function that looks whether a page fits its window, and keeps a picture if asked."""

    def look(page, name):
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        shoot(page, name)

    return look


@pytest.mark.parametrize("colours", COLOURS)
@pytest.mark.parametrize(("language", "width"), [("ja", 360), ("en", 800)])
def test_a_screen_reader_finds_its_way(open_page, language, width, colours, picture):
    page = open_page(language, viewport={"width": width, "height": 900}, color_scheme=colours)
    name = f"{language}-{width}-{colours}"
    for details in page.locator("details").all():
        details.evaluate("one => { one.open = true; }")
    assert serious(page) == []
    ask(page)
    for details in page.locator("details").all():
        details.evaluate("one => { one.open = true; }")
    assert serious(page) == []
    picture(page, f"open-list-{name}")
    for box in page.locator("[name=pick]").all():
        box.check()
    page.locator("button[formaction^='/compare']").click()
    expect(page.locator("table.compare")).to_be_visible()
    assert serious(page) == []
    picture(page, f"compare-{name}")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_facet_is_chosen_and_let_go(open_page, scripts):
    page = open_page(java_script_enabled=scripts, viewport={"width": 1280, "height": 900})
    ask(page)
    kinds = page.locator(".facets details", has_text="根拠の種類")
    if not scripts:
        page.locator(".facets > summary").click()
        kinds.locator("summary").click()
    kinds.get_by_role("button", name=re.compile("特許")).click()
    expect(page.locator("article")).to_have_count(1)
    expect(page.locator("#kind")).to_have_value("patent")
    page.locator(".filters").get_by_role("button", name=re.compile("特許.*解除")).click()
    expect(page.locator("article")).to_have_count(2)
    expect(page.locator("#kind")).to_have_value("")


def test_the_area_and_the_field_are_corrected(open_page):
    page = open_page()
    ask(page)
    page.get_by_text("判定結果を修正").click()
    page.get_by_label("ニーズの領域").select_option(label="競争領域")
    page.get_by_role("button", name="この内容で探し直す").click()
    expect(page.locator(".understood")).to_contain_text("指定どおり")
    expect(page.get_by_label("ニーズの領域")).to_have_value("competitive")


def test_the_keyboard_passes_the_facets_in_one_step(open_page):
    page = open_page(viewport={"width": 1280, "height": 900})
    ask(page)
    past = page.get_by_role("link", name="絞り込みを飛ばして一覧へ")
    past.focus()
    expect(past).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".legend summary")).to_be_focused()


def test_those_picked_stand_side_by_side_and_the_list_comes_back(open_page):
    page = open_page(java_script_enabled=False)
    ask(page)
    page.get_by_role("button", name="選択した研究者を比較").click()
    expect(page.get_by_role("alert")).to_contain_text("2名から4名")
    for box in page.get_by_role("checkbox", name=re.compile("^比較")).all():
        box.check()
    page.get_by_role("button", name="選択した研究者を比較").click()
    expect(page.get_by_role("columnheader")).to_have_count(2)
    page.get_by_role("button", name="一覧に戻る").click()
    expect(page.locator("article")).to_have_count(2)
    assert page.locator("#need").input_value() == NEED


def test_a_list_is_downloaded_and_its_address_says_nothing_of_the_need(open_page, watch, picture):
    page = open_page()
    ask(page)
    page.locator(".menu summary").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="CSV").click()
    assert re.fullmatch(r"enmusubi-\d{8}\.csv", started.value.suggested_filename)
    page.get_by_role("button", name="印刷用の表示").click()
    expect(page.get_by_role("heading", name="該当する研究者")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("header.top")).to_be_hidden()
    picture(page, "print-ja")
    assert all(re.fullmatch(r"[!-~]+", url) and "%" not in url for url in watch.requests)


def test_a_list_sorted_anew_keeps_the_shortlist_at_hand(open_page):
    page = open_page("en")
    ask(page)
    page.get_by_label("Order").select_option(label="Name")
    expect(page.locator("article h3").first).to_have_text("Ada Lindqvist")
    mori = page.locator("article", has_text="Hana Mori")
    mori.get_by_role("button", name="To my shortlist").click()
    expect(mori.get_by_role("button", name="On my shortlist: remove")).to_be_visible()
    expect(page.locator("article h3").first).to_have_text("Ada Lindqvist")
    mori.get_by_role("button", name="On my shortlist: remove").click()
    expect(mori.get_by_role("button", name="To my shortlist")).to_be_visible()


def test_the_list_s_page_is_small_too(open_page):
    page = open_page()
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        ask(page)
    assert len(answered.value.body()) < PAGE_BYTES


@pytest.fixture(scope="module")
def app(shelf, tmp_path_factory):
    """The application with a need besides that every role sees."""
    folder = tmp_path_factory.mktemp("service")
    with open_catalogue(copied("small", folder)) as catalogue:
        need = {
            "need_id": "N-10",
            "title": "食品を包む薄い膜",
            "text": NEED,
            "area": "non-competitive",
            "confidentiality": "public",
        }
        (outcome,) = catalogue.write([Draft(NEEDS, need)], source="test")
        assert outcome.change == "added"
        yield service(catalogue, folder, shelf)


@pytest.fixture
def seen_as(app):
    """A function that lets everybody be one viewer, until the test ends."""
    before = app.state.authenticator
    yield lambda viewer: as_viewer(app, viewer)
    app.state.authenticator = before


@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_role_finds_what_it_may_do_and_no_more(open_page, address, seen_as, language, picture):
    page = open_page(language)
    for role, expected in LED_TO.items():
        seen_as(Viewer("tanaka", role, name="田中 みのり"))
        page.goto(f"{address}/?need_id=N-10")
        buttons = page.locator("button").evaluate_all("all => all.map(b => b.value + b.formAction)")
        links = page.locator("nav a").evaluate_all("all => all.map(a => a.pathname)")
        found = {
            name
            for name in expected | {"note", "refuses", "keep", "export"}
            if any(name in button for button in buttons)
        } | {"/reports"} & set(links)
        assert found == expected, role
        expect(page.locator(".me")).to_contain_text("田中 みのり")
        picture(page, f"stored-{role}-{language}")
    assert serious(page) == []


def test_an_administrator_begins_where_the_work_is(open_page, address, seen_as):
    page = open_page()
    seen_as(Viewer("root", "administrator"))
    page.goto(address)
    expect(page).to_have_url(f"{address}/admin")
