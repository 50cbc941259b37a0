"""How many searches and exports one person may make on the pages: nobody fills the encoder's queue."""

import pytest

from api.middleware.rate_limits import RateLimiter
from catalogue.database.viewer import LOCAL_VIEWER, Viewer
from tests.support.service import as_viewer

KATO, ABE = Viewer("kato", "chief"), Viewer("abe", "chief")
NEED = "A thin film for food packaging"
SAID = {
    "en": "You search and export more often than the settings allow. Seconds to wait: {}.",
    "ja": "検索と書き出しの回数が、設定された上限を超えました。{}秒後にもう一度お試しください。",
}


@pytest.fixture
def client(client, usual):
    """A client of a user who may search twice at once, and twice a minute."""
    generous = usual.state.search_rate_limiter
    usual.state.search_rate_limiter = RateLimiter(2, 2)
    as_viewer(usual, KATO)
    yield client
    usual.state.search_rate_limiter = generous


def ask(client, language="en"):
    return client.post("/", data={"need": NEED}, headers={"accept-language": language})


def assert_it_says_how_long_to_wait(answer, language):
    wait = answer.headers["retry-after"]
    assert 20 <= int(wait) <= 30  # less what the searches took
    assert SAID[language].format(wait) in answer.text


@pytest.mark.parametrize("language", ["en", "ja"])
def test_who_searches_too_often_is_told_how_long_to_wait_and_keeps_the_text(client, language):
    answers = [ask(client, language) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["ratelimit-remaining"] == "0"
    assert_it_says_how_long_to_wait(answers[2], language)
    assert f">{NEED}</textarea>" in answers[2].text


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/?need_id=N-01"), ("POST", "/compare"), ("POST", "/print"), ("POST", "/export/csv"),
     ("POST", "/searches/1/run"), ("POST", "/needs/N-01/releases"),
     ("GET", "/shortlist/export.csv"), ("GET", "/reports/2031-04-01/files/page")],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "ja"])
def test_all_that_matches_or_exports_counts(client, method, path, language):
    ask(client)
    ask(client)
    headers = {"accept-language": language}
    answer = client.request(method, path, data={"need": NEED}, headers=headers)
    assert answer.status_code == 429
    assert_it_says_how_long_to_wait(answer, language)


def test_pages_that_only_read_do_not_count(client):
    assert {client.get("/needs").status_code for _ in range(5)} == {200}
    assert {client.get("/").status_code for _ in range(5)} == {200}
    assert ask(client).status_code == 200


def test_the_api_has_an_allowance_of_its_own(client):
    ask(client)
    ask(client)
    assert client.get("/v1/needs/N-01").status_code == 200


def test_one_persons_haste_is_nobody_elses(client):
    for _ in range(3):
        ask(client)
    as_viewer(client.app, ABE)
    assert ask(client).status_code == 200


def test_this_computers_own_user_may_search_on(client):
    as_viewer(client.app, LOCAL_VIEWER)
    assert {ask(client).status_code for _ in range(5)} == {200}
