"""The page in a real browser: with and without a script, by keyboard, in both languages."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.support.small_recommender import HOSTILE_TITLE
from tests.web.conftest import COLOURS

NEED = {
    "ja": "食品包装に使う、酸素と水蒸気を通しにくい薄い膜を探しています。English: thin film.",
    "en": "We look for a thin film for food packaging that keeps oxygen out.",
}
HEADING = {"ja": "該当する研究者", "en": "Researchers who fit"}
FIND = {"ja": "研究者を探す", "en": "Find researchers"}
FIRST_PAGE_BYTES = 100_000


def ask(page, language="ja", need=None):
    closed = page.locator(".asked > details:not([open]) > summary")
    if closed.count():
        closed.click()
    page.get_by_role("textbox", name=re.compile("^(ニーズ|Need)$")).fill(need or NEED[language])
    page.get_by_role("button", name=FIND[language]).click()


def heading(page, language="ja"):
    return page.get_by_role("heading", name=HEADING[language])


def has_no_sideways_scroll(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_need_is_asked_and_a_list_with_evidence_appears(open_page, language):
    page = open_page(language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    ask(page, language)
    expect(heading(page, language)).to_be_visible()
    names = page.locator("article h3")
    first = {"ja": "森 花 Hana Mori", "en": "Ada Lindqvist"}[language]
    expect(names.first).to_have_text(first)
    expect(page.locator("mark").first).to_be_hidden()
    names.first.click()
    expect(page.locator("mark").first).to_be_visible()
    page.locator(".asked summary").first.click()
    expect(page.get_by_role("button", name=FIND[language])).to_be_enabled()
    expect(page.get_by_role("textbox").first).to_have_value(NEED[language])


def test_the_sentence_that_carried_the_match_is_marked_in_its_passage(open_page):
    page = open_page()
    ask(page)
    page.locator("article h3").first.click()
    passage = page.locator(".passage", has_text="薄い膜を作った")
    expect(passage).to_have_text(
        "酸素を通しにくい薄い膜を作った。水蒸気にも強い。再利用もしやすい。"
    )
    expect(passage.locator("mark")).to_have_text("水蒸気にも強い。")


def test_a_script_in_a_title_is_shown_and_not_run(open_page):
    page = open_page()
    ask(page)
    page.locator(".unlikely > summary").click()
    page.locator("article", has_text="Lindqvist").locator("h3").click()
    expect(page.locator(".seed-title", has_text=HOSTILE_TITLE)).to_be_visible()
    expect(page).to_have_title("縁結び")
    assert page.locator("a[href^='javascript']").count() == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_the_language_is_switched_and_stays(open_page, address, watch, scripts):
    page = open_page("ja", java_script_enabled=scripts)
    page.locator("#need").fill(NEED["ja"])
    page.locator("#filters > summary").click()
    page.locator("#department").fill("材料")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#need")).to_have_value(NEED["ja"])
    expect(page.locator("#department")).to_have_value("材料")
    assert page.locator("article").count() == 0 and quote(NEED["ja"][:4]) not in "".join(
        watch.requests
    )
    expect(page.get_by_role("heading", name="Find researchers for a need")).to_be_visible()
    expect(page).to_have_title("Enmusubi")
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_all_of_it_works_without_a_script(open_page, language):
    page = open_page(language, java_script_enabled=False)
    ask(page, language)
    expect(heading(page, language)).to_be_visible()
    expect(page.locator("#need")).to_have_value(NEED[language])
    other = {"ja": "English", "en": "日本語"}[language]
    page.get_by_role("button", name=other).click()
    expect(page.locator("html")).not_to_have_attribute("lang", language)
    expect(page.locator("#need")).to_have_value(NEED[language])
    expect(page.locator("article").first).to_be_visible()


def test_a_keyboard_is_enough(open_page):
    page = open_page()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "need":
            break
    page.keyboard.insert_text(NEED["ja"])
    page.keyboard.press("Control+Enter")
    expect(heading(page)).to_be_visible()
    expect(page.locator("#answer")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#answer summary").first).to_be_focused()
    row = page.locator("article .row-open").first
    for _ in range(30):
        if page.evaluate("document.activeElement.closest('.row-open') !== null"):
            break
        page.keyboard.press("Tab")
    expect(row.locator("> summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row.locator(".passage").first).to_be_visible()


TYPED = {"position": {"ja": "教授", "en": "professor"}, "field_code": "C08", "until": "2020"}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_filters_are_filled_in_by_keyboard_alone(open_page, language):
    page = open_page(language)
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name")
        reached.append(name)
        text = TYPED.get(name, "")
        page.keyboard.insert_text(text[language] if isinstance(text, dict) else text)
        if name == "language":
            page.keyboard.press("ArrowDown")
    page.locator("#need").focus()
    page.keyboard.insert_text(NEED["ja"])
    page.keyboard.press("Control+Enter")
    expect(heading(page, language)).to_be_visible()
    assert reached == [
        "institution", "department", "position", "kind", "field_code", "language", "since", "until",
    ]  # fmt: skip
    expect(page.locator("article")).to_have_count(1)
    expect(page.locator("#field_code")).to_have_value("C08")
    expect(page.locator("#language")).to_have_value("ja")
    expect(page.locator("#until")).to_have_value("2020")
    expect(page.locator("#filters")).to_have_attribute("open", "")


def test_the_skip_link_leads_to_the_form(open_page):
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="本文へ")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#need")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
def test_an_empty_need_is_told_what_to_do(open_page, scripts):
    page = open_page(java_script_enabled=scripts)
    page.get_by_role("button", name=FIND["ja"]).click()
    expect(page.get_by_role("alert")).to_contain_text("ニーズを一、二文で入力するか")
    ask(page)
    expect(heading(page)).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_need_that_nobody_matches_is_told_so(open_page):
    page = open_page("en")
    ask(page, "en", "zzz qqq " * 10)
    expect(page.get_by_text("Nobody matches.")).to_be_visible()
    expect(page.locator("article")).to_have_count(0)


def test_a_short_need_is_advised_to_say_more(open_page):
    page = open_page()
    ask(page, need="薄い膜")
    expect(page.get_by_text("ニーズが短いため")).to_be_visible()
    expect(page.locator("article")).not_to_have_count(0)


def test_the_first_page_is_small(browser, address):
    context = browser.new_context()
    sizes = []
    page = context.new_page()
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto(address, wait_until="networkidle")
    context.close()
    assert len(sizes) >= 3
    assert sum(sizes) < FIRST_PAGE_BYTES


@pytest.mark.parametrize("colours", COLOURS)
@pytest.mark.parametrize("width", [360, 1600])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_fits_every_screen(open_page, language, width, colours, shoot):
    page = open_page(language, viewport={"width": width, "height": 900}, color_scheme=colours)
    name = f"{language}-{width}-{colours}"
    page.locator("summary").click()
    assert has_no_sideways_scroll(page)
    shoot(page, f"form-{name}")
    ask(page, language)
    expect(heading(page, language)).to_be_visible()
    assert has_no_sideways_scroll(page)
    shoot(page, f"list-{name}")
    ask(page, language, "?")
    expect(page.get_by_role("alert")).to_be_visible()
    assert has_no_sideways_scroll(page)
    shoot(page, f"error-{name}")
