"""The one-page PDF: never a second page, the likely before the weak, what is left out counted."""

import io
from dataclasses import replace
from datetime import date

import pypdf
import pytest

from matcher.explaining.standing import standing
from matcher.records import Evidence, Match, Objection, ResearcherCard
from office.reports.brief_pdf import Brief, brief_as_pdf

TODAY = date(2031, 4, 1)
WISH = "酸素を通しにくい膜がほしい。"
WHY = Evidence(
    "S-1", "paper", "ja", "酸素を通しにくい薄い膜の作製と評価", 2024, "", "水蒸気にも強い膜ができた。" * 12,
    "text", 0, "", 0.7,
)  # fmt: skip


def match(rank, strength="strong", probability=0.9):
    card = ResearcherCard(
        f"R-{rank}", f"研究者{rank}", f"Person {rank}", "星ヶ野大学", "Hoshigano University",
        "材料工学科", position_ja="教授", industry_seeds=2,
    )  # fmt: skip
    against = (Objection("old", 2012.0), Objection("weak", probability))
    return Match(rank, card, 0.0, (WHY,), probability, strength, against)


def brief(people, need=WISH, *, title="食品を包む膜", language="ja", fits_nobody=False):
    stands = standing(people, language, fits_nobody=fits_nobody, title=title)
    return Brief(title, need, stands)


def text_of(told, language="ja"):
    pages = pypdf.PdfReader(io.BytesIO(brief_as_pdf(told, language, TODAY))).pages
    return [page.extract_text().replace("\x00", "") for page in pages]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_ten_people_and_a_long_need_stay_on_one_page(language):
    people = [match(rank) for rank in range(1, 11)]
    (page,) = text_of(brief(people, WISH * 200, language=language), language)
    written = sum(f"{rank}. " in page for rank in range(1, 11))
    assert 4 <= written < 10
    told = {"ja": f"このほか{10 - written}名は", "en": f"{10 - written}moreare"}[language]
    assert told in page.replace(" ", "")


def test_the_page_says_who_how_strong_why_and_what_to_consider():
    (page,) = text_of(brief([match(1)]))
    for text in (
        "食品を包む膜", "酸素を通しにくい膜がほしい。", "研究者1  Person 1", "●●●●● 有力",
        "教授", "企業との共同成果2件", "論文 2024", "薄い膜の作製と評価", "最新の業績は2012年",
        "上位1件中およそ1件が適任", "2031-04-01",
    ):  # fmt: skip
        assert text in page, text
    assert "見込みは低め" not in page  # the word of strength says that


def test_the_weak_are_counted_where_others_are_likely_and_shown_where_nobody_is():
    weak = [match(rank, "weak", 0.05) for rank in (2, 3)]
    (page,) = text_of(brief([match(1), *weak], title=""))
    assert "見込みの低い研究者2名は" in page.replace(" ", "")
    assert "研究者3" not in page
    (page,) = text_of(brief(weak, fits_nobody=True))
    assert "比較的近い研究者" in page
    assert "「食品を包む膜」に適任と見込まれる研究者は見つかりませんでした" in page
    assert "上位2件に適任はいない見込み" in page
    assert "研究者2" in page
    assert "研究者3" in page


def test_nobody_and_nothing_known_of_a_person_make_a_page_too():
    assert len(text_of(brief([]))) == 1
    bare = replace(match(1), researcher=ResearcherCard("R-1"), evidence=(), probability=None)
    (page,) = text_of(brief([bare]))
    assert "R-1" in page
