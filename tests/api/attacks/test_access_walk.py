"""Every role at every route with every kind of object: HTTP answers what the rules say, and no more."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from catalogue.database.viewer import CHIEF, IP, PORTAL
from matcher.records import Need
from office.access import rules
from office.access.rules import may, sees_need, sees_seed
from office.reports.publication import write_report
from office.reports.records import NeedReport, NightReport, PreviousRun
from office.saved_searches import SearchDraft, save_search
from tests.api.attacks import places, places_of_needs
from tests.api.attacks.actors import Town
from tests.api.attacks.place import Place
from tests.api.signin.test_forgery import walk
from tests.support.worlds.screened import interest
from tests.support.worlds.town import (
    AUTHOR,
    MACHINES,
    MEMBERS,
    NEED_ROWS,
    ROLES,
    SEED_ROWS,
    ask_guests_in,
    facts,
)

EVERYBODY = (*ROLES, AUTHOR, *MEMBERS, *MACHINES)
EACH_ROLE = tuple(n for n in EVERYBODY if n not in {"morita", "suzuki", AUTHOR, "portal-k"})
EACH_TIE = tuple(n for n in EVERYBODY if n not in {"suzuki", AUTHOR, "portal-m", "notebook"})
OUTSIDERS = ("head", "kato", "nishi", "ota", "portal-a", "notebook", "root")
WRITTEN = ("N/undeclared 1", "N-guests")
READ = (*WRITTEN, "N-inside", "N-kurose")
NIGHT = "2026-11-20"


def label(place: Place) -> str:
    return f"{place.method} {place.path or place.route}"


@dataclass
class Walk:
    """Who is sent where: everybody, or the first who meets each way to be answered.

    Ways are: let in, refused for the role, and refused, as if it were not there or not to be changed,
    for the object alone. The matrix of roles and objects is the rules' own test.
    """

    everybody: bool
    met: set[tuple[Any, ...]] = field(default_factory=set)

    def sends(self, town: Town, place: Place, name: str, allowed: Any) -> bool:
        """Say whether this one is sent to the place."""
        viewer = town[name].viewer
        by_role = all(may(viewer, action) for action in place.actions)
        way = (label(place), frozenset(allowed), by_role)
        if way in self.met and not self.everybody:
            return False
        self.met.add(way)
        return True


@pytest.fixture
def wanderers(exhaustive: bool) -> Walk:
    return Walk(exhaustive)


def check(
    town: Town,
    place: Place,
    expected: Any,
    names: dict[str, str],
    wanderers: Walk,
    *,
    actors: tuple[str, ...] = EVERYBODY,
) -> list[str]:
    """Return what answers differ from the verdict."""
    found = []
    for name in actors:
        if not wanderers.sends(town, place, name, expected(name)):
            continue
        actor, allowed = town[name], expected(name)
        answer = actor.ask(place.method, place.address(**names), **place.options(**names))
        if answer.status_code not in allowed:
            told = f"{name}: {answer.status_code}, not {sorted(allowed)[:3]}: {answer.text[:200]!r}"
            found.append(f"{label(place)} {names}: {told}")
        if "/guests" in place.route and answer.is_success | answer.is_redirect:
            ask_guests_in(town.catalogue)
    return found


def verdict_on(town: Town, place: Place, need_id: str) -> Callable[[str], frozenset[int]]:
    """Return a function that gives the rules' verdict for each actor and this need."""
    return lambda name: place.verdict(town[name].viewer, facts(need_id))


def test_no_route_is_forgotten(town: Town) -> None:
    routes = {
        (method, route.path) for route in walk(town.app.routes) for method in route.methods or ()
    }
    assert routes == places.known_routes()


@pytest.mark.parametrize("place", places.OF_NEEDS, ids=label)
def test_a_need_is_read_by_those_whom_the_rules_name(
    town: Town, place: Place, wanderers: Walk
) -> None:
    wrong = []
    for need_id in NEED_ROWS if place.route == places_of_needs.ONE else READ:
        verdict = verdict_on(town, place, need_id)
        wrong += check(town, place, verdict, {"need_id": need_id}, wanderers)
    assert wrong == []


@pytest.mark.parametrize("place", places.ON_NEEDS, ids=label)
def test_a_need_is_worked_on_by_those_whom_the_rules_name(
    town: Town, place: Place, wanderers: Walk
) -> None:
    wrong = []
    for need_id in WRITTEN:
        verdict = verdict_on(town, place, need_id)
        wrong += check(town, place, verdict, {"need_id": need_id}, wanderers, actors=EACH_TIE)
    assert wrong == []


@pytest.mark.parametrize("need_id", WRITTEN)
def test_a_released_list_is_seen_by_those_who_see_its_need(
    town: Town, need_id: str, wanderers: Walk
) -> None:
    path = places.ON_NEEDS[5].address(need_id=need_id)
    release_id = str(town["head"].post(path, json={}).json()["release_id"])
    wrong = []
    for place in places.ON_RELEASES:
        verdict = verdict_on(town, place, need_id)
        wrong += check(town, place, verdict, {"release_id": release_id}, wanderers)
    assert wrong == []
    assert town["portal-a"].get(f"/v1/releases/{release_id}").status_code == 404  # revoked by now


