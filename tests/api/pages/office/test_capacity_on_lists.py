"""What capacity does to a list, by the setting: the order of equals, the flag on a row, the line in it."""

import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from catalogue.records.catalogue import open_catalogue
from enmusubi.screening_settings import ScreeningSettings
from tests.support.service import Shelf, as_viewer, service
from tests.support.small_recommender import SmallRecommender
from tests.support.worlds import copied
from tests.support.worlds.pages import GUEST, OPEN_NEED, PLAIN_NEED, SATO
from tests.support.worlds.screened import at_work

FLAG = '<span class="flag note">Running cases</span>'
SENTENCE = "At work in 1 cases already; the limit is 1."
LIST = f"/?need_id={OPEN_NEED}"


class Twins(SmallRecommender):
    """Finds two people, equally likely, 森 花 first."""

    def match(self, need, **options):
        found = super().match(replace(need, text=f"{need.text} thin film"), **options)
        equal = (replace(match, probability=0.62, strength="good") for match in found.matches)
        ordered = sorted(equal, key=lambda match: match.researcher.researcher_id)
        ranked = tuple(replace(match, rank=rank) for rank, match in enumerate(ordered, start=1))
        return replace(found, matches=ranked, fits_nobody=False)


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    """The first of the list is at work in a case of another need."""
    folder = tmp_path_factory.mktemp("busy")
    with open_catalogue(copied("pages", folder)) as catalogue:
        with catalogue.writing() as connection:
            at_work(connection, PLAIN_NEED, "R-01", "dialogue")
        yield catalogue, folder


def page(busy, path, viewer=SATO, order="notes"):
    catalogue, folder = busy
    screening = ScreeningSettings(running_cases=1, capacity_order=order)
    app = service(catalogue, folder, Shelf(published=Twins()), screening=screening)
    as_viewer(app, viewer)
    with TestClient(app, headers={"accept-language": "en"}) as client:
        return client.get(path).text


def rows(html):
    return re.findall(r"<article.*?</article>", html, re.S)


@pytest.mark.parametrize(
    ("order", "is_last", "is_flagged"),
    [("off", False, False), ("notes", False, True), ("below", True, True)],
)
def test_the_setting_moves_the_busy_among_equals_and_the_row_always_says_why(
    busy, order, is_last, is_flagged
):
    found = rows(page(busy, LIST, order=order))
    [place] = [place for place, row in enumerate(found) if SENTENCE in row]
    assert "森 花" in found[place] and len(found) == 2
    assert (place == 1) == is_last
    html = page(busy, LIST, order=order)
    assert ('id="busy-last"' in html) == is_last
    assert (FLAG in found[place]) == is_flagged
    assert not any(FLAG in row for row in found if row is not found[place])


def test_who_sees_no_screening_finds_the_list_in_its_order(busy):
    found = rows(page(busy, LIST, GUEST, order="below"))
    assert "森 花" in found[0] and not any(FLAG in row or SENTENCE in row for row in found)


def test_a_team_and_a_profile_say_what_bounds_a_persons_time(busy):
    team = page(busy, f"/needs/{OPEN_NEED}/teams")
    assert re.search(f"Free capacity: 50%\\s*<span lang=.en.>{SENTENCE}", team)
    assert SENTENCE in page(busy, "/researchers/R-01")
    assert SENTENCE not in page(busy, "/researchers/R-02")
    assert SENTENCE not in page(busy, "/researchers/R-01", GUEST)
