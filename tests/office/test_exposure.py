"""Attention against merit: computed by hand on a few lists, on both databases, for the chief alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import log2

import pytest

from catalogue.database.judgement_models import NIGHTLY
from catalogue.judgements.judgements import Judgement, record_judgement
from catalogue.judgements.shown_lists import record_shown
from catalogue.records.drafts import NEEDS, Draft
from enmusubi.errors import ForbiddenError
from office.access.scoped import reading_as
from office.statistics.exposure import FEWEST_NEEDS, exposure
from tests.support.worlds import furnish
from tests.support.worlds.pages import HEAD, NUMBERS, OPEN_NEED, SATO, match_list

LATER = datetime(2031, 1, 1, tzinfo=UTC)  # when the lists that the office comes with are forgotten
MATERIALS, PACKAGING = "材料工学科", "Packaging Science"


@pytest.fixture
def office(catalogue, tmp_path):
    """The office of the pages' tests on either database."""
    furnish("pages", catalogue, tmp_path)
    return catalogue


def shown(office, need_id, people, chances, *, days=1):
    listed = match_list(need_id, *people)
    matches = zip(listed.matches, chances, strict=True)
    matches = tuple(replace(match, probability=chance) for match, chance in matches)
    at = LATER - timedelta(days=days)
    record_shown(office, replace(listed, matches=matches), NIGHTLY, now=at)


def read(office, viewer=HEAD, *, now=LATER):
    with reading_as(office, viewer) as connection:
        return exposure(connection, viewer, now=now)


def by_name(found):
    return {one.name_ja: one for one in found.departments}


def test_attention_and_merit_are_shares_of_each_list(office):
    shown(office, OPEN_NEED, ("R-01", "R-02"), (0.6, 0.2))
    shown(office, OPEN_NEED, ("R-01",), (0.9,), days=400)  # longer ago than a year
    found = read(office)
    second = 1 / log2(3)
    departments = by_name(found)
    assert (found.lists, found.needs) == (1, 1)
    assert departments[MATERIALS].merit == pytest.approx(0.75)
    assert departments[MATERIALS].attention == pytest.approx(1 / (1 + second))
    assert departments[PACKAGING].ratio == pytest.approx(second / (1 + second) / 0.25)
    assert departments[PACKAGING].interval is None  # one need says little
    assert not departments[PACKAGING].is_uneven


def test_a_department_that_always_comes_second_in_spite_of_equal_chances_is_marked(office):
    needs = [f"N-{n:02}" for n in range(FEWEST_NEEDS)]
    office.write(
        [Draft(NEEDS, {"need_id": one, "text": "薄い膜を探す。"}) for one in needs], source="t"
    )
    for need_id in needs:
        shown(office, need_id, ("R-01", "R-02"), (0.5, 0.5))
    departments = by_name(read(office))
    assert departments[PACKAGING].is_uneven and departments[PACKAGING].ratio < 1
    assert departments[MATERIALS].is_uneven and departments[MATERIALS].ratio > 1


def test_first_contacts_are_judgements_from_the_dialogue_on(office):
    with office.writing() as connection:
        for person, stage in (("R-01", "dialogue"), ("R-02", "discovery"), ("R-10", "declined")):
            said = Judgement(OPEN_NEED, person, "suitable", stage=stage, judged_by="sato")
            record_judgement(connection, said)
    found = read(office, now=datetime.now(UTC))
    departments = by_name(found)
    assert (departments[MATERIALS].contacts, departments[MATERIALS].contact_share) == (1, 1.0)
    assert departments[PACKAGING].contacts == 0
    assert [(one.needs, one.contacted) for one in found.companies] == [(2, 1)]
    assert found.companies[0].first_chance == pytest.approx(0.5)
    assert found.companies[0].name("en") and found.companies[0].name("ja")


def test_an_office_without_lists_has_no_departments(office):
    assert read(office).departments == ()


@pytest.mark.parametrize("viewer", [SATO, NUMBERS])
def test_the_chief_alone_reads_it(office, viewer):
    with pytest.raises(ForbiddenError):
        read(office, viewer)


def test_the_newest_whole_list_of_each_quarter_counts(office):
    for days, people, chance in (
        (300, ("R-02", "R-01"), 0.6),
        (299, ("R-01", "R-02"), 0.6),
        (1, ("R-01", "R-02"), 0.7),
    ):
        shown(office, OPEN_NEED, people, (chance, chance), days=days)
    found = read(office)
    assert (found.lists, found.needs) == (2, 1)  # that of 300 days ago was followed by another
    quarters = by_name(found)[MATERIALS].quarters
    assert quarters[1:3] == (None, None)
    assert quarters[0] == quarters[3] == pytest.approx(by_name(found)[MATERIALS].ratio)


def test_people_who_are_always_seen_beyond_their_chances_are_named(office):
    needs = [f"N-{n:02}" for n in range(FEWEST_NEEDS)]
    office.write(
        [Draft(NEEDS, {"need_id": one, "text": "薄い膜を探す。"}) for one in needs], source="t"
    )
    for need_id in needs[:-1]:
        shown(office, need_id, ("R-01", "R-02", "R-10"), (0.5, 0.5, 0.5))
    assert read(office).people == ()  # in too few lists
    shown(office, needs[-1], ("R-01", "R-02", "R-10"), (0.5, 0.5, 0.5))
    told = {one.card.researcher_id: one.ratio for one in read(office).people}
    assert told["R-01"] > 1 and told["R-10"] < 1
    assert all(one.needs == FEWEST_NEEDS for one in read(office).people)
