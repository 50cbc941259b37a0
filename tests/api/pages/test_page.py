"""What the page answers to a browser without a script, and to hostile input."""

import io
import re
import zipfile
from dataclasses import replace

import pytest

from api.pages.excerpts import CONTEXT_CHARS, ContributionBar, contribution_bars, highlight
from matcher.records import AnsweredPart, Contribution, Evidence, Match, ResearcherCard
from tests.support.service import Shelf, failing
from tests.support.small_recommender import HOSTILE_TITLE, SmallRecommender

NEED = "薄い膜で食品を包装したい。a thin film for food packaging"


def post(client, need="", browser="ja", files=None, **fields):
    headers = {"accept-language": browser}
    return client.post("/", data={"need": need, **fields}, files=files, headers=headers)


@pytest.mark.parametrize(
    ("language", "heading"), [("ja", "該当する研究者"), ("en", "Researchers who fit")]
)
def test_a_need_is_answered_in_the_browser_s_language(client, language, heading):
    page = post(client, NEED, language)
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert heading in page.text
    assert "Accept-Language" in page.headers["vary"]


def test_what_comes_from_the_catalogue_or_the_form_is_escaped(client):
    page = post(client, NEED + ' "><script>alert(1)</script>', institution='"><b>')
    assert "<script>alert" not in page.text
    assert HOSTILE_TITLE not in page.text
    page = post(client, NEED + " </textarea><script>alert(1)</script>")
    assert page.text.count("<script") == page.text.count('<script src="/static/') == 2
    assert "<b>blocks" not in page.text
    assert "javascript:" not in page.text


def test_the_sentence_that_carried_the_match_is_marked(client):
    page = post(client, NEED)
    assert "薄い膜を作った。<mark>水蒸気にも強い。</mark>再利用" in page.text
    assert "<mark>The film &lt;b&gt;blocks&lt;/b&gt; oxygen.</mark> It is thin" in page.text


def test_the_language_is_remembered_in_a_cookie(client):
    chosen = client.get("/?lang=en", follow_redirects=False)
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/")
    assert "HttpOnly" in chosen.headers["set-cookie"]
    assert '<html lang="en">' in client.get("/", headers={"accept-language": "ja"}).text


def test_an_unknown_language_changes_nothing(client):
    page = client.get("/?lang=xx", headers={"accept-language": "en"})
    assert '<html lang="en">' in page.text
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize(
    ("fields", "status", "advice"),
    [
        ({"need": ""}, 400, "ニーズを一、二文で"),
        ({"need": "膜" * 50_001}, 422, "入力内容を確かめて"),
        ({"need": NEED, "top": "0"}, 422, "入力内容を確かめて"),
        ({"need": NEED, "top": "many"}, 422, "入力内容を確かめて"),
        ({"need": NEED, "kind": "novel"}, 422, "入力内容を確かめて"),
        ({"need": NEED, "since": "20155"}, 422, "入力内容を確かめて"),
        ({"need": NEED, "until": "20155"}, 422, "入力内容を確かめて"),
        ({"need": NEED, "field_code": "x" * 201}, 422, "入力内容を確かめて"),
        ({"need": NEED, "language": "xyz"}, 422, "入力内容を確かめて"),
        ({"need": "膜" * 700_000}, 413, "大きさを確かめるか"),
    ],
)
def test_people_get_errors_as_a_page_that_says_what_to_do(client_of, fields, status, advice):
    page = post(client_of(max_body_bytes=2_000_000), **fields)
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert 'role="alert"' in page.text
    assert advice in page.text


def test_without_an_index_the_page_says_so(client_of):
    page = post(client_of(Shelf(published=None, name=None)), NEED, "en")
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "The search is not ready" in page.text
    assert NEED in page.text


def test_an_unexpected_error_is_a_page_too(client_of):
    page = post(client_of(failing(ValueError(NEED))), NEED, "en")
    assert page.status_code == 500
    assert "Something went wrong" in page.text
    assert NEED not in page.text


