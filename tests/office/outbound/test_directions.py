"""Companies for a technology, needs for a researcher, and dormant needs, as far as a viewer may see them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from catalogue.database.viewer import ADMINISTRATOR, ANALYST, CHIEF, LOCAL_VIEWER, PROJECT
from catalogue.judgements.judgements import Judgement, record_judgement
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, SEEDS, Draft
from enmusubi.errors import ForbiddenError, InputError, UnknownIdError
from matcher.records import MatchList, Need
from office.access.scoped import reading_as, writing_as
from office.matching import Question, ViewerMatching
from office.needs.kinds import set_kind
from office.outbound import dormant, fitting
from office.outbound.companies import CompanySearch
from office.outbound.documents import read_texts
from office.outbound.dormant import (
    LOOKS,
    dormant_news,
    look_for_dormant,
    note_told,
    take_note,
    untold_news,
)
from office.outbound.fitting import FittingSearch
from office.outbound.found import TechnologyAsked
from office.outbound.profiles import parse_profile, save_profile
from office.outbound.unused import unused_patents
from office.privacy.rights import opt_out
from office.ways_in import REQUEST
from tests.office.outbound.conftest import ASLEEP, HUSHED
from tests.support.small_recommender import SmallRecommender

HEAD = replace(LOCAL_VIEWER, viewer_id="head", role=CHIEF)
KATO = replace(LOCAL_VIEWER, viewer_id="kato", role=PROJECT)
OUTSIDE = replace(LOCAL_VIEWER, viewer_id="ota", role=ANALYST)
ADMIN = replace(LOCAL_VIEWER, viewer_id="admin", role=ADMINISTRATOR)
FILM = TechnologyAsked("酸素を通しにくい薄い膜")


def seed(catalogue: Catalogue, seed_id: str, **values: object) -> None:
    row = {"seed_id": seed_id, "kind": "paper", "lang": "ja", "title": "膜", "text": "薄い膜。"}
    outcomes = catalogue.write([Draft(SEEDS, {**row, **values}, people=("R-01",))], source="test")
    assert {outcome.change for outcome in outcomes} <= {"added", "updated"}


def test_companies_come_from_needs_profiles_and_joint_work_each_with_its_reason(
    catalogue: Catalogue, matching: ViewerMatching
) -> None:
    with writing_as(catalogue, KATO) as connection:
        given = {"name_ja": "青波化学", "business_ja": "薄い膜を作る。"}
        save_profile(connection, KATO, parse_profile(given))
        texts = read_texts(connection, KATO)

    found = CompanySearch(matching).find_with(SmallRecommender(), KATO, FILM)

    of_aonami = {one.kind for one in texts.texts if one.company == "id aonami"}
    assert of_aonami == {"need", "profile"}  # one company, whatever its legal form is written like
    names = [one.names.name("ja") for one in found.companies]
    assert {"青波化学株式会社", "黒瀬製紙株式会社", "白山機工株式会社"} <= set(names)
    assert (found.needs, found.profiles, found.joint) == (2, 1, 1)
    assert all(reason.sentence for one in found.companies for reason in one.reasons)


def test_a_need_that_the_viewer_does_not_see_changes_nothing(
    catalogue: Catalogue, matching: ViewerMatching
) -> None:
    search = CompanySearch(matching)
    with reading_as(catalogue, KATO) as connection:
        seen = {one.document_id for one in read_texts(connection, KATO).texts}
    before = search.find_with(SmallRecommender(), KATO, FILM)
    catalogue.write(
        [Draft(NEEDS, {"need_id": "N-more", "text": FILM.text, "area": "competitive"})],
        source="test",
    )

    assert HUSHED not in seen and "N-film" in seen
    assert search.find_with(SmallRecommender(), KATO, FILM) == before
    of_chief = search.find_with(SmallRecommender(), HEAD, FILM)
    reasons = [reason.text for one in of_chief.companies for reason in one.reasons]
    assert {HUSHED, "N-more"} & {text.document_id for text in reasons}
    with pytest.raises(ForbiddenError):
        search.find_with(SmallRecommender(), OUTSIDE, FILM)


def test_for_a_seed_the_needs_own_list_says_how_likely_its_people_are(
    catalogue: Catalogue, matching: ViewerMatching
) -> None:
    seed(catalogue, "S-01")
    recommender = SmallRecommender()
    found = CompanySearch(matching).find_with(recommender, KATO, TechnologyAsked(seed_id="S-01"))

    told = {
        reason.text.document_id: reason.people
        for one in found.companies
        for reason in one.reasons
        if reason.people
    }
    with reading_as(catalogue, KATO) as connection:
        texts = {one.document_id: one for one in read_texts(connection, KATO).texts}
    need = texts["N-film"].need
    assert need is not None
    forward = matching.match_unshown(recommender, KATO, Question(need.as_need()), REQUEST)
    (line,) = (m for m in forward.matches if m.researcher.researcher_id == "R-01")
    (chance,) = told["N-film"]
    assert (chance.rank, chance.score, chance.probability) == (
        line.rank, line.score, line.probability,
    )  # fmt: skip
    assert all(one.text.document_id != "S-01" for c in found.companies for one in c.reasons)
    with pytest.raises(UnknownIdError):
        CompanySearch(matching).find_with(recommender, KATO, TechnologyAsked(seed_id="S-none"))


def test_a_researcher_is_told_the_open_needs_that_the_viewer_sees_with_their_own_ranks(
    matching: ViewerMatching,
) -> None:
    search, recommender = FittingSearch(matching), SmallRecommender()

    of_kato = search.find_with(recommender, KATO, "R-01")
    of_chief = search.find_with(recommender, HEAD, "R-01")

    assert HUSHED not in {one.need.need_id for one in of_kato.needs}
    assert {HUSHED, "N-film"} <= {one.need.need_id for one in of_chief.needs}
    assert ASLEEP not in {one.need.need_id for one in of_chief.needs}
    chances = [one.match.probability for one in of_chief.needs]
    assert chances == sorted(chances, reverse=True)
    for one in of_chief.needs:
        forward = matching.match_unshown(recommender, HEAD, Question(one.need.as_need()), REQUEST)
        assert one.match in forward.matches
    with pytest.raises(UnknownIdError):
        search.find_with(recommender, KATO, "R-none")


def test_a_new_seed_finds_a_dormant_need_once_and_nothing_before_the_first_look(
    catalogue: Catalogue, matching: ViewerMatching
) -> None:
    recommender = SmallRecommender()
    first = look_for_dormant(matching, lambda: pytest.fail("nothing is new yet"), datetime.now(UTC))
    assert first.found == () and untold_news(catalogue) == ()
    seed(catalogue, "S-01")

    looked = look_for_dormant(matching, lambda: recommender, datetime.now(UTC))

    assert looked.found == ((ASLEEP, "R-01"),) and looked.need_ids == [ASLEEP]
    with reading_as(catalogue, KATO) as connection:
        (news,) = dormant_news(connection, KATO)
    ((card, chance, seeds),) = news.people
    assert (card.researcher_id, [one.seed_id for one in seeds]) == ("R-01", ["S-01"])
    assert 0 < chance <= 1 and news.manager == "kato"
    note_told(catalogue, untold_news(catalogue))
    assert untold_news(catalogue) == ()
    assert look_for_dormant(matching, lambda: recommender, datetime.now(UTC)).found == ()
    seed(catalogue, "S-01", text="薄い膜を改めた。")
    assert (
        look_for_dormant(matching, lambda: recommender, datetime.now(UTC)).found == ()
    )  # it was found before
    with writing_as(catalogue, KATO) as connection:
        take_note(connection, KATO, ASLEEP)
        assert dormant_news(connection, KATO) == ()
        with pytest.raises(UnknownIdError):
            take_note(connection, KATO, ASLEEP)
        assert connection.execute(select(func.count()).select_from(LOOKS)).scalar_one() == 4


def test_a_closed_need_that_somebody_suits_does_not_lie_dormant_nor_does_a_hidden_seed_wake_one(
    catalogue: Catalogue, matching: ViewerMatching
) -> None:
    recommender = SmallRecommender()
    look_for_dormant(matching, lambda: recommender, datetime.now(UTC))
    seed(catalogue, "S-01", visibility="internal")
    assert look_for_dormant(matching, lambda: recommender, datetime.now(UTC)).seeds == 0
    with catalogue.writing() as connection:
        record_judgement(connection, Judgement(ASLEEP, "R-01", "suitable"))
    seed(catalogue, "S-new")
    assert look_for_dormant(matching, lambda: recommender, datetime.now(UTC)).needs == 0


def test_patents_in_force_without_a_company_are_unused(catalogue: Catalogue) -> None:
    patent = {"kind": "patent", "patent_status": "granted"}
    seed(catalogue, "P-1", **patent)
    seed(catalogue, "P-2", **patent, companies="青波化学株式会社")
    seed(catalogue, "P-3", kind="patent", patent_status="unpublished")
    seed(catalogue, "P-4", kind="patent", patent_status="lapsed")
    with reading_as(catalogue, KATO) as connection:
        assert [one.seed_id for one in unused_patents(connection, KATO, 9)] == ["P-1"]


def test_only_a_disruptive_need_is_spread_unasked_and_only_where_the_office_lets_it(
    catalogue: Catalogue, matching: ViewerMatching
) -> None:
    recommender = SmallRecommender()
    with reading_as(catalogue, HEAD) as connection:
        need = next(o.need for o in read_texts(connection, HEAD).texts if o.document_id == "N-film")
    assert need is not None
    question = Question(need.as_need())
    usual = matching.match_unshown(recommender, HEAD, question, REQUEST)
    assert usual.spread is None
    with writing_as(catalogue, HEAD) as connection:
        set_kind(connection, HEAD, "N-film", "disruptive")
    assert matching.match_unshown(recommender, HEAD, question, REQUEST) == usual
    spreads = matching.settings.matching.model_copy(update={"spread_of_disruptive": "wide"})
    allowed = matching.settings.model_copy(update={"matching": spreads})
    there = ViewerMatching(catalogue, allowed)

    def level(**how: str) -> str:
        found = there.match_unshown(recommender, HEAD, replace(question, **how), REQUEST)  # type: ignore[arg-type]
        return found.spread.level if found.spread else ""

    assert (level(), level(spread="safest")) == ("wide", "")
    with writing_as(catalogue, HEAD) as connection:
        set_kind(connection, HEAD, "N-film", "sustaining")
    assert (level(), level(spread="balanced")) == ("", "balanced")
    with pytest.raises(InputError):
        level(spread="wild")
    with pytest.raises(ForbiddenError), writing_as(catalogue, KATO) as connection:
        set_kind(connection, KATO, "N-film", "disruptive")


def test_a_long_patent_is_asked_with_by_its_beginning(
    catalogue: Catalogue, matching: ViewerMatching
) -> None:
    seed(catalogue, "S-long", text="薄い膜。" * 6_000)  # longer than a need may be
    asked = TechnologyAsked(seed_id="S-long")
    technology, _, _ = CompanySearch(matching).read(KATO, asked)
    assert len(technology.text) == 4_000


def test_of_several_people_those_who_opted_out_are_not_told_and_the_others_keep_their_ranks(
    catalogue: Catalogue, matching: ViewerMatching
) -> None:
    recommender, question = SmallRecommender(), Question(Need("A thin film. 薄い膜"))
    people = [one.researcher_id for one in recommender.people]
    before = matching.people_with(recommender, HEAD, question, people, REQUEST).matches
    first, second = (one.researcher.researcher_id for one in before)
    look_for_dormant(matching, lambda: recommender, datetime.now(UTC))
    seed(catalogue, "S-01")
    look_for_dormant(matching, lambda: recommender, datetime.now(UTC))

    opt_out(catalogue, ADMIN, first)

    (left,) = matching.people_with(recommender, HEAD, question, people, REQUEST).matches
    assert (left.researcher.researcher_id, left.rank) == (second, 2)
    opt_out(catalogue, ADMIN, "R-01")
    with reading_as(catalogue, HEAD) as connection:
        assert dormant_news(connection, HEAD) == ()


def test_what_came_in_while_the_index_was_built_is_looked_with_next_time(
    catalogue: Catalogue, matching: ViewerMatching
) -> None:
    recommender, long_ago = SmallRecommender(), datetime.now(UTC) - timedelta(days=1)
    look_for_dormant(matching, lambda: recommender, long_ago)
    assert look_for_dormant(matching, lambda: recommender, datetime.now(UTC)).seeds > 0
    assert look_for_dormant(matching, lambda: recommender, datetime.now(UTC)).seeds == 0


def test_new_seeds_of_many_people_look_among_the_first_of_a_list_and_find_the_same(
    catalogue: Catalogue, matching: ViewerMatching, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Listed(SmallRecommender):
        def match_people(self, *_: object, **__: object) -> MatchList:
            return pytest.fail("each of many people would be explained")

    look_for_dormant(matching, SmallRecommender, datetime.now(UTC))
    seed(catalogue, "S-01")
    monkeypatch.setattr(dormant, "FIRST_LINES", 2)
    monkeypatch.setattr(dormant, "_new_seeds", lambda *_: {"S-01": {"R-01", "R-02", "R-03"}})
    assert look_for_dormant(matching, Listed, datetime.now(UTC)).found == ((ASLEEP, "R-01"),)


def test_who_is_shown_other_words_of_a_need_is_not_answered_by_its_own(
    matching: ViewerMatching, monkeypatch: pytest.MonkeyPatch
) -> None:
    search, recommender = FittingSearch(matching), SmallRecommender()
    monkeypatch.setattr(fitting, "RANKED", 0)
    _, needs = search.open_needs(HEAD, "R-01")
    search.encode(recommender, search.to_encode(recommender, needs))
    veiled = [replace(need, text="何かの膜。", is_veiled=True) for need in needs]
    assert search.to_encode(recommender, needs) == []
    assert search.to_encode(recommender, veiled) == veiled
