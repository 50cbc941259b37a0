"""The office's pages in a real browser: both languages, three widths, by keyboard, with axe."""

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import expect

from catalogue.database.viewer import (
    ADMINISTRATOR,
    ANALYST,
    CHIEF,
    FINANCE,
    HR,
    IP,
    LEGAL,
    PERSON_ROLES,
    PROJECT,
    VIEWER,
    Viewer,
)
from catalogue.judgements.judgements import Judgement, record_judgement
from catalogue.records.catalogue import open_catalogue
from enmusubi.settings import Settings
from matcher.records import Filters, Mark, Refinement
from office import alerts, notes, saved_searches, shortlists
from office.access.scoped import writing_as
from office.cases.opening import CaseDraft, open_case
from office.matching import ViewerMatching
from office.saved_searches import SearchDraft
from office.search_conditions import Conditions
from tests.support.service import as_viewer, service
from tests.support.worlds import copied
from tests.support.worlds import pages as office
from tests.support.worlds.pages import CLOSED_NEED, OPEN_NEED, SATO
from tests.web.conftest import serious, serving

PAGES = {
    "researchers": "/researchers",
    "researchers-none": "/researchers?name=zz",
    "researcher": "/researchers/R-01",
    "researcher-sparse": "/researchers/R-02",
    "needs": "/needs?status=any",
    "needs-none": "/needs?status=closed",
    "need": f"/needs/{OPEN_NEED}",
    "need-closed-circle": f"/needs/{CLOSED_NEED}",
    "need-new": "/needs/new",
    "need-change": f"/needs/{OPEN_NEED}/change",
    "need-release": f"/needs/{OPEN_NEED}/release?whom=best",
    "need-export-control": f"/needs/{OPEN_NEED}/export-control",
    "need-teams": f"/needs/{OPEN_NEED}/teams",
    "shortlist": "/shortlist",
    "searches": "/searches",
    "researchers-topic": "/researchers?topic=膜",
    "seed": "/seeds/S-39",
    "reports": "/reports",
    "report": "/reports/2026-11-20",
    "report-all": "/reports/2026-11-20?view=all",
    "statistics": "/statistics",
    "cases": "/cases",
    "cases-table": "/cases?view=table",
    "case": "/cases/1",
    "case-new": f"/cases/new?need={OPEN_NEED}&person=R-01",
    "case-gates": "/cases/gates",
    "case-import": "/cases/import",
    "means": f"/means?need={OPEN_NEED}&aim=technology",
    "means-table": "/means/table",
    "projects": "/projects",
    "project-people": "/projects/people",
}
WIDTHS = {"phone": 360, "tablet": 800, "desk": 1600}
# two in a browser, the one who sees most and the one who sees least; all are asked without one
ROLES_AT_A_SCREEN = [
    role if role in {PROJECT, VIEWER} else pytest.param(role, marks=pytest.mark.exhaustive)
    for role in PERSON_ROLES
]
PEOPLE = (*office.PEOPLE, Viewer("zaimu", FINANCE), Viewer("jinji", HR))
ROLES = {viewer.role: viewer for viewer in PEOPLE} | {PROJECT: SATO}
NOT_ALLOWED = 403
OFFICE_WRITES = {"need-new", "need-change", "need-release", "admin"}
SCREENED = {"need-export-control", "need-teams"}
SCREENED |= {"cases", "cases-table", "case", "case-new", "case-gates", "case-import", "means"}
SCREENED |= {"means-table", "projects", "project-people"}
REFUSED = {
    CHIEF: {"admin"},
    PROJECT: {"admin"},
    **dict.fromkeys((IP, LEGAL, FINANCE, HR), OFFICE_WRITES),
    ANALYST: OFFICE_WRITES | SCREENED,
    VIEWER: OFFICE_WRITES | SCREENED | {"reports", "report", "report-all", "statistics"},
    ADMINISTRATOR: set(PAGES),
}
# a competitive need is not there for those who may not know of it
HIDDEN = {(role, "need-closed-circle"): 404 for role in (IP, LEGAL, FINANCE, HR, ANALYST, VIEWER)}


def status_of(role, name):
    """Return the status that a page answers a role with."""
    return NOT_ALLOWED if name in REFUSED[role] else HIDDEN.get((role, name), 200)


class Found:
    """Finds the same people for every search."""

    def __init__(self, *people: str) -> None:
        self.people = people

    def match(self, need, *, top, filters):
        return office.match_list(need.need_id, *self.people)