def archive():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as opened:
        opened.writestr("word/document.xml", "<broken")
    return content.getvalue()


def test_an_uploaded_file_is_read_and_shown_as_the_need(client):
    files = {"file": ("need.txt", NEED.encode("cp932"), "text/plain")}
    page = post(client, "", files=files)
    assert page.status_code == 200
    assert f">{NEED}</textarea>" in page.text


def test_a_file_that_was_chosen_takes_the_place_of_the_text(client):
    files = {"file": ("need.txt", NEED.encode(), "text/plain")}
    page = post(client, "the need of another file", files=files)
    assert f">{NEED}</textarea>" in page.text


def test_a_form_without_a_file_sends_an_empty_one(client):
    page = post(client, NEED, files={"file": ("", b"", "application/octet-stream")})
    assert page.status_code == 200
    assert f">{NEED}</textarea>" in page.text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("need.docx", archive()),
        ("need.pdf", b"%PDF-1.7 broken"),
        ("need.exe", b"MZ"),
        ("need.txt", b"\x00\x01\x02" * 50),
        ("need.txt", b""),
        ("<img src=x>.txt", b""),
    ],
)
def test_a_file_that_cannot_be_read_is_a_page_that_names_it(client, name, content):
    page = post(client, "", "en", files={"file": (name, content, "application/octet-stream")})
    assert page.status_code == 400
    assert "kind and size" in page.text
    assert "<img" not in page.text


def evidence_in(passage, sentence, language="ja"):
    start = passage.find(sentence)
    return Evidence("S", "paper", language, "題", 2020, "", sentence, "text", start, passage, 0.5)


def test_a_long_passage_is_cut_at_sentences_around_the_marked_one():
    many = "".join(f"前の文その{n}です。" for n in range(100))
    shown = str(highlight(evidence_in(many + "これが根拠。" + many, "これが根拠。")))
    assert shown.startswith("… 前の文その")
    assert "。<mark>これが根拠。</mark>前の文その0です。" in shown
    assert shown.endswith("です。 …")
    assert len(shown) < 2 * CONTEXT_CHARS["ja"] + 50


def test_a_passage_without_sentences_is_cut_at_words_or_anywhere():
    words = str(highlight(evidence_in("lorem " * 99 + "HERE " + "ipsum " * 99, "HERE", "en")))
    assert words.startswith("… lorem lorem")
    assert words.endswith("ipsum …")
    solid = str(highlight(evidence_in("あ" * 500 + "ここ" + "い" * 500, "ここ")))
    assert solid == f"… {'あ' * 110}<mark>ここ</mark>{'い' * 110} …"


def test_a_short_passage_is_shown_whole_and_a_lost_sentence_alone():
    assert str(highlight(evidence_in("前。ここ。後。", "ここ。"))) == "前。<mark>ここ。</mark>後。"
    assert str(highlight(evidence_in("前。", "<ない>"))) == "<mark>&lt;ない&gt;</mark>"


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, 2),
        ({"position": "教授"}, 1),
        ({"field_code": "C08"}, 1),
        ({"language": "en"}, 1),
        ({"until": "2015"}, 1),
        ({"since": "2015", "until": "2016"}, 0),
    ],
)
def test_the_form_s_filters_are_applied_and_shown_again(client, fields, shown):
    page = post(client, NEED, **fields)
    assert page.text.count('<article class="match') == shown
    assert ('<details id="filters" open>' in page.text) == bool(fields)
    for name, value in fields.items():
        assert f'value="{value}" selected' in page.text or (
            f'name="{name}"' in page.text and f'value="{value}"' in page.text
        )


def test_the_page_asks_for_public_seeds_whatever_the_form_holds(client):
    page = post(client, NEED, visibility="confidential", visibilities="internal")
    assert (page.status_code, page.text.count('<article class="match')) == (200, 2)


