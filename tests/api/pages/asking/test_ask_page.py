"""The list and what leads on from it, without a script: corrected, narrowed, sorted, paged, printed."""

import re
from dataclasses import replace

import pytest

from api.pages.match_list import in_order, list_page
from api.pages.search_form import SearchForm, read_search_form
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError
from matcher.records import Match, ResearcherCard
from tests.api.pages.asking.steps import LINDQVIST, MORI, NEED, names, post
from tests.support.service import as_viewer


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ja", ["自動判定の結果", "日本語", "領域は不明", "食品", "61%"]),
        ("en", ["Understood as", "Japanese", "area not told by the text", "Food", "61%"]),
    ],
)
def test_the_page_says_what_it_understood(client, language, expected):
    page = post(client, browser=language)
    for text in expected:
        assert text in page.text, text


def test_the_area_is_corrected_and_stays_corrected(client):
    page = post(client, area="competitive")
    assert "競争領域（指定どおり）" in page.text
    assert '<option value="competitive" selected>' in page.text


@pytest.mark.parametrize(
    ("chosen", "shown", "field"),
    [
        ("kind=patent", [LINDQVIST], "patent"),
        ("institution=星ヶ野大学", [MORI], "星ヶ野大学"),
        ("since=2017", [MORI], "2017"),
        ("kind=", [MORI, LINDQVIST], ""),
        ("none", [MORI, LINDQVIST], ""),
    ],
)
def test_a_facet_narrows_the_list_and_can_be_let_go(client, chosen, shown, field):
    page = post(client, kind="paper" if chosen == "none" else "", set=chosen)
    assert names(page) == shown
    name = chosen.partition("=")[0]
    assert (f'name="set" value="{name}="' in page.text) == bool(field)
    assert f'value="{field}"' in page.text


def test_what_is_no_facet_is_refused(client):
    assert post(client, set="need=other").status_code == 422
    assert post(client, sort="height").status_code == 422
    assert post(client, area="secret").status_code == 422
    assert post(client, do="erase R-01").status_code == 422


def test_the_list_is_sorted_and_paged(client):
    assert names(post(client, sort="name", browser="en")) == [LINDQVIST, MORI]
    assert names(post(client, sort="newest")) == [MORI, LINDQVIST]
    first, second = post(client, top="1"), post(client, top="1", page="2")
    assert (names(first), names(second)) == ([MORI], [LINDQVIST])
    assert "2ページ中1ページ（2名）" in first.text
    assert 'name="page" value="2"' in first.text
    assert names(post(client, top="1", page="50")) == [LINDQVIST]


def test_the_list_is_shown_in_the_other_language_without_losing_it(client):
    page = post(client, shown_in="en")
    assert '<html lang="en">' in page.text
    assert names(page) == [MORI, LINDQVIST]
    assert "enmusubi-language=en" in page.headers["set-cookie"]


def test_what_a_list_was_asked_by_is_kept_where_there_is_none(client):
    asked = {"area": "competitive", "domain": "food", "sort": "name"}
    refused = post(client, do="erase R-01", **asked)
    sent = {"need": NEED, **asked}
    read = client.post("/", data=sent, files={"file": ("need.txt", NEED.encode())})
    for page, status in ((refused, 422), (read, 200)):
        assert (page.status_code, names(page)) == (status, [])
        kept = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        assert asked.items() <= dict(kept).items()


def test_two_to_four_people_stand_side_by_side(client):
    page = post(client, "/compare", pick=[MORI, LINDQVIST])
    assert page.status_code == 200
    assert page.text.count('<th scope="col">') == 2
    assert "企業との共同成果2件" in page.text
    assert NEED in page.text
    assert f'name="need" value="{NEED}"' in page.text


@pytest.mark.parametrize("path", ["/compare", "/print"])
def test_other_pages_switch_their_language_without_losing_the_list(client, path):
    page = post(client, path, pick=[MORI, LINDQVIST], shown_in="en")
    assert '<html lang="en">' in page.text
    assert "Ada Lindqvist" in page.text
    assert "enmusubi-language=en" in page.headers["set-cookie"]
    client.cookies.clear()
    again = client.get(path, follow_redirects=False)
    assert (again.status_code, again.headers["location"]) == (303, "/")


@pytest.mark.parametrize("pick", [[], [MORI], [MORI, "R-99"]])
def test_fewer_than_two_cannot_be_compared_and_the_list_stays(client, pick):
    page = post(client, "/compare", pick=pick)
    assert page.status_code == 422
    assert "2～4名選択してください" in page.text
    assert names(page) == [MORI, LINDQVIST]


def test_the_printed_page_has_the_need_and_the_people(client):
    page = post(client, "/print")
    assert NEED in page.text
    assert "森 花" in page.text
    assert "<mark>水蒸気にも強い。</mark>" in page.text


