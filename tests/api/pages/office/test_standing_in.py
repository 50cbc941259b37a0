"""Pages of who stands in for a colleague: they say so at home and where a gate is decided."""

from dataclasses import replace

from catalogue.database.viewer import StandIn
from tests.api.pages.office.test_case_pages import decided, opened
from tests.support.worlds.pages import HEAD, LAW, SATO


def test_who_stands_in_is_told_so_at_home_and_where_they_decide(act):
    path = opened(act(SATO))
    gates = frozenset({"gates", "queue"})
    deputy = replace(SATO, stands_in=(StandIn(LAW.viewer_id, "法務 綾", "legal", gates),))
    decided(act(HEAD), path, answer=[], reason="急ぐ")
    said = "in place of 法務 綾"
    assert said in act(deputy).get(path).text
    assert said not in act(SATO).get(path).text and said not in act(LAW).get(path).text
    assert "You stand in for 法務 綾" in act(deputy).get("/").text
    assert "You stand in for" not in act(SATO).get("/").text
