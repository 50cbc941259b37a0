"""Estimates and plans over the API: written once, in versions by their ETags, checked by another."""

from tests.api.v1.test_cases import CASES, opened
from tests.support.worlds.companies import KATO, UEDA

BODY = {
    "title": "膜", "lines": [{"kind": "people", "text": "教授", "unit_jpy": 9000, "quantity": "10.5"}],
}  # fmt: skip


def test_an_estimate_is_written_in_versions_and_checked(office):
    path = f"{opened(office).headers['location']}/estimates"
    key = {"Idempotency-Key": "e-1"}
    first = office.ask(KATO, "POST", path, json=BODY, headers=key)
    assert first.status_code == 201, first.text
    assert office.ask(KATO, "POST", path, json=BODY, headers=key).json() == first.json()
    assert first.json()["total"]["total_jpy"] == 135_135  # 94,500 + 9,450 + 18,900, and 10 %
    one = first.headers["location"]
    tag = {"If-Match": first.headers["etag"]}
    more = {**BODY, "strategic_percent": "0"}
    assert office.ask(KATO, "PUT", one, json=more).status_code == 428
    second = office.ask(KATO, "PUT", one, json=more, headers=tag)
    assert (second.json()["version"], second.json()["total"]["strategic_jpy"]) == (2, 0)
    assert office.ask(KATO, "PUT", one, json=more, headers=tag).status_code == 412
    assert len(office.get(KATO, f"{one}/versions").json()["estimates"]) == 2
    assert office.get(KATO, f"{one}?version=1").json()["version"] == 1
    tag = {"If-Match": second.headers["etag"]}
    asked = office.ask(KATO, "POST", f"{one}/check", json={"do": "ask"}, headers=tag)
    tag = {"If-Match": asked.headers["etag"]}
    refused = office.ask(KATO, "POST", f"{one}/check", json={"do": "accept"}, headers=tag)
    assert refused.status_code == 403
    done = office.ask(UEDA, "POST", f"{one}/check", json={"do": "accept"}, headers=tag)
    assert done.json()["state"] == "checked"
    assert [e["state"] for e in office.get(KATO, path).json()["estimates"]] == ["checked"]
    bad = {**BODY, "lines": [{**BODY["lines"][0], "quantity": "x"}]}
    assert office.ask(KATO, "POST", path, json=bad).status_code == 422
    assert office.get(KATO, f"{CASES}/999/estimates").status_code == 404


def test_a_plan_is_read_and_kept(office):
    path = f"{opened(office).headers['location']}/plans"
    read = office.get(KATO, path)
    assert (read.json()["version"], read.headers["etag"]) == (0, '"0"')
    sent = {"sections": {"risks": "破れる"}}
    assert office.ask(KATO, "PUT", path, json=sent).status_code == 428
    tag = {"If-Match": '"0"'}
    kept = office.ask(KATO, "PUT", path, json=sent, headers=tag)
    assert kept.json()["version"] == 1, kept.text
    assert office.ask(KATO, "PUT", path, json=sent, headers=tag).status_code == 412
    said = {one["name"]: one for one in office.get(KATO, path).json()["sections"]}
    assert said["risks"] == {"name": "risks", "text": "破れる", "is_edited": True}
    assert office.get(KATO, f"{path}?language=en&version=0").status_code == 200