def test_the_printed_page_has_the_weak_in_a_line_each(client):
    page = post(
        client, "/print", need="食品包装の薄い膜、水蒸気にも強い film"
    )  # one is near, one far
    assert page.text.count("<article>") == 1
    line = page.text.partition("見込みの低い研究者")[2]
    assert "Ada Lindqvist" in line
    assert "特許 2012" in line
    assert '<span class="steps" aria-hidden="true">●' in line
    far = "film " + " ".join(f"far{chr(97 + n)}" for n in range(26))
    assert post(client, "/print", need=far).text.count("<article>") == 1  # there is nobody better


def row(page, rank):
    return re.search(rf'<li id="p{rank}">.*?</li>\s*(?=<li id="p|</ol>)', page.text, re.DOTALL)[0]


def test_a_row_says_at_a_glance_who_how_strong_why_and_what_to_consider(client):
    page = post(client)
    first, _, opened = row(page, 1).partition("</summary>")
    for text in (
        "森 花", "Hana Mori", "材料工学科", "教授", "有望", ">●●●●<", "論文 2019", "食品包装の薄い膜",
        "企業との共同成果2件", "最新の業績は2012年", "一部の根拠が弱め",
    ):  # fmt: skip
        assert text in first, text
    for text in ("水蒸気にも強い。", "業績は2012年です", "ニーズへの対応", "It must be cheap."):
        assert text in opened, text
    assert opened.count("最新の業績は2012年") == 1
    assert '<li class="open">' in opened


def test_the_weak_stand_behind_a_fold_in_a_line_each(client):
    page = post(client, need="膜 film " + " ".join(f"far{chr(97 + n)}" for n in range(26)))
    assert "見込みの低い研究者を表示（2名）" in page.text
    assert page.text.index('<details class="unlikely" id="unlikely">') < page.text.index('id="p1"')
    assert 'class="flag"' not in page.text
    assert "この表示の2件に適任はいない見込み" in page.text


def test_the_legend_counts_from_the_probabilities_and_says_what_they_rest_on(client):
    page = post(client, need="食品包装の薄い膜")
    assert "この表示の1件中およそ1件が適任" in page.text
    assert "80%以上" in page.text
    assert "現在は他機関での評価だけをもとにしています" in page.text


@pytest.mark.parametrize(
    ("role", "absent"),
    [
        ("viewer", ["/export/csv", "/admin", "/reports", 'value="refuses']),
        ("analyst", ["/admin", 'value="refuses', 'value="note R']),
        ("finance", ["/admin"]),
    ],
)
def test_people_are_led_only_where_they_may_go(client, role, absent):
    as_viewer(client.app, Viewer("somebody", role))
    page = post(client)
    assert page.status_code == 200
    for text in absent:
        assert text not in page.text
    assert "ログアウト" in page.text


def test_who_may_not_ask_is_told_so_on_a_page(client):
    as_viewer(client.app, Viewer("root", "administrator"))
    home = client.get("/", follow_redirects=False)
    assert (home.status_code, home.headers["location"]) == (303, "/admin")
    for page in (post(client), post(client, "/compare"), post(client, "/print")):
        assert page.status_code == 403
        assert page.headers["content-type"].startswith("text/html")


def test_a_field_of_the_form_is_read_or_refused_by_name():
    assert read_search_form({"need": " a ", "kind": " paper ", "top": "20"}) == SearchForm(
        need=" a ", kind="paper", top=20
    )
    assert read_search_form({"since": "2010", "until": "2012", "set": "since=2020"}).until == ""
    for form in ({"top": "0"}, {"top": "١"}, {"page": "101"}, {"institution": "x" * 201}):
        with pytest.raises(InputError, match=next(iter(form))):
            read_search_form(form)


def people(*years):
    for rank, year in enumerate(years, start=1):
        card = ResearcherCard(f"R-{rank}", name_en="CBA"[rank - 1], industry_seeds=rank % 2)
        yield Match(rank, replace(card, industry_last_year=year), 0.0, ())


def test_equals_keep_the_order_of_their_ranks():
    matches = list(people(2001, None, 2020))
    order = {sort: [m.rank for m in in_order(matches, sort, "en")] for sort in ("name", "industry")}
    assert order == {"name": [3, 2, 1], "industry": [3, 1, 2]}
    assert [m.rank for m in in_order(matches, "newest", "en")] == [1, 2, 3]
    page = list_page(matches, 3, SearchForm(top=2, page=9), "en")
    assert (page.page, page.pages, page.total, page.first) == (2, 2, 3, 3)


HOSTILE = "\"><script>alert('縁')</script>{{ 7*191 }}"


@pytest.mark.parametrize("path", ["/", "/compare", "/print"])
@pytest.mark.parametrize(
    "field", ["institution", "department", "position", "field_code", "domain", "need_id", "set", "do",
              "pick", "shown_in", "search_name", "csrf_token"],
)  # fmt: skip
def test_no_field_of_the_form_comes_back_as_markup(client, path, field):
    value = f"institution={HOSTILE}" if field == "set" else HOSTILE
    page = post(client, path, **{field: value})
    assert page.status_code < 500
    assert "<script>alert" not in page.text
    assert "1337" not in page.text
