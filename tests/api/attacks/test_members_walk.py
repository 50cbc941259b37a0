"""A company's user at every route there is: refused but at their own pages, of their company alone."""

import re

import pytest

from tests.api.attacks import places
from tests.api.attacks.actors import Town
from tests.support.worlds.town import NEED_ROWS

OURS, THEIRS = "user@aonami.example", "user@kurose.example"
OWN = re.compile(r"/member(?:/|$)")


def test_every_route_refuses_a_companys_user_but_their_own_pages(town: Town) -> None:
    wrong = []
    for method, route in sorted(places.known_routes() - places.OPEN - {places.HOME}):
        if OWN.match(route):
            continue
        path = re.sub(r"{[^}]*}", "7", route)
        answer = town[OURS].ask(method, path)
        if answer.status_code != 403:
            wrong.append((method, route, answer.status_code))
    assert wrong == []


@pytest.fixture(scope="module")
def release_id(town: Town) -> int:
    made = town["head"].post("/v1/needs/N-guests/releases", json={})
    assert made.status_code == 201, made.text
    number = made.json()["release_id"]
    assert isinstance(number, int)
    return number


def test_they_see_their_needs_lists_and_cases_and_nothing_of_others(
    town: Town, release_id: int
) -> None:
    case = {"need_id": "N-guests", "researcher_ids": ["R-02"], "title": "秘められた件"}
    made = town["head"].post("/v1/cases", json=case)
    assert made.status_code == 201, made.text
    ours, theirs = town[OURS], town[THEIRS]
    own = {need_id for need_id, row in NEED_ROWS.items() if row["organisation_id"] == "aonami"}
    shown = ours.get("/member").text
    assert {need_id for need_id in NEED_ROWS if f"題 {need_id}<" in shown} == own
    assert "秘められた件" not in shown  # the company does not know of that case yet
    assert ours.get("/member/needs/N-guests").status_code == 200
    assert ours.get("/member/needs/N-kurose").status_code == 404
    assert theirs.get("/member/needs/N-guests").status_code == 404
    assert ours.get(f"/member/lists/{release_id}").status_code == 200
    assert theirs.get(f"/member/lists/{release_id}").status_code == 404
    page = f"/member/lists/{release_id}/answers"
    said = {"researcher_id": "R-01", "verdict": "not_suitable", "reason": "too_early"}
    assert theirs.post(page, data=said).status_code == 404
    assert ours.post(page, data=said).status_code == 303
    assert ours.post(page, data={**said, "researcher_id": "R-77"}).status_code == 404
    told = town["head"].get("/v1/needs/N-guests/feedback").json()["items"]
    assert [one["judged_by"] for one in told] == [f"member:{OURS}"]
    assert OURS in ours.get(f"/member/lists/{release_id}").text


def test_of_a_case_they_learn_stage_and_days_and_no_more(town: Town) -> None:
    head = town["head"]
    draft = {"need_id": "N-inside", "researcher_ids": ["R-02"], "next_step": "内輪の相談"}
    made = head.post("/v1/cases", json=draft)
    number = made.json()["case_id"]
    met = {one["id"]: "met" for one in _criteria(town, "dialogue")}
    choice = {"decision": "go", "criteria": met, "reason": "内輪の理由"}
    tag = {"if-match": made.headers["etag"]}
    decided = head.ask("POST", f"/v1/cases/{number}/decisions", json=choice, headers=tag)
    assert decided.status_code == 200, decided.text
    for path in ("/member", "/member/needs/N-inside", "/member/report"):
        page = town[OURS].get(path).text
        assert "対話" in page and "<time" in page, path
        for hidden in ("内輪", "林 海", ">head<", "kato"):
            assert hidden not in page, (path, hidden)
    assert "題 N-inside" not in town[THEIRS].get("/member").text


def _criteria(town: Town, gate: str) -> list[dict[str, str]]:
    gates = town["head"].get("/v1/case-gates").json()["gates"]
    found: list[dict[str, str]] = next(one["criteria"] for one in gates if one["gate"] == gate)
    return found


def test_a_portal_reads_the_memberships_of_its_companies_and_no_others(town: Town) -> None:
    head = town["head"]
    every = head.get("/v1/members").json()["items"]
    number_of = {one["organisation_id"]: one["membership_id"] for one in every}
    said = {
        "company": "aonami",
        "since": "2026-01-01",
        "contacts": "青波の佐藤",
        "terms": "年会費なし",
    }
    assert head.post("/v1/members", json=said).status_code == 200
    path = f"/v1/members/{number_of['aonami']}"
    ours, theirs = town["portal-a"], town["portal-k"]
    [listed] = ours.get("/v1/members").json()["items"]
    own_path = f"/v1/members/{listed['membership_id']}"  # by a number that tells no count
    read = ours.get(own_path)
    assert read.json() == listed
    assert (listed["contacts"], listed["terms"], listed["kind"]) == (
        "青波の佐藤",
        "年会費なし",
        "regular",
    )
    assert listed["recorded_by"] == "" and head.get(path).json()["recorded_by"] == "head"
    known = {"if-none-match": read.headers["etag"]}
    assert ours.get(own_path, headers=known).status_code == 304
    hidden = theirs.get(own_path)
    nowhere = theirs.get("/v1/members/999999")
    assert (hidden.status_code, hidden.json()["detail"]) == (404, nowhere.json()["detail"])
    wanted = {"organisation_id": "aonami"}
    assert theirs.get("/v1/members", params=wanted).json()["items"] == []
    assert "青波の佐藤" not in theirs.get("/v1/members").text
    for method, way, body in (
        ("POST", "/v1/members", said),
        ("PUT", path, said),
        ("POST", f"{path}/withdraw", None),
    ):
        assert ours.ask(method, way, json=body).status_code == 403, (method, way)
    assert town["portal-m"].get(path).status_code == 403  # without the scope


def test_a_company_that_is_no_member_any_more_is_shown_nothing(town: Town) -> None:
    listed = town["head"].get("/v1/members", params={"organisation_id": "kurose"}).json()["items"]
    number = listed[0]["membership_id"]
    assert town["head"].post(f"/v1/members/{number}/withdraw").status_code == 200
    page = town[THEIRS].get("/member")
    assert page.status_code == 403 and "N-kurose" not in page.text
    assert town[THEIRS].get("/member/report").status_code == 404