@pytest.mark.parametrize("need_id", WRITTEN)
def test_what_waits_is_decided_by_the_rules_role_among_those_who_see_the_need(
    town: Town, need_id: str, wanderers: Walk
) -> None:
    with town.catalogue.writing() as connection:
        interest(connection, "R-01", "青波フーズ", "family")
    stopped = town["head"].post(places.ON_NEEDS[5].address(need_id=need_id), json={})
    assert stopped.status_code == 409, stopped.text
    listed = town["head"].get("/v1/clearances", params={"need_id": need_id}).json()
    number = listed["clearances"][0]["clearance_id"]
    decided = {"decision": "refused", "reason": "理由"}
    assert town["head"].post(f"/v1/clearances/{number}/decision", json=decided).is_success

    def verdict_of(place: Place, name: str) -> frozenset[int]:
        viewer, found = town[name].viewer, place.verdict(town[name].viewer, facts(need_id))
        is_others = viewer.role == IP and found == place.good
        return frozenset({403}) if is_others else found

    wrong = []
    for place in places.ON_CLEARANCES:
        names = {"clearance_id": str(number)}
        wrong += check(town, place, partial(verdict_of, place), names, wanderers)
    assert wrong == []


@pytest.mark.parametrize("place", places.ON_TEAMS, ids=label)
@pytest.mark.parametrize("need_id", WRITTEN)
def test_a_team_is_read_by_the_office_and_changed_by_who_may_change_the_need(
    town: Town, need_id: str, place: Place, wanderers: Walk
) -> None:
    path = Place("POST", f"{places_of_needs.OF}/teams").address(need_id=need_id)
    saved = town["head"].post(path, json={"researcher_ids": ["R-01", "R-02"]})
    names = {"need_id": need_id, "team_id": str(saved.json()["team_id"])}
    gone = place.method == "DELETE" or place.route.endswith("/remove")
    wrong = []
    for actor in EACH_TIE:
        if gone:  # each finds a team of their own to delete
            saved = town["head"].post(path, json={"researcher_ids": ["R-01", "R-02"]})
            names["team_id"] = str(saved.json()["team_id"])
        verdict = verdict_on(town, place, need_id)
        wrong += check(town, place, verdict, names, wanderers, actors=(actor,))
    assert wrong == []


@pytest.mark.parametrize("need_id", WRITTEN)
def test_an_inquiry_is_seen_with_its_need_and_changed_with_it(
    town: Town, need_id: str, wanderers: Walk
) -> None:
    letter = {"researcher": "R-02", "message": "お尋ねします。", "how": "copy"}
    asked = town["head"].post(f"/needs/{quote(need_id, safe='')}/inquiries", data=letter)
    assert asked.status_code == 200, asked.text
    with town.catalogue.reading() as connection:
        number = connection.execute(text("select max(inquiry_id) from inquiry")).scalar_one()
    wrong = []
    for place in places.ON_INQUIRIES:
        verdict = verdict_on(town, place, need_id)
        wrong += check(town, place, verdict, {"inquiry_id": str(number)}, wanderers)
    assert wrong == []


@pytest.mark.parametrize("need_id", WRITTEN)
def test_a_case_is_seen_with_its_need_and_changed_with_it(
    town: Town, need_id: str, wanderers: Walk
) -> None:
    made = town["head"].post("/v1/cases", json={"need_id": need_id, "researcher_ids": ["R-02"]})
    assert made.status_code == 201, made.text
    number = made.json()["case_id"]

    def verdict_of(place: Place, name: str) -> frozenset[int]:
        viewer, found = town[name].viewer, place.verdict(town[name].viewer, facts(need_id))
        is_portals = viewer.role == PORTAL and found == place.good
        return frozenset({404}) if is_portals else found  # the company does not know of it yet

    wrong = []
    for place in places.ON_CASES:
        names = {"case_id": str(number)}
        wrong += check(town, place, partial(verdict_of, place), names, wanderers)
    assert wrong == []


@pytest.mark.parametrize("seed_id", SEED_ROWS)
def test_a_seed_is_seen_by_those_whom_the_rules_name(
    town: Town, seed_id: str, wanderers: Walk
) -> None:
    visibility, status = SEED_ROWS[seed_id]
    people = frozenset({"R-01"})

    def verdict(name: str) -> set[int]:
        viewer = town[name].viewer
        if not may(viewer, rules.SEE_RESEARCHERS):
            return {403}
        return {200} if sees_seed(viewer, visibility, people, status) else {404}

    for place in places.OF_SEEDS:
        assert check(town, place, verdict, {"seed_id": seed_id}, wanderers) == []


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


@pytest.mark.parametrize("place", (*places.PLAIN, *places.OF_MEMBERS), ids=label)
def test_roles_do_what_the_rules_allow_them(town: Town, place: Place, wanderers: Walk) -> None:
    names = {"researcher_id": "R-01"}
    verdict = lambda name: place.verdict(town[name].viewer)  # noqa: E731
    assert check(town, place, verdict, names, wanderers, actors=EACH_ROLE) == []


@pytest.mark.parametrize("place", places.ADMIN, ids=label)
def test_only_administrators_get_into_their_pages(
    town: Town, place: Place, wanderers: Walk
) -> None:
    names = dict.fromkeys(re.findall(r"{(\w+)}", place.route), "7")
    verdict = lambda name: place.verdict(town[name].viewer)  # noqa: E731
    assert check(town, place, verdict, names, wanderers, actors=OUTSIDERS) == []


def test_the_first_page_leads_the_administrator_to_theirs(town: Town) -> None:
    for name in EVERYBODY:
        viewer = town[name].viewer
        answer = town[name].get("/")
        led_on = may(viewer, rules.ADMINISTER) or may(viewer, rules.SEE_OWN_COMPANY)
        expected = 200 if may(viewer, rules.ASK) else 303 if led_on else 403
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
