"""Every way to a match list notes the hidden seeds that the list shows, and there is no other way."""

import ast
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from typer.testing import CliRunner

from catalogue.database.viewer import LOCAL_VIEWER
from catalogue.judgements.shown_lists import SHOWN_LIST
from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, SEEDS, Draft
from cli.main import build_app
from enmusubi.settings import Settings
from matcher.records import (
    COMPETITIVE,
    CONFIDENTIAL,
    NON_COMPETITIVE,
    PUBLIC,
    Filters,
    MatchList,
    Need,
)
from office import ways_in
from office.access.audit import ENTRY, head_of
from office.alerts import check_alerts
from office.jobs.runner import JobRunner
from office.matching import Question, ViewerMatching
from office.nightly.parts import Parts, open_nightly_parts
from office.nightly.run import run_nightly
from office.saved_searches import SearchDraft, save_search
from office.ways_in import DEMONSTRATION, WayIn
from tests.support.service import Shelf, service
from tests.support.small_recommender import ALL, SmallRecommender
from tests.support.worlds import copied

ROOT = Path(__file__).parents[2]
SECRET = "S-secret"
RIVAL = "N-rival"  # a need that few may see
TEXT = "薄い膜を探しています。 A thin film for food packaging."  # two researchers fit it


class Revealing(SmallRecommender):
    """Gives a confidential seed as evidence to everyone."""

    def match(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> MatchList:
        found = super().match(need, top=top, filters=ALL)
        first = found.matches[0]
        seed = replace(first.evidence[0], seed_id=SECRET)
        return replace(found, matches=(replace(first, evidence=(seed,)), *found.matches[1:]))


@dataclass
class Office:
    """A catalogue with a confidential seed and a competitive need, and the service around it."""

    catalogue: Catalogue
    settings: Settings
    client: TestClient
    recommender: Revealing

    def entries(self, do: Callable[["Office"], Any]) -> list[tuple[str, str, str, Any]]:
        """Return what the audit trail has of something that is done."""
        with self.catalogue.reading() as connection:
            before = head_of(connection).entries
        do(self)
        columns = ENTRY.c.action, ENTRY.c.object_kind, ENTRY.c.object_id, ENTRY.c.detail
        query = select(*columns).where(ENTRY.c.entry_id > before).order_by(ENTRY.c.entry_id)
        with self.catalogue.reading() as connection:
            return [(*row[:3], json.loads(row[3])) for row in connection.execute(query)]

    def post(self, path: str, **options: Any) -> Any:
        answer = self.client.post(path, **options)
        assert answer.status_code < 300, answer.text
        return answer


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ENMUSUBI_CACHE_DIR", str(tmp_path / "cache"))
    with open_catalogue(copied("small", tmp_path)) as catalogue:
        rows = [
            Draft(SEEDS, {
                "seed_id": SECRET, "kind": "paper", "lang": "ja", "title": "膜", "text": "薄い膜。",
                "visibility": CONFIDENTIAL,
            }, people=("R-01",)),
            Draft(NEEDS, {"need_id": RIVAL, "text": TEXT, "area": COMPETITIVE, "manager": "local"}),
        ]  # fmt: skip
        assert "refused" not in {o.change for o in catalogue.write(rows, source="test")}
        recommender = Revealing()
        app = service(catalogue, tmp_path, Shelf(published=recommender))
        client = TestClient(app, headers={"accept-language": "en"})
        yield Office(catalogue, app.state.services.settings, client, recommender)


def page(path: str, office: Office, **form: Any) -> None:
    office.post(path, data={"need_id": RIVAL, **form})


def saved_search(office: Office) -> None:
    draft = SearchDraft(name="膜", need_id=RIVAL)
    number = save_search(office.catalogue, LOCAL_VIEWER, draft, max_chars=100)
    office.post(f"/searches/{number}/run")


def matches_of_a_need(office: Office) -> None:
    assert office.client.get(f"/v1/needs/{RIVAL}/matches").status_code == 200


def job(office: Office) -> None:
    asked = office.post("/v1/jobs/matches", json={"need_ids": [RIVAL]}).headers["location"]
    JobRunner(office.client.app.state.services.matching, print).work(Event())
    result = office.client.get(f"{asked}/result").json()
    assert SECRET in result["items"][0]["matches"][0]["seed_ids"]


def alert(office: Office) -> None:
    draft = SearchDraft(name="膜", text=TEXT, alert=True)
    save_search(office.catalogue, LOCAL_VIEWER, draft, max_chars=100)
    check_alerts(ViewerMatching(office.catalogue, office.settings), office.recommender, 10)


def night(office: Office) -> None:
    @contextmanager
    def open_parts(settings: Settings) -> Iterator[Parts]:
        with open_nightly_parts(settings) as parts:
            yield replace(parts, open_matcher=lambda _: (office.recommender, "built once"))

    run_nightly(office.settings, open_parts=open_parts)


def command(office: Office, *said: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cli.wiring.encoder_of", lambda settings: None)
        patch.setattr("matcher.sharding.opening.open_whole", lambda folder: None)
        patch.setattr("office.configured.open_recommender", lambda *_: office.recommender)
        ended = CliRunner().invoke(build_app(["match", *said]), ["match", *said])
    assert ended.exit_code == 0, ended.output


def demonstration(office: Office) -> None:
    question = Question(Need(TEXT))
    ViewerMatching(office.catalogue, office.settings).match_with(
        office.recommender, LOCAL_VIEWER, question, DEMONSTRATION
    )


def release(office: Office) -> None:
    office.post(f"/v1/needs/{RIVAL}/releases", json={})


def what_would_change(office: Office) -> None:
    path = f"/needs/{RIVAL}/what-would-change"
    assert office.client.get(path, params={"researcher": "R-01"}).status_code == 200


def consortium(office: Office) -> None:
    common = {"text": TEXT, "area": NON_COMPETITIVE, "confidentiality": PUBLIC}
    rows = [
        Draft(ORGANISATIONS, {"organisation_id": name, "name_en": name})
        for name in ("left", "right")
    ] + [
        Draft(NEEDS, {"need_id": f"N-{name}", "organisation_id": name, **common})
        for name in ("left", "right")
    ]
    office.catalogue.write(rows, source="test")
    assert office.client.get("/consortia/N-left").status_code == 200


def teams(office: Office) -> None:
    found = office.client.get(f"/v1/needs/{RIVAL}/teams").json()
    assert SECRET in str(found["proposed"][0])


def inquiry(office: Office) -> None:
    path = f"/needs/{RIVAL}/inquiries/new"
    assert office.client.get(path, params={"researcher": "R-01"}).status_code == 200


def veil(office: Office) -> None:
    assert office.client.get(f"/v1/needs/{RIVAL}/veil/marks").status_code == 200


def clinic(office: Office) -> None:
    assert office.client.get(f"/needs/{RIVAL}/clinic").status_code == 200


def fitting(office: Office) -> None:
    assert office.client.get("/researchers/R-01/needs").status_code == 200


def outbound(office: Office) -> None:
    assert office.client.get("/company-profiles/find", params={"seed": SECRET}).status_code == 200


WAYS: dict[str, tuple[Callable[[Office], Any], WayIn]] = {
    "page": (partial(page, "/"), ways_in.REQUEST),
    "refined page": (partial(page, "/", refine="more r R-01"), ways_in.VARIED),
    "print": (partial(page, "/print"), ways_in.REQUEST),
    "compare": (partial(page, "/compare", pick=["R-01", "R-02"]), ways_in.REQUEST),
    "export": (partial(page, "/export/csv"), ways_in.REQUEST),
    "saved search": (saved_search, ways_in.REQUEST),
    "POST /v1/matches": (
        lambda office: office.post("/v1/matches", json={"need_text": TEXT}), ways_in.REQUEST,
    ),
    "a need's matches": (matches_of_a_need, ways_in.REQUEST),
    "release": (release, ways_in.RELEASE),
    "job": (job, ways_in.JOB),
    "alert": (alert, ways_in.ALERT),
    "night": (night, ways_in.NIGHT),
    "command": (lambda office: command(office, TEXT), ways_in.COMMAND),
    "command of a need": (lambda office: command(office, "--need", RIVAL), ways_in.COMMAND),
    "teams": (teams, ways_in.TEAMS),
    "what would change": (what_would_change, ways_in.COUNTERFACTUAL),
    "inquiry": (inquiry, ways_in.INQUIRY),
    "veil": (veil, ways_in.VEIL),
    "clinic": (clinic, ways_in.CLINIC),
    "works of the clinic": (clinic, ways_in.CLINIC_WORKS),
    "consortium": (consortium, ways_in.CONSORTIUM),
    "fitting": (fitting, ways_in.FITTING),
    "outbound": (outbound, ways_in.OUTBOUND),
    "demonstration": (demonstration, ways_in.DEMONSTRATION),
}  # fmt: skip


@pytest.mark.parametrize("name", WAYS)
def test_a_hidden_seed_in_a_list_is_noted(office: Office, name: str) -> None:
    do, way = WAYS[name]

    entries = office.entries(do)

    assert ("list", "seed", "", {"what": way.code, "ids": [SECRET]}) in entries


@pytest.mark.parametrize(
    "name", ["page", "print", "compare", "export", "saved search", "a need's matches", "job",
             "command of a need", "teams"],
)  # fmt: skip
def test_a_need_that_few_may_see_is_noted_where_its_list_is_shown(
    office: Office, name: str
) -> None:
    do, way = WAYS[name]

    about = [entry for entry in office.entries(do) if entry[1] == "need"]

    assert any(
        entry[:3] == ("read", "need", RIVAL) or RIVAL in entry[3].get("ids", ())
        for entry in about
        if entry[3].get("what") == way.code
    )


def test_the_walk_takes_every_way_that_there_is() -> None:
    there_are = {way for way in vars(ways_in).values() if isinstance(way, WayIn)}

    assert {way for _, way in WAYS.values()} == there_are - {
        ways_in.DORMANT
    }  # public seeds, kept unshown


ASKS = {
    "match",
    "answer",
    "recommend",
    "team_pool",
    "match_people",
}  # what a recommender is asked for lists by
MEASURES = {  # time lists of made-up people, for nobody
    "cli/measuring/matches.py",
    "cli/measuring/service.py",
}
LEAVE_NOTING = {"match_unshown", "match_behind"}  # who calls these notes the list when it is shown


def calls(package: str, names: set[str]) -> set[str]:
    """Return the files of a package that call an attribute of one of these names."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
    }


def test_no_other_module_asks_a_recommender_for_a_list() -> None:
    asking = set().union(*(calls(package, ASKS) for package in ("office", "api", "cli")))
    deferring = set().union(*(calls(package, LEAVE_NOTING) for package in ("office", "api", "cli")))

    assert asking == {"office/matching.py"} | MEASURES
    assert deferring == {
        "office/matching.py",
        "office/jobs/runner.py",
        "office/nightly/parts.py",
        "office/outbound/dormant.py",  # what it finds is noted where it is shown
    }


def test_the_list_of_a_refined_or_reworded_need_is_not_recorded_as_its_own(office: Office) -> None:
    def recorded() -> int:
        with office.catalogue.reading() as connection:
            return connection.execute(select(func.count()).select_from(SHOWN_LIST)).scalar_one()

    page("/", office, refine="more r R-01")
    page("/", office, refine="take", trial="A film")
    page("/", office, refine="add barrier")
    asked = {"need_id": RIVAL, "less_like": [{"researcher_id": "R-02"}]}
    office.post("/v1/matches", json=asked)
    assert recorded() == 0

    page("/", office)
    assert recorded() == 1
