"""Who saw, took out or changed what stands in the audit trail: each way to a need that few may see."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from api.pages.refining import mark_token
from matcher.records import CONFIDENTIAL, Filters, Mark, MatchList, Need
from office.access.audit import ENTRY, head_of
from office.jobs.runner import JobRunner
from tests.api.attacks import places
from tests.api.attacks.actors import Noting, Town
from tests.api.attacks.place import Place
from tests.api.attacks.test_access_walk import label
from tests.support.small_recommender import ALL
from tests.support.worlds.town import ask_guests_in

RIVAL, OPEN = "N-guests", "N-inside"
NO_VIEW = {"/v1/jobs/matches"}  # the result is seen, when it is asked for
Entry = tuple[str, str, str, dict[str, Any]]


def told(town: Town, ask: Callable[[], Any]) -> list[Entry]:
    """Return what the trail has of something that is done: action, kind, id and detail."""
    with town.catalogue.reading() as connection:
        before = head_of(connection).entries
    ask()
    columns = ENTRY.c.action, ENTRY.c.object_kind, ENTRY.c.object_id, ENTRY.c.detail
    query = select(*columns).where(ENTRY.c.entry_id > before).order_by(ENTRY.c.entry_id)
    with town.catalogue.reading() as connection:
        return [(*row[:3], json.loads(row[3])) for row in connection.execute(query)]


def names(entries: list[Entry], its_id: str) -> bool:
    """Return whether any entry is about an object of that id."""
    return any(its_id in (e[2], e[3].get("need_id"), *e[3].get("ids", ())) for e in entries)


READING = (*places.OF_NEEDS, *(p for p in places.ON_NEEDS if p.route not in NO_VIEW))


@pytest.mark.parametrize("place", READING, ids=label)
def test_every_way_to_a_need_that_few_may_see_is_noted_with_its_id(
    town: Town, place: Place
) -> None:
    head = town["head"]
    ask_guests_in(town.catalogue)
    head.post(f"/needs/{RIVAL}/{'close' if place.route.endswith('/reopen') else 'reopen'}")
    head.post("/shortlist/remove", data={"need_id": RIVAL, "researcher_id": "R-01"})
    options = place.options(need_id=RIVAL)
    if place.method == "PATCH":
        options["json"] = {"horizon": "2年以内"}

    refused: list[str] = []

    def ask() -> None:
        answer = head.ask(place.method, place.address(need_id=RIVAL), **options)
        assert answer.status_code in place.good | {422}, answer.text
        if answer.status_code == 409:
            refused.append(answer.text)

    entries = told(town, ask)
    if refused:  # what stood in the way of a change is said, and nothing of the need
        assert "食品包装" not in refused[0]
        assert "thin film" not in refused[0]
    else:
        assert names(entries, RIVAL)


@pytest.mark.parametrize(
    "path", ["/needs", "/v1/needs", "/shortlist", "/shortlist/export.csv", "/searches",
             "/researchers/R-01"],
)  # fmt: skip
def test_every_page_that_names_such_a_need_is_noted(town: Town, path: str) -> None:
    kept = {"need_id": RIVAL, "researcher_id": "R-01", "text": "覚え"}
    head = town["head"]
    head.post(f"/needs/{RIVAL}/reopen")
    head.post("/shortlist", data=kept)
    head.post("/notes", data=kept)
    head.post("/", data={"need_id": RIVAL, "do": "save", "search_name": "探す"})
    entries = told(town, lambda: head.get(path))
    assert names(entries, RIVAL)
    assert not names(entries, OPEN)


def test_what_is_kept_changed_and_thrown_away_is_noted(town: Town) -> None:
    kept = {"need_id": OPEN, "researcher_id": "R-01"}
    kato = town["kato"]
    done = told(town, lambda: kato.post("/shortlist", data=kept))
    assert done == [("keep", "researcher", "R-01", {"need_id": OPEN})]
    assert told(town, lambda: kato.post("/shortlist", data=kept)) == []
    done = told(town, lambda: kato.post("/shortlist/remove", data=kept))
    assert done == [("drop", "researcher", "R-01", {"need_id": OPEN})]
    [(action, kind, note_id, where)] = told(
        town, lambda: kato.post("/notes", data={**kept, "text": "覚え"})
    )
    assert (action, kind, where) == ("write", "note", kept)
    done = told(town, lambda: kato.post(f"/notes/{note_id}/delete"))
    assert done == [("delete", "note", note_id, kept)]
    saved = {"need": "薄い膜を探しています。", "do": "save", "search_name": "膜"}
    [(*_, search, _)] = told(town, lambda: kato.post("/", data=saved))
    for change, form, action in (
        ("rename", {"name": "別"}, "change"),
        ("alert", {"on": "yes"}, "change"),
        ("delete", {}, "delete"),
    ):
        [entry] = told(town, lambda: kato.post(f"/searches/{search}/{change}", data=form))  # noqa: B023
        assert entry[:3] == (action, "search", search)


class Revealing(Noting):
    """Gives a confidential seed as evidence to those who may be matched with them."""

    def match(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> MatchList:
        found = super().match(need, top=top, filters=filters)
        if CONFIDENTIAL not in filters.visibilities:
            return found
        first = found.matches[0]
        seed = replace(first.evidence[0], seed_id="S-secret")
        return replace(found, matches=(replace(first, evidence=(seed,)), *found.matches[1:]))


SEEN = ("list", "seed", "")


@pytest.mark.parametrize(
    ("who", "path", "what"),
    [
        ("sato", "/v1/seeds/S-secret", "seed"),
        ("head", "/v1/researchers/R-01/seeds", "seeds"),
        ("mori", "/researchers/R-01", "researcher"),
    ],
)
def test_hidden_seeds_that_are_shown_are_noted(town: Town, who: str, path: str, what: str) -> None:
    entries = told(town, lambda: town[who].get(path))
    [ids] = [entry[3]["ids"] for entry in entries if entry[:3] == SEEN]
    assert ids == (["S-secret"] if what == "seed" else ["S-filing", "S-secret"])
    assert told(town, lambda: town["kato"].get("/v1/researchers/R-01/seeds")) == []


def test_hidden_seeds_that_name_the_marks_of_saved_searches_are_noted(town: Town) -> None:
    saved = {"need": "薄い膜を探しています。", "do": "save", "search_name": "膜"}
    for who in ("sato", "kato"):  # who may be shown it, and who may not
        town[who].post("/", data={**saved, "more": mark_token(Mark("", "S-secret", "text", 0))})
    entries = told(town, lambda: town["sato"].get("/searches"))
    assert entries == [(*SEEN, {"what": "searches", "ids": ["S-secret"]})]
    assert told(town, lambda: town["kato"].get("/searches")) == []


@pytest.fixture
def revealing(town: Town) -> Iterator[None]:
    before, town.shelf.published = town.shelf.published, Revealing()
    town.app.state.services.live._current = town.shelf.published
    yield
    town.shelf.published = before
    town.app.state.services.live._current = before


@pytest.mark.usefixtures("revealing")
def test_hidden_seeds_in_a_list_are_noted(town: Town) -> None:
    text = {"json": {"need_text": "薄い膜"}}
    entries = told(town, lambda: town["sato"].post("/v1/matches", **text))
    assert entries == [(*SEEN, {"what": "matches", "ids": ["S-secret"]})]
    assert told(town, lambda: town["kato"].post("/v1/matches", **text)) == []


@pytest.mark.usefixtures("revealing")
@pytest.mark.parametrize("who", ["head", "sato"])  # the chief, and an IP manager who is a guest
def test_the_result_of_a_job_is_noted_at_every_reading(town: Town, who: str) -> None:
    ask_guests_in(town.catalogue)
    asked = {"need_ids": [RIVAL, OPEN]}
    job_id = town[who].post("/v1/jobs/matches", json=asked).json()["job_id"]
    JobRunner(town.app.state.services.matching, lambda _: None).work(Event())
    for _ in range(2):
        entries = told(town, lambda: town[who].get(f"/v1/jobs/{job_id}/result"))
        assert entries == [
            ("list", "need", "", {"what": "job", "ids": [RIVAL]}),
            ("list", "seed", "", {"what": "job", "ids": ["S-secret"]}),
        ]
