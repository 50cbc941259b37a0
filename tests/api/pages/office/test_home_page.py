"""The home page: the form that asks, and by role what is new and what waits."""

import pytest

from tests.api.pages.office.steps import CLOSED_PATH, audited
from tests.support.worlds.pages import (
    CLOSED_NEED,
    GUEST,
    HEAD,
    HUSHED,
    NUMBERS,
    OPEN_NEED,
    PATENTS,
    SATO,
    TANAKA,
)


@pytest.mark.parametrize("viewer", [SATO, HEAD, PATENTS, NUMBERS, GUEST], ids=lambda v: v.role)
def test_everybody_who_may_ask_asks_from_home_without_a_click(act, viewer):
    page = act(viewer).get("/").text
    assert '<textarea id="need"' in page and 'action="/"' in page
    assert "酸素を通さない薄い膜" in page


def test_home_shows_the_managers_needs_and_what_waits_and_notes_the_closed_ones(act, catalogue):
    page = act(SATO).get("/").text
    assert "Waits for you" in page and "Nobody was judged yet" in page
    assert f'href="{CLOSED_PATH}"' in page and "nobody judged yet" in page
    assert '<a href="/reports/2026-11-20">' in page and "2 new researchers" in page
    assert HUSHED not in page
    assert audited(catalogue, "list") == [
        ("person:sato", "", f'{{"ids": ["{CLOSED_NEED}"], "what": "home"}}')
    ]
    assert "新しい接着剤" not in act(TANAKA).get("/").text


def test_empty_parts_of_home_say_what_to_do(act):
    page = act(TANAKA).get("/").text
    assert "Nothing waits for you." in page
    assert "No list was released yet." in page and 'href="/needs/new"' in page
    guest = act(GUEST).get("/").text
    for title in ("Waits for you", "New since yesterday", "Released lists"):
        assert title not in guest


def test_what_was_judged_is_counted_at_the_need(act):
    client = act(SATO)
    client.post("/", data={"need_id": OPEN_NEED, "do": "suits R-01"})
    page = client.get("/").text
    assert "suitable: 1 of 1 judged" in page
    assert "no list was released to the company yet" in page
