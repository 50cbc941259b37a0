"""The rows of a match list in a real browser: what a screen holds, how rows open, what is done in them."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import NEEDS, Draft
from matcher.records import (
    AnsweredPart,
    Contribution,
    Match,
    NeedPart,
    Objection,
    ResearcherCard,
)
from tests.support.service import Shelf, as_viewer, service
from tests.support.small_recommender import ALL, MORI, SEEDS, SmallRecommender
from tests.support.worlds import copied
from tests.web.conftest import serious

NEED = (
    "食品包装に使う、酸素と水蒸気を通しにくい薄い膜を探しています。分別しやすいことが条件です。" * 3
)
STRENGTHS = (
    ("strong", 0.93), ("strong", 0.88), ("good", 0.7), ("good", 0.6), ("possible", 0.4),
    ("possible", 0.3), ("weak", 0.2), ("weak", 0.12), ("weak", 0.05), ("weak", 0.02),
)  # fmt: skip
BEST_KNOWN = 4  # the rank of whom the catalogue knows, too
PIXELS = {1440: 1_300, 390: 2_600}  # of ten people, at most


PART = NeedPart("使用後に分別しやすいことが条件です。", 40, 58)
SEED = replace(
    SEEDS["R-01"],
    title="使用済み多層包装フィルムの水系剥離と層別回収における界面膨潤の役割",
    answers=PART,
)
CAVEATS = (Objection("old", 2012.0), Objection("no_industry"))


class TenRecommender(SmallRecommender):
    """Puts the same ten people forward for every need, six of them likely to fit."""

    def match(self, need, *, top=10, filters=ALL):
        found = super().match(need, filters=filters)
        matches = tuple(person(rank, *told) for rank, told in enumerate(STRENGTHS, start=1))
        return replace(found, matches=matches[:top], fits_nobody=False)


def person(rank, strength, probability):
    card = ResearcherCard(
        f"R-1{rank}", f"長谷川 研究者{rank}", f"Kenkyusha Hasegawa-{rank}", "星ヶ野先端科学技術大学",
        "Hoshigano University of Advanced Science", "機能性高分子材料工学専攻",
        "Functional Polymers and Materials Engineering", "特任准教授", "Project Associate Professor",
        industry_seeds=3, industry_last_year=2024, industry_partners="青波化学; 白浜フィルム",
    )  # fmt: skip
    return Match(
        rank,
        MORI if rank == BEST_KNOWN else card,
        1.0 - rank,
        (SEED, replace(SEED, seed_id="S-09", year=2022)),
        probability,
        strength,
        (Objection("weak", probability), *CAVEATS) if strength == "weak" else CAVEATS,
        (Contribution("dense_best", 0.5, 2.0), Contribution("age_of_last", 9.0, -1.0)),
        (
            AnsweredPart(PART, SEED.seed_id, SEED.sentence),
            AnsweredPart(NeedPart("安いこと。", 0, 5)),
        ),
    )


@pytest.fixture(scope="module")
def shelf():
    """What the served application finds published: the recommender with ten people."""
    return Shelf(TenRecommender())


@pytest.fixture(scope="module")
def app(shelf, tmp_path_factory):
    """The application with a need that is stored."""
    folder = tmp_path_factory.mktemp("service")
    with open_catalogue(copied("small", folder)) as catalogue:
        need = {"need_id": "N-10", "title": "食品を包む薄い膜", "text": NEED, "confidentiality": "public",
                "area": "non-competitive"}  # fmt: skip
        catalogue.write([Draft(NEEDS, need)], source="test")
        made = service(catalogue, folder, shelf)
        as_viewer(made, Viewer("tanaka", "chief", name="田中 みのり"))
        yield made


def ask(page):
    page.locator("#need").fill(NEED)
    page.locator("#ask button[type=submit]").click()
    expect(page.locator("article")).to_have_count(len(STRENGTHS))
    page.wait_for_load_state()  # the rows stand in the page before its style sheet has come


def row(page, rank):
    return page.locator(f"#p{rank}")


def box(locator):
    found = locator.bounding_box()
    assert found is not None
    return found


def bottom(locator):
    return box(locator)["y"] + box(locator)["height"]


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_wide_screen_holds_the_five_best_and_a_phone_the_first(open_page, language, scripts):
    wide = open_page(language, java_script_enabled=scripts, viewport={"width": 1440, "height": 900})
    ask(wide)
    assert bottom(row(wide, 5)) <= 900
    phone = open_page(language, java_script_enabled=scripts, viewport={"width": 390, "height": 844})
    ask(phone)
    assert bottom(row(phone, 1)) <= 844


def test_what_speaks_against_all_is_said_once_above_them(open_page):
    page = open_page()
    ask(page)
    expect(page.locator(".shared .flag")).to_have_text(["企業実績なし"])
    expect(row(page, 1).locator("summary .flag")).to_have_text(["最新の業績は2012年"])
    row(page, 1).locator(".row-open > summary").click()
    expect(row(page, 1).locator(".against li")).to_have_count(2)


@pytest.mark.parametrize("width", [1440, 390])
def test_ten_people_take_a_page_or_two(open_page, width, shoot):
    page = open_page(viewport={"width": width, "height": 900})
    ask(page)
    page.locator("#unlikely > summary").click()
    shoot(page, f"ten-{width}")
    assert sum(box(row(page, rank))["height"] for rank in range(1, 11)) < PIXELS[width]
    assert box(row(page, 1))["height"] > 1.5 * box(row(page, 10))["height"]


def test_facets_start_closed_on_a_phone_and_open_beside_the_list(open_page):
    phone = open_page(viewport={"width": 390, "height": 844})
    ask(phone)
    expect(phone.locator(".facets ul").first).to_be_hidden()
    wide = open_page(viewport={"width": 1440, "height": 900})
    ask(wide)
    expect(wide.locator(".facets ul").first).to_be_visible()


@pytest.mark.parametrize("way", ["keyboard", "touch", "no script"])
def test_a_row_opens_and_the_weak_unfold(open_page, way):
    page = open_page(
        java_script_enabled=way != "no script",
        has_touch=way == "touch",
        viewport={"width": 390, "height": 844},
    )
    ask(page)

    def press(summary):
        if way == "touch":
            summary.tap()
        else:
            summary.focus()
            page.keyboard.press("Enter")

    more = row(page, 2).locator(".more")
    expect(more).to_be_hidden()
    press(row(page, 2).locator(".row-open > summary"))
    expect(more).to_be_visible()
    expect(more.get_by_role("link", name="研究者のページ")).to_be_visible()
    expect(row(page, 7)).to_be_hidden()
    press(page.locator("#unlikely > summary"))
    expect(row(page, 7)).to_be_visible()
    expect(row(page, 7).locator(".actions")).to_be_hidden()
    press(row(page, 7).locator(".row-open > summary"))
    expect(row(page, 7).locator(".actions")).to_be_visible()


def test_what_is_done_in_a_row_leaves_all_else_as_it_was(open_page):
    page = open_page(viewport={"width": 1440, "height": 700})
    ask(page)
    row(page, 2).locator(".row-open > summary").click()
    page.get_by_role("checkbox", name=re.compile("長谷川 研究者3")).check()
    known = row(page, BEST_KNOWN)
    known.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    known.get_by_role("button", name="候補リストに追加").click()
    undo = known.get_by_role("button", name="候補リストから外す")
    expect(undo).to_be_focused()
    assert page.evaluate("scrollY") == before > 0
    expect(row(page, 2).locator(".more")).to_be_visible()
    expect(page.get_by_role("checkbox", name=re.compile("長谷川 研究者3"))).to_be_checked()
    undo.click()
    expect(known.get_by_role("button", name="候補リストに追加")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_judgement_a_stage_and_a_note_are_made_and_taken_back_in_the_row(
    open_page, address, scripts, shoot
):
    page = open_page(java_script_enabled=scripts, viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/?need_id=N-10")
    known = row(page, BEST_KNOWN)
    known.get_by_text("不適任（理由）…").click()
    known.get_by_role("button", name="時期尚早").click()
    expect(known.locator(".actions .kind.chosen")).to_contain_text("時期尚早")
    known.get_by_role("button", name="取り消す").locator("visible=true").click()
    expect(known.get_by_text("不適任（理由）…")).to_be_visible()
    known.get_by_role("button", name="適任", exact=True).click()
    suitable = known.get_by_role("button", name=re.compile("✓ 適任"))
    expect(suitable).to_be_visible()
    known.get_by_text("段階…").click()
    known.get_by_role("button", name="秘密保持契約").click()
    expect(known.locator("summary", has_text=re.compile("段階.*秘密保持契約"))).to_be_visible()
    known.get_by_text("メモ…").click()
    known.get_by_label(re.compile("メモ")).fill("来月電話する")
    known.get_by_role("button", name="メモを保存").click()
    expect(known.get_by_text("メモ（1件）")).to_be_visible()
    known.get_by_text("メモ（1件）").click()
    shoot(page, f"judged-{scripts}")
    assert serious(page) == [] if scripts else True
    known.get_by_role("button", name="削除").click()
    expect(known.get_by_text("メモ…")).to_be_visible()
    suitable.click()
    expect(known.get_by_text("段階…")).to_be_visible()
    suitable.click()
    expect(known.get_by_role("button", name="適任", exact=True)).to_be_visible()
    if not scripts:
        assert page.url == f"{address}/#p{BEST_KNOWN}"
