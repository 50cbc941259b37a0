"""Conflicts of interest: declared, by joint work, by competitors, by the manager's own past."""

from datetime import date

import pytest
from sqlalchemy import event

from catalogue.database.screening_models import INTEREST_KINDS
from enmusubi.errors import ForbiddenError, SettingsError
from enmusubi.screening_settings import ScreeningSettings
from enmusubi.translation import say
from office.screening.findings import NEUTRAL
from office.screening.rule_book import DECLARED, rule_book, shipped_rules
from office.screening.screening import OF_NEED
from tests.office.screening.steps import PEOPLE, of_rule, rules_of, screened
from tests.support.worlds.screened import (
    CLOSED,
    COMPANY,
    DAUGHTER,
    GUEST,
    HEAD,
    LAW,
    MONEY,
    NEED,
    NOW,
    OWNER,
    PATENTS,
    PLAIN,
    RIVAL,
    SATO,
    SISTER,
    employer,
    interest,
    limit,
    reached,
    rivals,
    shown_in,
)


def test_every_kind_of_interest_has_a_rule_and_its_verdict(office):
    with office.writing() as connection:
        for kind in INTEREST_KINDS:
            interest(connection, "R-5", COMPANY, kind)
    found = rules_of(screened(office)["R-5"])
    assert found == {
        f"interest_{kind}": shipped_rules()[f"interest_{kind}"].verdict for kind in INTEREST_KINDS
    }
    assert found["interest_startup"] == "block" and found["interest_family"] == "ask"


@pytest.mark.parametrize(
    ("company", "relation"),
    [
        (COMPANY, "当該企業"), ("Aonami Chemical", "当該企業"), (OWNER, "親会社"),
        (DAUGHTER, "子会社"), (SISTER, "グループ会社"),
    ],
)  # fmt: skip
def test_an_interest_in_the_group_counts_and_says_what_the_company_is(office, company, relation):
    with office.writing() as connection:
        interest(connection, "R-5", company, "shares", since=date(2020, 4, 1))
    found = of_rule(screened(office)["R-5"], "interest_shares")
    assert found.stops and found.role == "legal"
    said = say(found.reason, "ja")
    assert said == f"申告：{company}（{relation}）の株式、2020-04-01から"


def test_what_has_nothing_to_do_with_the_company_or_is_long_past_does_not_count(office):
    with office.writing() as connection:
        interest(connection, "R-5", RIVAL, "shares")
        interest(connection, "R-5", "無関係株式会社", "role")
        interest(connection, "R-5", COMPANY, "fees", until=date(2015, 3, 31))
        interest(connection, "R-5", COMPANY, "role", withdrawn_at=NOW)
    assert rules_of(screened(office)["R-5"]) == {}


def test_small_fees_and_what_ended_are_notes_but_recent_employment_is_asked_about(office):
    ended = {"until": date(2025, 3, 31)}
    with office.writing() as connection:
        interest(connection, "R-5", COMPANY, "fees", amount_jpy=999_999)
        interest(connection, "R-6", COMPANY, "fees", amount_jpy=1_000_000)
        interest(connection, "R-7", COMPANY, "role", **ended)
        interest(connection, "R-8", COMPANY, "employment", **ended)
    found = screened(office)
    verdicts = {person: [*rules_of(found[person]).values()] for person in ("R-5", "R-6", "R-7")}
    assert verdicts == {"R-5": ["note"], "R-6": ["ask"], "R-7": ["note"]}
    assert rules_of(found["R-8"]) == {"interest_employment": "ask"}


@pytest.mark.parametrize("viewer", [SATO, PATENTS, MONEY], ids=lambda viewer: viewer.role)
def test_who_may_not_read_interests_is_told_that_there_are_some_and_nothing_else(office, viewer):
    with office.writing() as connection:
        first = interest(connection, "R-5", COMPANY, "fees", amount_jpy=5)
        second = interest(connection, "R-5", COMPANY, "startup")
    found = screened(office, viewer)["R-5"]
    declared = of_rule(found, DECLARED)
    assert (declared.reason, declared.verdict) == (NEUTRAL, "block")
    assert set(declared.evidence) == {first, second}
    assert say(declared.reason, "ja") == "利益相反の申告あり（法務に確認）"
    assert not any(one.rule_id.startswith("interest_") for one in found)
    for reader in (HEAD, LAW):
        assert set(rules_of(screened(office, reader)["R-5"])) == {
            "interest_fees",
            "interest_startup",
        }


