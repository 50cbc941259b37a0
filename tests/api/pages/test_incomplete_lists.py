"""A list that lacks researchers says so on every page, in files and to machines, in both languages."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from matcher.answer import Answer
from matcher.records import MatchList
from tests.support.service import Shelf
from tests.support.small_recommender import SmallRecommender

TEXT = "食品包装の薄い膜"
SAID = {
    "ja": "検索データの一部から応答がなく、研究者の約25%を照会できませんでした。",
    "en": "so that about 25 % of the researchers were not asked.",
}


class Partly(SmallRecommender):
    """Was asked without a quarter of the researchers."""

    def match(self, *arguments: Any, **wanted: Any) -> MatchList:
        return replace(super().match(*arguments, **wanted), not_asked=0.25)

    def answer(self, *arguments: Any, **wanted: Any) -> Answer:
        answer = super().answer(*arguments, **wanted)
        return replace(answer, matches=replace(answer.matches, not_asked=0.25))


@pytest.fixture
def client(client_of: Callable[..., TestClient]) -> TestClient:
    return client_of(Shelf(published=Partly()))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_page_print_files_and_api_say_which_share_was_not_asked(
    client: TestClient, language: str
) -> None:
    spoken = {"accept-language": language}

    for path in ("/", "/print", "/export/csv"):
        shown = client.post(path, data={"need": TEXT}, headers=spoken)
        assert shown.status_code == 200
        assert SAID[language] in shown.content.decode("utf-8-sig"), path
    answer = client.post("/v1/matches", json={"need_text": TEXT}, headers=spoken).json()
    assert answer["not_asked"] == 0.25
    assert SAID[language] in answer["notice"]
    assert not answer["fits_nobody"]


def test_where_nobody_was_found_nothing_is_said_of_those_who_were_not_asked(
    client: TestClient,
) -> None:
    page = client.post("/", data={"need": "zeppelin"}, headers={"accept-language": "en"}).text

    assert SAID["en"] in page
    assert "Nobody matches" not in page
