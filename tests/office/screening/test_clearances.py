"""What stops a release is asked about, cleared or refused by the right role, kept, and taken back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from catalogue.database.models import JOINED, StoredNeed
from catalogue.database.screening_models import Clearance
from catalogue.database.service_models import AuditEntry, ReleasedList
from catalogue.identity.identity import Proposal
from catalogue.identity.links import connect
from catalogue.records.drafts import RESEARCHERS
from enmusubi.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    ReleaseStoppedError,
    UnknownIdError,
)
from enmusubi.screening_settings import ScreeningSettings
from office.access.scoped import reading_as, writing_as
from office.home.waiting import TO_CLEAR, waiting_for
from office.needs.given_lists import FrozenList
from office.needs.releases import ask_before_release, release_list
from office.screening.clearances import ask_for_clearance, decide, revoke_clearance
from office.screening.kept_clearances import clearance_of, clearances_page
from office.screening.screening import stopping
from tests.office.screening.steps import rules_of, screened
from tests.support.worlds.screened import (
    CLOSED,
    COMPANY,
    HEAD,
    LAW,
    MONEY,
    NEED,
    PATENTS,
    SATO,
    employer,
    interest,
)

TOMORROW = date.today() + timedelta(days=1)


def frozen(office, viewer=SATO, need_id=NEED, people=("R-5",)):
    """Return a list of these people as it would be released."""
    found = screened(office, viewer, need_id, people)
    return FrozenList(need_id, len(people), "{}", findings=found)


def stopped(office, viewer=SATO, **more):
    with pytest.raises(ReleaseStoppedError) as error:
        ask_before_release(office, viewer, frozen(office, viewer, **more))
    return error.value


def queue(office, viewer, which="waiting", **more):
    with reading_as(office, viewer) as connection:
        return clearances_page(connection, viewer, which=which, **more).items


def decided(office, viewer, decision="cleared", until=TOMORROW, reason="経歴を確認した"):
    [waiting] = queue(office, viewer)
    with writing_as(office, viewer) as connection:
        return decide(
            connection,
            viewer,
            waiting.clearance_id,
            decision,
            reason=reason,
            valid_until=until,
        )


@pytest.fixture
def asked(office):
    """The office after a release of somebody with an interest was stopped."""
    with office.writing() as connection:
        interest(connection, "R-5", COMPANY, "startup")
    stopped(office)
    return office


def trail(office):
    with office.reading() as connection:
        query = select(AuditEntry.actor, AuditEntry.action, AuditEntry.detail)
        rows = connection.execute(query.where(AuditEntry.object_kind == "clearance")).all()
    return [tuple(row) for row in rows]


def test_a_release_of_people_without_findings_that_stop_goes_through(office):
    whole = frozen(office, people=("R-1", "R-6"))
    ask_before_release(office, SATO, whole)
    with writing_as(office, SATO) as connection:
        release_list(connection, SATO, whole)
    assert queue(office, HEAD) == ()


def test_a_stopped_release_waits_once_and_says_nothing_of_the_interest(asked):
    error = stopped(asked)
    assert "A conflict of interest was declared. Legal can tell." in str(error)
    assert COMPANY not in str(error) and "start-up" not in str(error)
    with (
        pytest.raises(ReleaseStoppedError),
        writing_as(asked, SATO) as connection,
    ):
        release_list(connection, SATO, frozen(asked))
    [waiting] = queue(asked, LAW)
    assert (waiting.need_id, waiting.researcher_id, waiting.role) == (NEED, "R-5", "legal")
    assert (waiting.rule_id, waiting.asked_by) == ("declared_interest", "sato")
    with asked.reading() as connection:
        assert connection.execute(select(ReleasedList.release_id)).all() == []


def test_of_a_declared_interest_others_read_neither_how_many_nor_the_reason(asked):
    decided(asked, LAW, reason="社外取締役を退任した")
    for viewer, reads in ((LAW, True), (HEAD, True), (SATO, False), (PATENTS, False)):
        [kept] = queue(asked, viewer, "cleared")
        assert (bool(kept.evidence), kept.reason != "") == (reads, reads), viewer


def test_what_rests_on_hidden_work_is_shown_to_its_role_the_chief_and_who_asked(office):
    strict = ScreeningSettings(verdicts={"joint_papers": "ask"})
    findings = screened(office, HEAD, NEED, ("R-4",), strict)["R-4"]
    with writing_as(office, HEAD) as connection:
        assert ask_for_clearance(connection, HEAD, NEED, findings) == 1
    for viewer in (SATO, MONEY):
        assert queue(office, viewer) == ()
    for viewer, evidence in ((LAW, set()), (HEAD, {"seed:S-hidden"}), (PATENTS, {"seed:S-hidden"})):
        [kept] = queue(office, viewer)
        assert (kept.rule_id, set(kept.evidence)) == ("joint_papers", evidence), viewer
    with writing_as(office, SATO) as connection, pytest.raises(UnknownIdError):
        clearance_of(connection, SATO, kept.clearance_id)


def test_what_was_cleared_is_released_until_its_last_day(asked):
    kept = decided(asked, LAW)
    assert (kept.decision, kept.decided_by, kept.valid_until) == ("cleared", "houmu", TOMORROW)
    for viewer in (SATO, HEAD, LAW):
        [finding] = [f for f in screened(asked, viewer)["R-5"] if f.verdict == "block"]
        assert (finding.stops, finding.decision) == (False, "cleared")
    with writing_as(asked, SATO) as connection:
        release_list(connection, SATO, frozen(asked))
    with asked.writing() as connection:
        yesterday = date(2026, 5, 31)  # of the world's day
        connection.execute(Clearance.__table__.update().values(valid_until=yesterday))
    assert len(stopping(screened(asked, SATO))) == 1


def test_what_is_found_later_was_not_cleared(asked):
    decided(asked, LAW)
    with asked.writing() as connection:
        interest(connection, "R-5", COMPANY, "family")
    assert len(stopping(screened(asked, SATO))) == 1
    assert [f.rule_id for f in stopping(screened(asked, LAW))] == ["interest_family"]
    stopped(asked)
    assert len(queue(asked, LAW)) == 1


def test_what_was_refused_stays_stopped_and_is_not_asked_again(asked):
    decided(asked, LAW, "refused", until=None, reason="本人の会社のため")
    stopped(asked)
    assert queue(asked, LAW) == ()
    [finding] = stopping(screened(asked, SATO))
    assert finding.decision == "refused"


def test_a_decision_is_taken_back_and_stops_again(asked):
    kept = decided(asked, LAW)
    with writing_as(asked, LAW) as connection:
        revoke_clearance(connection, LAW, kept.clearance_id)
    assert len(stopping(screened(asked, SATO))) == 1
    with pytest.raises(ConflictError), writing_as(asked, LAW) as connection:
        revoke_clearance(connection, LAW, kept.clearance_id)
    [gone] = queue(asked, HEAD, "all")
    assert gone.revoked_by == "houmu" and gone.reason == "経歴を確認した"


def test_every_step_is_in_the_audit_trail_without_the_reason(asked):
    kept = decided(asked, LAW)
    with writing_as(asked, HEAD) as connection:
        revoke_clearance(connection, HEAD, kept.clearance_id)
    steps = [(actor, action) for actor, action, _ in trail(asked)]
    assert steps == [
        ("person:sato", "ask for clearance"),
        ("person:houmu", "clear"),
        ("person:head", "revoke"),
    ]
    assert not any("経歴" in detail for _, _, detail in trail(asked))


@pytest.mark.parametrize("viewer", [SATO, MONEY], ids=lambda viewer: viewer.role)
def test_who_does_not_clear_may_not(asked, viewer):
    [waiting] = queue(asked, viewer)
    for act in (
        lambda c: decide(c, viewer, waiting.clearance_id, "cleared", reason="x", valid_until=None),
        lambda c: revoke_clearance(c, viewer, waiting.clearance_id),
    ):
        with pytest.raises(ForbiddenError), writing_as(asked, viewer) as connection:
            act(connection)


def test_each_rule_is_cleared_by_its_role_or_the_chief(asked):
    with pytest.raises(ForbiddenError, match="another role"):
        decided(asked, PATENTS)
    decided(asked, HEAD)
    with asked.writing() as connection:
        employer(connection, "sato", COMPANY, None)
    stopped(asked)
    with pytest.raises(ForbiddenError, match="another role"):
        decided(asked, LAW)
    decided(asked, HEAD)
    with writing_as(asked, SATO) as connection:
        release_list(connection, SATO, frozen(asked))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"reason": " "}, "reason"), ({"reason": "x" * 1001}, "reason"),
        ({"until": None}, "last day"), ({"until": date(2020, 1, 1)}, "last day"),
        ({"decision": "maybe"}, "cleared or refused"),
    ],
)  # fmt: skip
def test_a_decision_needs_a_reason_and_a_clearance_its_last_day(asked, fault, message):
    with pytest.raises(InputError, match=message):
        decided(asked, LAW, **fault)
    assert len(queue(asked, LAW)) == 1


def test_what_was_decided_is_not_decided_again(asked):
    kept = decided(asked, LAW)
    with pytest.raises(ConflictError), writing_as(asked, LAW) as connection:
        decide(connection, LAW, kept.clearance_id, "refused", reason="x", valid_until=None)


def test_a_clearance_is_of_one_need_alone(asked):
    decided(asked, LAW)
    assert len(stopping(screened(asked, SATO, CLOSED))) == 1


def test_what_waits_of_a_closed_need_is_seen_by_who_sees_the_need(asked):
    stopped(asked, need_id=CLOSED)
    assert {one.need_id for one in queue(asked, HEAD)} == {NEED, CLOSED}
    assert {one.need_id for one in queue(asked, LAW)} == {NEED}
    [hidden] = queue(asked, HEAD, need_id=CLOSED)
    with pytest.raises(UnknownIdError), writing_as(asked, LAW) as connection:
        revoke_clearance(connection, LAW, hidden.clearance_id)


def test_what_waits_stands_on_the_home_of_those_who_clear_it(asked):
    for viewer, count in ((LAW, 1), (HEAD, 1), (PATENTS, 0), (SATO, 0)):
        with reading_as(asked, viewer) as connection:
            waiting = waiting_for(connection, viewer, [])
        counts = [one.count for one in waiting if one.kind == TO_CLEAR]
        assert counts == [count] * bool(count), viewer
    decided(asked, LAW)
    with reading_as(asked, LAW) as connection:
        assert TO_CLEAR not in {one.kind for one in waiting_for(connection, LAW, [])}


def test_nobody_clears_their_own_past(office):
    with office.writing() as connection:
        employer(connection, "head", COMPANY, None)
        chosen = update(StoredNeed).where(StoredNeed.need_id == NEED)
        connection.execute(chosen.values(manager="head"))
    stopped(office, HEAD)
    with pytest.raises(ForbiddenError, match="their own past"):
        decided(office, HEAD)
    assert len(queue(office, HEAD)) == 1


def test_the_rules_of_a_list_are_those_of_its_people_alone(asked):
    assert set(screened(asked, SATO, people=("R-1",))) == {"", "R-1"}
    assert rules_of(screened(asked, SATO, people=("R-1",))["R-1"])


def test_what_waits_for_somebody_who_became_one_with_another_is_not_asked_again(asked):
    with asked.writing() as connection:
        same = Proposal(RESEARCHERS, "R-1", "R-5", JOINED)
        assert connect(connection, [same], datetime.now(UTC)) == 1
    stopped(asked, people=("R-1",))
    assert len(queue(asked, HEAD)) == 1


def test_a_page_is_filled_with_what_lies_behind_what_may_not_be_seen(office):
    blank = {"rule_id": "competitor_work", "role": "legal", "asked_by": "houmu", "reason": ""}
    blank |= {"need_id": NEED, "asked_at": datetime.now(UTC), "decision": "", "decided_by": ""}
    with office.writing() as connection:
        for number in range(12):
            evidence = "seed:S-hidden" if number % 3 else "seed:S-rival"
            row = {"researcher_id": f"R-{number}", "evidence": evidence, "revoked_by": ""}
            connection.execute(insert(Clearance).values(**blank, **row))
    seen, after = [], ""
    with reading_as(office, SATO) as connection:
        while True:
            page = clearances_page(connection, SATO, after=after, limit=3)
            seen.append([one.researcher_id for one in page.items])
            if not (after := page.after):
                break
    assert seen[0] == ["R-9", "R-6", "R-3"] and [*seen[0], *seen[1]] == ["R-9", "R-6", "R-3", "R-0"]
    assert len(queue(office, LAW, limit=12)) == 12
