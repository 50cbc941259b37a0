"""What a user's home shows: the same on both databases, by role, and nothing of needs they may not see."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from catalogue.database.account_models import UserAccount
from catalogue.database.viewer import PORTAL, SCOPES, Viewer
from catalogue.judgements.judgements import Judgement
from office.access.scoped import reading_as, writing_as
from office.home.overview import home_of
from office.home.waiting import ASKED_IN, FAILED, NOBODY, UNJUDGED, UNMANAGED, UNRELEASED
from office.needs.given_lists import FrozenList
from office.needs.judging import judge, withdraw
from office.needs.participants import invite
from office.needs.reading import NeedFilter, needs_page
from office.needs.releases import release_list
from office.notes import write_note
from tests.support.worlds import furnish
from tests.support.worlds.pages import (
    CLOSED_NEED,
    GUEST,
    HEAD,
    NUMBERS,
    OPEN_NEED,
    PATENTS,
    PLAIN_NEED,
    SATO,
    TANAKA,
)

COMPANY = Viewer(
    "p-1", PORTAL, kind="machine", companies=frozenset({"aonami"}), scopes=frozenset(SCOPES)
)


@pytest.fixture
def office(catalogue, tmp_path):
    """The office of the pages' tests on either database, and its reports."""
    furnish("pages", catalogue, tmp_path)
    return catalogue, tmp_path / "reports"


def kinds(home):
    return {waiting.kind: [need.need_id for need in waiting.needs] for waiting in home.waiting}


def judged(catalogue, viewer, person, verdict, reason=""):
    with writing_as(catalogue, viewer) as connection:
        judge(connection, viewer, Judgement(OPEN_NEED, person, verdict, reason))


def released(catalogue, *people):
    found = [{"researcher": {"researcher_id": person}} for person in people]
    with writing_as(catalogue, SATO) as connection:
        content = json.dumps({"matches": found})
        release_list(connection, SATO, FrozenList(OPEN_NEED, len(people), content))


def night(reports, needs):
    folder = reports / "2026-11-22"
    folder.mkdir()
    run = {
        "format": 1, "name": folder.name, "date": folder.name, "previous": "2026-11-20",
        "index_version": "v1", "model": "m", "top": 5, "needs": needs,
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(run), "utf-8")


def found(*people, error=None, fits_nobody=False):
    listed = [
        {"researcher_id": person, "seeds": ["S-01"], "strength": strength, "probability": 0.4,
         "key_seed": "S-01", "reasons": ["meaning"]}
        for person, strength in people
    ]  # fmt: skip
    return {"researchers": listed, "error": error, "matched": True, "fits_nobody": fits_nobody}


def test_what_waits_goes_on_as_the_work_goes_on(office):
    catalogue, reports = office
    assert kinds(home_of(catalogue, SATO, reports)) == {UNJUDGED: [OPEN_NEED, CLOSED_NEED]}
    judged(catalogue, SATO, "R-01", "suitable")
    waiting = kinds(home_of(catalogue, SATO, reports))
    assert waiting == {UNJUDGED: [CLOSED_NEED], UNRELEASED: [OPEN_NEED]}
    with writing_as(catalogue, SATO) as connection:
        assert withdraw(connection, SATO, OPEN_NEED, "R-01")
    assert kinds(home_of(catalogue, SATO, reports)) == {UNJUDGED: [OPEN_NEED, CLOSED_NEED]}
    judged(catalogue, SATO, "R-01", "suitable")
    released(catalogue, "R-01")
    assert kinds(home_of(catalogue, SATO, reports)) == {UNJUDGED: [CLOSED_NEED]}
    assert kinds(home_of(catalogue, TANAKA, reports)) == {}
    assert kinds(home_of(catalogue, HEAD, reports)) == {UNMANAGED: [PLAIN_NEED]}


def test_needs_of_somebody_whose_account_does_not_work_wait_for_the_chief(office):
    catalogue, reports = office
    with catalogue.writing() as connection:
        disabled = update(UserAccount).where(UserAccount.user_id == SATO.viewer_id)
        connection.execute(disabled.values(disabled_at=datetime.now(UTC)))
    waiting = kinds(home_of(catalogue, HEAD, reports))[UNMANAGED]
    assert {OPEN_NEED, CLOSED_NEED, PLAIN_NEED} == set(waiting)
    with reading_as(catalogue, HEAD) as connection:
        page = needs_page(connection, HEAD, NeedFilter(is_unmanaged=True))
    assert {need.need_id for need in page.items} == set(waiting)


