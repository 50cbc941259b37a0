"""Every role at every route with every kind of object: HTTP answers what the rules say, and no more."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import text

from enmusubi.matcher.access import rules
from enmusubi.matcher.access.rules import matched_visibilities, may, sees_need, sees_seed
from enmusubi.matcher.access.viewer import CHIEF, Viewer
from enmusubi.matcher.desk.searches import SearchDraft, save_search
from enmusubi.matcher.records import Need
from enmusubi.matcher.reports.comparison import PreviousRun
from enmusubi.matcher.reports.records import NeedReport, NightReport
from enmusubi.matcher.reports.writing import write_report
from tests.api.attacks import places
from tests.api.attacks.places import Place
from tests.api.attacks.town import (
    AUTHOR,
    MACHINES,
    NEED_ROWS,
    ROLES,
    SEED_ROWS,
    Town,
    ask_guests_in,
    facts,
)
from tests.api.signin.test_forgery import walk

EVERYBODY = (*ROLES, AUTHOR, *MACHINES)
EACH_ROLE = tuple(n for n in EVERYBODY if n not in {"morita", "suzuki", AUTHOR, "portal-k"})
EACH_TIE = tuple(n for n in EVERYBODY if n not in {"suzuki", AUTHOR, "portal-m", "notebook"})
OUTSIDERS = ("head", "kato", "nishi", "ota", "portal-a", "notebook", "root")
WRITTEN = ("N/undeclared 1", "N-guests")
READ = (*WRITTEN, "N-inside", "N-kurose")
NIGHT = "2026-11-20"
VARYING = {"x-request-id", "ratelimit-remaining", "ratelimit-reset", "date"}


def label(place: Place) -> str:
    return f"{place.method} {place.path or place.route}"


def check(
    town: Town,
    place: Place,
    expected: Any,
    names: dict[str, str],
    *,
    actors: tuple[str, ...] = EVERYBODY,
) -> list[str]:
    """Return what answers differ from the verdict."""
    found = []
    for name in actors:
        actor, allowed = town[name], expected(name)
        answer = actor.ask(place.method, place.address(**names), **place.options(**names))
        if answer.status_code not in allowed:
            told = f"{name}: {answer.status_code}, not {sorted(allowed)[:3]}: {answer.text[:200]!r}"
            found.append(f"{label(place)} {names}: {told}")
        if "/guests" in place.route and answer.is_success | answer.is_redirect:
            ask_guests_in(town.catalogue)
    return found


def test_no_route_is_forgotten(town: Town) -> None:
    routes = {
        (method, route.path) for route in walk(town.app.routes) for method in route.methods or ()
    }
    assert routes == places.known_routes()


@pytest.mark.parametrize("place", places.OF_NEEDS, ids=label)
def test_a_need_is_read_by_those_whom_the_rules_name(town: Town, place: Place) -> None:
    wrong = []
    for need_id in NEED_ROWS if place.route == places.ONE else READ:
        verdict = lambda name, n=need_id: place.verdict(town[name].viewer, facts(n))
        wrong += check(town, place, verdict, {"need_id": need_id})
    assert wrong == []


@pytest.mark.parametrize("place", places.ON_NEEDS, ids=label)
def test_a_need_is_worked_on_by_those_whom_the_rules_name(town: Town, place: Place) -> None:
    wrong = []
    for need_id in WRITTEN:
        verdict = lambda name, n=need_id: place.verdict(town[name].viewer, facts(n))
        wrong += check(town, place, verdict, {"need_id": need_id}, actors=EACH_TIE)
    assert wrong == []


@pytest.mark.parametrize("need_id", WRITTEN)
def test_a_released_list_is_seen_by_those_who_see_its_need(town: Town, need_id: str) -> None:
    path = places.ON_NEEDS[5].address(need_id=need_id)
    release_id = str(town["head"].post(path, json={}).json()["release_id"])
    wrong = []
    for place in places.ON_RELEASES:
        verdict = lambda name, p=place: p.verdict(town[name].viewer, facts(need_id))
        wrong += check(town, place, verdict, {"release_id": release_id})
    assert wrong == []
    assert town["portal-a"].get(f"/v1/releases/{release_id}").status_code == 404  # revoked by now


@pytest.mark.parametrize("seed_id", SEED_ROWS)
def test_a_seed_is_seen_by_those_whom_the_rules_name(town: Town, seed_id: str) -> None:
    visibility, status = SEED_ROWS[seed_id]
    people = frozenset({"R-01"})

    def verdict(name: str) -> set[int]:
        viewer = town[name].viewer
        if not may(viewer, rules.SEE_RESEARCHERS):
            return {403}
        return {200} if sees_seed(viewer, visibility, people, status) else {404}

    assert check(town, places.OF_SEEDS[0], verdict, {"seed_id": seed_id}) == []


@pytest.fixture(scope="module")
def belongings(town: Town) -> dict[str, tuple[str, str]]:
    """Things of one owner: the name that routes have for each, who owns it, and its id."""
    job = town["kato"].post("/v1/jobs/matches", json={"need_ids": ["N-open"]}).json()["job_id"]
    hook = town["portal-a"].post("/v1/webhooks", json={"url": "http://127.0.0.1:9/"}).json()
    draft = SearchDraft("探しもの", text="薄い膜を探しています。")
    search = save_search(town.catalogue, town["kato"].viewer, draft)
    note = {"need_id": "N-open", "researcher_id": "R-01", "text": "良い"}
    town["kato"].post("/notes", data=note)
    with town.catalogue.reading() as connection:
        note_id = connection.execute(text("select max(note_id) from match_note")).scalar_one()
    return {
        "job_id": ("kato", job),
        "webhook_id": ("portal-a", hook["webhook_id"]),
        "search_id": ("kato", str(search)),
        "note_id": ("kato", str(note_id)),
    }


@pytest.mark.parametrize("place", places.OWN, ids=label)
def test_what_is_somebodys_own_is_nothing_to_others(
    town: Town, belongings: dict[str, tuple[str, str]], place: Place
) -> None:
    kind = next(name for name in belongings if f"{{{name}" in place.route)
    owner, its_id = belongings[kind]

    def verdict(name: str) -> frozenset[int]:
        viewer = town[name].viewer
        if place.verdict(viewer) == {403}:
            return frozenset({403})
        if kind == "note_id" and sees_need(viewer, facts("N-open")):
            return frozenset({403})  # they read it, and may not delete it
        return frozenset({404})

    others = lambda name: place.good if name == owner else verdict(name)  # noqa: E731
    order = sorted(
        (*OUTSIDERS, "morita", "portal-k"), key=lambda name: name == owner
    )  # the owner, who may delete it, last
    wrong = []
    for name in order:
        answer = town[name].ask(
            place.method, place.address(**{kind: its_id}), **place.options(**{kind: its_id})
        )
        if answer.status_code not in others(name):
            wrong.append((name, answer.status_code, others(name), answer.text[:200]))
    assert wrong == []


@pytest.mark.parametrize("place", places.PLAIN, ids=label)
def test_roles_do_what_the_rules_allow_them(town: Town, place: Place) -> None:
    names = {"researcher_id": "R-01"}
    verdict = lambda name: place.verdict(town[name].viewer)  # noqa: E731
    assert check(town, place, verdict, names, actors=EACH_ROLE) == []


@pytest.mark.parametrize("place", places.ADMIN, ids=label)
def test_only_administrators_get_into_their_pages(town: Town, place: Place) -> None:
    names = dict.fromkeys(re.findall(r"{(\w+)}", place.route), "7")
    verdict = lambda name: place.verdict(town[name].viewer)  # noqa: E731
    assert check(town, place, verdict, names, actors=OUTSIDERS) == []


def test_the_first_page_leads_the_administrator_to_theirs(town: Town) -> None:
    for name in EVERYBODY:
        viewer = town[name].viewer
        answer = town[name].get("/")
        expected = 200 if may(viewer, rules.ASK) else 303 if may(viewer, rules.ADMINISTER) else 403
        assert answer.status_code == expected, name


@pytest.fixture(scope="module")
def night(town: Town) -> str:
    """The name of a night that matched all needs."""
    needs = tuple(NeedReport(Need(f"文 {n}", n, title=f"題 {n}"), ()) for n in NEED_ROWS)
    previous = PreviousRun()
    report = NightReport(NIGHT, NIGHT, "v000001", "words@01", 2, needs, previous=previous.name)
    return write_report(report, previous, town.settings.reports_dir).name


def test_a_night_shows_each_the_needs_that_they_see(town: Town, night: str) -> None:
    for name in EVERYBODY:
        viewer = town[name].viewer
        answer = town[name].get(f"/reports/{night}")
        assert answer.status_code == (200 if may(viewer, rules.SEE_REPORTS) else 403), name
        shown = {need_id for need_id in NEED_ROWS if f"題 {need_id}" in answer.text}
        seen = {n for n in NEED_ROWS if sees_need(viewer, facts(n))}
        assert shown == (seen if answer.status_code == 200 else set()), name


@pytest.mark.parametrize("kind", ["page", "workbook"])
def test_a_whole_night_is_the_chiefs_alone(town: Town, night: str, kind: str) -> None:
    for name in EVERYBODY:
        answer = town[name].get(f"/reports/{night}/files/{kind}")
        assert answer.status_code == (200 if town[name].viewer.role == CHIEF else 403), name


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
            found = town[name].get("/v1/needs", params={"status": "all", **wanted}).json()["items"]
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
    assert town["head"].post("/needs/N-open/releases").status_code == 303
    assert set(town.recommender.asked) == {("public",)}


def test_wishes_for_more_than_the_role_may_have_are_refused(town: Town) -> None:
    for wish in ({"visibilities": ["confidential"]}, {"visibility": "confidential"}):
        sent = {"need_text": "薄い膜", "filters": wish}
        assert town["ota"].post("/v1/matches", json=sent).status_code == 422
        assert town["ota"].post("/v1/jobs/matches", json={"filters": wish}).status_code == 422
