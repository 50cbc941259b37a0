"""What would change a rank by the API: as the page says it, to those whom the page is open to."""

from tests.api.pages.office.steps import audited
from tests.support.worlds.companies import AONAMI, KATO, KUROSE, OPEN, OTA, SECRET, UEDA


def path(need_id):
    return f"/v1/needs/{need_id}/what-would-change"


PERSON = {"params": {"researcher_id": "R-01"}}


def test_each_change_is_told_with_the_place_that_the_person_had_with_it(office):
    answer = office.get(KATO, path(OPEN), **PERSON)
    assert answer.status_code == 200
    found = answer.json()
    [first, *_] = office.get(KATO, f"/v1/needs/{OPEN}/matches").json()["matches"]
    assert found["researcher"] == first["researcher"]
    assert found["before"] == {name: first[name] for name in ("rank", "probability", "strength")}
    assert [len(effect["changes"]) for effect in found["effects"]] == [1] * len(found["effects"])
    gains = [effect["gain"] for effect in found["effects"]]
    assert gains == sorted(gains, reverse=True)
    told = {effect["changes"][0]["kind"]: effect for effect in found["effects"]}
    assert told["recent"]["changes"][0]["since"] > 2000
    seed_ids = {evidence["seed_id"] for evidence in first["evidence"]}
    assert told["withdrawn"]["changes"][0]["seed"]["seed_id"] in seed_ids
    gone = told["withdrawn"]["place"]
    assert gone["rank"] is None and told["withdrawn"]["effect"] == "out"


def test_a_need_that_is_not_seen_and_a_person_in_no_list_are_unknown(office):
    for viewer, need_id in ((OTA, SECRET), (KUROSE, OPEN), (KATO, "N-none")):
        assert office.get(viewer, path(need_id), **PERSON).status_code == 404
    answer = office.get(KATO, path(OPEN), params={"researcher_id": "R-99"})
    assert answer.status_code == 404 and "R-99" not in answer.json()["detail"]
    assert office.get(KATO, path(OPEN)).status_code == 422


def test_a_portal_asks_of_its_own_needs_and_reading_a_closed_one_is_noted(office):
    assert office.get(AONAMI, path(OPEN), **PERSON).status_code == 200
    office.get(UEDA, path(SECRET), **PERSON)
    assert SECRET in {need for _, need, _ in audited(office.catalogue, "read")}
