"""Which ids that companies see are counters: their own could tell them how many there are in all.

docs/security.md names what is left, so that nothing is added unseen.
"""

import re
from collections.abc import Iterator
from typing import Any

from tests.api.attacks.actors import Town

NEED, URL = "N-guests", "https://93.184.215.14/hooks"
COUNTERS = {"delivery_id"}  # of a portal; docs/security.md, "What is open"
RANDOM = {"release_id"}
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
    case = head.post("/v1/cases", json={"need_id": NEED, "researcher_ids": ["R-02"]}).json()
    nda = {"company": "aonami", "signed_on": "2026-04-01"}
    agreed = head.post("/v1/ndas", json=nda).json()
    team = {"researcher_ids": ["R-01", "R-02"]}
    made = head.post(f"/v1/needs/{NEED}/teams", json=team).json()
    hook = portal.post("/v1/webhooks", json={"url": URL}).json()
    tested = portal.post(f"/v1/webhooks/{hook['webhook_id']}/test")
    found = {**made, **agreed, **case, **released, **hook}
    assert tested.status_code == 202, tested.text
    return {**found, "organisation_id": "aonami", "researcher_id": "R-01", "seed_id": "S-public"}


def test_the_numbers_that_companies_see_are_those_that_are_known_to_be_counted(town: Town) -> None:
    ids, met, answered = furnished(town), {}, 0
    for path, ways in town.app.openapi()["paths"].items():
        if "get" not in ways:
            continue
        filled = re.sub(r"\{(\w+)\}", lambda named: str(ids.get(named[1], "x")), path)
        answer = town["portal-a"].get(filled)
        if answer.status_code == 200 and "json" in answer.headers["content-type"]:
            answered += 1
            for name, value in numbers_in(answer.json()):
                met.setdefault(name, set()).add(value)
    assert set(met) == COUNTERS | RANDOM, (answered, met)
    assert all(value >= FEWEST for name in RANDOM for value in met[name])
    assert answered > 10


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
