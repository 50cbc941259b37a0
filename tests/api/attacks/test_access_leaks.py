"""What is hidden leaves no trace: not in an answer's words, not in lists, counts, choices or ranks."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response

from catalogue.database.viewer import PORTAL, Viewer
from office.access import rules
from office.access.rules import matched_visibilities, may, sees_need, sees_seed
from tests.api.attacks import places
from tests.api.attacks.actors import Town
from tests.api.attacks.place import Place
from tests.api.attacks.test_access_walk import EVERYBODY, label
from tests.support.worlds.town import NEED_ROWS, SEED_ROWS, facts

VARYING = {"x-request-id", "ratelimit-remaining", "ratelimit-reset", "date"}


def hidden_from(viewer: Viewer) -> list[str]:
    return [
        n for n in NEED_ROWS if may(viewer, rules.SEE_NEEDS) and not sees_need(viewer, facts(n))
    ]


def traits(answer: Response, need_id: str) -> tuple[int, str, dict[str, str]]:
    """Return all that an answer tells but the id that was asked for and what always varies."""
    headers = {name: value for name, value in answer.headers.items() if name not in VARYING}
    body = re.sub(r'value="[\w-]{40,}"', "", answer.text)  # tokens of forms
    for form in (need_id, need_id.replace("/", "%2F")):
        body = body.replace(form, "(id)")
    return answer.status_code, body, headers


@pytest.mark.parametrize("place", [*places.OF_NEEDS, *places.ON_NEEDS], ids=label)
def test_a_need_that_is_hidden_looks_as_if_there_were_none(town: Town, place: Place) -> None:
    compared = 0
    for name in ("suzuki", "portal-k"):
        for need_id in hidden_from(town[name].viewer):
            unknown = need_id[:-1] + "~"
            answers = [
                traits(
                    town[name].ask(
                        place.method, place.address(need_id=n), **place.options(need_id=n)
                    ),
                    n,
                )
                for n in (need_id, unknown)
            ]
            assert answers[0] == answers[1], (name, need_id)
            compared += answers[0][0] == 404
            break
    assert compared or place.actions


def listed(town: Town, name: str) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        wanted = {"status": "all", "limit": 20, "cursor": cursor}
        answer = town[name].get("/v1/needs", params=wanted).json()
        yield from answer["items"]
        cursor = answer["next_cursor"]
        if not cursor:
            return


def test_lists_counts_and_choices_hold_nothing_hidden(town: Town) -> None:
    for name in EVERYBODY:
        viewer = town[name].viewer
        if not may(viewer, rules.SEE_NEEDS):
            continue
        seen = {n for n in NEED_ROWS if sees_need(viewer, facts(n))}
        assert {need["need_id"] for need in listed(town, name)} & set(NEED_ROWS) == seen, name
        for page in ("/needs?status=any", "/researchers/R-01", "/shortlist"):
            answer = town[name].get(page)
            hidden = [n for n in NEED_ROWS if f"題 {n}" in answer.text and n not in seen]
            assert hidden == [], (name, page)
        filters = ({"organisation_id": "kurose"}, {"manager": "endo"}, {"area": "competitive"})
        for wanted in filters:
            answer = town[name].get("/v1/needs", params={"status": "all", **wanted})
            assert answer.status_code == (
                422 if viewer.role == PORTAL and "manager" in wanted else 200
            )
            found = answer.json().get("items", [])
            assert {need["need_id"] for need in found} & set(NEED_ROWS) <= seen, (name, wanted)


def test_a_researchers_page_and_list_count_the_seeds_that_are_seen(town: Town) -> None:
    for name in EVERYBODY:
        viewer = town[name].viewer
        if not may(viewer, rules.SEE_RESEARCHERS):
            continue
        people = frozenset({"R-01"})
        seen = {s for s, (v, status) in SEED_ROWS.items() if sees_seed(viewer, v, people, status)}
        found = town[name].get("/v1/researchers/R-01/seeds").json()["items"]
        assert {seed["seed_id"] for seed in found} == seen, name
        page = town[name].get("/researchers/R-01").text
        assert {s for s in SEED_ROWS if f"膜の研究 {s}" in page} == seen, name


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", "/v1/matches", {"json": {"need_text": "薄い膜"}}),
        ("GET", "/v1/needs/N-open/matches", {}),
        ("POST", "/", {"data": {"need": "薄い膜"}}),
        ("POST", "/print", {"data": {"need": "薄い膜"}}),
        ("POST", "/export/csv", {"data": {"need": "薄い膜"}}),
    ],
)
def test_the_recommender_is_asked_for_seeds_that_the_role_may_be_matched_with(
    town: Town, method: str, path: str, sent: dict[str, Any]
) -> None:
    for name in EVERYBODY:
        town.recommender.asked.clear()
        answer = town[name].ask(method, path, **sent)
        if answer.status_code == 200:
            expected = {matched_visibilities(town[name].viewer)}
            assert set(town.recommender.asked) == expected, name


def test_a_released_list_is_of_public_seeds_whoever_releases_it(town: Town) -> None:
    town.recommender.asked.clear()
    assert town["head"].post("/v1/needs/N-open/releases", json={}).status_code == 201
    assert town["head"].get("/needs/N-open/release?whom=best").status_code == 200
    assert set(town.recommender.asked) == {("public",)}


def test_wishes_for_more_than_the_role_may_have_are_refused(town: Town) -> None:
    for wish in ({"visibilities": ["confidential"]}, {"visibility": "confidential"}):
        sent = {"need_text": "薄い膜", "filters": wish}
        assert town["ota"].post("/v1/matches", json=sent).status_code == 422
        assert town["ota"].post("/v1/jobs/matches", json={"filters": wish}).status_code == 422
