"""The page of what would change a rank: each change is run, nothing recorded, nobody told."""

import re

from sqlalchemy import func, select

from catalogue.judgements.shown_lists import SHOWN_LIST
from matcher.records import Need, NeedPart
from office.counterfactuals import (
    BROUGHT_IN,
    DOWN,
    SAME,
    TAKEN_OUT,
    UP,
    Effect,
    ListPlace,
    without_parts,
)
from tests.api.pages.office.steps import audited
from tests.support.worlds.pages import CLOSED_NEED, GUEST, HEAD, OPEN_NEED, TANAKA

PATH = f"/needs/{OPEN_NEED}/what-would-change"


def lists_recorded(catalogue):
    with catalogue.reading() as connection:
        return connection.execute(select(func.count()).select_from(SHOWN_LIST)).scalar_one()


def rows(page):
    return re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page, re.S)


def test_a_work_that_carries_the_rank_is_told_with_what_would_be_without_it(act, catalogue):
    before = lists_recorded(catalogue)
    page = act(HEAD).get(PATH, params={"researcher": "R-01"})
    assert page.status_code == 200
    without = next(row for row in rows(page.text) if "Without this work:" in row)
    assert "食品包装の薄い膜" in without
    assert "not among the first hundred" in without and "out of the first ten" in without
    recent = next(row for row in rows(page.text) if "With work since" in row)
    assert "same rank" in recent or "not among" in recent
    assert (
        lists_recorded(catalogue) >= before
    )  # the list as it is today counts as shown; no other does
    assert lists_recorded(catalogue) <= before + 1


def test_the_page_stands_in_both_languages_and_is_reached_from_the_row(act):
    client = act(HEAD)
    page = client.get(PATH, params={"researcher": "R-01"}, headers={"accept-language": "ja"})
    assert "順位が変わる条件" in page.text and "この業績がなければ" in page.text
    shown = client.post("/", data={"need_id": OPEN_NEED}).text
    assert f'href="{PATH}?researcher=R-01"' in shown


def test_who_is_in_no_list_is_told_so_without_an_echo(act):
    answer = act(HEAD).get(PATH, params={"researcher": "<b>R-99</b>"})
    assert answer.status_code == 404
    assert "<b>R-99" not in answer.text and "in no list of this need" in answer.text


def test_a_need_that_may_not_be_seen_is_unknown_and_reading_a_closed_one_is_noted(act, catalogue):
    path = f"/needs/{CLOSED_NEED}/what-would-change"
    for viewer in (GUEST, TANAKA):
        assert act(viewer).get(path, params={"researcher": "R-01"}).status_code == 404
    act(HEAD).get(path, params={"researcher": "R-01"})
    assert CLOSED_NEED in {need for _, need, _ in audited(catalogue, "read")}


def test_parts_are_cut_out_of_title_and_text():
    need = Need("First part. Second part.", title="A title")
    assert without_parts(need, [NeedPart("A title", 0, 7)]).title == ""
    second = NeedPart("Second part.", 20, 32)
    assert without_parts(need, [second]).text == "First part. "
    both = [NeedPart("First part.", 8, 19), second]
    assert without_parts(need, both).text.strip() == ""


def test_an_effect_says_which_way():
    def verdict(before, after):
        return Effect((), ListPlace(after), ListPlace(before)).verdict

    assert verdict(12, 9) == BROUGHT_IN and verdict(None, 10) == BROUGHT_IN
    assert verdict(10, 11) == TAKEN_OUT and verdict(3, None) == TAKEN_OUT
    assert verdict(5, 4) == UP and verdict(4, 5) == DOWN
    assert verdict(4, 4) == SAME == verdict(None, None)
