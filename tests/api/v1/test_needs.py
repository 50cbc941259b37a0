"""Needs over the API: listing, creating once, reading, changing without losing, closing."""

import pytest

from catalogue.database.viewer import NEEDS_READ
from office.access.keyset_pages import write_cursor
from tests.support.worlds.companies import (
    ABE,
    AONAMI,
    ENDO,
    INSIDE,
    KATO,
    KUROSE,
    MORITA,
    NISHI,
    OPEN,
    OTA,
    ROOT,
    SATO,
    SECRET,
    SHUT,
    TEXT,
    UEDA,
    portal,
)

NEW = {"title": "新しい膜", "text": TEXT, "area": "non-competitive"}
OLD_ONES = {"N-01", "N/2 %"}  # of nobody, with no confidentiality said
FIELDS = {
    "need_id", "title", "text", "lang", "organisation_id", "company", "area", "horizon",
    "budget_jpy", "constraints", "confidentiality", "manager", "status", "posted_on", "updated_at",
    "is_veiled",
}  # fmt: skip


def listed(office, viewer, **query):
    answer = office.get(viewer, "/v1/needs", params=query)
    assert answer.status_code == 200, answer.text
    return {need["need_id"] for need in answer.json()["items"]}


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        (UEDA, {OPEN, SECRET, INSIDE}),
        (KATO, {OPEN, SECRET, INSIDE}),
        (MORITA, {OPEN, INSIDE}),
        (SATO, {OPEN, INSIDE}),
        (ENDO, {OPEN, INSIDE}),
        (OTA, {OPEN}),
        (NISHI, {OPEN}),
        (AONAMI, {OPEN, SECRET}),
        (KUROSE, {INSIDE}),
    ],
)
def test_everybody_lists_the_open_needs_that_they_may_see(office, viewer, seen):
    assert listed(office, viewer) - OLD_ONES == seen


def test_an_administrator_and_a_portal_without_the_scope_list_nothing(office):
    for viewer in (ROOT, portal("portal-x", "aonami", scopes=frozenset())):
        answer = office.get(viewer, "/v1/needs")
        assert (answer.status_code, answer.json()["status"]) == (403, 403)


def test_filters_narrow_the_list(office):
    assert listed(office, UEDA, status="closed") == {SHUT}
    assert listed(office, UEDA, organisation_id="kurose", status="all") == {INSIDE, SHUT}
    assert listed(office, UEDA, area="competitive") == {SECRET}
    assert listed(office, UEDA, confidentiality="internal") >= {INSIDE}
    assert listed(office, UEDA, lang="en", organisation_id="aonami") == set()
    assert listed(office, UEDA, manager="nobody") == set()