@pytest.fixture(scope="module")
def office_app(tmp_path_factory):
    """The application around a well-filled office, with things on Sato's and the chief's desks."""
    folder = tmp_path_factory.mktemp("office")
    with open_catalogue(copied("pages", folder)) as catalogue:
        fill_desk(catalogue, SATO)
        yield service(catalogue, folder)


def fill_desk(catalogue, viewer):
    for person, need_id in (
        ("R-01", OPEN_NEED),
        ("R-12", OPEN_NEED),
        ("R-02", CLOSED_NEED),
        ("R-15", ""),
    ):
        shortlists.add_to_shortlist(catalogue, viewer, person, need_id)
    text = "電話で相談しました。\n来週、試料をお送りいただけるとのことです。"
    notes.write_note(catalogue, viewer, OPEN_NEED, "R-01", text)
    filters = Filters(institutions=("星ヶ野大学",), kinds=("paper", "patent"), since=2018)
    refinement = Refinement((Mark("R-01"),), (Mark("", "S-39", "text", 0),), ("ガスバリア",))
    conditions = Conditions(filters, "competitive", "newest", 20, refinement)
    draft = SearchDraft(
        "包装の膜",
        "食品包装に使う、酸素と水蒸気を通しにくい薄い膜を探しています。",
        conditions=conditions,
        alert=True,
    )
    saved_searches.save_search(catalogue, viewer, draft)
    saved_searches.save_search(catalogue, viewer, SearchDraft("接着剤", need_id=CLOSED_NEED))
    alerts.check_alerts(ViewerMatching(catalogue, Settings()), Found("R-02"), 20)
    alerts.check_alerts(ViewerMatching(catalogue, Settings()), Found("R-02", "R-01", "R-12"), 20)
    judged = [("R-01", "suitable", "", "dialogue"), ("R-02", "not_suitable", "too_early", "")]
    with writing_as(catalogue, viewer) as connection:
        for person, verdict, reason, stage in judged:
            judgement = Judgement(OPEN_NEED, person, verdict, reason, stage, judged_by="sato")
            record_judgement(connection, judgement)
        draft = CaseDraft(OPEN_NEED, researcher_ids=("R-01", "R-02"), lead="R-01", means="alliance")
        open_case(connection, viewer, draft, Settings())


@pytest.fixture(scope="module")
def address(office_app):
    """The office, open to Sato unless a test says otherwise."""
    with serving(office_app) as served:
        yield served


@pytest.fixture
def as_(office_app):
    """A function that lets the requests that follow come from somebody."""
    as_viewer(office_app, SATO)
    yield lambda viewer: as_viewer(office_app, viewer)
    as_viewer(office_app, SATO)


@pytest.mark.parametrize("language", ["ja", pytest.param("en", marks=pytest.mark.exhaustive)])
def test_every_page_fits_its_window_and_axe_finds_nothing_serious(  # noqa: PLR0917
    open_page, address, as_, language, shoot, read_aloud
):
    page = open_page(language)
    for number, (name, path) in enumerate({"home": "/", **PAGES}.items()):
        page.goto(address + path)
        assert page.locator("html").get_attribute("lang") == language
        for window, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            shoot(page, f"desk-{name}-{window}-{language}")
            if read_aloud(language, window, number):
                assert serious(page) == [], path


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_waits_stands_on_the_first_screen_of_a_phone(open_page, as_, language, shoot):
    page = open_page(language, viewport={"width": 390, "height": 844})
    waiting = page.locator("section[aria-labelledby=waiting]")
    shoot(page, f"home-390-{language}")
    first = waiting.locator("li").first.bounding_box()
    assert first["y"] + first["height"] < 700
    expect(page.locator("#file")).to_be_hidden()
    page.locator("#filters > summary").click()
    for field in ("#file", "#top", "#department"):
        expect(page.locator(field)).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("#filters > summary").click()
    expect(page.locator("#file")).to_be_visible()
    assert waiting.locator("li").first.bounding_box()["y"] < 700


def test_a_card_is_dragged_to_a_gate_and_decided_by_keyboard(open_page, address, as_):
    page = open_page("en", viewport={"width": 1600, "height": 1000})
    page.goto(f"{address}/cases")
    page.drag_and_drop('[data-case="1"] .meta', '[data-stage="dialogue"] h2')
    page.wait_for_url("**/cases/1?to=dialogue#gate")
    assert page.locator("#to").input_value() == "dialogue"
    page.locator("#reason").focus()
    page.keyboard.type("Not yet.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The decision was kept.")).to_be_visible()
    page.goto(f"{address}/cases")
    expect(page.locator('[data-stage="dialogue"] [data-case="1"]')).to_be_visible()


