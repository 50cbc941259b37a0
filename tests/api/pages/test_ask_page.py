"""The list and what leads on from it, without a script: corrected, narrowed, sorted, paged, kept."""

import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.pages.match_list import in_order, list_page
from api.pages.search_form import SearchForm, read_search_form
from catalogue.database.viewer import LOCAL_VIEWER, Viewer
from catalogue.records.catalogue import open_catalogue
from enmusubi.errors import InputError
from matcher.records import Match, ResearcherCard
from office.saved_searches import searches_of
from office.shortlists import shortlist
from tests.support.service import as_viewer, service
from tests.support.worlds import copied

NEED = "薄い膜で食品を包装したい。a thin film for food packaging that keeps moisture out"
MORI, LINDQVIST = "R-01", "R-02"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    with open_catalogue(copied("small", tmp_path_factory.mktemp("catalogue"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(catalogue, tmp_path_factory):
    return service(catalogue, tmp_path_factory.mktemp("service"))


@pytest.fixture
def client(app):
    as_viewer(app, LOCAL_VIEWER)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def post(client, path="/", need=NEED, browser="ja", **fields):
    return client.post(path, data={"need": need, **fields}, headers={"accept-language": browser})


def names(page):
    return re.findall(r'name="pick" value="([^"]+)"', page.text)


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


def test_somebody_is_put_on_the_shortlist_and_taken_off_again(client, catalogue):
    page = post(client, do=f"keep {MORI}")
    assert "候補リストから外す" in page.text
    assert [e.researcher.researcher_id for e in shortlist(catalogue, LOCAL_VIEWER)] == [MORI]
    page = post(client, do=f"drop {MORI}")
    assert "候補リストから外す" not in page.text
    assert shortlist(catalogue, LOCAL_VIEWER) == []


def test_a_search_is_saved_with_its_filters(client, catalogue):
    page = post(client, kind="paper", do="save", search_name="膜の研究者", alert="yes")
    assert page.status_code == 200
    (search,) = searches_of(catalogue, LOCAL_VIEWER)
    assert (search.name, search.text, search.alert) == ("膜の研究者", NEED, True)
    assert search.filters.kinds == ("paper",)


def stored(client, **fields):
    return client.get("/", params={"need_id": "N-01", **fields}, headers={"accept-language": "ja"})


def test_a_stored_need_is_asked_by_its_id_and_its_text_is_not_in_the_form(client):
    page = stored(client)
    assert names(page) == [MORI]
    assert 'name="need_id" value="N-01"' in page.text
    assert 'name="need"' not in page.text
    assert "食品包装の膜を探しています。" in page.text


def do(client, verb, **fields):
    form = {"need_id": "N-01", "do": verb, **fields}
    page = client.post("/", data=form, headers={"accept-language": "ja"})
    assert page.status_code == 200, page.text
    return page.text


def test_a_stored_need_s_match_is_judged_with_a_reason_and_taken_back(client):
    refused = '<span class="kind chosen"><span class="ends">不適任</span> 時期尚早</span>'
    page = do(client, f"refuses:too_early {MORI}")
    assert refused in page
    assert "refuses:" not in page  # but taken back, or judged otherwise
    assert f'value="suits {MORI}"' in do(client, f"unjudge {MORI}")
    page = do(client, f"suits {MORI}")
    assert (f'value="suits {MORI}"' in page, f'value="unjudge {MORI}"' in page) == (False, True)
    assert refused in do(client, f"refuses {MORI}", reason="too_early")
    page = do(client, f"unjudge {MORI}")  # what was judged before stands again
    assert (refused in page, f'value="unjudge {MORI}"' in page) == (False, True)
    page = do(client, f"unjudge {MORI}")
    assert f'value="suits {MORI}"' in page
    assert do(client, f"unjudge {MORI}").count("選択中。押すと取り消します") == 0


def test_a_stage_is_recorded_in_the_row_and_taken_back(client):
    assert '<span class="ends">段階</span> 秘密保持契約' in do(client, f"moves:nda {MORI}")
    assert '<span class="ends">段階</span>' not in do(client, f"unjudge {MORI}")
    for said in (
        f"moves:marriage {MORI}",
        f"refuses:ugly {MORI}",
        f"moves {MORI}",
        f"flees:x {MORI}",
    ):
        assert client.post("/", data={"need_id": "N-01", "do": said}).status_code == 422


def test_a_note_stands_in_the_row_until_its_author_deletes_it(client):
    page = do(client, f"note {MORI}", note="来月電話する")
    assert "メモ（1件）" in page
    assert "来月電話する" in page
    (note_id,) = re.findall(r'value="unnote (\d+)"', page)
    assert "来月電話する" not in do(client, f"unnote {note_id}")
    for number in ("0", "x", "9" * 30):
        assert (
            client.post("/", data={"need_id": "N-01", "do": f"unnote {number}"}).status_code == 422
        )


def test_another_s_judgement_is_not_taken_back(client):
    do(client, f"suits {MORI}")
    as_viewer(client.app, Viewer("kato", "chief", name="加藤"))
    page = do(client, f"unjudge {MORI}")
    assert (">✓ 適任</span>" in page, f'value="unjudge {MORI}"' in page) == (True, False)
    as_viewer(client.app, LOCAL_VIEWER)
    do(client, f"unjudge {MORI}")


def test_what_is_done_on_a_later_page_leaves_the_reader_there(client):
    later = {"top": "1", "sort": "name", "browser": "en"}
    page = post(client, page="2", **later)
    assert f'formaction="/?page=2#p1" name="do" value="keep {MORI}"' in page.text
    page = post(client, "/?page=2", do=f"keep {MORI}", **later)
    assert (names(page), f'value="drop {MORI}"' in page.text) == ([MORI], True)
    assert names(post(client, "/?page=2", do=f"drop {MORI}", **later)) == [MORI]
    assert post(client, "/?page=x", top="1").status_code == 422


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


def test_not_suitable_needs_a_reason(client):
    form = {"need_id": "N-01", "do": f"refuses {MORI}"}
    assert client.post("/", data=form).status_code == 422


def test_an_address_changes_nothing(client, catalogue):
    stored(client, do=f"keep {MORI}")
    assert shortlist(catalogue, LOCAL_VIEWER) == []


def test_a_need_that_is_not_there_is_not_found(client):
    assert client.get("/?need_id=N-99").status_code == 404


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
