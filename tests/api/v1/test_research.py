"""Researchers and seeds over the API: lists, filters, and seeds that few may see."""

from dataclasses import replace

import pytest

from tests.support.worlds.companies import ABE, AONAMI, NISHI, OTA, ROOT, SATO, UEDA

SEEDS = "/v1/researchers/R-01/seeds"


def ids(answer, name="seed_id"):
    assert answer.status_code == 200, answer.text
    return [item[name] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        (UEDA, ["S-03", "S-02", "S-01"]),
        (SATO, ["S-03", "S-02", "S-01"]),
        (ABE, ["S-02", "S-01"]),
        (OTA, ["S-01"]),
        (NISHI, ["S-01"]),
        (AONAMI, ["S-01"]),
        (replace(OTA, researcher_id="R-01"), ["S-03", "S-02", "S-01"]),
    ],
)
def test_seeds_are_listed_as_far_as_they_may_be_seen(office, viewer, seen):
    assert ids(office.get(viewer, SEEDS)) == seen
    for seed_id in ("S-01", "S-02", "S-03"):
        status = 200 if seed_id in seen else 404
        assert office.get(viewer, f"/v1/seeds/{seed_id}").status_code == status


def test_a_hidden_seed_looks_like_none(office):
    hidden, none = (office.get(AONAMI, f"/v1/seeds/{n}") for n in ("S-03", "S-99"))
    assert hidden.text.replace("S-03", "") == none.text.replace("S-99", "")


def test_a_seed_tells_its_people(office):
    seed = office.get(UEDA, "/v1/seeds/S-01").json()
    assert (seed["kind"], seed["year"], seed["visibility"]) == ("paper", 2019, "public")
    [author] = seed["authors"]
    assert (author["researcher_id"], author["name_en"]) == ("R-01", "Hana Mori")
    assert author["representative"] is False


def test_seeds_are_filtered_and_come_in_pages(office):
    assert ids(office.get(UEDA, SEEDS, params={"since": 2020, "until": 2022})) == ["S-02"]
    assert ids(office.get(UEDA, SEEDS, params={"kind": "award"})) == []
    first = office.get(UEDA, SEEDS, params={"limit": 2})
    rest = office.get(UEDA, first.links["next"]["url"])
    assert ids(first) + ids(rest) == ["S-03", "S-02", "S-01"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["R-01"]),
        ({"name": "mori"}, ["R-01"]),
        ({"name": "森"}, ["R-01"]),
        ({"name": "%"}, []),
        ({"name": "' OR 1=1 --"}, []),
        ({"institution": "hoshigano", "department": "材料"}, ["R-01"]),
        ({"institution": "elsewhere"}, []),
    ],
)
def test_researchers_are_found_by_parts_of_names(office, query, found):
    assert ids(office.get(AONAMI, "/v1/researchers", params=query), "researcher_id") == found


def test_a_researcher_tells_what_the_catalogue_knows(office):
    told = office.get(OTA, "/v1/researchers/R-01").json()
    assert (told["name_ja"], told["ids"], told["profile_ja"]) == ("森 花", {}, "")


@pytest.mark.parametrize(
    "path",
    ["/v1/researchers", "/v1/researchers/R-01", SEEDS, "/v1/seeds/S-01"],
)
def test_an_administrator_reads_no_research(office, path):
    assert office.get(ROOT, path).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/v1/researchers?limit=0",
        "/v1/researchers?cursor=x",
        "/v1/researchers?name=%00",
        f"/v1/researchers?name={'x' * 300}",
        "/v1/researchers?order=name",
        f"{SEEDS}?kind=novel",
        f"{SEEDS}?since=12",
        "/v1/seeds/%00",
        "/v1/seeds/" + "x" * 201,
    ],
)
def test_what_cannot_be_asked_is_refused(office, path):
    assert office.get(UEDA, path).status_code == 422


@pytest.mark.parametrize("path", ["/v1/researchers/R-99", "/v1/researchers/R-99/seeds"])
def test_an_unknown_researcher_is_404(office, path):
    assert office.get(UEDA, path).status_code == 404
