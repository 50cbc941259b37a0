"""Alerts: what of a saved search is news, to whom, and what ends them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from catalogue.database.account_models import UserAccount
from catalogue.database.viewer import CHIEF, FINANCE, IP, LOCAL_VIEWER, PROJECT, VIEWER, Viewer
from catalogue.identity.decisions import join_people
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import IndexDamagedError, InputError
from matcher.records import CONFIDENTIAL, INTERNAL, PUBLIC, Filters, Mark, Need, Refinement
from office import alerts, saved_searches
from office.accounts.federated import Stranger, account_of
from office.accounts.users import Users
from office.matching import ViewerMatching
from office.saved_searches import SearchDraft
from office.search_conditions import Conditions
from tests.office.personal.finding import EVERY_SEED, Index, check, news
from tests.support.worlds.personal import HEAD, HUSHED, NUMBERS, PATENTS, SATO, account


@pytest.fixture
def watched(catalogue):
    account(catalogue, SATO)
    return saved_searches.save_search(catalogue, SATO, SearchDraft("a", HUSHED, alert=True))


def look(catalogue: Catalogue, number: int, *people: str, viewer: Viewer = SATO) -> None:
    seen = Index(people=people).match(Need(HUSHED), top=10, filters=Filters())
    alerts.note_looked(catalogue, viewer, number, seen)


def test_looking_before_the_first_night_makes_no_news_of_those_further_down(catalogue, watched):
    look(catalogue, watched, "R-1")
    assert check(catalogue, Index(people=("R-1", "R-2")), 10) == 0
    assert check(catalogue, Index(people=("R-3", "R-2")), 10) == 1


def test_nobody_notes_on_anothers_search(catalogue, watched):
    check(catalogue, Index(), 10)
    check(catalogue, Index(people=("R-3",)), 10)
    look(catalogue, watched, "R-3", viewer=HEAD)
    assert news(catalogue, watched) == ("R-3",)


def test_the_first_night_makes_no_news_and_later_ones_tell_who_is_new(catalogue, watched):
    assert check(catalogue, Index(), 10) == 0
    assert check(catalogue, Index(people=("R-3", "R-1")), 10) == 1
    assert news(catalogue, watched) == ("R-3",)
    assert check(catalogue, Index(people=("R-1",)), 10) == 1  # not looked at yet
    assert news(catalogue, watched) == ("R-3",)
    look(catalogue, watched, "R-1")
    assert news(catalogue, watched) == ()
    assert check(catalogue, Index(people=("R-3",)), 10) == 0


def test_who_hardly_fits_is_no_news_before_they_do(catalogue, watched):
    check(catalogue, Index(weak=("R-3",)), 10)
    check(catalogue, Index(weak=("R-3",)), 10)
    assert news(catalogue, watched) == ()
    check(catalogue, Index(people=("R-3",)), 10)
    assert news(catalogue, watched) == ("R-3",)


def nobody_fits(catalogue: Catalogue, number: int, viewer: Viewer = SATO) -> bool:
    return saved_searches.search_of(catalogue, viewer, number).fits_nobody


def test_that_nobody_fits_is_told_until_somebody_does(catalogue, watched):
    assert not nobody_fits(catalogue, watched)  # no night has looked
    check(catalogue, Index(people=(), weak=("R-3",)), 10)
    assert nobody_fits(catalogue, watched)
    check(catalogue, Index(people=("R-1",)), 10)
    assert not nobody_fits(catalogue, watched)
    check(catalogue, Index(people=(), weak=("R-3",)), 10)
    look(catalogue, watched, "R-1")
    assert not nobody_fits(catalogue, watched)


def test_that_nobody_fits_is_forgotten_with_the_role(catalogue):
    account(catalogue, PATENTS)
    draft = SearchDraft("a", HUSHED, alert=True)
    number = saved_searches.save_search(catalogue, replace(PATENTS, viewer_id="ip"), draft)
    check(catalogue, Index(people=(), weak=("R-3",)), 10)
    assert nobody_fits(catalogue, number, replace(PATENTS, viewer_id="ip"))
    Users(catalogue).change(HEAD, "ip", role=FINANCE)
    assert not nobody_fits(catalogue, number, replace(PATENTS, viewer_id="ip", role=FINANCE))


def test_joining_two_people_makes_no_news(catalogue, watched):
    check(catalogue, Index(people=("R-2",)), 10)
    with catalogue.writing() as connection:
        now = join_people(connection, "R-1", "R-2", datetime.now(UTC))
    assert check(catalogue, Index(people=(now,)), 10) == 0


def test_what_the_owner_saw_while_the_search_ran_is_no_news(catalogue, watched):
    check(catalogue, Index(), 10)
    later = Index(people=("R-3",))
    later.meanwhile = lambda: look(catalogue, watched, "R-3")
    assert check(catalogue, later, 10) == 0


def found_as_patents(catalogue: Catalogue, user_id: str) -> int:
    """Save a search of an IP manager's, who finds R-3 in the second night."""
    owner = replace(PATENTS, viewer_id=user_id)
    number = saved_searches.save_search(catalogue, owner, SearchDraft("a", HUSHED, alert=True))
    check(catalogue, Index(), 10)
    check(catalogue, Index(people=("R-3",)), 10)
    assert news(catalogue, number, owner) == ("R-3",)
    return number


