"""What portals are told of cases and memberships, received by real HTTP servers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, select, update

from catalogue.database.account_models import ApiKey, ClientCompany, UserAccount
from catalogue.database.member_models import Membership
from catalogue.database.models import StoredNeed
from catalogue.database.money_models import ESTIMATE_STATES
from catalogue.database.opaque_numbers import FEWEST, MOST
from catalogue.database.viewer import CHIEF, FINANCE, PROJECT, Viewer
from enmusubi.settings import Settings, local_time
from office.access.scoped import writing_as
from office.cases.deciding import GateChoice, record_decision
from office.cases.kept import CASES
from office.cases.opening import CaseDraft, open_case
from office.contracts.checklists import save_checklist
from office.estimates.amounts import CostLine, Estimate, Percentages
from office.estimates.kept import ask_for_check, check_estimate, save_estimate
from office.members.kept import MEMBERSHIPS
from office.members.memberships import (
    MembershipDraft,
    change_membership,
    keep_membership,
    withdraw_membership,
)
from office.members.telling import tell_of_memberships
from office.plans.kept import save_plan
from office.projects.changing import add_entry, change_entry, set_light, set_period
from office.projects.drafts import MILESTONE, MilestoneDraft
from office.webhooks.events import EVENTS
from office.webhooks.webhooks import enqueue_company_event
from tests.office.webhooks.portal import register, release
from tests.support.receiver import Receiver, receiving
from tests.support.service import as_viewer
from tests.support.worlds.companies import account
from tests.support.worlds.portals import KITANO

HEAD, KATO, MONEY = Viewer("head", CHIEF), Viewer("kato", PROJECT), Viewer("money", FINANCE)
TODAY = local_time(datetime.now(UTC), "ja").date()
DAY = timedelta(days=1)
RATES = Percentages(Decimal(10), Decimal(20), Decimal(10))
LINES = (CostLine(1, "travel", "出張", 50_000, Decimal(1)),)


@pytest.fixture
def office(catalogue):
    """The catalogue of two portals, with people of the office."""
    with catalogue.writing() as connection:
        for viewer in (HEAD, KATO, MONEY):
            connection.execute(insert(UserAccount).values(**account(viewer)))
        seen = {"manager": "kato", "confidentiality": "public", "area": "non-competitive"}
        connection.execute(update(StoredNeed).values(**seen))
    return catalogue


@pytest.fixture
def received(client, office, sender):
    """Both portals receive; a function sends what waits and returns what each got since."""
    with receiving(Receiver()) as ours, receiving(Receiver()) as theirs:
        register(client, ours.url)
        as_viewer(client.app, KITANO)
        register(client, theirs.url)

        def now():
            while sender.send_due():
                pass
            found = [ours.data(n) for n in range(len(ours.got))]
            assert theirs.got == []
            ours.got.clear()
            found.sort(key=lambda one: one["created_at"])  # several are sent at once
            return [(one["event"], one["data"]) for one in found]

        yield now


def do(office, viewer, change, *args, **named):
    with writing_as(office, viewer) as connection:
        return change(connection, viewer, *args, **named)


def case_in(office, received, *gates):
    """Return the number of a case that passed gates; what is told of that is read already."""
    case = do(office, KATO, open_case, CaseDraft("N-aoba"), Settings())
    for _ in gates:
        choice = GateChoice("go", reason="理由")
        do(office, HEAD, record_decision, case.case_id, choice, Settings())
    return case.case_id, received()


def public_of(office, table):
    """Return the number by which companies know the only row of a table: far above any count."""
    with office.reading() as connection:
        number = connection.execute(select(table.c.public_id)).scalar_one()
    assert FEWEST <= number < MOST
    return number


def named_for_portals(office, case_id):
    number = public_of(office, CASES)
    return {"need_id": "N-aoba", "case_id": number, "link": f"/v1/cases/{number}"}


def test_stages_and_gates_are_told_to_the_company_of_the_case(office, received):
    number, told = case_in(office, received, "dialogue")
    of = named_for_portals(office, number)
    assert told == [
        ("case.gate", {**of, "gate": "dialogue", "decision": "go"}),
        ("case.stage", {**of, "stage": "dialogue", "state": "running"}),
    ]


def test_an_estimate_is_told_when_it_waits_and_when_it_is_checked_without_its_sums(
    office, received
):
    number, _ = case_in(office, received, "dialogue")
    draft = Estimate("秘密の見積", 1, RATES, LINES)
    another = do(office, KATO, open_case, CaseDraft(title="他の案件"), Settings()).case_id
    do(office, KATO, save_estimate, another, draft)
    kept = do(office, KATO, save_estimate, number, draft)
    assert received() == []  # a draft is the office's
    do(office, KATO, ask_for_check, number, kept.estimate_id, expected_tag=None)
    back = {"accepts": False, "remark": "確認", "expected_tag": None}
    do(office, MONEY, check_estimate, number, kept.estimate_id, **back)
    do(office, KATO, ask_for_check, number, kept.estimate_id, expected_tag=None)
    do(office, MONEY, check_estimate, number, kept.estimate_id, accepts=True, expected_tag=None)
    told = received()
    assert [(event, data["state"]) for event, data in told] == [
        ("case.estimate", "asked"), ("case.estimate", "asked"), ("case.estimate", "checked"),
    ]  # fmt: skip
    assert set(told[0][1]) == set(EVENTS["case.estimate"].data)
    assert {data["state"] for _, data in told} < set(ESTIMATE_STATES)
    assert {data["estimate"] for _, data in told} == {1}  # of the case's own, whatever others have
    assert "50000" not in str(told) and "秘密" not in str(told)


def test_plans_contracts_and_projects_are_told_by_number_alone(office, received):
    number, _ = case_in(office, received, "dialogue", "nda", "small_prototype")
    do(office, KATO, save_plan, number, "ja", {"risks": "極秘の危険"}, Settings())
    do(office, KATO, save_checklist, number, "nda", {}, expected_version=None)
    do(office, KATO, set_period, number, TODAY, TODAY + 90 * DAY, expected_version=None)
    draft = MilestoneDraft("極秘の目標", TODAY + DAY)
    project = do(office, KATO, add_entry, number, MILESTONE, draft, expected_version=None)
    entry = project.entries[MILESTONE][0].entry_id
    light = {"expected_version": None}
    do(office, KATO, set_light, number, "red", "極秘", TODAY + DAY, TODAY, **light)
    reached = MilestoneDraft("極秘の目標", TODAY + DAY, TODAY, "reached")
    for _ in range(2):  # the second changes nothing
        do(office, KATO, change_entry, number, MILESTONE, entry, reached, expected_version=None)
    told = received()
    of = named_for_portals(office, number)
    assert told == [
        ("case.plan", {**of, "language": "ja", "version": 1}),
        ("case.contract", {**of, "contract": "nda", "version": 1}),
        ("case.project", {**of, "part": "period"}),
        ("case.project", {**of, "part": "milestone", "milestone": 1, "state": "reached"}),
    ]


def test_nothing_is_told_of_a_case_that_the_company_does_not_know(office, received):
    number, told = case_in(office, received)
    do(office, KATO, save_plan, number, "ja", {"risks": "極秘の危険"}, Settings())
    assert (told, received()) == ([], [])


def test_memberships_are_told_when_recorded_changed_and_taken_back(office, received):
    kept, _ = do(office, HEAD, keep_membership, MembershipDraft("aoba", TODAY, contacts="極秘太郎"))
    number = public_of(office, MEMBERSHIPS)
    said = {
        "membership_id": number, "link": f"/v1/members/{number}", "organisation_id": "aoba",
        "kind": "regular",
        "since": TODAY.isoformat(),
    }  # fmt: skip
    assert received() == [("member.begun", said)]
    longer = MembershipDraft("aoba", TODAY, TODAY + 30 * DAY, contacts="極秘太郎")
    do(office, HEAD, change_membership, kept.membership_id, longer)
    until = (TODAY + 30 * DAY).isoformat()
    assert received() == [("member.changed", {**said, "until": until})]
    do(office, HEAD, withdraw_membership, kept.membership_id)
    assert received() == [("member.ended", {**said, "until": until})]
    do(office, HEAD, keep_membership, MembershipDraft("aoba", TODAY, TODAY))
    assert [event for event, _ in received()] == ["member.begun"]


def test_the_night_tells_of_days_that_came_and_passed_once(office, received):
    draft = MembershipDraft("aoba", TODAY + DAY, TODAY + 2 * DAY)
    do(office, HEAD, keep_membership, draft)
    assert received() == []
    for ahead, event in ((0, ""), (1, "member.begun"), (2, ""), (3, "member.ended"), (4, "")):
        moment = datetime.now(UTC) + ahead * DAY
        assert tell_of_memberships(office, moment) == bool(event)
        assert tell_of_memberships(office, moment) == 0
        assert [told for told, _ in received()] == [event] * bool(event)
    with office.reading() as connection:
        assert connection.execute(select(Membership.told)).scalars().all() == ["ended"]


def test_a_message_of_a_company_that_the_portal_lost_is_not_sent(office, client, sender):
    with receiving(Receiver()) as receiver:
        register(client, receiver.url)
        do(office, HEAD, keep_membership, MembershipDraft("aoba", TODAY))
        with office.writing() as connection:
            lost = update(ClientCompany).where(ClientCompany.organisation_id == "aoba")
            connection.execute(lost.values(organisation_id="elsewhere"))
        sender.send_due()
        assert receiver.got == []
    assert sender.attempts == ["given_up"]


def test_a_machine_is_told_what_its_keys_may_read_and_nothing_else(office, client, received):
    def with_key(**values):
        with office.writing() as connection:
            connection.execute(update(ApiKey).values(**values))

    kept, _ = do(office, HEAD, keep_membership, MembershipDraft("aoba", TODAY))
    assert [event for event, _ in received()] == ["member.begun"]
    for scopes in ("webhooks:write", "needs:read webhooks:write"):
        with_key(scopes=scopes)
        longer = MembershipDraft("aoba", TODAY, TODAY + len(scopes) * DAY)
        do(office, HEAD, change_membership, kept.membership_id, longer)
        assert release(office) == 0 and received() == []
    with_key(scopes="members:read webhooks:write")
    do(office, HEAD, change_membership, kept.membership_id, MembershipDraft("aoba", TODAY))
    with_key(revoked_at=datetime.now(UTC))  # what waits is not sent any more
    assert received() == []
    with_key(scopes="matches:read webhooks:write", revoked_at=None)
    assert release(office) == 1
    with_key(expires_at=datetime.now(UTC))
    assert received() == []


def test_every_event_tells_what_is_described(office):
    with office.writing() as connection, pytest.raises(ValueError, match="does not tell"):
        enqueue_company_event(connection, "member.begun", "aoba", {"contacts": "極秘太郎"})
    assert MEMBERSHIPS.c.told.nullable is False
