"""Shortlists, notes and saved searches in a real catalogue: who sees what of them, and what is news."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from catalogue.database.account_models import UserAccount
from catalogue.database.viewer import (
    ADMINISTRATOR,
    ANALYST,
    CHIEF,
    FINANCE,
    IP,
    LOCAL_VIEWER,
    PROJECT,
    VIEWER,
    Viewer,
)
from catalogue.identity.decisions import join_people
from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, Draft
from enmusubi.errors import (
    ConflictError,
    EmptyNeedError,
    ForbiddenError,
    IndexDamagedError,
    InputError,
    UnknownIdError,
)
from enmusubi.settings import IndexSettings, Settings
from matcher.records import (
    CONFIDENTIAL,
    INTERNAL,
    PUBLIC,
    VISIBILITIES,
    Filters,
    Match,
    MatchList,
    Need,
    ResearcherCard,
)
from office import alerts, notes, saved_searches, shortlists
from office.accounts.federated import Stranger, account_of
from office.accounts.users import Users
from office.matching import ViewerMatching
from office.saved_searches import SearchDraft
from tests.support.databases import new_sqlite

HUSHED = "nobody must hear of this glue"
SATO = Viewer("sato", PROJECT, name="佐藤")
TANAKA = Viewer("tanaka", PROJECT, name="田中")
HEAD = Viewer("head", CHIEF)
PATENTS = Viewer("ip", IP)
NUMBERS = Viewer("numbers", ANALYST)


@pytest.fixture
def catalogue(tmp_path: Path):
    """Three researchers, an open need and one of a closed circle that Sato manages."""
    with open_catalogue(new_sqlite(tmp_path / "catalogue.sqlite")) as opened:
        furnish(opened)
        yield opened


def furnish(catalogue: Catalogue) -> None:
    needs = [
        {"need_id": "N-open", "title": "薄い膜", "text": "食品包装の膜を探しています。",
         "area": "non-competitive", "confidentiality": "public", "manager": "sato"},
        {"need_id": "N-closed", "title": "接着剤", "text": HUSHED,
         "area": "competitive", "manager": "sato"},
    ]  # fmt: skip
    outcomes = catalogue.write(
        [
            Draft(ORGANISATIONS, {"organisation_id": "hu", "name_ja": "星ヶ野大学"}),
            *(
                Draft(RESEARCHERS, {"researcher_id": f"R-{n}", "name_ja": name,
                                    "organisation_id": "hu"})
                for n, name in enumerate(("森 花", "林 海", "岡 空"), start=1)
            ),
            *(Draft(NEEDS, need) for need in needs),
        ],
        source="test",
    )  # fmt: skip
    assert [o for o in outcomes if o.change == "refused"] == []


EVERY_SEED = Settings(index=IndexSettings(visibilities=VISIBILITIES))


def check(catalogue: Catalogue, index: "Index", top: int) -> int:
    """Run the saved searches with an alert; returns how many have news."""
    return alerts.check_alerts(ViewerMatching(catalogue, EVERY_SEED), index, top)


@dataclass
class Index:
    """Finds the people it is told to, and notes what it was asked."""

    people: Sequence[str] = ("R-1", "R-2")
    weak: Sequence[str] = ()
    asked: list[tuple[Need, Filters]] = field(default_factory=list)
    fails: dict[str, Exception] = field(default_factory=dict)
    meanwhile: Callable[[], Any] = lambda: None

    def match(self, need: Need, *, top: int, filters: Filters) -> MatchList:
        self.asked.append((need, filters))
        if need.text in self.fails:
            raise self.fails[need.text]
        self.meanwhile()
        strengths = [(p, "good") for p in self.people] + [(p, "weak") for p in self.weak]
        matches = tuple(
            Match(rank, ResearcherCard(person), 1.0, (), 0.5, strength)
            for rank, (person, strength) in enumerate(strengths[:top], start=1)
        )
        return MatchList(need.need_id, "en", matches, 3, "v000001", "words@01")


def account(catalogue: Catalogue, viewer: Viewer, *, disabled: bool = False) -> None:
    now = datetime.now(UTC)
    values = {
        "user_id": viewer.viewer_id, "name": viewer.name, "role": viewer.role, "password_hash": "",
        "failed_logins": 0, "created_at": now, "disabled_at": now if disabled else None,
    }  # fmt: skip
    with catalogue.writing() as connection:
        connection.execute(insert(UserAccount).values(values))


# shortlists


def test_a_researcher_is_put_on_the_shortlist_once_for_each_need_and_taken_off(catalogue):
    assert shortlists.add_to_shortlist(catalogue, SATO, "R-1", "N-open")
    assert not shortlists.add_to_shortlist(catalogue, SATO, "R-1", "N-open")
    assert shortlists.add_to_shortlist(catalogue, SATO, "R-1")
    assert shortlists.add_to_shortlist(catalogue, SATO, "R-2", "N-open")
    listed = shortlists.shortlist(catalogue, SATO)
    assert [(e.need_title, e.researcher.name_ja) for e in listed] == [
        ("薄い膜", "林 海"), ("薄い膜", "森 花"), ("", "森 花"),
    ]  # fmt: skip
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


# notes


def test_a_note_is_read_by_those_who_see_the_need_and_by_nobody_else(catalogue):
    account(catalogue, SATO)
    notes.write_note(catalogue, SATO, "N-closed", "R-1", "  電話した。\x00 来週また。 ")
    for reader in (SATO, HEAD):
        [note] = notes.notes_of(catalogue, reader, researcher_id="R-1")
        assert (note.text, note.author_name, note.need_title) == (
            "電話した。 来週また。", "佐藤", "接着剤",
        )  # fmt: skip
    assert notes.notes_of(catalogue, TANAKA, researcher_id="R-1") == []
    assert notes.notes_of(catalogue, PATENTS, need_id="N-closed") == []
    with pytest.raises(ForbiddenError, match="may not note"):
        notes.notes_of(catalogue, NUMBERS, need_id="N-open")


def test_a_note_is_deleted_by_its_author_alone(catalogue):
    number = notes.write_note(catalogue, SATO, "N-closed", "R-1", "a")
    with pytest.raises(UnknownIdError, match="none that you may see"):
        notes.delete_note(catalogue, TANAKA, number)
    with pytest.raises(ForbiddenError, match="another user's"):
        notes.delete_note(catalogue, HEAD, number)
    notes.delete_note(catalogue, SATO, number)
    assert notes.notes_of(catalogue, SATO) == []


@pytest.mark.parametrize("text", ["", " \n ", "a" * (notes.MAX_NOTE_CHARS + 1)])
def test_a_note_has_some_text_but_not_too_much(catalogue, text):
    with pytest.raises(InputError, match="expected 1 to 4000"):
        notes.write_note(catalogue, SATO, "N-open", "R-1", text)


# saved searches


def test_a_saved_search_comes_back_as_it_was_saved(catalogue):
    filters = Filters(institutions=("星ヶ野",), kinds=("paper",), since=2019)
    number = saved_searches.save_search(
        catalogue, SATO, SearchDraft("接着 の\n件", HUSHED, filters=filters, alert=True)
    )
    found = saved_searches.search_of(catalogue, SATO, number)
    assert (found.name, found.text, found.filters, found.alert) == (
        "接着 の 件", HUSHED, filters, True,
    )  # fmt: skip
    assert HUSHED not in repr(found)


def test_what_may_be_seen_is_not_kept_with_a_search(catalogue):
    draft = SearchDraft("a", HUSHED, filters=Filters(visibilities=(CONFIDENTIAL,)))
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
        catalogue, SATO, SearchDraft("a", need_id="N-closed", text="b")
    )
    saved_searches.rename_search(catalogue, SATO, number, "c")
    saved_searches.set_alert(catalogue, SATO, number, True)
    [found] = saved_searches.searches_of(catalogue, SATO)
    assert (found.name, found.alert, found.text) == ("c", True, "")
    [hidden] = saved_searches.searches_of(catalogue, replace(SATO, role=FINANCE))
    assert hidden.need_visible  # he manages it still
    [gone] = saved_searches.searches_of(catalogue, replace(SATO, role=VIEWER))
    assert not gone.need_visible
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


# alerts


@pytest.fixture
def watched(catalogue):
    account(catalogue, SATO)
    return saved_searches.save_search(catalogue, SATO, SearchDraft("a", HUSHED, alert=True))


def news(catalogue: Catalogue, number: int, viewer: Viewer = SATO) -> tuple[str, ...]:
    return saved_searches.search_of(catalogue, viewer, number).news


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
        draft = SearchDraft("a", HUSHED, filters=Filters(since=2001), alert=True)
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


def test_shortlists_notes_and_searches_are_the_same_on_postgresql(postgres_url):
    with open_catalogue(postgres_url) as catalogue:
        furnish(catalogue)
        account(catalogue, SATO)
        shortlists.add_to_shortlist(catalogue, SATO, "R-1", "N-closed")
        note = notes.write_note(catalogue, SATO, "N-closed", "R-1", "a")
        number = saved_searches.save_search(
            catalogue, SATO, SearchDraft("a", need_id="N-closed", alert=True)
        )
        check(catalogue, Index(), 10)
        assert check(catalogue, Index(people=("R-3",)), 10) == 1
        assert news(catalogue, number) == ("R-3",)
        assert len(shortlists.shortlist(catalogue, SATO)) == 1
        assert (
            shortlists.shortlist(catalogue, TANAKA)
            == saved_searches.searches_of(catalogue, TANAKA)
            == []
        )
        assert notes.notes_of(catalogue, TANAKA) == []
        notes.delete_note(catalogue, SATO, note)
        saved_searches.delete_search(catalogue, SATO, number)
        assert shortlists.remove_from_shortlist(catalogue, SATO, "R-1", "N-closed")