def test_who_is_asked_in_is_waited_for_until_they_write(office):
    catalogue, reports = office
    assert kinds(home_of(catalogue, PATENTS, reports)) == {}
    with writing_as(catalogue, SATO) as connection:
        invite(connection, SATO, CLOSED_NEED, PATENTS.viewer_id)
    home = home_of(catalogue, PATENTS, reports)
    assert kinds(home) == {ASKED_IN: [CLOSED_NEED]}
    assert [one.need.need_id for one in home.own.needs] == [CLOSED_NEED]
    write_note(catalogue, PATENTS, CLOSED_NEED, "R-01", "先行出願あり")
    assert kinds(home_of(catalogue, PATENTS, reports)) == {}


def test_own_needs_say_how_far_they_have_come_and_others_see_the_newest(office):
    catalogue, reports = office
    judged(catalogue, SATO, "R-01", "suitable")
    judged(catalogue, SATO, "R-02", "not_suitable", "wrong_field")
    judged(catalogue, SATO, "R-02", "suitable")  # a change of mind counts once
    own = home_of(catalogue, SATO, reports).own
    assert own.are_own and own.count == 2
    assert [(one.need.need_id, one.judged, one.suitable) for one in own.needs] == [
        (CLOSED_NEED, 0, 0),
        (OPEN_NEED, 2, 2),
    ]
    others = home_of(catalogue, TANAKA, reports).own
    assert not others.are_own
    assert [one.need.need_id for one in others.needs] == [OPEN_NEED, PLAIN_NEED]


def test_what_the_company_answered_stands_beside_the_released_list(office):
    catalogue, reports = office
    judged(catalogue, COMPANY, "R-02", "suitable")  # before the release: no answer to it
    released(catalogue, "R-01", "R-02")
    (before,) = home_of(catalogue, SATO, reports).releases
    assert (before.people, before.suitable, before.answered_at) == (2, 0, None)
    judged(catalogue, COMPANY, "R-01", "suitable")
    judged(catalogue, COMPANY, "R-02", "not_suitable", "too_early")
    judged(catalogue, COMPANY, "R-03", "suitable")  # not on the list
    judged(catalogue, SATO, "R-02", "suitable")  # the office's own word is no answer
    (after,) = home_of(catalogue, SATO, reports).releases
    assert (after.suitable, after.not_suitable) == (1, 1) and after.answered_at
    assert home_of(catalogue, TANAKA, reports).releases == ()
    assert len(home_of(catalogue, HEAD, reports).releases) == 1


def test_news_of_the_night_are_of_needs_that_the_user_sees_own_ones_first(office):
    catalogue, reports = office
    night(reports, {
        OPEN_NEED: found(("R-01", "good"), ("R-02", "good"), ("R-10", "strong"), ("R-11", "weak")),
        CLOSED_NEED: found(("R-01", "weak"), fits_nobody=True),
        PLAIN_NEED: found(("R-01", "good")),
        "N-withdrawn": found(("R-01", "good")),
    })  # fmt: skip
    home = home_of(catalogue, SATO, reports)
    assert [need.need_id for need in home.night.needs] == [OPEN_NEED, PLAIN_NEED]
    new = home.night.needs[0].found.new_people
    assert [person.researcher_id for person in new] == ["R-10"], "a weak newcomer is no news"
    assert home.night.details.seeds["S-01"].year == 2004
    assert kinds(home)[NOBODY] == [CLOSED_NEED]
    assert NOBODY not in kinds(home_of(catalogue, TANAKA, reports))


def test_a_need_that_could_not_be_matched_waits_for_its_manager(office):
    catalogue, reports = office
    night(reports, {OPEN_NEED: found(error="no letters")})
    assert kinds(home_of(catalogue, SATO, reports))[FAILED] == [OPEN_NEED]


def test_notes_of_others_are_shown_for_a_day(office):
    catalogue, reports = office
    write_note(catalogue, SATO, OPEN_NEED, "R-01", "連絡済み")
    write_note(catalogue, SATO, CLOSED_NEED, "R-01", "内密に")
    assert [note.text for note in home_of(catalogue, TANAKA, reports).notes] == ["連絡済み"]
    assert home_of(catalogue, SATO, reports).notes == ()
    later = datetime.now(UTC) + timedelta(days=2)
    assert home_of(catalogue, TANAKA, reports, now=later).notes == ()


@pytest.mark.parametrize("viewer", [NUMBERS, GUEST], ids=lambda viewer: viewer.role)
def test_roles_outside_the_office_see_public_needs_and_no_work_of_the_office(office, viewer):
    catalogue, reports = office
    write_note(catalogue, SATO, OPEN_NEED, "R-01", "連絡済み")
    released(catalogue, "R-01")
    home = home_of(catalogue, viewer, reports)
    assert (home.notes, home.releases, home.waiting) == ((), (), ())
    assert {one.need.need_id for one in home.own.needs} == {OPEN_NEED, PLAIN_NEED}
