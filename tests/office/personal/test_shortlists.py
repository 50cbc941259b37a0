"""Shortlists in a real catalogue: who is on them, for which need, and who sees them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from catalogue.database.viewer import ADMINISTRATOR, VIEWER, Viewer
from catalogue.identity.decisions import join_people
from enmusubi.errors import ConflictError, ForbiddenError, UnknownIdError
from office import shortlists
from tests.support.worlds.personal import HEAD, SATO, TANAKA


def test_a_researcher_is_put_on_the_shortlist_once_for_each_need_and_taken_off(catalogue):
    assert shortlists.add_to_shortlist(catalogue, SATO, "R-1", "N-open")
    assert not shortlists.add_to_shortlist(catalogue, SATO, "R-1", "N-open")
    assert shortlists.add_to_shortlist(catalogue, SATO, "R-1")
    assert shortlists.add_to_shortlist(catalogue, SATO, "R-2", "N-open")
    listed = shortlists.shortlist(catalogue, SATO)
    assert [(e.need_title, e.researcher.name_ja) for e in listed] == [
        ("薄い膜", "林 海"), ("薄い膜", "森 花"), ("", "森 花"),
    ]  # fmt: skip
    assert shortlists.shortlist(catalogue, SATO, "N-open") == listed[:2]
    assert shortlists.shortlist(catalogue, SATO, "") == listed[2:]
    assert shortlists.shortlist(catalogue, SATO, "N-closed") == []
    assert listed[0].researcher.institution_ja == "星ヶ野大学"
    assert shortlists.remove_from_shortlist(catalogue, SATO, "R-1", "N-open")
    assert not shortlists.remove_from_shortlist(catalogue, SATO, "R-1", "N-open")
    assert len(shortlists.shortlist(catalogue, SATO)) == 2


def test_a_shortlist_is_its_owners_alone(catalogue):
    shortlists.add_to_shortlist(catalogue, SATO, "R-1")
    assert shortlists.shortlist(catalogue, HEAD) == []
    assert not shortlists.remove_from_shortlist(catalogue, HEAD, "R-1")


def test_nobody_is_shortlisted_for_a_need_that_may_not_be_seen(catalogue):
    with pytest.raises(UnknownIdError, match="No need has that id"):
        shortlists.add_to_shortlist(catalogue, TANAKA, "R-1", "N-closed")
    with pytest.raises(UnknownIdError, match="No researcher"):
        shortlists.add_to_shortlist(catalogue, TANAKA, "R-9")
    with pytest.raises(ForbiddenError, match="may not shortlist"):
        shortlists.add_to_shortlist(catalogue, Viewer("root", ADMINISTRATOR), "R-1")


def test_what_was_kept_for_a_need_vanishes_with_the_right_to_see_it(catalogue):
    shortlists.add_to_shortlist(catalogue, SATO, "R-1", "N-closed")
    assert len(shortlists.shortlist(catalogue, SATO)) == 1
    demoted = replace(SATO, role=VIEWER)
    assert shortlists.shortlist(catalogue, demoted) == []


def test_somebody_who_is_joined_with_another_stays_on_the_shortlist(catalogue):
    shortlists.add_to_shortlist(catalogue, SATO, "R-2")
    with catalogue.writing() as connection:
        now = join_people(connection, "R-1", "R-2", datetime.now(UTC))
    assert [e.researcher.researcher_id for e in shortlists.shortlist(catalogue, SATO)] == [now]
    assert not shortlists.add_to_shortlist(catalogue, SATO, "R-1")
    assert shortlists.remove_from_shortlist(catalogue, SATO, now)


def test_a_full_shortlist_takes_nobody(catalogue, monkeypatch):
    monkeypatch.setattr(shortlists, "MAX_ENTRIES", 1)
    shortlists.add_to_shortlist(catalogue, SATO, "R-1")
    with pytest.raises(ConflictError, match="holds 1 researchers"):
        shortlists.add_to_shortlist(catalogue, SATO, "R-2")
