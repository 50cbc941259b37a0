"""Teams over the API: proposed, saved once, changed in versions, deleted, and for whom."""

import pytest
from sqlalchemy import update

from catalogue.database.models import StoredNeed
from catalogue.records.drafts import RESEARCHERS, Draft
from tests.support.worlds.companies import AONAMI, KATO, OPEN, SATO, SECRET, UEDA
from tests.support.worlds.screened import interest

TEAMS = f"/v1/needs/{OPEN}/teams"
BODY = {"researcher_ids": ["R-01", "R-02"], "lead": "R-02", "name": "Film"}


@pytest.fixture(autouse=True)
def two_fit(office):
    """The text of the open need has words of both researchers, who are in the catalogue."""
    second = Draft(RESEARCHERS, {"researcher_id": "R-02", "name_en": "Sven Lindqvist"})
    office.catalogue.write([second], source="test")
    text = "薄い膜 thin film packaging " * 2
    with office.catalogue.writing() as connection:
        connection.execute(update(StoredNeed).where(StoredNeed.need_id == OPEN).values(text=text))


def saved(office, **changed):
    answer = office.ask(KATO, "POST", TEAMS, json={**BODY, **changed})
    assert answer.status_code == 201, answer.text
    return answer


def test_teams_are_proposed_with_wishes_members_and_the_terms_of_their_worth(office):
    found = office.get(KATO, TEAMS).json()
    assert (len(found["wishes"]), found["reason"]) == (2, "")
    best = found["proposed"][0]
    terms = ("coverage", "lead_term", "departments_term", "fields_term", "joint_term")
    assert best["worth"] == pytest.approx(sum(best[t] for t in terms) - best["cost"], abs=1e-3)
    assert best["is_best"] and [m["is_lead"] for m in best["members"]] == [True, False]
    assert {c["wish"] for m in best["members"] for c in m["covers"]} == {0, 1}
    assert best["members"][0]["worked_with"][0]["title"] == "A report by both"
    named = office.get(KATO, f"{TEAMS}?lead=R-02").json()["proposed"][0]["members"][0]
    assert (named["researcher"]["researcher_id"], named["is_lead"]) == ("R-02", True)
    assert office.get(KATO, f"{TEAMS}?largest=9").status_code == 422
    assert office.get(KATO, f"{TEAMS}?lead=R-09").status_code == 404


def test_a_team_is_saved_read_changed_and_deleted(office):
    answer = saved(office)
    number, path = answer.json()["team_id"], f"{TEAMS}/{answer.json()['team_id']}"
    read = office.get(KATO, path)
    assert read.json()["team"]["members"][0]["researcher"]["researcher_id"] == "R-02"
    assert (read.headers["etag"], len(read.json()["wishes"])) == ('"1"', 2)

    change = {"name": "Two", "lead": ""}
    assert office.ask(KATO, "PATCH", path, json=change).status_code == 428
    tag = {"If-Match": read.headers["etag"]}
    changed = office.ask(KATO, "PATCH", path, json=change, headers=tag)
    assert (changed.json()["name"], changed.json()["lead"]) == ("Two", "")
    assert changed.json()["researcher_ids"] == ["R-01", "R-02"]
    assert changed.headers["etag"] == '"2"'
    late = office.ask(UEDA, "PATCH", path, json={"name": "Late"}, headers=tag)
    assert late.status_code == 412
    assert office.ask(KATO, "DELETE", path, headers=tag).status_code == 412
    assert office.ask(KATO, "DELETE", path).status_code == 204
    assert office.get(KATO, path).status_code == 404
    assert office.get(KATO, TEAMS).json()["saved"] == []
    assert ("person:kato", "delete", "team", str(number)) in office.trail()


def test_a_request_that_is_sent_again_saves_one_team(office):
    headers = {"Idempotency-Key": "team-1"}
    first, second = (office.ask(KATO, "POST", TEAMS, json=BODY, headers=headers) for _ in range(2))
    assert first.json()["team_id"] == second.json()["team_id"]
    assert len(office.get(KATO, TEAMS).json()["saved"]) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"researcher_ids": ["R-01"]}, 422),
        ({"researcher_ids": ["R-01", "nobody"]}, 404),
        ({"lead": "R-09"}, 404),
        ({"worth": 3}, 422),
    ],
)
def test_what_is_no_team_is_refused(office, body, status):
    answer = office.ask(KATO, "POST", TEAMS, json={**BODY, **body})
    assert answer.status_code == status


def test_teams_are_the_office_s_and_those_of_a_hidden_need_are_not_there(office):
    assert office.get(AONAMI, TEAMS).status_code == 403
    for path in (f"/v1/needs/{SECRET}/teams", f"/v1/needs/{SECRET}/teams/1"):
        assert office.get(SATO, path).status_code == 404


def test_whom_screening_stops_is_in_no_proposal_and_marked_in_a_saved_team(office):
    path = f"{TEAMS}/{saved(office).json()['team_id']}"
    with office.catalogue.writing() as connection:
        interest(connection, "R-01", "青波フーズ", "family")

    found = office.get(KATO, TEAMS).json()
    assert (found["proposed"], found["reason"]) == ([], "too_few")
    members = office.get(KATO, path).json()["team"]["members"]
    assert {m["researcher"]["researcher_id"]: m["is_blocked"] for m in members} == {
        "R-01": True,
        "R-02": False,
    }
