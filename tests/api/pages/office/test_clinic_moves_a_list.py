"""The clinic over a real small index: an answer moves people in the list, and is undone by taking it back."""

import re

import pytest
from fastapi.testclient import TestClient

from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import NEEDS, RESEARCHERS, SEEDS, Draft
from enmusubi.settings import Settings
from office.configured import open_recommender
from office.index_versions import update_index
from tests.conftest import WordEncoder
from tests.support.service import Shelf, as_viewer, service
from tests.support.worlds import copied
from tests.support.worlds.indexed import CACHE
from tests.support.worlds.pages import SATO

PAGE = "/needs/n-vague/clinic"
WORKS = {
    "r-light": ("Light finds flaws", "Light finds flaws in thin films of a coating line."),
    "r-sound": ("Sound finds flaws", "Sound finds flaws in steel pipes of a boiler."),
    "r-smell": ("Smell of films", "A nose of sensors smells solvents in a coating line."),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """The application over an index of the small catalogue, with a vague need and three people more."""
    folder = tmp_path_factory.mktemp("clinic")
    with open_catalogue(copied("indexed", folder)) as catalogue:
        people = [Draft(RESEARCHERS, {"researcher_id": one, "name_en": one}) for one in WORKS]
        seeds = [
            Draft(SEEDS, {"seed_id": f"s-{one}", "kind": "paper", "lang": "en", "title": title,
                          "text": text}, people=(one,))
            for one, (title, text) in WORKS.items()
        ]  # fmt: skip
        need = Draft(NEEDS, {"need_id": "n-vague", "lang": "en", "text": "We look for flaws.",
                             "manager": SATO.viewer_id})  # fmt: skip
        catalogue.write([*people, *seeds, need], source="test")
        settings = Settings(data_dir=folder, cache_dir=folder / CACHE)
        update_index(catalogue, settings, WordEncoder())
        recommender = open_recommender(settings, WordEncoder())
        app = service(catalogue, folder, Shelf(published=recommender))
        as_viewer(app, SATO)
        with TestClient(app, headers={"accept-language": "en"}) as client:
            yield client


def listed(page):
    """Return who stands in the list, and how each moved (None: no badge)."""
    rows = re.findall(r"<li><a href=\"/researchers/([^\"]+)\">.*?</li>", page, re.S)
    badges = dict(
        re.findall(
            r'<li><a href="/researchers/([^"]+)">(?:(?!</li>).)*class="badge[^>]*>([^<]*)<',
            page,
            re.S,
        )
    )
    return rows, badges


def test_a_click_on_a_work_lifts_its_author_and_taking_it_back_undoes_that(client):
    first = client.get(PAGE).text
    before, badges = listed(first)
    assert badges == {} and {"r-light", "r-sound"} <= set(before)
    last = next(one for one in reversed(before) if one in WORKS)
    offered = re.findall(r'name="what" value="([^"]+)"', first)
    assert WORKS[last][0] in offered

    answered = client.post(PAGE, data={"what": WORKS[last][0]}).text
    after, moved = listed(answered)
    assert after.index(last) < before.index(last)
    assert moved[last] == f"▲{before.index(last) - after.index(last)}"
    assert any(badge.startswith("▼") for badge in moved.values())
    assert listed(client.post(PAGE, data={"what": ""}).text)[0] == before

    worded = client.post(PAGE, data={"what_words": "the smell of solvents in films"}).text
    assert listed(worded)[0][0] == "r-smell"
    saved = client.post(f"{PAGE}/save", data={"what_words": "the smell of solvents in films"})
    assert "Saved." in saved.text and listed(client.get(PAGE).text)[0][0] == "r-smell"