def test_what_was_found_in_one_role_is_no_news_in_another(catalogue):
    account(catalogue, PATENTS)
    number, finance = found_as_patents(catalogue, "ip"), replace(PATENTS, role=FINANCE)
    Users(catalogue).change(HEAD, "ip", role=FINANCE)
    assert news(catalogue, number, finance) == ()
    assert check(catalogue, Index(people=("R-1",)), 10) == 0
    assert check(catalogue, Index(people=("R-3",)), 10) == 1  # she may see that one


def test_the_role_of_the_sign_in_s_provider_forgets_the_news_as_well(catalogue):
    stranger = Stranger("https://id.example", "1", "abe", "阿部", IP)
    account_of(catalogue, stranger)
    number = found_as_patents(catalogue, "abe")
    assert account_of(catalogue, stranger).role == IP
    assert news(catalogue, number, Viewer("abe", IP)) == ("R-3",)
    assert account_of(catalogue, replace(stranger, role=VIEWER)).role == VIEWER
    assert news(catalogue, number, Viewer("abe", VIEWER)) == ()


def test_whose_role_changes_while_the_search_runs_gets_no_news_of_the_role_before(catalogue):
    account(catalogue, PATENTS)
    number, later = found_as_patents(catalogue, "ip"), Index(people=("R-2",))
    later.meanwhile = lambda: Users(catalogue).change(HEAD, "ip", role=VIEWER)
    assert check(catalogue, later, 10) == 0
    assert news(catalogue, number, replace(PATENTS, role=VIEWER)) == ()


def test_a_need_that_may_not_be_seen_any_more_has_no_news(catalogue):
    account(catalogue, HEAD)
    draft = SearchDraft("a", need_id="N-closed", alert=True)
    number = saved_searches.save_search(catalogue, HEAD, draft)
    check(catalogue, Index(), 10)
    check(catalogue, Index(people=("R-3",)), 10)
    assert news(catalogue, number, HEAD) == ("R-3",)
    assert news(catalogue, number, replace(HEAD, role=FINANCE)) == ()


def test_a_search_runs_with_its_owners_eyes(catalogue):
    for viewer in (SATO, PATENTS, NUMBERS):
        account(catalogue, viewer)
        draft = SearchDraft("a", HUSHED, conditions=Conditions(Filters(since=2001)), alert=True)
        saved_searches.save_search(catalogue, viewer, draft)
    index = Index()
    check(catalogue, index, 10)
    assert [filters for _, filters in index.asked] == [
        Filters(since=2001, visibilities=(PUBLIC, INTERNAL)),
        Filters(since=2001, visibilities=(PUBLIC, INTERNAL, CONFIDENTIAL)),
        Filters(since=2001, visibilities=(PUBLIC,)),
    ]


