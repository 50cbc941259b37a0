"""What headers promise: versions, answers kept for a day, routes that will go."""

from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from api.v1.headers import deprecated, etag, is_known
from enmusubi.errors import InputError
from office.idempotency_store import (
    KEPT_ANSWER,
    IdempotentRequest,
    StoredAnswer,
    find_stored_answer,
    store_answer,
)

VERSION = "0123456789abcdef" * 4
NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
REQUEST = IdempotentRequest("machine:portal-a", "k", "hash")
ANSWER = StoredAnswer(201, {"Location": "/v1/needs/1"}, '{"text": "膜"}')


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (None, False),
        ("*", True),
        (etag(VERSION), True),
        (f"W/{etag(VERSION)}", True),
        (f'"a" , {etag(VERSION)}', True),
        ('"a"', False),
        (etag(VERSION).strip('"'), False),
        ("", False),
        ('"', False),
    ],
)
def test_a_reader_names_the_versions_that_it_has(header, known):
    assert is_known(header, VERSION) is known


def test_an_answer_is_kept_for_a_day_and_then_forgotten(office):
    with office.catalogue.writing() as connection:
        store_answer(connection, REQUEST, ANSWER, NOW)
        late = NOW + timedelta(hours=23, minutes=59)
        assert find_stored_answer(connection, REQUEST, late) == ANSWER
        assert find_stored_answer(connection, REQUEST, NOW + timedelta(hours=24)) is None
        store_answer(connection, REQUEST, ANSWER, NOW + timedelta(hours=25))
        count = connection.execute(select(func.count()).select_from(KEPT_ANSWER)).scalar_one()
    assert count == 1


def test_a_kept_answer_is_for_its_request_and_its_owner(office):
    other = IdempotentRequest(REQUEST.owner, REQUEST.key, "another hash")
    stranger = IdempotentRequest("machine:portal-k", REQUEST.key, REQUEST.request_hash)
    with office.catalogue.writing() as connection:
        store_answer(connection, REQUEST, ANSWER, NOW)
        assert find_stored_answer(connection, stranger, NOW) is None
        with pytest.raises(InputError, match="it came with another request before"):
            find_stored_answer(connection, other, NOW)


def test_a_kept_answer_does_not_show_a_need(office):
    assert "膜" not in repr(ANSWER)


def test_a_route_that_will_go_says_so_in_headers_and_in_the_description():
    app = FastAPI()
    notice = deprecated(since=date(2026, 1, 1), sunset=date(2026, 12, 31), successor="/v2/matches")

    @app.get("/v1/old", **notice)
    def old() -> str:
        return "still here"

    answer = TestClient(app).get("/v1/old")
    assert answer.json() == "still here"
    assert answer.headers["deprecation"] == "@1767225600"
    assert answer.headers["sunset"] == "Thu, 31 Dec 2026 00:00:00 GMT"
    assert answer.links["successor-version"]["url"] == "/v2/matches"
    assert app.openapi()["paths"]["/v1/old"]["get"]["deprecated"] is True


def test_a_route_that_will_go_is_announced_half_a_year_before():
    with pytest.raises(ValueError, match="30 days' notice, expected 180 or more"):
        deprecated(since=date(2026, 1, 1), sunset=date(2026, 1, 31))
