"""A need written down from a file, in a real browser: its text is seen and corrected before it is saved."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.support.need_documents import word
from tests.web.conftest import serious

TEXT = {
    "ja": "食品包装に使う、酸素と水蒸気を通しにくい薄い膜を探しています。",
    "en": "We look for a thin film for food packaging that keeps oxygen out.",
}
READ = {"ja": "読み取る", "en": "Read the file"}
SAVE = {"ja": "保存する", "en": "Save"}
CHECK = {"ja": "保存する前に文章をご確認ください", "en": "Check the text before it is saved"}
NO_FILE = {"ja": "ファイルを読み取っていません", "en": "No file was read"}


def choose(page: Page, name: str, content: bytes) -> None:
    page.locator("#file").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def tracked(text: str) -> bytes:
    return word(f"<w:p><w:ins><w:r><w:t>{text}</w:t></w:r></w:ins></w:p>")


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_file_fills_the_form_and_is_saved_as_it_was_corrected(
    open_page, address, language, width, shoot
):
    page = open_page(
        language, viewport={"width": width, "height": 900}, java_script_enabled=width > 400
    )
    page.goto(f"{address}/needs/new")
    shoot(page, f"need-new-{width}-{language}")
    page.locator("#title").fill("薄い膜")
    page.locator("#text").fill("前に書いた文")
    choose(page, "相談.docx", tracked(TEXT[language]))
    page.get_by_role("button", name=READ[language], exact=True).click()

    expect(page.get_by_role("heading", name=CHECK[language])).to_be_visible()
    expect(page.locator("#text")).to_have_value(TEXT[language])
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#title")).to_have_value("薄い膜")
    expect(page.locator(".other")).to_contain_text("前に書いた文")
    expect(page.locator("#read")).to_contain_text("相談.docx")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width > 400:
        assert serious(page) == []
    shoot(page, f"need-read-{width}-{language}")

    page.locator("#text").fill(f"{TEXT[language]} 500")
    page.get_by_role("button", name=SAVE[language], exact=True).click()
    expect(page).to_have_url(re.compile(r"/needs/(?!new)[^?#]+$"))
    expect(page.locator("#main")).to_contain_text(f"{TEXT[language]} 500")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_language_is_switched_without_losing_what_was_typed(open_page, address, watch, scripts):
    page = open_page("ja", java_script_enabled=scripts)
    page.goto(f"{address}/needs/new")
    page.locator("#title").fill("薄い膜")
    page.locator("#text").fill(TEXT["ja"])
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    expect(page.locator("#text")).to_have_value(TEXT["ja"])
    expect(page.locator("#title")).to_have_value("薄い膜")
    page.locator("#title").press("Enter")
    expect(page).to_have_url(re.compile(r"/needs/(?!new)[^?#]+$"))
    path = page.url
    page.goto(f"{path}/change")
    page.locator("#text").fill(f"{TEXT['ja']} 400")
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("#text")).to_have_value(f"{TEXT['ja']} 400")
    page.get_by_role("button", name="保存する", exact=True).click()
    expect(page.locator("#main")).to_contain_text(f"{TEXT['ja']} 400")
    assert not [url for url in watch.requests if quote(TEXT["ja"][:4]) in url]


def test_a_page_that_would_lose_what_was_typed_asks_before_it_is_left(open_page, address):
    page = open_page("ja")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.goto(f"{address}/researchers")
    page.locator("#topic").press_sequentially("film")
    page.get_by_role("link", name="English").click()
    assert len(asked) == 1 and "失われます" in asked[0]
    expect(page.locator("#topic")).to_have_value("film")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_enter_key_saves_and_does_not_ask_for_a_file(open_page, address, language):
    page = open_page(language)
    page.goto(f"{address}/needs/new")
    page.locator("#text").fill(TEXT[language])
    page.locator("#title").fill("薄い膜")
    page.locator("#title").press("Enter")
    expect(page).to_have_url(re.compile(r"/needs/(?!new)[^?#]+$"))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_reading_without_a_file_says_so_and_keeps_what_was_entered(
    open_page, address, language, shoot
):
    page = open_page(language)
    page.goto(f"{address}/needs/new")
    page.locator("#title").fill("薄い膜")
    page.get_by_role("button", name=READ[language], exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(NO_FILE[language])
    expect(page.locator("#title")).to_have_value("薄い膜")
    assert serious(page) == []
    choose(page, "scan.pdf", b"%PDF-1.7 broken")
    page.get_by_role("button", name=READ[language], exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("scan.pdf")
    shoot(page, f"need-unread-{language}")


def test_the_keyboard_alone_leads_from_the_file_to_the_need(open_page, address):
    page = open_page()
    page.goto(f"{address}/needs/new")
    choose(page, "n.txt", TEXT["ja"].encode("cp932"))
    page.locator("#file").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=READ["ja"], exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()
    assert "read" in (page.locator("#text").get_attribute("aria-describedby") or "").split()
