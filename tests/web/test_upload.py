"""A need from a file, in a real browser: its text is seen and corrected before anything is matched."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.need_documents import word
from tests.web.conftest import serious

NEED = {
    "ja": "食品包装に使う、酸素と水蒸気を通しにくい薄い膜を探しています。English: thin film.",
    "en": "We look for a thin film for food packaging that keeps oxygen out.",
}
HEADING = {"ja": "該当する研究者", "en": "Researchers who fit"}
FIND = {"ja": "研究者を探す", "en": "Find researchers"}
CHECK = {"ja": "探す前に文章をご確認ください", "en": "Check the text before it is matched"}
ACCEPTED = {
    "ja": "変更履歴は、すべて承諾したものとして読み取りました。",
    "en": "Tracked changes were read as if all were accepted.",
}


def choose(page: Page, name: str, content: bytes) -> None:
    page.get_by_label(re.compile("ファイル|file")).set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def form_file(language: str) -> bytes:
    """Return a Word file with a tracked change, in two paragraphs."""
    text = f"<w:ins><w:r><w:t>{NEED[language]}</w:t></w:r></w:ins>"
    return word(f"<w:p>{text}</w:p><w:p><w:r><w:t>500</w:t></w:r></w:p>")


@pytest.mark.parametrize("with_script", [True, False])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_file_s_text_is_shown_corrected_and_then_matched(open_page, language, with_script, shoot):
    page = open_page(language, java_script_enabled=with_script)
    choose(page, "相談.docx", form_file(language))
    page.get_by_role("button", name=FIND[language]).click()

    expect(page.get_by_role("heading", name=CHECK[language])).to_be_visible()
    expect(page.locator("#need")).to_have_value(f"{NEED[language]}\n500")
    expect(page.locator("#read")).to_contain_text("相談.docx")
    expect(page.locator("#read li")).to_have_text(ACCEPTED[language])
    assert page.locator("article").count() == 0
    assert not re.search("[?#]", page.url)
    if with_script:
        assert serious(page) == []
        shoot(page, f"upload-{language}")

    page.locator("#need").fill(NEED[language])
    page.get_by_role("button", name=FIND[language]).click()
    expect(page.get_by_role("heading", name=HEADING[language])).to_be_visible()
    expect(page.locator("#need")).to_have_value(NEED[language])
    expect(page.locator("#read")).to_have_count(0)


def test_the_keyboard_alone_leads_from_the_file_to_the_list(open_page):
    page = open_page()
    choose(page, "n.txt", NEED["ja"].encode("cp932"))
    page.locator("#file").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#need")).to_be_focused()
    expect(page.locator("#need")).to_have_value(NEED["ja"])
    described = page.locator("#need").get_attribute("aria-describedby")
    assert "read" in described.split()
    page.keyboard.insert_text("急ぎです。")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name=HEADING["ja"])).to_be_visible()
    expect(page.locator("#need")).to_have_value("急ぎです。" + NEED["ja"])


@pytest.mark.parametrize("with_script", [True, False])
def test_the_other_language_shows_the_text_and_still_matches_nothing(open_page, with_script):
    page = open_page("ja", java_script_enabled=with_script)
    choose(page, "n.txt", NEED["ja"].encode())
    page.get_by_role("button", name=FIND["ja"]).click()
    expect(page.locator("#read")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name=CHECK["en"])).to_be_visible()
    expect(page.locator("#need")).to_have_value(NEED["ja"])
    assert page.locator("article").count() == 0


def test_without_a_script_filters_are_kept_from_the_file_to_the_list(open_page):
    page = open_page(java_script_enabled=False)
    page.locator("summary").click()
    page.get_by_label("部局").fill("材料")
    page.get_by_label("根拠の種類").select_option(label="論文")
    choose(page, "n.txt", NEED["ja"].encode())
    page.get_by_role("button", name=FIND["ja"]).click()
    expect(page.locator("#read")).to_be_visible()
    page.get_by_role("button", name=FIND["ja"]).click()
    expect(page.locator("article")).to_have_count(1)
    expect(page.get_by_label("部局")).to_have_value("材料")
    expect(page.get_by_label("根拠の種類")).to_have_value("paper")


def test_a_damaged_file_is_named_and_the_form_stays(open_page):
    page = open_page("en")
    choose(page, "scan.pdf", b"%PDF-1.7 broken")
    page.get_by_role("button", name=FIND["en"]).click()
    expect(page.get_by_role("alert")).to_contain_text("scan.pdf")
    expect(page.locator("#need")).to_have_value("")
