"""The one page of a released list: three people at most, cut so that Word and PowerPoint hold it."""

import io
import json
from dataclasses import asdict
from datetime import date

import docx
import pptx
import pytest
from pptx.util import Pt

from matcher.records import Match, MatchList, Objection, ResearcherCard
from office.needs.given_lists import frozen_document
from office.reports import release_docx, release_pptx
from office.reports.given_list import read_given
from office.reports.one_page import ReleasedNeed, fit, lines_of, one_page
from tests.support.small_recommender import SEEDS

LONG_JA, LONG_EN = (
    "酸素を通しにくい膜の強さと再利用のしやすさを調べた。" * 40,
    "A film that is strong. " * 90,
)
DAY = date(2026, 11, 29)
WORDS = {"ja": LONG_JA, "en": LONG_EN}


def given_list(language, *strengths, long="", fits_nobody=False, **more):
    work = SEEDS["R-01"]
    changed = {"title": long or work.title, "sentence": long or work.sentence}
    evidence = type(work)(**{**{n: getattr(work, n) for n in vars(work)}, **changed})
    card = ResearcherCard(
        "R-1", "森 花", "Hana Mori", *([long or "星ヶ野大学"] * 6), industry_seeds=2
    )
    matches = tuple(
        Match(rank, card, 1.0, (evidence, evidence), 0.6, strength,
              (Objection("old", 2012.0), Objection("one_seed")))
        for rank, strength in enumerate(strengths, start=1)
    )  # fmt: skip
    found = MatchList("n", language, matches, 5, "v1", "m@1", fits_nobody, **more)
    return read_given(frozen_document(found, language, long or "薄い膜"))


def need(text="酸素を通しにくい膜を探しています。", company="青波フーズ"):
    return ReleasedNeed("薄い膜", text, company, DAY)


def height_of_docx(page, room):
    """Points that the page takes at most, by the em that its lines hold at each size."""
    lines = [(page.title, 16), ("x", 9), (page.need, 10), (page.heading, 13), (page.notice, 10)]
    for person in page.people:
        lines += [(person.names + person.strength, 12), (person.about, 9.5), (person.work, 10),
                  (person.sentence, 10), (person.second, 9.5), (person.against, 9)]  # fmt: skip
    lines += [(page.more, 9)]
    return sum(lines_of(text, room.em * 10 / size) * size * 1.45 + 1 for text, size in lines)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("strength", ["good", "weak"])
def test_the_longest_list_fits_a4_and_its_slide(language, strength):
    given = given_list(
        language, *[strength] * 9, long=WORDS[language], fits_nobody=True, is_evened=True
    )
    for room in (release_docx.ROOM, release_pptx.ROOM):
        page = one_page(given, need(WORDS[language], WORDS[language]), room)
        assert len(page.people) == 3
        for person in page.people:
            assert lines_of(person.work, room.em) <= room.title_lines
            assert lines_of(person.sentence, room.em) <= room.sentence_lines
        assert lines_of(page.need, room.need_em) <= room.need_lines
    assert height_of_docx(one_page(given, need(WORDS[language]), release_docx.ROOM),
                          release_docx.ROOM) < (297 - 2 * 16) / 25.4 * 72 - 40  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_box_of_the_slide_holds_more_than_its_height(language):
    given = given_list(language, *["good"] * 9, long=WORDS[language], is_evened=True)
    page = one_page(given, need(WORDS[language], WORDS[language]), release_pptx.ROOM)
    deck = pptx.Presentation(io.BytesIO(release_pptx.release_as_pptx(page)))
    [slide] = deck.slides
    for shape in slide.shapes:
        assert shape.left + shape.width <= deck.slide_width
        assert shape.top + shape.height <= deck.slide_height
        taken = 0.0
        for paragraph in shape.text_frame.paragraphs:
            size = max((run.font.size.pt for run in paragraph.runs), default=0)
            em = shape.width / Pt(1) / size if size else 1
            taken += lines_of(paragraph.text, em) * size * 1.2
        assert taken <= shape.height / Pt(1), shape.text_frame.text[:40]


def test_those_who_could_fit_come_before_the_weak_and_the_others_are_counted():
    given = given_list("ja", "weak", "good", "weak", "good", "good", "good")
    page = one_page(given, need(), release_docx.ROOM)
    assert [person.strength for person in page.people] == ["有望 60%"] * 3
    assert page.more == "このほか3名を一覧に載せています。"
    few = one_page(given_list("ja", "weak"), need(), release_docx.ROOM)
    assert (few.people[0].strength, few.more) == ("弱い 60% (見込みは低め)", "")


def test_a_list_that_nobody_fits_says_so_on_its_page():
    given = given_list("ja", "weak", fits_nobody=True)
    content = release_docx.release_as_docx(one_page(given, need(), release_docx.ROOM))
    said = [paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs]
    assert "比較的近い研究者" in said
    assert (
        "「薄い膜」に適任と見込まれる研究者は見つかりませんでした。以下は、比較的近い研究者です。"
        in said
    )


@pytest.mark.parametrize(("is_evened", "said"), [(True, True), (False, False)])
def test_word_and_powerpoint_say_that_lots_had_a_part_in_the_order(is_evened, said):
    page = one_page(given_list("ja", "good", is_evened=is_evened), need(), release_docx.ROOM)
    text = "抽選で決めています"
    paragraphs = docx.Document(io.BytesIO(release_docx.release_as_docx(page))).paragraphs
    assert (text in "".join(p.text for p in paragraphs)) == said
    [slide] = pptx.Presentation(io.BytesIO(release_pptx.release_as_pptx(page))).slides
    assert (text in "".join(s.text_frame.text for s in slide.shapes)) == said


def test_hostile_text_is_text_and_only_addresses_of_the_web_are_links():
    given = given_list("en", "good", long="<w:t>=1+1\x00\x0b</w:t> &")
    page = one_page(given, need("<a>\x01"), release_docx.ROOM)
    read = docx.Document(io.BytesIO(release_docx.release_as_docx(page)))
    [link] = [link for p in read.paragraphs for link in p.hyperlinks]
    assert link.address == "https://example.org/s1" and "<w:t>=1+1" in link.text
    assert read.core_properties.author == "Enmusubi"
    [slide] = pptx.Presentation(io.BytesIO(release_pptx.release_as_pptx(page))).slides
    runs = [r for s in slide.shapes for p in s.text_frame.paragraphs for r in p.runs]
    assert {run.hyperlink.address for run in runs} == {None, "https://example.org/s1"}
    document = json.loads(frozen_document(MatchList("n", "en", (), 0, "v", "m"), "en"))
    assert read_given(json.dumps(document)).people == ()
    work = asdict(SEEDS["R-02"])
    assert work["url"].startswith("javascript:")
    person = {"rank": 1, "strength": "good", "strength_text": "Good", "evidence": [work],
              "against": [], "researcher": asdict(ResearcherCard("R-1"))}  # fmt: skip
    older = {"language": "en", "fits_nobody": True, "matches": [person]}
    given = read_given(json.dumps(older))
    assert given.people[0].works[0].url == ""
    assert (given.heading, given.notice[:16]) == ("The nearest researchers", "Nobody here fits")


@pytest.mark.parametrize(
    ("text", "lines", "fitted"),
    [("膜" * 9, 1, "膜" * 9), ("膜" * 10, 1, "膜" * 8 + "…"), ("a\n b", 1, "a b"), ("", 1, "")],
)
def test_a_text_is_cut_to_its_lines(text, lines, fitted):
    assert fit(text, 10, lines) == fitted
