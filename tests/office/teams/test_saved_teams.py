"""Saved teams in a real catalogue: who reads, saves, changes and deletes them."""

import json

import pytest
from sqlalchemy import select

from enmusubi.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    StaleVersionError,
    UnknownIdError,
)
from office.access.audit import ENTRY
from office.access.scoped import reading_as
from office.teams import saving
from office.teams.saving import TeamDraft
from tests.support.worlds.personal import HEAD, NUMBERS, PATENTS, SATO, TANAKA

TWO = TeamDraft(("R-1", "R-2"), "R-2", "膜の\n2名")


def trail(catalogue):
    with catalogue.reading() as connection:
        query = select(ENTRY.c.action, ENTRY.c.object_id, ENTRY.c.detail)
        rows = connection.execute(query.where(ENTRY.c.object_kind == saving.TEAM_KIND)).all()
    return [(action, number, json.loads(detail)) for action, number, detail in rows]


def test_a_team_is_saved_changed_and_deleted_and_the_trail_says_so(catalogue):
    team = saving.save_team(catalogue, SATO, "N-closed", TWO)
    assert (team.ids, team.lead, team.name, team.version) == (("R-1", "R-2"), "R-2", "膜の 2名", 1)

    other = TeamDraft(("R-3", "R-2"), "")
    changed = saving.change_team(
        catalogue, HEAD, "N-closed", team.team_id, other, expected_version=1
    )
    assert (changed.ids, changed.lead, changed.version) == (("R-3", "R-2"), "", 2)
    assert (changed.saved_by, changed.changed_by) == ("sato", "head")
    assert saving.teams_of(catalogue, SATO, "N-closed") == [changed]

    saving.delete_team(catalogue, SATO, "N-closed", team.team_id)
    assert saving.teams_of(catalogue, SATO, "N-closed") == []
    said = {"need_id": "N-closed"}
    assert trail(catalogue) == [
        ("save", str(team.team_id), {**said, "researchers": ["R-1", "R-2"]}),
        ("change", str(team.team_id), {**said, "researchers": ["R-3", "R-2"]}),
        ("delete", str(team.team_id), said),
    ]


def test_of_two_changes_at_once_the_later_one_is_refused_and_nothing_is_lost(catalogue):
    team = saving.save_team(catalogue, SATO, "N-open", TWO)
    first, second = TeamDraft(("R-1", "R-3")), TeamDraft(("R-2", "R-3"))
    saving.change_team(catalogue, SATO, "N-open", team.team_id, first, expected_version=1)

    with pytest.raises(StaleVersionError, match="changed the team meanwhile"):
        saving.change_team(catalogue, HEAD, "N-open", team.team_id, second, expected_version=1)
    with pytest.raises(StaleVersionError, match="changed the team meanwhile"):
        saving.delete_team(catalogue, HEAD, "N-open", team.team_id, expected_version=1)
    assert saving.teams_of(catalogue, SATO, "N-open")[0].ids == ("R-1", "R-3")


def test_a_team_is_seen_by_users_of_the_office_who_see_the_need(catalogue):
    team = saving.save_team(catalogue, SATO, "N-closed", TWO)
    for viewer in (TANAKA, PATENTS):
        with pytest.raises(UnknownIdError, match="No need has that id"):
            saving.teams_of(catalogue, viewer, "N-closed")
        with (
            pytest.raises(UnknownIdError, match="none that you may see"),
            reading_as(catalogue, viewer) as connection,
        ):
            saving.team_of(connection, viewer, "N-closed", team.team_id)
    with pytest.raises(ForbiddenError, match="may not put teams together"):
        saving.teams_of(catalogue, NUMBERS, "N-open")
    with pytest.raises(UnknownIdError):  # a number of another need's team
        saving.delete_team(catalogue, SATO, "N-open", team.team_id)


def test_a_team_is_changed_by_who_saved_it_the_manager_and_the_chief(catalogue):
    team = saving.save_team(catalogue, TANAKA, "N-open", TWO)
    assert not saving.teams_of(catalogue, PATENTS, "N-open")[0].may_change
    with pytest.raises(ForbiddenError, match="Only whoever saved the team"):
        saving.delete_team(catalogue, PATENTS, "N-open", team.team_id)
    for version, viewer in enumerate((TANAKA, SATO, HEAD), start=1):
        saving.change_team(catalogue, viewer, "N-open", team.team_id, TWO, expected_version=version)


@pytest.mark.parametrize(
    ("draft", "fault"),
    [
        (TeamDraft(("R-1",)), "1 members; expected 2 to 6"),
        (TeamDraft(("R-1", "R-1")), "1 members; expected 2 to 6"),
        (TeamDraft(("R-1", "R-2"), "R-3"), "no member of the team"),
        (TeamDraft(("R-1", "R-2"), "", "x" * 201), "201 characters, at most 200"),
    ],
)
def test_what_is_no_team_is_refused(catalogue, draft, fault):
    with pytest.raises(InputError, match=fault):
        saving.save_team(catalogue, SATO, "N-open", draft)


def test_an_unknown_researcher_and_too_many_teams_are_refused(catalogue, monkeypatch):
    with pytest.raises(UnknownIdError, match="No researcher"):
        saving.save_team(catalogue, SATO, "N-open", TeamDraft(("R-1", "nobody")))
    monkeypatch.setattr(saving, "MAX_TEAMS", 1)
    saving.save_team(catalogue, SATO, "N-open", TWO)
    with pytest.raises(ConflictError, match="1 saved teams"):
        saving.save_team(catalogue, SATO, "N-open", TWO)
