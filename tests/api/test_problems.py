"""Errors: one shape, one media type, never the text of a need."""

import json
import logging

import pytest
from fastapi.testclient import TestClient

from api.middleware.protection import SECURITY_HEADERS
from api.problems import without_folders
from enmusubi.errors import (
    CatalogueUnusableError,
    IndexDamagedError,
    IndexMismatchError,
    ModelUnavailableError,
    StorageError,
)
from enmusubi.settings import Settings
from enmusubi.translation import say
from tests.support.service import Shelf, failing

MARKED = "秘密の膜 confidential-marker-7431"
MATCHES = "/v1/matches"
EMPTY_SHELF = Shelf(published=None, name=None)


def asking(**body):
    return {"method": "POST", "url": MATCHES, "json": body}


def sending(content):
    return {
        "method": "POST",
        "url": MATCHES,
        "content": content,
        "headers": {"content-type": "application/json"},
    }


def pieces():
    yield b'{"need_text": "'
    for _ in range(30):
        yield MARKED.encode() * 20
    yield b'"}'


def deep():
    return json.dumps({"need_text": MARKED})[:-1].encode() + b', "filters": ' + b"[" * 900


CASES = {
    "an empty need": (400, asking(need_text=" \n")),
    "a need of one letter": (400, asking(need_text="x")),
    "bad JSON": (422, sending(f'{{"need_text": "{MARKED}'.encode())),
    "JSON that never ends": (400, sending(deep())),
    "bytes that are no UTF-8": (400, sending(b'{"need_text": "\xff\xfe"}')),
    "half a character": (400, sending(b'{"need_text": "\\ud800 x"}')),
    "a need that is too long": (422, asking(need_text=MARKED * 2000)),
    "no need": (422, asking(top=5)),
    "text and id": (422, asking(need_text=MARKED, need_id="N-01")),
    "an unknown field": (422, asking(need_text=MARKED, topp=5)),
    "a need in place of a field": (422, asking(**{MARKED: 1})),
    "a bare text": (422, sending(json.dumps(MARKED).encode())),
    "a list in place of a text": (422, asking(need_text=[MARKED])),
    "top 0": (422, asking(need_text=MARKED, top=0)),
    "top 1001": (422, asking(need_text=MARKED, top=1001)),
    "an unknown filter": (422, asking(need_text=MARKED, filters={"who": "x"})),
    "an unknown kind": (422, asking(need_text=MARKED, filters={"kinds": ["novel"]})),
    "a year that is none": (422, asking(need_text=MARKED, filters={"since": 12})),
    "an unknown need": (404, asking(need_id="N-99")),
    "an unknown need's page": (404, {"method": "GET", "url": "/v1/needs/N-99"}),
    "half a character as an id": (422, sending(b'{"need_id": "\\ud800"}')),
    "half a character as a kind": (
        422,
        sending(b'{"need_text": "thin film", "filters": {"kinds": ["\\ud800"]}}'),
    ),
    "a zero byte in an id": (422, {"method": "GET", "url": "/v1/needs/N%00"}),
    "an unknown researcher": (404, {"method": "GET", "url": "/v1/researchers/R-99"}),
    "an id that is too long": (422, {"method": "GET", "url": "/v1/needs/" + "N" * 201}),
    "an unknown route": (404, {"method": "GET", "url": "/v2/matches"}),
    "an unknown static file": (404, {"method": "GET", "url": "/static/none.js"}),
    "a way out of the folder": (404, {"method": "GET", "url": "/static/..%2fapp.py"}),
    "a body of another kind": (
        415,
        {**sending(b"need_text=x"), "headers": {"content-type": "text/plain"}},
    ),
    "a body of no kind": (415, {"method": "POST", "url": MATCHES, "content": b"{}"}),
    "another method": (405, {"method": "PUT", "url": MATCHES, "json": {"need_text": MARKED}}),
    "a body that says it is too large": (413, sending(MARKED.encode() * 3000)),
    "a body that turns out too large": (413, sending(pieces)),
}


def send(client: TestClient, request):
    request = dict(request)
    if callable(request.get("content")):
        request["content"] = request["content"]()
    return client.request(request.pop("method"), request.pop("url"), **request)


