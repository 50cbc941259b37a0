"""NDAs by the API: recorded once, listed in pages, withdrawn; portals are told nothing."""

from tests.support.worlds.companies import ABE, AONAMI, KATO, NISHI, SECRET, UEDA

PATH = "/v1/ndas"
GIVEN = {"company": "青波フーズ", "signed_on": "2026-04-01"}


def test_one_is_recorded_listed_and_withdrawn(office):
    key = {"Idempotency-Key": "nda-1"}
    first = office.post(ABE, PATH, json=GIVEN, headers=key)
    assert first.status_code == 201 and first.json()["state"] == "holds"
    assert office.post(ABE, PATH, json=GIVEN, headers=key).json() == first.json()
    changed = office.post(UEDA, PATH, json={**GIVEN, "valid_until": "2026-05-01"})
    assert (changed.status_code, changed.json()["state"]) == (200, "ended")
    assert office.post(KATO, PATH, json={**GIVEN, "need_id": SECRET}).status_code == 201
    page = office.get(KATO, PATH, params={"organisation_id": "aonami", "limit": 1}).json()
    assert page["items"][0]["need_id"] == SECRET
    more = office.get(KATO, PATH, params={"limit": 1, "cursor": page["next_cursor"]}).json()
    assert [one["nda_id"] for one in more["items"]] == [first.json()["nda_id"]]
    assert [one["need_id"] for one in office.get(ABE, PATH).json()["items"]] == [""]
    one = f"{PATH}/{first.json()['nda_id']}"
    assert office.post(KATO, f"{one}/withdraw").status_code == 403
    assert office.post(ABE, f"{one}/withdraw").json()["state"] == "withdrawn"
    assert office.post(ABE, f"{one}/withdraw").status_code == 409


def test_who_may_not_is_refused_and_bad_input_is_named(office):
    for outsider in (AONAMI, NISHI):
        assert office.get(outsider, PATH).status_code == 403
        assert office.post(outsider, PATH, json=GIVEN).status_code == 403
    assert office.post(KATO, PATH, json=GIVEN).status_code == 403
    assert office.post(ABE, PATH, json={**GIVEN, "need_id": SECRET}).status_code == 404
    assert office.post(ABE, PATH, json={**GIVEN, "company": "無名"}).status_code == 404
    ended = {**GIVEN, "valid_until": "2026-03-31"}
    wrong = office.post(ABE, PATH, json=ended, headers={"accept-language": "ja"})
    assert wrong.status_code == 422 and "有効期限" in wrong.json()["detail"]