@pytest.mark.parametrize(
    "query",
    [
        {"status": "lost"},
        {"limit": 0},
        {"limit": 201},
        {"limit": "many"},
        {"cursor": "bm90IGEgY3Vyc29y"},
        {"cursor": "%00"},
        {"cursor": "WzFd"},
        {"cursor": "膜"},
        {"cursor": "x" * 2000},
        {"search": "膜"},
        {"manager": "a\x00b"},
        {"organisation_id": "x" * 300},
    ],
)
def test_what_no_list_offers_is_refused(office, query):
    answer = office.get(UEDA, "/v1/needs", params=query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_wrong_cursor_is_told_by_the_parameters_name(office):
    told = [
        office.get(UEDA, "/v1/needs", params={"cursor": cursor}).json()["detail"]
        for cursor in ("W10", write_cursor(["no day", "N-01"]))
    ]
    assert {text.partition(":")[0] for text in told} == {"cursor"}


def test_pages_follow_each_other_and_show_each_need_once(office):
    path, seen = "/v1/needs?limit=2&status=all", []
    while path:
        answer = office.get(UEDA, path)
        page = answer.json()
        assert len(page["items"]) <= 2
        seen += [need["need_id"] for need in page["items"]]
        link = answer.links.get("next", {}).get("url", "")
        assert bool(link) == bool(page["next_cursor"])
        assert (not link) or "status=all" in link
        path = link
    assert len(seen) == len(set(seen)) == 6


def test_a_need_is_read_with_its_etag_and_not_sent_twice(office):
    need, tag = office.need(UEDA, OPEN)
    assert set(need) == FIELDS
    assert (need["company"], need["manager"], need["status"]) == ("青波フーズ", "kato", "open")
    again = office.get(UEDA, f"/v1/needs/{OPEN}", headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = office.get(UEDA, f"/v1/needs/{OPEN}", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_a_portal_is_not_told_who_manages_its_need(office):
    assert office.need(AONAMI, OPEN)[0]["manager"] == ""
    [need] = [n for n in office.get(AONAMI, "/v1/needs").json()["items"] if n["need_id"] == OPEN]
    assert need["manager"] == ""
    for login in ("kato", "morita"):
        answer = office.get(AONAMI, "/v1/needs", params={"manager": login})
        assert (answer.status_code, "manager" in answer.json()["detail"]) == (422, True)


def test_a_need_that_may_not_be_seen_looks_like_one_that_is_not_there(office):
    for viewer, hidden in ((KUROSE, OPEN), (AONAMI, INSIDE), (OTA, SECRET), (MORITA, SECRET)):
        for verb, tail, options in (
            ("GET", "", {}),
            ("GET", "/matches", {}),
            ("GET", "/releases", {}),
            ("PATCH", "", {"json": {"title": "x"}, "headers": {"If-Match": "*"}}),
            ("POST", "/close", {}),
            ("POST", "/reopen", {}),
            ("POST", "/feedback", {"json": {"researcher_id": "R-01", "verdict": "suitable"}}),
            ("GET", "/feedback", {}),
            ("GET", "/guests", {}),
            ("PUT", "/guests/sato", {}),
            ("DELETE", "/guests/sato", {}),
            ("POST", "/releases", {"json": {}}),
        ):
            answers = [
                office.ask(viewer, verb, f"/v1/needs/{need_id}{tail}", **options)
                for need_id in (hidden, "N-NONE")
            ]
            assert answers[0].status_code in (403, 404), (viewer, verb, tail)
            told = [
                answer.text.replace(n, "…")
                for answer, n in zip(answers, (hidden, "N-NONE"), strict=True)
            ]
            assert told[0] == told[1], (viewer, verb, tail)


def test_a_portal_creates_a_need_of_its_company_confidential_unless_it_says_otherwise(office):
    answer = office.post(AONAMI, "/v1/needs", json=NEW)
    assert answer.status_code == 201
    need = answer.json()
    assert (need["organisation_id"], need["confidentiality"]) == ("aonami", "confidential")
    read = office.get(AONAMI, answer.headers["location"])
    assert (read.json(), read.headers["etag"]) == (need, answer.headers["etag"])
    assert ("machine:portal-a", "create", "need", need["need_id"]) in office.trail()
    assert office.get(KUROSE, answer.headers["location"]).status_code == 404


def test_the_office_creates_a_need_of_a_company_that_nobody_knew(office):
    answer = office.post(KATO, "/v1/needs", json={**NEW, "company": "新興フィルム"})
    assert answer.status_code == 201, answer.text
    assert (answer.json()["company"], answer.json()["manager"]) == ("新興フィルム", "kato")


@pytest.mark.parametrize("viewer", [SATO, ABE, ENDO, OTA, NISHI, ROOT])
def test_others_create_nothing(office, viewer):
    assert office.post(viewer, "/v1/needs", json=NEW).status_code == 403


def test_a_machine_needs_the_scope_to_write(office):
    reader = portal("portal-r", "aonami", scopes=frozenset({NEEDS_READ}))
    assert office.post(reader, "/v1/needs", json=NEW).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"text": ""}, 422),
        ({"text": "  \n "}, 400),
        ({"text": None}, 422),
        ({"text": 5}, 422),
        ({"text": ["膜"]}, 422),
        ({"text": "膜を探す\x00"}, 422),
        ({"text": TEXT, "title": "a\nb"}, 422),
        ({"text": TEXT, "area": "secret"}, 422),
        ({"text": TEXT, "budget_jpy": -1}, 422),
        ({"text": TEXT, "budget_jpy": 10**40}, 422),
        ({"text": TEXT, "posted_on": "yesterday"}, 422),
        ({"text": TEXT, "organisation_id": "kurose"}, 422),
        ({"text": TEXT, "organisation_id": "a;b"}, 422),
        ({"text": TEXT, "company": "青波フーズ"}, 422),
        ({"text": TEXT, "manager": "kato"}, 422),
        ({"text": TEXT, "need_id": "N-MINE"}, 422),
        ({"text": TEXT, "status": "closed"}, 422),
        ({"text": TEXT, "confidentiality": "none"}, 422),
        ({"text": "膜" * 60_000}, 422),
    ],
)
def test_a_need_that_cannot_be_taken_is_refused(office, body, status):
    answer = office.post(AONAMI, "/v1/needs", json=body)
    assert answer.status_code == status, answer.text
    assert "探し" not in answer.text
    assert office.get(AONAMI, "/v1/needs").json()["items"].__len__() == 2


def test_markup_in_a_need_comes_back_as_it_was_written(office):
    marked = "<script>alert('膜')</script> を探しています"
    answer = office.post(AONAMI, "/v1/needs", json={"text": marked})
    assert answer.json()["text"] == marked
    assert answer.headers["content-type"] == "application/json"


def test_the_same_key_creates_once_and_answers_twice_alike(office):
    key = {"Idempotency-Key": "first-of-today"}
    first, again = (office.post(AONAMI, "/v1/needs", json=NEW, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert len(listed(office, AONAMI)) == 3


def test_a_key_is_not_taken_for_another_need_nor_from_somebody_else(office):
    key = {"Idempotency-Key": "k"}
    first = office.post(AONAMI, "/v1/needs", json=NEW, headers=key)
    other = office.post(AONAMI, "/v1/needs", json={**NEW, "title": "別の膜"}, headers=key)
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["detail"]
    theirs = office.post(KUROSE, "/v1/needs", json=NEW, headers=key)
    assert theirs.status_code == 201
    assert theirs.json()["need_id"] != first.json()["need_id"]


def test_what_failed_is_not_kept_for_its_key(office):
    key = {"Idempotency-Key": "k"}
    assert office.post(AONAMI, "/v1/needs", json={"text": "  "}, headers=key).status_code == 400
    assert office.post(AONAMI, "/v1/needs", json=NEW, headers=key).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 201])
def test_a_key_that_is_none_is_refused(office, key):
    headers = {"Idempotency-Key": key.encode()}
    assert office.post(AONAMI, "/v1/needs", json=NEW, headers=headers).status_code == 422