def check_problem(response, status, caplog):
    """One shape, one media type, the same headers, and no word of the need anywhere."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance", "faults"}
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"].startswith("/")
    assert all(set(fault) == {"field", "reason"} for fault in problem["faults"])
    assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    told = response.text + caplog.text + "".join(map(str, caplog.records))
    assert "marker-7431" not in told
    assert "秘密" not in told
    assert ("retry-after" in response.headers) == (status == 503)
    return problem


@pytest.mark.parametrize("case", CASES)
def test_every_error_is_a_problem_that_keeps_the_need_to_itself(client_of, caplog, case):
    caplog.set_level(logging.DEBUG)
    status, request = CASES[case]
    limit = 10_000 if status == 413 else 1_000_000
    problem = check_problem(send(client_of(max_plain_body_bytes=limit), request), status, caplog)
    assert bool(problem["faults"]) == (status == 422 and case not in OF_THE_MATCHER)


OF_THE_MATCHER = ("a need that is too long",)


def test_faults_name_the_fields(client):
    problem = client.post(MATCHES, json={"need_text": "膜を探す", "top": 0, "tpo": 1}).json()
    assert {fault["field"] for fault in problem["faults"]} == {"body.top", "body.tpo"}
    assert problem["detail"] == "The request has 2 fields that cannot be used."


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"need_text": "x" * 9, MARKED: 1}, ["body.#2"]),
        ({"A thin film that keeps oxygen out": 1, "top": 3, MARKED: 1}, ["body.#1", "body.#3"]),
        ({"need_text": "膜を探す", "filters": {"kinds": [], MARKED: []}}, ["body.filters.#2"]),
        ({"need_text": "膜を探す", "x" * 41: 1}, ["body.#2"]),
        ({"need_text": "膜を探す", "x" * 40: 1}, [f"body.{'x' * 40}"]),
    ],
)
def test_a_name_that_is_none_is_told_by_its_place(client, caplog, sent, expected):
    caplog.set_level(logging.DEBUG)
    problem = check_problem(client.post(MATCHES, json=sent), 422, caplog)
    named = [fault["field"] for fault in problem["faults"] if fault["field"] != "body"]
    assert named == expected
    assert "oxygen" not in json.dumps(problem) + caplog.text


def test_a_parameter_s_name_that_is_none_is_told_by_its_place_too(client, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, logger="httpx2")  # the asker's own log has the address
    answer = client.get("/v1/needs", params={"limit": "5", MARKED: "1"})
    problem = check_problem(answer, 422, caplog)
    assert [fault["field"] for fault in problem["faults"]] == ["query.#2"]


def test_a_header_is_told_by_its_name(client):
    problem = client.post("/v1/needs", json={}, headers={"Idempotency-Key": "a b"}).json()
    fields = [fault["field"] for fault in problem["faults"]]
    assert fields == ["header.Idempotency-Key", "body.text"]


def test_a_body_of_many_faults_is_answered_with_the_first_of_them(client):
    many = {f"膜 {number}": 1 for number in range(9_000)}
    problem = client.post(MATCHES, json={"need_text": "膜を探す", **many}).json()
    assert problem["detail"] == "The request has 9000 fields that cannot be used."
    assert len(problem["faults"]) == 100
    assert problem["faults"][-1]["field"] == "body.#101"


def test_another_method_is_told_which_is_allowed(client):
    assert client.put(MATCHES).headers["allow"] == "POST"


@pytest.mark.parametrize("error", [IndexDamagedError, IndexMismatchError, ModelUnavailableError])
@pytest.mark.parametrize("path", [MATCHES, "/readyz"])
def test_an_index_that_cannot_be_loaded_is_503_with_the_reason(client_of, caplog, error, path):
    client = client_of(Shelf(fault=error("Run `enmusubi index`.")))
    ask = client.get(path) if path == "/readyz" else client.post(path, json={"need_text": MARKED})
    assert check_problem(ask, 503, caplog)["detail"] == "Run `enmusubi index`."


def test_without_an_index_the_service_lives_and_answers_from_the_catalogue(client_of, caplog):
    client = client_of(EMPTY_SHELF)
    check_problem(client.post(MATCHES, json={"need_text": MARKED}), 503, caplog)
    check_problem(client.get("/readyz"), 503, caplog)
    assert client.get("/healthz").status_code == 200
    assert client.get("/v1/researchers/R-01").status_code == 200


def test_nobody_is_told_where_folders_are_on_the_machine(client_of, tmp_path, caplog):
    missing = "There is no index yet in %(folder)s. Run `enmusubi index`."
    fault = IndexDamagedError(missing, folder=tmp_path / "indexes")
    client = client_of(Shelf(fault=fault))
    said = "There is no index yet in the data folder/indexes. Run `enmusubi index`."
    assert check_problem(client.get("/readyz"), 503, caplog)["detail"] == said
    page = client.post("/", data={"need": MARKED})
    assert page.status_code == 503
    assert str(tmp_path) not in page.text


def test_folders_are_named_in_the_language_of_the_answer(tmp_path):
    settings = Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")
    inside = IndexDamagedError(
        "%(path)s cannot be read (%(reason)s).",
        path="x",
        reason=ValueError(f"bad {tmp_path / 'data' / 'a'} and {tmp_path / 'cache'}"),
    )
    outside = IndexDamagedError(
        "The index cannot be used: %(reason)s. Run `enmusubi index --rebuild`.", reason=inside
    )
    told = without_folders(outside.message, settings)
    assert "bad the data folder/a and the cache" in str(told)
    assert "bad データフォルダー/a and キャッシュ" in say(told, "ja")


@pytest.mark.parametrize("error", [StorageError, CatalogueUnusableError])
def test_faults_of_the_machine_are_503(client_of, caplog, error):
    client = client_of(failing(error("The disk is full.")))
    check_problem(client.post(MATCHES, json={"need_text": MARKED}), 503, caplog)


@pytest.mark.parametrize("error", [ValueError(MARKED), RecursionError(MARKED), KeyError(MARKED)])
def test_what_nobody_foresaw_is_500_and_logged_by_place_only(client_of, caplog, error):
    client = client_of(failing(error))
    check_problem(client.post(MATCHES, json={"need_text": MARKED}), 500, caplog)
    assert f"unexpected {type(error).__name__}" in caplog.text
    assert "service.py" in caplog.text


@pytest.mark.parametrize(
    "path", ["/", "/static/style.css", "/static/page.js", "/healthz", "/openapi.json", "/?lang=en"]
)
def test_every_answer_carries_the_protective_headers(client, path):
    response = client.get(path, follow_redirects=False)
    assert response.status_code in (200, 303)
    assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_a_match_leaves_no_word_of_the_need_in_the_logs(client, caplog):
    caplog.set_level(logging.DEBUG)
    assert client.post(MATCHES, json={"need_text": MARKED}).status_code == 200
    assert client.post("/", data={"need": MARKED}).status_code == 200
    assert "marker-7431" not in caplog.text
    assert "秘密" not in caplog.text
