"""Needs that are changed without losing a change, closed, noted, and opened to guests."""

import pytest

from tests.support.worlds.companies import (
    AONAMI,
    KATO,
    MORITA,
    NISHI,
    OPEN,
    OTA,
    SATO,
    SECRET,
    SHUT,
    UEDA,
)


def test_a_change_names_the_version_that_it_changes(office):
    _, tag = office.need(KATO, OPEN)
    path, change = f"/v1/needs/{OPEN}", {"title": "厚い膜", "budget_jpy": 3_000_000}
    assert office.ask(KATO, "PATCH", path, json=change).status_code == 428
    changed = office.ask(KATO, "PATCH", path, json=change, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["title"]) == (200, "厚い膜")
    assert changed.headers["etag"] == office.need(KATO, OPEN)[1] != tag
    late = office.ask(UEDA, "PATCH", path, json={"title": "別"}, headers={"If-Match": tag})
    assert (late.status_code, late.json()["title"]) == (412, "Precondition Failed")
    assert office.need(KATO, OPEN)[0]["title"] == "厚い膜"
    assert ("person:kato", "change", "need", OPEN) in office.trail()


@pytest.mark.parametrize("tag", ['"other"', "W/{tag}", "{bare}", "", '"'])
def test_a_version_that_is_not_the_need_s_changes_nothing(office, tag):
    _, now = office.need(KATO, OPEN)
    given = tag.format(tag=now, bare=now.strip('"')) if "{" in tag else tag
    headers = {"If-Match": given}
    answer = office.ask(KATO, "PATCH", f"/v1/needs/{OPEN}", json={"title": "別"}, headers=headers)
    assert answer.status_code == 412


def test_any_version_may_be_named_by_a_star_or_in_a_list(office):
    for tags in ("*", '"other", {tag}'):
        given = tags.format(tag=office.need(KATO, OPEN)[1])
        headers = {"If-Match": given}
        change = {"title": f"膜 {tags}"}
        answer = office.ask(KATO, "PATCH", f"/v1/needs/{OPEN}", json=change, headers=headers)
        assert answer.status_code == 200


def test_a_change_names_fields_and_clears_with_null(office):
    path, anything = f"/v1/needs/{OPEN}", {"If-Match": "*"}
    office.ask(KATO, "PATCH", path, json={"horizon": "2年以内"}, headers=anything)
    cleared = office.ask(KATO, "PATCH", path, json={"horizon": None}, headers=anything)
    assert (cleared.status_code, cleared.json()["horizon"]) == (200, "")
    assert office.ask(KATO, "PATCH", path, json={"text": None}, headers=anything).status_code == 400
    assert office.ask(KATO, "PATCH", path, json={}, headers=anything).status_code == 200
    refused = office.ask(KATO, "PATCH", path, json={"status": "closed"}, headers=anything)
    assert refused.status_code == 422


def test_only_a_need_s_manager_the_chief_and_its_portal_change_it(office):
    for viewer, status in ((MORITA, 403), (OTA, 403), (NISHI, 403), (UEDA, 200), (AONAMI, 200)):
        for verb, tail, options in (
            ("PATCH", "", {"json": {"title": f"膜 {viewer.viewer_id}"}}),
            ("POST", "/close", {}),
            ("POST", "/reopen", {}),
        ):
            headers = {"If-Match": "*"}
            answer = office.ask(viewer, verb, f"/v1/needs/{OPEN}{tail}", headers=headers, **options)
            assert answer.status_code == status, (viewer, verb, tail, answer.text)


def test_a_portal_neither_names_nor_guesses_nor_takes_away_who_looks_after_its_need(office):
    path, anything = f"/v1/needs/{SECRET}", {"If-Match": "*"}
    for login in ("kato", "morita", "portal-a", "nobody"):
        change = {"manager": login}
        refused = office.ask(AONAMI, "PATCH", path, json=change, headers=anything)
        assert refused.status_code == 422
        assert refused.json()["detail"].startswith("manager: ")
        assert (
            office.post(AONAMI, "/v1/needs", json={"text": "薄い膜", **change}).status_code == 422
        )
    for nothing in (None, ""):
        change = {"manager": nothing, "title": f"膜 {nothing}"}
        changed = office.ask(AONAMI, "PATCH", path, json=change, headers=anything)
        assert (changed.status_code, changed.json()["title"]) == (200, change["title"].strip())
    assert office.need(KATO, SECRET)[0]["manager"] == "kato"


def test_a_need_is_closed_and_opened_again(office):
    _, tag = office.need(KATO, OPEN)
    closed = office.post(KATO, f"/v1/needs/{OPEN}/close", headers={"If-Match": tag})
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")
    assert office.post(KATO, f"/v1/needs/{OPEN}/close").json()["status"] == "closed"
    late = office.post(KATO, f"/v1/needs/{OPEN}/reopen", headers={"If-Match": tag})
    assert late.status_code == 412
    opened = office.post(KATO, f"/v1/needs/{OPEN}/reopen")
    assert (opened.json()["status"], opened.headers["etag"]) == ("open", office.need(KATO, OPEN)[1])
    actions = [(entry[1], entry[3]) for entry in office.trail()]
    assert actions == [("close", OPEN), ("reopen", OPEN)]


def test_an_id_with_a_slash_leads_to_its_need_and_its_parts(office):
    path = "/v1/needs/N%2FSHUT%201"
    assert office.get(UEDA, path).json()["need_id"] == SHUT
    assert office.post(UEDA, f"{path}/reopen").json()["status"] == "open"
    assert office.get(UEDA, f"{path}/matches").json()["need_id"] == SHUT
    assert office.get(UEDA, f"{path}/releases").json()["items"] == []


def test_reading_a_competitive_need_is_noted_and_reading_another_is_not(office):
    office.need(KATO, OPEN)
    office.need(KATO, SECRET)
    office.get(KATO, f"/v1/needs/{SECRET}/matches")
    office.get(KATO, "/v1/needs")
    assert [entry[:2] for entry in office.trail()] == [
        ("person:kato", "read"),
        ("person:kato", "read"),
        ("person:kato", "list"),
    ]


def test_guests_see_the_need_while_they_are_invited(office):
    path = f"/v1/needs/{SECRET}"
    assert office.get(SATO, path).status_code == 404
    invited = office.ask(KATO, "PUT", f"{path}/guests/sato")
    assert (invited.status_code, invited.json()["role"]) == (200, "ip")
    assert invited.json() == office.ask(KATO, "PUT", f"{path}/guests/sato").json()
    assert office.get(SATO, path).status_code == 200
    assert [g["user_id"] for g in office.get(SATO, f"{path}/guests").json()["items"]] == ["sato"]
    assert office.ask(SATO, "PUT", f"{path}/guests/abe").status_code == 403
    assert office.ask(KATO, "DELETE", f"{path}/guests/sato").status_code == 204
    assert office.get(SATO, path).status_code == 404
    assert office.ask(KATO, "DELETE", f"{path}/guests/sato").status_code == 409


@pytest.mark.parametrize("user_id", ["morita", "ueda", "nobody", "a%00b", "x" * 201])
def test_nobody_but_ip_and_legal_managers_are_asked_in(office, user_id):
    assert office.ask(KATO, "PUT", f"/v1/needs/{SECRET}/guests/{user_id}").status_code == 422


def test_portals_know_nothing_of_guests(office):
    for verb in ("PUT", "DELETE"):
        path = f"/v1/needs/{SECRET}/guests/sato"
        assert office.ask(AONAMI, verb, path).status_code == 403
    assert office.get(AONAMI, f"/v1/needs/{SECRET}/guests").status_code == 403
