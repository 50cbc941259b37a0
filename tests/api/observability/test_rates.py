"""What one asker may send: so many at once and so many a minute; slow and deep bodies."""

import anyio
import pytest
from fastapi.testclient import TestClient

from api.middleware.protection import BodyLimit
from api.middleware.rate_limits import MAX_BUCKETS, RateLimiter, network_of
from api.problems import problem_response
from catalogue.database.viewer import Viewer
from tests.support.service import as_viewer, service

CHUNKED = [(b"transfer-encoding", b"chunked")]
KATO, ABE = Viewer("kato", "chief"), Viewer("abe", "chief")


def refused(scope, status, detail, faults=()):
    return problem_response(status, str(detail), scope["path"], faults)


@pytest.fixture
def client(catalogue, tmp_path):
    app = service(catalogue, tmp_path, rate_per_minute=60, rate_burst=3)
    as_viewer(app, KATO)
    return TestClient(app, raise_server_exceptions=False)


def test_an_asker_is_told_what_is_left_and_when_to_come_back(client):
    answers = [client.get("/v1/needs/N-01") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"3"}
    assert answers[3].headers["ratelimit-reset"] == "3"
    assert answers[3].headers["retry-after"] == "1"
    assert answers[3].json()["title"] == "Too Many Requests"


def test_one_askers_haste_is_nobody_elses(client):
    for _ in range(4):
        client.get("/v1/needs/N-01")
    assert client.get("/healthz").status_code == 200
    as_viewer(client.app, ABE)
    assert client.get("/v1/needs/N-01").status_code == 200


def test_a_bucket_fills_steadily_and_never_beyond_its_size():
    now = [0.0]
    rate_limiter = RateLimiter(60, 2, clock=lambda: now[0])
    assert [rate_limiter.take("a")[1] for _ in range(3)] == [0, 0, 1]
    now[0] = 0.5
    assert rate_limiter.take("a")[1] == 0.5
    now[0] = 1.0
    assert rate_limiter.take("a")[1] == 0
    now[0] = 1000.0
    assert rate_limiter.take("a")[0].remaining == 1


def test_who_did_not_ask_for_longest_is_forgotten_first():
    rate_limiter = RateLimiter(60, 2, clock=lambda: 0.0)
    for number in range(MAX_BUCKETS):
        rate_limiter.take(str(number))
    for _ in range(3):
        rate_limiter.take("0")  # has none left, and goes on asking
    rate_limiter.take("one more")
    assert len(rate_limiter._buckets) == MAX_BUCKETS
    assert rate_limiter.take("0")[1] > 0
    assert "1" not in rate_limiter._buckets


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::2"),
    ],
)
def test_one_customers_addresses_are_one(one, other):
    assert network_of(one) == network_of(other)
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")


def test_an_address_that_asks_too_often_is_refused_and_others_are_not(client_of):
    client = client_of(address_per_minute=60, address_burst=3)
    first = [client.get("/healthz").status_code for _ in range(5)]
    assert first == [200, 200, 200, 429, 429]
    refused = client.get("/v1/needs")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.headers["content-type"] == "application/problem+json"
    other = TestClient(client.app, client=("192.0.2.9", 50_000))
    assert other.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "body",
    ["[" * 200_000, '{"a":' * 200_000, '{"need_text": ' + "[" * 900 + "]" * 900 + "}",
     '{"filters": ' + '{"a":' * 900 + "1" + "}" * 900 + "}"],
    ids=["lists", "objects", "a list that ends", "an object that ends"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/matches", "/v1/jobs/matches"])
def test_deep_json_is_the_askers_fault(client, path, body):
    answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_does_not_come_is_waited_for_so_long():
    sent = []

    async def reads_all(scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        raise AssertionError("the body never ended")

    async def slow():
        await anyio.sleep(0.06)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message):
        sent.append(message)

    async def ask():
        limited = BodyLimit(reads_all, limit_of=lambda _: 1000, timeout_s=0.2, answer=refused)
        scope = {"type": "http", "path": "/v1/matches", "method": "POST", "headers": CHUNKED}
        with anyio.fail_after(5):
            await limited(scope, slow, send)

    anyio.run(ask)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert b"did not arrive within 0.2 seconds" in sent[1]["body"]


def test_an_answer_may_take_longer_than_a_body():
    sent = []

    async def thinks_long(scope, receive, send):
        assert (await receive())["body"] == b"x"
        with anyio.move_on_after(0.3):
            await receive()  # whether the asker has gone away
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message["status"])

    async def ask():
        messages = [{"type": "http.request", "body": b"x", "more_body": False}]

        async def receive():
            return messages.pop() if messages else await anyio.sleep_forever()

        limited = BodyLimit(thinks_long, limit_of=lambda _: 1000, timeout_s=0.1, answer=refused)
        await limited({"type": "http", "path": "/", "headers": CHUNKED}, receive, send)

    anyio.run(ask)
    assert sent == [200]