@pytest.mark.parametrize(
    ("language", "chosen", "industry"),
    [
        ("ja", "代表業績", "企業との共同成果2件 · 最新は2021年 · 青波化学; Aonami &lt;Foods&gt;"),
        ("en", "Representative work", "Works with companies: 2 · latest in 2021 · 青波化学;"),
    ],
)
def test_representative_works_and_work_with_companies_are_shown(client, language, chosen, industry):
    text = post(client, NEED, language).text.replace("&#160;", " ")  # no line begins with a dot
    assert text.count(chosen) == 1
    assert text.count(industry) == 1


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "ja",
            [">有望<", "適任と判断される見込み ", "ニーズへの対応", "公開されている最新の業績は2012年",
             "この順位の理由", "内容の一致", "実績の新しさと厚み"],
        ),
        (
            "en",
            [">Good<", "Suitable with a probability of ", "What of the need it answers",
             "The newest public work is from 2012", "Why this rank", "Same subject",
             "How recent and broad the work is"],
        ),
    ],
)  # fmt: skip
def test_strength_answers_objections_and_reasons_are_shown_in_words(client, language, expected):
    page = post(client, NEED, language)
    for text in expected:
        assert text in page.text, text
    assert "score" not in page.text


class NearAlone(SmallRecommender):
    """Finds people by passages that are near the need, none of which is said to answer it."""

    def match(self, need, **choices):
        found = super().match(need, **choices)
        return replace(found, matches=tuple(self._near(match) for match in found.matches))

    @staticmethod
    def _near(match):
        evidence = tuple(replace(one, answers=None) for one in match.evidence)
        parts = tuple(AnsweredPart(one.part) for one in match.parts)
        return replace(match, evidence=evidence, parts=parts)


@pytest.mark.parametrize(
    ("language", "heading", "told", "claim"),
    [
        ("ja", "近い記述", "ニーズに直接応えるといえる記述は見つかりませんでした。", "ニーズへの対応"),
        ("en", "Nearest passages", "Nothing was found that surely answers", "What of the need it answers"),
    ],
)  # fmt: skip
def test_under_a_similarity_nothing_is_said_to_be_answered(
    client_of, language, heading, told, claim
):
    page = post(client_of(Shelf(published=NearAlone())), NEED, language)
    assert f"<h4>{heading}</h4>" in page.text
    assert told in page.text
    assert claim not in page.text
    assert told not in post(client_of(), NEED, language).text


@pytest.mark.parametrize(
    ("language", "notice"),
    [("ja", "適任と見込まれる研究者は見つかりませんでした。"), ("en", "Nobody here fits well.")],
)
def test_a_list_that_fits_nobody_says_so_above_the_list(client, language, notice):
    far = "film " + " ".join(f"far{chr(97 + n)}" for n in range(26))
    assert notice not in post(client, NEED, language).text
    page = post(client, far, language)
    assert page.text.index(notice) < page.text.index("<article")


def test_a_part_of_the_need_is_escaped(client):
    page = post(client, "<i>膜</i> 酸素を通しにくい薄い膜")
    assert "&lt;i&gt;膜&lt;/i&gt; 酸素を" in page.text
    assert "<i>" not in page.text


def test_nothing_on_the_page_needs_a_style_or_script_of_its_own(client):
    page = post(client, NEED)
    assert 'style="' not in page.text
    assert "<style" not in page.text
    assert not re.search(r"\son\w+=", page.text)


def test_bars_are_as_long_as_their_sums_and_what_cannot_be_seen_is_left_out():
    parts = [("dense_best", 2.0), ("age_of_last", -1.0), ("industry_log", 0.001), ("base", 9.0)]
    contributions = tuple(Contribution(name, 1.0, value) for name, value in parts)
    match = Match(1, ResearcherCard("r"), 0.0, (), contributions=contributions)
    assert contribution_bars(match, "en") == [
        ContributionBar("Same subject", 100, speaks_for=True),
        ContributionBar("How recent and broad the work is", 50, speaks_for=False),
    ]
    assert contribution_bars(Match(1, ResearcherCard("r"), 0.0, ()), "en") == []
