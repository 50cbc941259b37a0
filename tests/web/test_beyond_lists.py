"""Veil, clinic, teams, shared needs and the company finder in a real browser, by keyboard alone."""

from http import HTTPStatus

import pytest
from playwright.sync_api import expect

from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, Draft
from tests.support.service import as_viewer, service
from tests.support.worlds import copied
from tests.support.worlds.pages import SATO
from tests.web.conftest import serious

TEXT = "食品包装の膜を探しています。酸素を通さず、再利用しやすいものを求めています。"
WIDE = "N-wide"  # two people fit it
QUIET = ("/dormant", "/company-profiles", "/screening", "/researchers/R-01/needs",
         f"/needs/{WIDE}/export-control", f"/needs/{WIDE}/what-would-change?researcher=R-01",
         f"/needs/{WIDE}/inquiries/new?researcher=R-01", f"/needs/{WIDE}/release")  # fmt: skip
SIDEWAYS = """() => [...document.querySelectorAll('main *')].filter(
    e => e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1
         && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)).map(e => e.className)"""
COMPANIES = {"aonami": "青波化学株式会社", "shirahama": "白浜フィルム株式会社"}
WIDE_PX = 1000
WAYS = [("ja", 390, True), ("en", 1440, True), ("ja", 390, False)]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The well-filled office with two companies that ask for the same thing, and its project manager."""
    folder = tmp_path_factory.mktemp("service")
    with open_catalogue(copied("pages", folder)) as catalogue:
        same = [
            Draft(NEEDS, {"need_id": f"N-{key}", "title": "包装の膜", "text": TEXT, "lang": "ja",
                          "organisation_id": key, "area": "non-competitive", "manager": "sato",
                          "confidentiality": "public"})
            for key in COMPANIES
        ]  # fmt: skip
        kept = Draft(ORGANISATIONS, {"organisation_id": "shirahama", "kind": "company",
                                     "name_ja": COMPANIES["shirahama"]})  # fmt: skip
        both = Draft(NEEDS, {"need_id": WIDE, "title": "薄い膜", "lang": "ja", "manager": "sato",
                             "text": "薄い膜を探しています。 A thin film for food packaging.",
                             "organisation_id": "aonami"})  # fmt: skip
        catalogue.write([kept, *same, both], source="test")
        made = service(catalogue, folder)
        as_viewer(made, SATO)
        yield made


@pytest.mark.parametrize(("language", "width", "scripted"), WAYS)
def test_what_lies_beyond_one_list_is_reached_and_done_by_keyboard(  # noqa: PLR0917 - pytest passes them by name
    address, open_page, shoot, language, width, scripted
):
    size = {"width": width, "height": 900}
    page = open_page(language, viewport=size, java_script_enabled=scripted)
    said = {"ja": 0, "en": 1}[language]

    def look(path, name):
        answer = page.goto(f"{address}{path}")
        assert answer.status == HTTPStatus.OK, name
        shoot(page, f"beyond-{name}-{language}-{width}{'' if scripted else '-plain'}")
        if scripted:
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert page.evaluate(SIDEWAYS) == [], name
            if language == "ja":
                assert serious(page) == [], name

    def press(*names):
        button = page.get_by_role("button", name=names[said]).first
        button.focus()
        page.keyboard.press("Enter")

    for path in QUIET if width < WIDE_PX else ():
        look(path, path.strip("/").replace("/", "-"))
    look(f"/needs/{WIDE}/veil", "veil")
    page.locator("#more").focus()
    page.keyboard.type("再利用")
    press("開示用文面を作成", "Write the text that may be shown")
    expect(page.locator("#text-shown")).to_be_visible()
    page.locator("textarea#text").fill("薄い膜を探しています。")
    press("この文面で決定", "Show this to outsiders")
    expect(page.locator("#standing")).to_be_visible()
    press("開示用文面を取り消す", "Take the veil back")
    expect(page.locator("#standing")).to_have_count(0)

    look(f"/needs/{WIDE}/clinic", "clinic")
    page.locator("#success").focus()
    page.keyboard.type("試作品での確認")
    press("この答えで一覧を表示", "See the list with these answers")
    expect(page.locator("#found li").first).to_be_visible()
    press("答えをニーズに書き込む", "Write the answers into the need")
    expect(page.locator("[role=status]").first).to_be_visible()

    look(f"/needs/{WIDE}/teams", "teams")
    press("保存して編集", "Save and edit")
    expect(page.locator("h1")).to_be_visible()
    assert "/teams/" in page.url
    shoot(page, f"beyond-team-{language}-{width}{'' if scripted else '-plain'}")

    look("/consortia", "consortia")
    page.locator("main h2 a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text(COMPANIES["shirahama"])
    shoot(page, f"beyond-consortium-{language}-{width}{'' if scripted else '-plain'}")

    look("/company-profiles/find", "companies")
    page.locator("#technology").focus()
    page.keyboard.type("酸素を通さない薄い膜を作る技術です。")
    press("企業を探す", "Find companies")
    expect(page.locator("ol.cards > li").first).to_contain_text("株式会社")
    shoot(page, f"beyond-found-{language}-{width}{'' if scripted else '-plain'}")