@pytest.mark.exhaustive
def test_the_pages_are_sound_in_the_dark_too(open_page, address, as_, shoot):
    page = open_page("ja", color_scheme="dark", viewport={"width": 1200, "height": 900})
    for name, path in PAGES.items():
        page.goto(address + path)
        assert serious(page) == [], path
        if name in {"researcher", "need"}:
            shoot(page, f"desk-{name}-dark-ja")


@pytest.mark.parametrize("role", PERSON_ROLES)
def test_each_role_is_answered_its_pages_and_no_other(office_app, as_, role):
    as_(ROLES[role])
    client = TestClient(office_app, follow_redirects=False)
    for name, path in {**PAGES, "admin": "/admin"}.items():
        for language in ("ja", "en"):
            answer = client.get(path, headers={"accept-language": language, "accept": "text/html"})
            assert answer.status_code == status_of(role, name), name
            assert f'<html lang="{language}">' in answer.text, name
            assert answer.text.count("<h1") == 1, name
            assert (office.HUSHED in answer.text) <= (role in {CHIEF, PROJECT}), name


@pytest.mark.parametrize("language", ["ja", pytest.param("en", marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("role", ROLES_AT_A_SCREEN)
def test_each_role_has_its_pages_whole_and_no_other(  # noqa: PLR0917
    open_page, address, as_, role, language, shoot, exhaustive
):
    as_(ROLES[role])
    page = open_page(language, viewport={"width": 1200, "height": 900})
    for name, path in {"ask": "/", **PAGES, "admin": "/admin"}.items():
        answer = page.goto(address + path)
        expected = status_of(role, name)
        assert (answer.status, page.locator("html").get_attribute("lang")) == (
            expected,
            language,
        ), name
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        shown = page.locator("body").inner_text()
        assert (office.HUSHED in shown) <= (role in {CHIEF, PROJECT}), name
        if language == "ja":
            shoot(page, f"desk-{name}-{role}-{language}")
        if exhaustive and (name, language) == ("need", "ja"):
            assert serious(page) == [], name


def test_a_need_is_written_by_keyboard_alone_without_a_script(open_page, address, as_):
    page = open_page("ja", java_script_enabled=False)
    page.goto(f"{address}/needs")
    page.get_by_role("link", name="ニーズを登録", exact=True).press("Enter")
    page.get_by_label("題名").focus()
    page.keyboard.type("さびにくい塗料")
    page.keyboard.press("Tab")
    page.keyboard.type("橋に塗る、さびにくい塗料を探しています。")
    page.get_by_label("時期").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("さびにくい塗料")
    expect(page.get_by_role("status")).to_have_text("保存しました。")
    page.get_by_role("button", name="ニーズを終了する").press("Enter")
    expect(page.get_by_role("button", name="ニーズを再開する")).to_be_visible()


def test_two_who_change_one_need_see_what_the_other_wrote(open_page, address, as_, shoot):
    first, second = open_page("ja"), open_page("ja")
    for page in (first, second):
        page.goto(f"{address}/needs/{OPEN_NEED}/change")
    second.get_by_label("時期").fill("三年以内")
    second.get_by_role("button", name="保存する").click()
    expect(second.get_by_role("status")).to_have_text("保存しました。")
    first.get_by_label("時期").fill("半年以内")
    first.get_by_role("button", name="保存する").click()
    expect(first.locator(".other")).to_contain_text("ほかの人の入力")
    expect(first.locator(".other")).to_contain_text("三年以内")
    assert serious(first) == []
    shoot(first, "desk-need-clash-ja")


def test_a_researcher_is_kept_and_let_go_by_keyboard(open_page, address, as_):
    page = open_page("en")
    page.goto(f"{address}/researchers/R-20")
    page.get_by_label("Keep for").select_option(label="酸素を通さない薄い膜")
    page.get_by_role("button", name="Add to my shortlist").press("Enter")
    kept = page.get_by_role("region", name="My shortlist")
    expect(kept).to_contain_text("Kept for: 酸素を通さない薄い膜")
    page.goto(f"{address}/shortlist")
    page.get_by_role("button", name="Remove Hoshino No. 20").press("Enter")
    expect(page.get_by_role("link", name="Hoshino No. 20")).to_have_count(0)


def test_a_saved_search_is_run_again_and_has_no_news_then(open_page, address, as_):
    page = open_page("ja")
    page.goto(f"{address}/searches")
    section = page.get_by_role("region", name="包装の膜")
    assert "新着2名" in section.inner_text()
    section.get_by_role("button", name="もう一度検索").click()
    expect(page.locator("#answer")).to_contain_text("森 花")
    page.goto(f"{address}/searches")
    assert "新着" not in page.locator("main").inner_text()