def test_a_stored_need_is_searched_for_while_the_owner_may_see_it(catalogue):
    account(catalogue, SATO)
    saved_searches.save_search(catalogue, SATO, SearchDraft("a", need_id="N-closed", alert=True))
    index = Index()
    check(catalogue, index, 10)
    assert [need.text for need, _ in index.asked] == [HUSHED]
    with catalogue.writing() as connection:
        connection.execute(UserAccount.__table__.update().values(role=VIEWER))
    assert check(catalogue, index, 10) == 0
    assert len(index.asked) == 1


def test_a_search_asks_as_its_list_did_and_lets_go_of_marks_that_the_index_lost(catalogue):
    account(catalogue, SATO)
    marks = Mark("R-1"), Mark("", "S-1", "text", 0)
    conditions = Conditions(
        area="competitive", sort="name", refinement=Refinement(marks, (Mark("R-9"),), ("glue",))
    )
    draft = SearchDraft("a", "another wording", "N-closed", conditions, alert=True)
    saved_searches.save_search(catalogue, SATO, draft)
    index = Index(lost=("S-1", "R-9"))
    check(catalogue, index, 10)
    asked = index.asked[-1][0]
    assert (asked.text, asked.area, asked.need_id) == ("another wording", "competitive", "N-closed")
    assert asked.refinement == Refinement((Mark("R-1"),), (), ("glue",))
    with catalogue.writing() as connection:
        now = join_people(connection, "R-1", "R-2", datetime.now(UTC))
    index.lost = ({"R-1", "R-2"} - {now}).pop(), "S-1", "R-9"
    check(catalogue, index, 10)
    assert index.asked[-1][0].refinement.more_like == (Mark(now),)
    assert check(catalogue, Index(lost=("N-closed",)), 10) == 0  # what is no mark's stays unknown


def test_searches_of_people_who_left_and_searches_without_alert_rest(catalogue):
    gone = Viewer("gone", PROJECT)
    account(catalogue, gone, disabled=True)
    for viewer, alert in ((gone, True), (Viewer("never", CHIEF), True), (SATO, False)):
        saved_searches.save_search(catalogue, viewer, SearchDraft("a", HUSHED, alert=alert))
    saved_searches.save_search(catalogue, LOCAL_VIEWER, SearchDraft("a", "local glue", alert=True))
    index = Index()
    check(catalogue, index, 10)
    assert [need.text for need, _ in index.asked] == ["local glue"]


def test_a_search_that_fails_stops_no_other_and_tells_nothing_of_its_text(
    catalogue, watched, caplog
):
    saved_searches.save_search(catalogue, LOCAL_VIEWER, SearchDraft("b", "local glue", alert=True))
    index = Index(fails={HUSHED: ValueError(HUSHED)})
    check(catalogue, index, 10)
    assert [need.text for need, _ in index.asked] == [HUSHED, "local glue"]
    assert f"Saved search {watched} failed: ValueError" in caplog.text
    assert HUSHED not in caplog.text
    index = Index(fails={HUSHED: InputError(HUSHED)})
    check(catalogue, index, 10)
    assert HUSHED not in caplog.text


def test_an_index_that_cannot_be_read_ends_the_alerts(catalogue, watched):
    with pytest.raises(IndexDamagedError):
        alerts.check_alerts(
            ViewerMatching(catalogue, EVERY_SEED),
            Index(fails={HUSHED: IndexDamagedError("damaged")}),
            10,
        )


def test_the_text_of_a_search_stands_in_its_table_alone(catalogue, watched):
    check(catalogue, Index(), 10)
    with catalogue.reading() as connection:
        rows = connection.execute(select(saved_searches.SEARCHES)).mappings().all()
    assert [name for name, value in rows[0].items() if HUSHED in str(value)] == ["text"]
