"""What is done in a row of the list and taken back, without a script: kept, judged, moved on, noted."""

import re

from catalogue.database.viewer import LOCAL_VIEWER, Viewer
from office.saved_searches import searches_of
from office.shortlists import shortlist
from tests.api.pages.asking.steps import MORI, NEED, names, post
from tests.support.service import as_viewer


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


def test_not_suitable_needs_a_reason(client):
    form = {"need_id": "N-01", "do": f"refuses {MORI}"}
    assert client.post("/", data=form).status_code == 422


def test_an_address_changes_nothing(client, catalogue):
    stored(client, do=f"keep {MORI}")
    assert shortlist(catalogue, LOCAL_VIEWER) == []


def test_a_need_that_is_not_there_is_not_found(client):
    assert client.get("/?need_id=N-99").status_code == 404
