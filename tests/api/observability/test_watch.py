"""Request ids, log lines and metrics: they tell of every request, and of no need."""

import json
import logging

import pytest
from fastapi.testclient import TestClient

from api.observability.request_log import FIELDS, REQUEST_ID, JsonLines, TextLines
from catalogue.database.viewer import (
    ADMINISTRATOR,
    ANALYST,
    LOCAL_VIEWER,
    MACHINE,
    METRICS_READ,
    PORTAL,
    Viewer,
)
from tests.support.service import as_viewer, service

SECRET = "秘密の膜"


@pytest.fixture
def client(client, usual):
    """A client on this computer."""
    return TestClient(usual, raise_server_exceptions=False, client=("127.0.0.1", 4711))


@pytest.fixture
def counted(catalogue, tmp_path):
    """A client of an application that has counted nothing yet."""
    return TestClient(service(catalogue, tmp_path), client=("127.0.0.1", 4711))


def lines(caplog):
    return [vars(record)[FIELDS] for record in caplog.records if hasattr(record, FIELDS)]


@pytest.mark.parametrize("given", ["abc-123", "A.b_c-9" * 9])
def test_a_sane_request_id_is_given_back(client, given):
    answer = client.get("/healthz", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\tb", "<script>"])
def test_another_request_id_is_replaced(client, given):
    answers = [client.get("/healthz", headers={"X-Request-Id": given}) for _ in range(2)]
    made = {answer.headers["x-request-id"] for answer in answers}
    assert len(made) == 2
    assert all(len(request_id) == 24 for request_id in made)


def test_errors_have_request_ids_too(client):
    assert client.get("/v1/nothing").headers["x-request-id"]
    assert client.post("/v1/matches", content=b"x" * 30_000_000).headers["x-request-id"]


def test_a_request_is_a_line_with_its_routes_template_and_no_query(client, caplog):
    caplog.set_level(logging.INFO)
    client.get(f"/v1/needs/N-01?x={SECRET}")
    client.post("/v1/matches", json={"need_text": f"{SECRET}を探しています。"})
    client.get(f"/nothing/{SECRET}")
    client.get("/static/style.css")
    found = lines(caplog)
    assert [line["route"] for line in found] == [
        "/v1/needs/{need_id}", "/v1/matches", "(none)", "(file)",
    ]  # fmt: skip
    assert (found[1]["status"], found[1]["method"]) == (200, "POST")
    assert found[1]["viewer"] == "person:local"
    assert found[1]["duration_ms"] >= 0
    assert SECRET not in caplog.text + str(found)


def test_lines_of_json_carry_the_request_id_and_the_fields():
    record = logging.makeLogRecord({"msg": "line\nbreak", "name": "a", FIELDS: {"status": 200}})
    token = REQUEST_ID.set("abc")
    try:
        content = json.loads(JsonLines().format(record))
    finally:
        REQUEST_ID.reset(token)
    assert (content["request_id"], content["status"]) == ("abc", 200)
    assert content["message"] == "line\nbreak"


def test_what_a_line_quotes_cannot_begin_another():
    record = logging.makeLogRecord({"msg": "a\r\n2026 INFO forged \x1b[31m\u2028x", "name": "a"})
    [first, second] = TextLines().format(record).splitlines()
    assert first.endswith("a\\x0d")
    assert second == "    2026 INFO forged \\x1b[31m\\x2028x"


@pytest.mark.parametrize("lines_of", [TextLines, JsonLines])
def test_an_errors_own_text_is_not_logged(lines_of):
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        caught = (type(error), error, error.__traceback__)
    record = logging.makeLogRecord({"msg": "failed", "exc_info": caught})
    written = lines_of().format(record)
    assert "ValueError at" in written
    assert "test_watch.py" in written
    assert SECRET not in written


def test_metrics_count_requests_by_template_and_tell_the_version(counted):
    counted.post("/v1/matches", json={"need_text": f"{SECRET}を探しています。"})
    counted.request("BREW", f"/nothing/{SECRET}")
    text = counted.get("/metrics").text
    assert 'enmusubi_requests_total{method="POST",route="/v1/matches",status="200"} 1.0' in text
    assert 'method="OTHER",route="(none)"' in text
    assert 'enmusubi_index_info{model="words@0123456789abcdef",version="v000001"} 1.0' in text
    assert "enmusubi_encoder_batch_needs_count 1.0" in text
    assert 'enmusubi_jobs_open{state="queued"} 0.0' in text
    assert "enmusubi_webhook_messages_waiting 0.0" in text
    assert "process_resident_memory_bytes" in text
    assert SECRET not in text


def machine(*scopes):
    return Viewer("m", PORTAL, MACHINE, companies=frozenset({"x"}), scopes=frozenset(scopes))


OPERATORS = Viewer("prometheus", ANALYST, MACHINE, scopes=frozenset({METRICS_READ}))


@pytest.mark.parametrize(
    ("viewer", "address", "status"),
    [
        (LOCAL_VIEWER, "127.0.0.1", 200),
        (LOCAL_VIEWER, "::1", 200),
        (LOCAL_VIEWER, "203.0.113.9", 403),
        (Viewer("kato", "chief"), "127.0.0.1", 403),
        (Viewer("root", ADMINISTRATOR), "203.0.113.9", 200),
        (machine(METRICS_READ), "203.0.113.9", 403),
        (OPERATORS, "203.0.113.9", 200),
        (machine("needs:read"), "127.0.0.1", 403),
    ],
)
def test_metrics_are_for_those_who_may_and_for_this_computer(client, viewer, address, status):
    as_viewer(client.app, viewer)
    asker = TestClient(client.app, raise_server_exceptions=False, client=(address, 1))
    assert asker.get("/metrics").status_code == status
