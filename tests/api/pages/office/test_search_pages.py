"""The page of saved searches: news, changes, and that they are their owner's."""

from dataclasses import replace

import pytest

from enmusubi.settings import Settings
from office import alerts, saved_searches
from office.matching import ViewerMatching
from office.saved_searches import SearchDraft
from tests.support.worlds import pages as office
from tests.support.worlds.pages import HEAD, SATO


@pytest.fixture
def search_id(catalogue):
    draft = SearchDraft("包装の膜", "食品包装の薄い膜", alert=True)
    number = saved_searches.save_search(catalogue, SATO, draft)
    seen = office.match_list("", "R-02")
    alerts.note_looked(catalogue, SATO, number, seen)
    return number


class Found:
    """Finds one person anew."""

    def match(self, need, *, top, filters):
        return office.match_list(need.need_id, "R-02", "R-01")


def test_news_of_a_saved_search_are_shown_until_it_is_run(act, catalogue, search_id):
    alerts.check_alerts(ViewerMatching(catalogue, Settings()), Found(), 20)
    with catalogue.writing() as connection:  # the next night finds somebody more
        connection.execute(saved_searches.SEARCHES.update().values(known='["R-02"]'))
    alerts.check_alerts(ViewerMatching(catalogue, Settings()), Found(), 20)
    client = act(SATO)
    page = client.get("/searches").text
    assert "1 new researcher<" in page and "Hana Mori" in page
    ran = client.post(f"/searches/{search_id}/run")
    assert ran.status_code == 200
    assert "Hana Mori" in ran.text
    assert "new researcher" not in client.get("/searches").text


def test_an_incomplete_list_ends_no_news(act, catalogue, search_id):
    alerts.check_alerts(ViewerMatching(catalogue, Settings()), Found(), 20)
    with catalogue.writing() as connection:
        connection.execute(saved_searches.SEARCHES.update().values(known='["R-02"]'))
    alerts.check_alerts(ViewerMatching(catalogue, Settings()), Found(), 20)
    seen = replace(office.match_list("", "R-02"), not_asked=0.5)

    alerts.note_looked(catalogue, SATO, search_id, seen)

    assert "1 new researcher<" in act(SATO).get("/searches").text


class Nobody:
    """Finds people who hardly fit."""

    def match(self, need, *, top, filters):
        found = office.match_list(need.need_id, "R-02")
        weak = tuple(replace(match, strength="weak") for match in found.matches)
        return replace(found, matches=weak, fits_nobody=True)


def test_a_search_that_nobody_fits_says_so_by_its_name_or_its_need_s_title(act, catalogue):
    for draft in (
        SearchDraft("包装の膜", "食品包装の薄い膜", alert=True),
        SearchDraft("その二", need_id=office.OPEN_NEED, alert=True),
    ):
        saved_searches.save_search(catalogue, SATO, draft)
    assert "Nobody here fits" not in act(SATO).get("/searches").text
    alerts.check_alerts(ViewerMatching(catalogue, Settings()), Nobody(), 20)
    page = act(SATO).get("/searches").text
    assert "Nobody here fits “包装の膜” well.</p>" in page
    assert "Nobody here fits “酸素を通さない薄い膜” well.</p>" in page


def test_a_saved_search_is_renamed_watched_and_deleted(act, search_id):
    client = act(SATO)
    client.post(f"/searches/{search_id}/rename", data={"name": "別の名"})
    client.post(f"/searches/{search_id}/alert", data={"on": ""})
    page = client.get("/searches").text
    assert "別の名" in page and "Turn the alert on" in page
    assert client.post(f"/searches/{search_id}/rename", data={"name": " "}).status_code == 422
    client.post(f"/searches/{search_id}/delete")
    assert "You have no saved searches." in client.get("/searches").text


def test_others_searches_are_out_of_reach(act, search_id):
    client = act(HEAD)
    assert "包装の膜" not in client.get("/searches").text
    for action in ("run", "rename", "alert", "delete"):
        assert client.post(f"/searches/{search_id}/{action}", data={"name": "x"}).status_code == 404
