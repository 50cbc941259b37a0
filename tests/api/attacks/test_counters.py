"""No id that companies see is a counter: their own would tell them how many there are in all."""

import base64
import re
from collections.abc import Iterator
from typing import Any

from office.webhooks.events import EVENTS
from tests.api.attacks.actors import Town

NEED, URL = "N-guests", "https://93.184.215.14/hooks"
RANDOM = {"release_id", "delivery_id", "case_id", "membership_id"}
FEWEST = 2**32  # below it a number of a list could be a count


def numbers_in(said: Any) -> Iterator[tuple[str, int]]:
    """Yield each whole number in an answer that goes by the name of an id."""
    if isinstance(said, dict):
        for name, value in said.items():
            if type(value) is int and (name == "id" or name.endswith("_id")):
                yield name, value
            yield from numbers_in(value)
    elif isinstance(said, list):
        for one in said:
            yield from numbers_in(one)


def furnished(town: Town) -> dict[str, Any]:
    """Let there be one of everything that a company may see of its need; the ids by their names."""
    head, portal = town["head"], town["portal-a"]
    released = head.post(f"/v1/needs/{NEED}/releases", json={}).json()
    given = portal.get(f"/v1/releases/{released['release_id']}").json()["content"]["matches"]
    people = [one["researcher"]["researcher_id"] for one in given[:1]]
    asked = portal.post("/v1/cases", json={"need_id": NEED, "researcher_ids": people})
    assert asked.status_code == 201, asked.text
    case = asked.json()
    nda = {"company": "aonami", "signed_on": "2026-04-01"}
    agreed = head.post("/v1/ndas", json=nda).json()
    team = {"researcher_ids": ["R-01", "R-02"]}
    made = head.post(f"/v1/needs/{NEED}/teams", json=team).json()
    hook = portal.post("/v1/webhooks", json={"url": URL}).json()
    tested = portal.post(f"/v1/webhooks/{hook['webhook_id']}/test")
    found = {**made, **agreed, **case, **released, **hook}
    assert tested.status_code == 202, tested.text
    return {**found, "organisation_id": "aonami", "researcher_id": "R-01", "seed_id": "S-public"}


def test_companies_see_no_number_that_is_counted(town: Town) -> None:
    met: dict[str, set[int]] = {}
    ids, answered = furnished(town), 0
    for path, ways in town.app.openapi()["paths"].items():
        if "get" not in ways:
            continue
        filled = re.sub(r"\{(\w+)\}", lambda named: str(ids.get(named[1], "x")), path)
        answer = town["portal-a"].get(filled)
        if answer.status_code == 200 and "json" in answer.headers["content-type"]:
            answered += 1
            for name, value in numbers_in(answer.json()):
                met.setdefault(name, set()).add(value)
    assert set(met) == RANDOM, (answered, met)
    assert all(value >= FEWEST for name in RANDOM for value in met[name])
    assert answered > 10


def test_a_portal_knows_a_case_by_its_own_number_alone(town: Town) -> None:
    head, portal = town["head"], town["portal-a"]
    [case, *_] = portal.get("/v1/cases").json()["items"]
    assert portal.get(f"/v1/cases/{case['case_id']}").json() == case
    counted = [one["case_id"] for one in head.get("/v1/cases?state=all").json()["items"]]
    assert {portal.get(f"/v1/cases/{one}").status_code for one in counted} == {404}
    assert head.get(f"/v1/cases/{case['case_id']}").status_code == 404
    pages, cursor, shown = 0, "", []
    while pages == 0 or cursor:
        page = portal.get("/v1/cases", params={"limit": 1, "cursor": cursor, "state": "all"}).json()
        pages, cursor = pages + 1, page["next_cursor"]
        shown += [one["case_id"] for one in page["items"]]
        assert not cursor or str(shown[-1]) in base64.urlsafe_b64decode(cursor + "==").decode()
    assert len(set(shown)) == pages


def test_nor_a_membership_by_the_offices(town: Town) -> None:
    head, portal = town["head"], town["portal-a"]
    [ours] = portal.get("/v1/members").json()["items"]
    assert portal.get(f"/v1/members/{ours['membership_id']}").json() == ours
    counted = [one["membership_id"] for one in head.get("/v1/members").json()["items"]]
    assert {portal.get(f"/v1/members/{one}").status_code for one in counted} == {404}


def test_no_message_to_a_portal_has_a_number_that_is_counted() -> None:
    counted = {name for event in EVENTS.values() for name, said in event.data.items() if said == 1}
    within = {"version", "estimate", "milestone"}  # counted in a case, or within it
    assert counted == {"release_id", "case_id", "membership_id", *within}


def test_a_companys_pages_have_no_number_but_those_of_lists(town: Town) -> None:
    member, seen, waiting = town["user@aonami.example"], set(), ["/member"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        page = member.get(path)
        assert page.status_code == 200, path
        linked = re.findall(r'(?:href|action)="(/[^"#?]*)', page.text)
        named = re.findall(r'name="\w*_id" value="([^"]*)"', page.text)
        for number in re.findall(r"(?<=/)\d+(?=/|$)", "\n".join(linked), re.MULTILINE):
            assert int(number) >= FEWEST, path
        assert not [one for one in named if one.isdecimal()], path
        own = {one for one in linked if one.startswith("/member") and not one.endswith("/answers")}
        waiting += sorted(own - seen - set(waiting))
    assert len(seen) > 5