def test_screening_is_for_the_office_alone(office):
    with pytest.raises(ForbiddenError):
        screened(office, GUEST)


def test_joint_work_is_found_by_the_names_of_seeds_and_by_who_works_there(office):
    found = screened(office)
    assert rules_of(found["R-1"]) == {"joint_papers": "note", "joint_patents": "note"}
    assert of_rule(found["R-1"], "joint_papers").evidence == ("seed:S-paper",)  # S-old is too old
    assert rules_of(found["R-2"]) == {"joint_grants": "note", "joint_papers": "note"}
    grant = of_rule(found["R-2"], "joint_grants")
    assert say(grant.reason, "en") == (
        f"Joint work with {DAUGHTER} (its subsidiary): 1, the newest of 2023."
    )
    assert of_rule(found["R-2"], "joint_papers").evidence == ("seed:S-staff",)


def test_seeds_that_a_viewer_may_not_see_change_nothing(office):
    assert rules_of(screened(office, SATO)["R-4"]) == {}
    assert rules_of(screened(office, HEAD)["R-4"]) == {"joint_papers": "note"}


@pytest.mark.parametrize(
    ("field", "of_need", "counts"),
    [
        ("", "polymers-textiles", True), ("polymers-textiles", "polymers-textiles", True),
        ("polymers-textiles", "", True), ("polymers-textiles", "food-science", False),
    ],
)  # fmt: skip
def test_work_with_a_competitor_counts_in_the_same_field_and_in_doubt(
    office, field, of_need, counts
):
    with office.writing() as connection:
        rivals(connection, RIVAL, COMPANY, field)
        shown_in(connection, NEED, of_need)
    found = rules_of(screened(office)["R-3"])
    assert found == ({"competitor_work": "ask"} if counts else {})


def test_the_managers_own_past_is_a_finding_of_the_need(office):
    with office.writing() as connection:
        employer(connection, "sato", OWNER, date(2023, 3, 31))
        employer(connection, "houmu", COMPANY, None)
    [found] = screened(office)[OF_NEED]
    assert (found.rule_id, found.role, found.stops) == ("manager_employer", "chief", True)
    assert say(found.reason, "ja").startswith("学内担当者は青波ホールディングス株式会社（親会社）")
    with office.writing() as connection:
        employer(connection, "sato", SISTER, date(2010, 3, 31))
    assert len(screened(office)[OF_NEED]) == 1


def test_a_need_without_a_company_has_no_conflicts(office):
    with office.writing() as connection:
        interest(connection, "R-1", COMPANY, "startup")
    assert rules_of(screened(office, need_id=PLAIN)["R-1"]) == {}


def test_settings_switch_rules_off_and_change_verdict_and_role(office):
    with office.writing() as connection:
        interest(connection, "R-5", COMPANY, "startup")
    settings = ScreeningSettings(
        off=("joint_papers",),
        verdicts={"joint_patents": "ask", "interest_startup": "note"},
        roles={"joint_patents": "chief"},
    )
    found = screened(office, settings=settings)
    assert rules_of(found["R-1"]) == {"joint_patents": "ask"}
    assert of_rule(found["R-1"], "joint_patents").role == "chief"
    assert not of_rule(found["R-5"], "interest_startup").stops


def test_settings_that_name_no_rule_are_refused():
    with pytest.raises(SettingsError, match="no_such_rule"):
        rule_book(ScreeningSettings(off=("no_such_rule",)))


def test_every_rule_says_in_both_languages_what_it_looks_at_and_where_it_comes_from():
    for rule in shipped_rules().values():
        for texts in (rule.name, rule.looks_at, rule.source):
            assert texts["en"].isascii() and not texts["ja"].isascii(), rule.rule_id


def test_a_person_costs_no_query(office):
    with office.writing() as connection:
        for person in PEOPLE:
            interest(connection, person, COMPANY, "fees")
            limit(connection, person, "teaching", amount=12)
            reached(connection, CLOSED, person, "dialogue")
    assert count_queries(office, PEOPLE) == count_queries(office, PEOPLE[:2]) <= 42


def count_queries(office, people):
    asked = []

    def note(*given):
        asked.append(given[2])

    event.listen(office._engine, "before_cursor_execute", note)
    try:
        screened(office, people=people)
    finally:
        event.remove(office._engine, "before_cursor_execute", note)
    return len(asked)
