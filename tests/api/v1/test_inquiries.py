"""Inquiries by the API: drafted, sent once, answered by their link, noted; nothing to portals."""

import pytest

from catalogue.records.drafts import RESEARCHERS, Draft
from tests.support.worlds.companies import AONAMI, KATO, MORITA, NISHI, OPEN, SECRET, UEDA

PATH = "/v1/inquiries"
LETTER = {"need_id": OPEN, "researcher_id": "R-01", "language": "ja", "message": "お尋ねします。"}


@pytest.fixture(autouse=True)
def _ada(office):
    office.catalogue.write(
        [Draft(RESEARCHERS, {"researcher_id": "R-02", "name_en": "Ada Lindqvist"})], source="test"
    )


@pytest.fixture
def drafted(office):
    wanted = {"need_id": OPEN, "researcher_ids": ["R-01", "R-02", "R-none"]}
    return office.post(KATO, "/v1/inquiry-drafts", json=wanted).json()["drafts"]


def test_letters_are_prepared_for_each_in_their_language_and_nothing_is_kept(office, drafted):
    first, second = drafted
    assert (first["researcher_id"], first["language"]) == ("R-01", "ja")
    assert first["message"].startswith("森 花 様") and "食品包装の薄い膜" in first["message"]
    assert second["language"] == "en" and second["message"].startswith("Dear Ada Lindqvist")
    assert (first["asked_within_30_days"], first["limit"], first["waits"]) == (0, 3, False)
    assert office.get(KATO, PATH).json()["items"] == []
    told = {"need_id": OPEN, "researcher_ids": ["R-02"], "language": "ja", "told": "膜について。"}
    [other] = office.post(KATO, "/v1/inquiry-drafts", json=told).json()["drafts"]
    assert "膜について。" in other["message"] and "様" in other["message"]


def test_a_letter_is_sent_once_answered_by_its_link_and_noted(office):
    key = {"Idempotency-Key": "letter-1"}
    first = office.post(KATO, PATH, json=LETTER, headers=key)
    assert first.status_code == 201 and first.json()["state"] == "waiting"
    again = office.post(KATO, PATH, json=LETTER, headers=key)
    assert again.json()["inquiry_id"] == first.json()["inquiry_id"] and again.json()["link"] == ""
    assert office.post(KATO, PATH, json=LETTER).status_code == 409  # an answer is waited for
    one = f"{PATH}/{first.json()['inquiry_id']}"
    assert office.post(KATO, f"{one}/noted", json={}).status_code == 409
    link, form = first.json()["link"], {"answer": "not_my_field", "who_else": "隣の研究室"}
    assert office.post(KATO, link, data=form).status_code == 200
    found = office.get(UEDA, one).json()
    assert (found["state"], found["answer"]) == ("answered", "not_my_field")
    assert found["who_else"] == "隣の研究室" and "link" not in found
    assert office.post(KATO, f"{one}/noted", json={"judge": True}).json()["noted_at"]
    [judged] = office.get(KATO, f"/v1/needs/{OPEN}/feedback").json()["items"]
    assert (judged["verdict"], judged["reason"]) == ("not_suitable", "wrong_field")
    assert office.post(KATO, f"{one}/revoke").status_code == 409


def test_they_are_listed_by_state_in_pages_as_far_as_their_needs_are_seen(office):
    for need_id, person in ((OPEN, "R-01"), (OPEN, "R-02"), (SECRET, "R-01")):
        sent = {**LETTER, "need_id": need_id, "researcher_id": person}
        assert office.post(KATO, PATH, json=sent).status_code == 201
    page = office.get(KATO, PATH, params={"limit": 2}).json()
    more = office.get(KATO, PATH, params={"limit": 2, "cursor": page["next_cursor"]}).json()
    ids = [one["need_id"] for one in (*page["items"], *more["items"])]
    assert ids == [SECRET, OPEN, OPEN] and more["next_cursor"] == ""
    assert [one["need_id"] for one in office.get(MORITA, PATH).json()["items"]] == [OPEN, OPEN]
    number = page["items"][0]["inquiry_id"]
    assert office.get(MORITA, f"{PATH}/{number}").status_code == 404
    assert office.post(KATO, f"{PATH}/{number}/revoke").json()["state"] == "revoked"
    counts = {
        which: len(office.get(KATO, PATH, params={"which": which}).json()["items"])
        for which in ("all", "waiting", "answered", "expired", "revoked")
    }
    assert counts == {"all": 3, "waiting": 2, "answered": 0, "expired": 0, "revoked": 1}


def test_portals_and_others_are_refused_and_a_letter_that_tells_too_much_too(office):
    for outsider in (AONAMI, NISHI):
        assert office.get(outsider, PATH).status_code == 403
        assert office.post(outsider, PATH, json=LETTER).status_code == 403
    assert office.post(MORITA, PATH, json=LETTER).status_code == 403
    assert office.post(MORITA, PATH, json={**LETTER, "need_id": SECRET}).status_code == 404
    named = {**LETTER, "message": "青波フーズの件です。"}
    assert office.post(KATO, PATH, json=named).status_code == 422
    assert office.post(KATO, PATH, json={**named, "with_company": True}).status_code == 201
