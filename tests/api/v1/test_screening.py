"""Screening by the API: findings, a stopped release, clearances; portals are told nothing."""

from datetime import date, timedelta

import pytest

from tests.support.worlds.companies import ABE, AONAMI, KATO, NISHI, OPEN, SATO, UEDA
from tests.support.worlds.screened import interest

FINDINGS, RELEASES = f"/v1/needs/{OPEN}/screening", f"/v1/needs/{OPEN}/releases"
TOMORROW = (date.today() + timedelta(days=1)).isoformat()
CLEARED = {"decision": "cleared", "reason": "確認した", "valid_until": TOMORROW}
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def person(office):
    """The first of the need's list, who declared shares of the need's company."""
    matches = office.get(KATO, f"/v1/needs/{OPEN}/matches").json()["matches"]
    first = matches[0]["researcher"]["researcher_id"]
    company = office.get(KATO, f"/v1/needs/{OPEN}").json()["company"]
    with office.catalogue.writing() as connection:
        interest(connection, first, company, "shares")
    return first


def stops(answer):
    return [(one["rule"], one["stops"]) for one in answer.json()["findings"] if one["stops"]]


def test_findings_are_told_to_the_office_as_far_as_each_may_read_them(office, person):
    asked = {"params": {"researcher_id": person}, "headers": ENGLISH}
    manager, legal = office.get(KATO, FINDINGS, **asked), office.get(ABE, FINDINGS, **asked)
    assert stops(manager) == [("declared_interest", True)] and manager.json()["stops"]
    assert stops(legal) == [("interest_shares", True)]
    declared = [one for one in manager.json()["findings"] if one["rule"] == "declared_interest"]
    assert [one["evidence"] for one in declared] == [[]]
    assert "shares" not in manager.text and "Shares of the company" in legal.text
    for outsider in (AONAMI, NISHI):
        assert office.get(outsider, FINDINGS, **asked).status_code == 403


def test_a_list_says_what_screening_found_but_not_to_a_portal(office, person):
    told = office.get(KATO, f"/v1/needs/{OPEN}/matches").json()["screening"]
    assert ("declared_interest", person) in {(one["rule"], one["researcher_id"]) for one in told}
    assert "利益相反の申告あり（法務に確認）" in {one["reason"] for one in told}
    assert office.get(AONAMI, f"/v1/needs/{OPEN}/matches").json()["screening"] == []


def test_a_release_is_stopped_with_its_reasons_until_it_is_cleared(office, person):
    stopped = office.post(KATO, RELEASES, json={"top": 1}, headers=ENGLISH)
    assert stopped.status_code == 409
    assert stopped.json()["detail"] == (
        "Screening stops this release: A conflict of interest was declared. Legal can tell. "
        "Those who clear it were asked; see the queue."
    )
    [waiting] = office.get(ABE, "/v1/clearances").json()["clearances"]
    one = f"/v1/clearances/{waiting['clearance_id']}"
    assert (waiting["rule"], waiting["researcher_id"]) == ("declared_interest", person)
    for viewer, status in ((KATO, 403), (SATO, 403), (AONAMI, 403)):
        assert office.post(viewer, f"{one}/decision", json=CLEARED).status_code == status
    for faulty in ({**CLEARED, "valid_until": None}, {**CLEARED, "reason": ""}, {"reason": "x"}):
        assert office.post(ABE, f"{one}/decision", json=faulty).status_code == 422
    assert office.post(ABE, f"{one}/decision", json=CLEARED).json()["decided_by"] == "abe"
    assert office.post(ABE, f"{one}/decision", json=CLEARED).status_code == 409
    given = office.post(KATO, RELEASES, json={"top": 1})
    assert given.status_code == 201 and "screening" not in given.json()["content"]
    assert office.post(ABE, f"{one}/revoke").json()["revoked_at"]
    assert office.post(KATO, RELEASES, json={"top": 1}).status_code == 409


def test_the_same_request_sent_again_is_answered_as_it_was(office, person):
    office.post(KATO, RELEASES, json={"top": 1})
    [waiting] = office.get(ABE, "/v1/clearances").json()["clearances"]
    office.post(ABE, f"/v1/clearances/{waiting['clearance_id']}/decision", json=CLEARED)
    key = {"idempotency-key": "release-1"}
    first = office.post(KATO, RELEASES, json={"top": 1}, headers=key)
    office.post(ABE, f"/v1/clearances/{waiting['clearance_id']}/revoke")
    again = office.post(KATO, RELEASES, json={"top": 1}, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())


def test_clearances_are_listed_by_state_and_need(office, person):
    office.post(KATO, RELEASES, json={"top": 1})
    for query, count in (
        ("", 1), (f"?need_id={OPEN}", 1), ("?need_id=other", 0), ("?which=cleared", 0),
        ("?which=all", 1), ("?limit=1", 1),
    ):  # fmt: skip
        listed = office.get(UEDA, f"/v1/clearances{query}")
        assert len(listed.json()["clearances"]) == count, query
    assert office.get(UEDA, "/v1/clearances?which=odd").status_code == 422
    assert office.get(ABE, "/v1/clearances/999").status_code == 404
