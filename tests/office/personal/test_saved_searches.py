"""Saved searches in a real catalogue: what is kept of them, and whose they are."""

from dataclasses import replace

import pytest

from catalogue.database.viewer import FINANCE, VIEWER
from enmusubi.errors import ConflictError, EmptyNeedError, InputError, UnknownIdError
from matcher.records import CONFIDENTIAL, PUBLIC, Filters, Mark, Refinement
from office import saved_searches
from office.saved_searches import SearchDraft
from office.search_conditions import Conditions
from tests.support.worlds.personal import HEAD, HUSHED, SATO, TANAKA


def test_a_saved_search_comes_back_as_it_was_saved(catalogue):
    filters = Filters(institutions=("星ヶ野",), kinds=("paper",), since=2019)
    marks = (Mark("R-1"), Mark("", "S-1", "text", 0)), (Mark("", "S-2"),)
    conditions = Conditions(filters, "competitive", "newest", 20, Refinement(*marks, ("接着",)))
    number = saved_searches.save_search(
        catalogue, SATO, SearchDraft("接着 の\n件", HUSHED, conditions=conditions, alert=True)
    )
    found = saved_searches.search_of(catalogue, SATO, number)
    assert (found.name, found.text, found.conditions, found.alert) == (
        "接着 の 件", HUSHED, conditions, True,
    )  # fmt: skip
    assert Conditions.from_json('{"since": 2019, "later": 1}') == Conditions(Filters(since=2019))
    assert HUSHED not in repr(found)


def test_what_may_be_seen_is_not_kept_with_a_search(catalogue):
    draft = SearchDraft("a", HUSHED, conditions=Conditions(Filters(visibilities=(CONFIDENTIAL,))))
    number = saved_searches.save_search(catalogue, SATO, draft)
    assert saved_searches.search_of(catalogue, SATO, number).filters.visibilities == (PUBLIC,)


def test_a_saved_search_is_its_owners_alone(catalogue):
    number = saved_searches.save_search(catalogue, SATO, SearchDraft("a", HUSHED))
    assert saved_searches.searches_of(catalogue, HEAD) == []
    for forbidden in (
        lambda: saved_searches.search_of(catalogue, HEAD, number),
        lambda: saved_searches.rename_search(catalogue, HEAD, number, "b"),
        lambda: saved_searches.set_alert(catalogue, HEAD, number, True),
        lambda: saved_searches.delete_search(catalogue, HEAD, number),
    ):
        with pytest.raises(UnknownIdError, match="No saved search of yours"):
            forbidden()


def test_a_search_is_renamed_watched_and_deleted(catalogue):
    number = saved_searches.save_search(
        catalogue, SATO, SearchDraft("a", need_id="N-closed", text="in other words")
    )
    saved_searches.rename_search(catalogue, SATO, number, "c")
    saved_searches.set_alert(catalogue, SATO, number, True)
    [found] = saved_searches.searches_of(catalogue, SATO)
    assert (found.name, found.alert, found.text) == ("c", True, "in other words")
    [hidden] = saved_searches.searches_of(catalogue, replace(SATO, role=FINANCE))
    assert hidden.need_visible  # he manages it still
    [gone] = saved_searches.searches_of(catalogue, replace(SATO, role=VIEWER))
    assert not gone.need_visible and not gone.text
    saved_searches.delete_search(catalogue, SATO, number)
    assert saved_searches.searches_of(catalogue, SATO) == []


def test_a_search_needs_a_name_a_text_and_a_need_that_may_be_seen(catalogue, monkeypatch):
    with pytest.raises(InputError, match="The name has 0 characters"):
        saved_searches.save_search(catalogue, SATO, SearchDraft("\n ", HUSHED))
    with pytest.raises(EmptyNeedError, match="0 letters"):
        saved_searches.save_search(catalogue, SATO, SearchDraft("a", "…"))
    with pytest.raises(UnknownIdError, match="No need has that id"):
        saved_searches.save_search(catalogue, TANAKA, SearchDraft("a", need_id="N-closed"))
    monkeypatch.setattr(saved_searches, "MAX_SEARCHES", 0)
    with pytest.raises(ConflictError, match="0 saved searches"):
        saved_searches.save_search(catalogue, SATO, SearchDraft("a", HUSHED))
