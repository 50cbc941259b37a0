"""Refining on the page: marks, words and another wording travel in posted forms, and change the question."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.pages.refining import refined, refinement_of
from api.pages.search_form import SearchForm
from enmusubi.errors import InputError, UnknownIdError
from matcher.answer import ShownMark
from matcher.records import Filters, Mark, MatchList, Need, Refinement
from matcher.suggestions import Suggestion
from office.list_changes import compare_lists
from tests.support.service import Shelf
from tests.support.small_recommender import ALL, MORI, SEEDS, SmallRecommender

TEXT = "薄い膜を探しています。 A thin film for food packaging."
SENTENCE = SEEDS["R-01"]


def pressed(search: SearchForm, button: str, **form: str) -> SearchForm:
    return refined(search, {"refine": button, **form})


def test_a_mark_stands_on_one_side_and_can_be_let_go() -> None:
    more = pressed(SearchForm(need=TEXT, page=3), "more r R-01")
    less = pressed(more, "less r R-01")
    both = pressed(less, "more s text 16 S 01")

    assert (more.more, more.less, more.page) == ("r R-01", "", 1)
    assert (less.more, less.less) == ("", "r R-01")
    assert refinement_of(both) == Refinement(
        more_like=(Mark("", "S 01", "text", 16),), less_like=(Mark("R-01"),)
    )
    assert pressed(both, "unmark r R-01").less == ""
    assert pressed(both, "reset") == SearchForm(need=TEXT)


def test_words_are_added_once_and_removed() -> None:
    once = pressed(pressed(SearchForm(), "add 酸素バリア"), "add gas barrier")

    assert refinement_of(pressed(once, "add 酸素バリア")).terms == ("gas barrier", "酸素バリア")
    assert refinement_of(pressed(once, "remove gas barrier")).terms == ("酸素バリア",)


def test_a_wording_is_the_text_or_stands_beside_a_stored_need() -> None:
    assert pressed(SearchForm(need=TEXT), "take", trial="別の文").need == "別の文"
    stored = pressed(SearchForm(need_id="N-01"), "take", trial="別の文")

    assert (stored.need, stored.reworded) == ("", "別の文")
    assert pressed(stored, "original") == SearchForm(need_id="N-01")
    assert pressed(SearchForm(need=TEXT), "take", trial=" \n").need == TEXT


@pytest.mark.parametrize(
    "button", ["more", "more x R-01", "less s text -1 S", "explode", "order up"]
)
def test_a_button_that_the_page_does_not_have_is_refused(button: str) -> None:
    with pytest.raises(InputError):
        pressed(SearchForm(need=TEXT), button)


def test_too_many_marks_are_refused() -> None:
    search = SearchForm(more="\n".join(f"r R-{n}" for n in range(20)))

    with pytest.raises(InputError, match="20"):
        pressed(search, "less r R-99")


def test_lists_are_compared_down_to_a_depth() -> None:
    found = SmallRecommender().match(Need(TEXT))
    first, second = found.matches
    other = replace(found, matches=(replace(second, rank=1), replace(first, rank=2)))

    change = compare_lists(found, other, depth=1)

    assert [m.researcher.researcher_id for m in change.entering] == ["R-02"]
    assert [m.researcher.researcher_id for m in change.leaving] == ["R-01"]
    staying = compare_lists(found, other, depth=2).staying
    assert [(m.researcher.researcher_id, m.rank, before) for m, before in staying] == [
        ("R-02", 1, 2), ("R-01", 2, 1),
    ]  # fmt: skip


class Refining(SmallRecommender):
    """Says what it was asked, leaves out whom it was told to, and suggests a word."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Need] = []
        self.lost = "R-gone"

    def match(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> MatchList:
        found = super().match(need, top=top, filters=filters)
        gone = {mark.researcher_id for mark in need.refinement.less_like}
        if self.lost in {mark.researcher_id for mark in need.refinement.more_like}:
            raise UnknownIdError(
                "No researcher has the id %(id)r in index version %(version)s.",
                id=self.lost,
                version=self.index_version,
            )
        kept = tuple(m for m in found.matches if m.researcher.researcher_id not in gone)
        return replace(found, matches=kept)

    def answer(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> Any:
        self.asked.append(need)
        marked = tuple(
            ShownMark(mark, True, MORI if mark.researcher_id else None, SENTENCE.sentence)
            for mark in need.refinement.more_like
        ) + tuple(ShownMark(mark, False, MORI) for mark in need.refinement.less_like)
        suggested = (Suggestion("酸素バリア", "ja"), Suggestion("gas barrier", "en"))
        return replace(
            super().answer(need, top=top, filters=filters), marked=marked, suggested=suggested
        )


@pytest.fixture
def recommender() -> Refining:
    return Refining()


@pytest.fixture
def client(client_of: Callable[..., TestClient], recommender: Refining) -> TestClient:
    return client_of(Shelf(published=recommender))


def button_values(page: str) -> list[str]:
    return re.findall(r'name="refine" value="([^"]*)"', page)


def test_each_row_and_sentence_has_both_buttons_and_words_are_offered(client: TestClient) -> None:
    page = client.post("/", data={"need": TEXT}).text

    offered = button_values(page)
    assert {"more r R-01", "less r R-01", "more s text 16 S-01", "less s text 16 S-01"} <= set(
        offered
    )
    assert {"add 酸素バリア", "add gas barrier", "try"} <= set(offered)


def test_a_mark_is_asked_shown_as_a_chip_and_carried(
    client: TestClient, recommender: Refining
) -> None:
    page = client.post("/", data={"need": TEXT, "refine": "more r R-01", "less": "r R-02"}).text

    assert recommender.asked[-1].refinement == Refinement((Mark("R-01"),), (Mark("R-02"),))
    assert "unmark r R-01" in button_values(page)
    assert "more r R-01" not in button_values(page)
    assert '<input type="hidden" name="more" value="r R-01">' in page
    assert "R-02" not in set(re.findall(r'value="keep ([^"]+)"', page))


def test_a_trial_says_who_enters_and_leaves_and_changes_nothing(
    client: TestClient, recommender: Refining
) -> None:
    trial = {"need": "The film blocks oxygen", "refine": "try", "trial": "膜 水蒸気 再利用"}
    page = client.post("/", data=trial, headers={"accept-language": "en"}).text

    assert [need.text for need in recommender.asked] == [
        "The film blocks oxygen",
        "膜 水蒸気 再利用",
    ]
    entering = page[page.index("Would enter") : page.index("Would leave")]
    leaving = page[page.index("Would leave") : page.index("Take the new wording over")]
    assert ("Hana Mori" in entering, "Ada Lindqvist" in leaving) == (True, True)
    taken = client.post("/", data={**trial, "refine": "take"}).text
    assert recommender.asked[-1].text == "膜 水蒸気 再利用"
    assert "Would enter" not in taken


def test_a_person_who_is_gone_is_told_and_the_text_is_kept(client: TestClient) -> None:
    answer = client.post("/", data={"need": TEXT, "refine": "more r R-gone"})

    assert answer.status_code == 404
    assert "A thin film for food packaging." in answer.text


def test_a_saved_list_opens_again_as_it_was_refined(
    client: TestClient, recommender: Refining
) -> None:
    refined_list = {
        "need": TEXT, "more": "r R-01\ns text 16 S-01", "less": "r R-02", "terms": "酸素バリア",
        "sort": "name", "area": "competitive", "top": "5", "kind": "paper",
    }  # fmt: skip
    headers = {"accept-language": "en"}
    client.post("/", data={**refined_list, "do": "save", "search_name": "films"}, headers=headers)
    saved = client.get("/searches", headers=headers).text
    number = next(iter(re.findall(r"/searches/(\d+)/run", saved)))
    for chip in ("Like: Hana Mori", "Word: 酸素バリア", "Competitive"):
        assert chip in saved
    recommender.asked.clear()
    page = client.post(f"/searches/{number}/run", headers=headers).text

    asked = recommender.asked[-1]
    assert asked.refinement == Refinement(
        (Mark("R-01"), Mark("", "S-01", "text", 16)), (Mark("R-02"),), ("酸素バリア",)
    )
    assert asked.area == "competitive"
    assert {"unmark r R-01", "unmark s text 16 S-01", "remove 酸素バリア"} <= set(
        button_values(page)
    )
    assert '<option value="name" selected>' in page
    assert "<option selected>5</option>" in page
    recommender.lost = "R-01"
    page = client.post(f"/searches/{number}/run", headers=headers).text
    assert "unmark r R-01" not in button_values(page)
    assert "unmark s text 16 S-01" in button_values(page)


def test_nothing_that_refines_is_taken_from_an_address(
    client: TestClient, recommender: Refining
) -> None:
    client.get("/?need_id=N-01&terms=secret&more=r%20R-01&reworded=secret")

    for need in recommender.asked:
        assert need.refinement == Refinement()
        assert "secret" not in need.text


def test_conditions_say_where_they_act(client: TestClient) -> None:
    text = f"{TEXT} 予算は300万円。星ヶ野大学で、2018年以降の研究。"
    page = client.post("/", data={"need": text}, headers={"accept-language": "en"}).text

    part = page[page.index("Conditions, and whether they count") :]
    assert 'name="set" value="institution=星ヶ野大学"' in part
    assert 'name="set" value="since=2018"' in part
    assert "Not counted: what the work" in part
