"""Projects over the API: read, changed entry by entry in versions, listed; portals are told nothing."""

from sqlalchemy import update

from office.cases.kept import CASES
from tests.api.v1.test_cases import opened
from tests.support.worlds.companies import AONAMI, KATO, UEDA

MILESTONE = {"entry": "milestone", "name": "試料", "planned_on": "2026-05-01"}


def project(office):
    number = opened(office).json()["case_id"]
    path = f"/v1/cases/{number}/project"
    assert office.get(KATO, path).status_code == 409  # none yet
    with office.catalogue.writing() as connection:
        connection.execute(
            update(CASES).where(CASES.c.case_id == number).values(stage="full_prototype")
        )
    return path


def sent(office, viewer, method, path, body=None, tag=None):  # noqa: PLR0917
    headers = {"If-Match": tag} if tag else {}
    return office.ask(viewer, method, path, json=body, headers=headers)


def test_a_project_is_read_and_changed_in_versions_and_portals_are_told_nothing(office):
    path = project(office)
    read = office.get(KATO, path)
    assert (read.headers["etag"], read.json()["lights"]["whole"]["color"]) == ('"0"', "grey")
    entries = f"{path}/entries"
    assert sent(office, KATO, "POST", entries, MILESTONE).status_code == 428
    once = {"If-Match": '"0"', "Idempotency-Key": "k-1"}
    made = office.ask(KATO, "POST", entries, json=MILESTONE, headers=once)
    again = office.ask(KATO, "POST", entries, json=MILESTONE, headers=once)
    assert again.json() == made.json()
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert made.json()["lights"]["of"]["schedule"]["color"] == "red"
    assert sent(office, KATO, "POST", entries, MILESTONE, '"0"').status_code == 412
    one = f"{entries}/milestone/{made.json()['entries'][0]['entry_id']}"
    reached = {**MILESTONE, "state": "reached", "actual_on": "2026-05-02"}
    changed = sent(office, KATO, "PUT", one, reached, '"1"').json()
    assert changed["entries"][0]["said"]["actual_on"] == "2026-05-02"
    wrong = sent(office, KATO, "PUT", one, {**MILESTONE, "state": "reached"}, '"2"')
    assert wrong.status_code == 422 and "actual_on" in wrong.text
    line = {"entry": "budget", "name": "旅費", "kind": "travel", "amount_jpy": 100_000}
    assert sent(office, KATO, "POST", entries, line, '"2"').json()["budget_jpy"] == 100_000
    light = {"light": "amber", "reason": "先方の都合", "until": "2199-01-01"}
    assert sent(office, KATO, "PUT", f"{path}/light", light, '"3"').json()["lights"]["by_hand"]
    period = {"starts_on": "2026-04-01", "ends_on": "2027-03-31"}
    assert sent(office, KATO, "PUT", f"{path}/period", period, '"4"').headers["etag"] == '"5"'
    assert sent(office, KATO, "DELETE", one, None, '"5"').json()["version"] == 6
    share = {"entry": "share", "researcher_id": "R-01", "percent": 60, "since": "2026-04-01",
             "until": "2199-03-31"}  # fmt: skip
    assert sent(office, KATO, "POST", entries, share, '"6"').status_code == 201
    people = office.get(KATO, "/v1/project-people").json()["people"]
    assert people[0]["months"] == [60] * 12 and not people[0]["is_overloaded"]
    listed = office.get(UEDA, "/v1/projects?light=amber&limit=1").json()
    assert [one["case_id"] for one in listed["items"]] == [int(path.split("/")[3])]
    assert office.get(UEDA, "/v1/projects?light=red").json()["items"] == []
    for hidden in (path, "/v1/projects", "/v1/project-people"):
        assert office.get(AONAMI, hidden).status_code == 403
