"""The ledger of cases in a real catalogue: opening, gates, screening, versions, and who sees what."""

from datetime import date

import pytest

from catalogue.database.screening_models import SHARES
from catalogue.database.viewer import MACHINE, PORTAL, SCOPES, Viewer
from enmusubi.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    ReleaseStoppedError,
    StaleVersionError,
    UnknownIdError,
)
from office.access.scoped import reading_as, writing_as
from office.cases.changing import CaseChange, add_note, change_case, complete, take_up
from office.cases.deciding import submit
from office.cases.documents import (
    DocumentDraft,
    add_document,
    documents_of,
    remove_document,
)
from office.cases.gates import Criterion, edit_gate, gates_of
from office.cases.kept import cases_of_need
from office.companies.ndas import NdaDraft, record_nda
from office.screening.clearances import decide as clear
from office.screening.kept_clearances import clearances_page
from tests.office.cases.steps import (
    MONDAY,
    SETTINGS,
    decide,
    decisions,
    doing,
    opened,
    read,
    timeline,
    trail,
)
from tests.support.worlds.screened import (
    CLOSED,
    COMPANY,
    GUEST,
    HEAD,
    LAW,
    MONEY,
    NEED,
    PATENTS,
    SATO,
    interest,
)

PORTAL_A = Viewer("portal-a", PORTAL, MACHINE, "", frozenset({"aonami"}), frozenset(SCOPES))


def test_a_match_becomes_a_case_that_says_what_the_need_says(catalogue):
    case = opened(
        catalogue, researcher_ids=("R-5", "R-6"), lead="R-6", means="alliance", origin="list",
        note="まず電話する。",
    )  # fmt: skip
    assert (case.title, case.company, case.manager) == ("薄い膜", COMPANY, "sato")
    assert (case.stage, case.state, case.gate, case.version) == (
        "discovery",
        "running",
        "dialogue",
        1,
    )
    assert case.people_ids == ("R-6", "R-5")
    assert case.people[0].is_lead
    assert (case.clock, case.due_on) == ("decision", date(2026, 6, 8))  # five business days
    assert [one.text for one in timeline(catalogue, case.case_id)] == ["まず電話する。"]
    told = {"need_id": NEED, "origin": "list", "researchers": ["R-5", "R-6"]}
    told |= {"area": "non-competitive", "means": "alliance"}  # what odds are learned from
    assert trail(catalogue) == [("case opened", str(case.case_id), told)]
    with pytest.raises(ConflictError, match="running with the same people"):
        opened(catalogue, researcher_ids=("R-6", "R-5"))


def test_a_case_goes_from_gate_to_gate_to_its_end(catalogue):
    case = opened(catalogue, researcher_ids=("R-5",))
    number = case.case_id
    moved = decide(catalogue, SATO, number, "go")
    assert (moved.stage, moved.is_shared, moved.submitted_at) == ("dialogue", True, None)
    moved = doing(catalogue, SATO, submit, number, SETTINGS, expected_version=moved.version)
    assert moved.submitted_by == "sato"
    with pytest.raises(ForbiddenError, match="decided by other roles"):
        decide(catalogue, SATO, number, "go")  # the contract is for legal
    assert decide(catalogue, LAW, number, "go").stage == "nda"
    with pytest.raises(InputError, match="1 criteria are not met"):
        decide(catalogue, HEAD, number, "go")  # whatever is answered, no NDA is recorded
    agreed = NdaDraft("aonami", date(2026, 5, 1), need_id=NEED)
    doing(catalogue, HEAD, record_nda, agreed)
    for stage in ("small_prototype", "full_prototype", "deployment"):
        assert decide(catalogue, HEAD, number, "go").stage == stage
    with pytest.raises(ConflictError, match="behind its last gate"):
        decide(catalogue, HEAD, number, "go")
    done = doing(catalogue, SATO, complete, number, outcome="量産した。", expected_version=None)
    assert (done.state, done.due_on, done.gate) == ("completed", None, "")
    assert [one.gate for one in decisions(catalogue, number)][::-1] == [
        "dialogue", "nda", "small_prototype", "full_prototype", "deployment",
    ]  # fmt: skip
    assert decisions(catalogue, number)[-2].role == "legal"


def test_nothing_is_skipped_without_a_reason(catalogue):
    number = opened(catalogue, researcher_ids=("R-5",)).case_id
    with pytest.raises(InputError, match="3 criteria are not met and 0 gates are passed over"):
        decide(catalogue, HEAD, number, "go", answers={})
    with pytest.raises(InputError, match="0 criteria are not met and 2 gates are passed over"):
        decide(catalogue, HEAD, number, "go", to_stage="small_prototype")
    for decision in ("hold", "stop", "recycle"):
        with pytest.raises(InputError, match="missing"):
            decide(catalogue, HEAD, number, decision, reason_code="too_early")
    with pytest.raises(InputError, match="which reason"):
        decide(catalogue, HEAD, number, "stop", reason="早い。")
    with pytest.raises(InputError, match="later stage"):
        decide(catalogue, HEAD, number, "go", to_stage="discovery")
    with pytest.raises(InputError, match="not the criteria of this gate"):
        decide(catalogue, HEAD, number, "go", answers={"invented": "met"})
    moved = decide(
        catalogue, HEAD, number, "go", to_stage="small_prototype", reason="前年度からの継続。"
    )
    assert moved.stage == "small_prototype"
    kept = decisions(catalogue, number)[0]
    assert (kept.skipped, kept.reason) == (("nda", "small_prototype"), "前年度からの継続。")
    back = decide(catalogue, HEAD, number, "recycle", to_stage="dialogue", reason="仕様を見直す。")
    assert back.stage == "dialogue"


def test_a_case_is_declined_with_a_reason_and_may_be_taken_up_again(catalogue):
    number = opened(catalogue, researcher_ids=("R-5",)).case_id
    gone = decide(catalogue, SATO, number, "stop", reason="時期が早い。", reason_code="too_early")
    assert (gone.state, gone.reason, gone.due_on) == ("declined", "too_early", None)
    with pytest.raises(InputError, match="missing"):
        doing(catalogue, SATO, take_up, number, SETTINGS.cases, reason=" ", expected_version=None)
    again = doing(
        catalogue,
        SATO,
        take_up,
        number,
        SETTINGS.cases,
        reason="予算がついた。",
        expected_version=None,
    )
    assert (again.state, again.stage, again.reason) == ("running", "discovery", "")


def test_screening_stops_a_gate_until_what_it_found_is_cleared(catalogue):
    with catalogue.writing() as connection:
        interest(connection, "R-5", COMPANY, SHARES, amount_jpy=5_000_000)
    number = opened(catalogue, researcher_ids=("R-5",)).case_id
    with pytest.raises(ReleaseStoppedError, match="Screening stops this gate"):
        decide(catalogue, SATO, number, "go")
    assert read(catalogue, number).stage == "discovery"
    with reading_as(catalogue, LAW) as connection:
        waiting = clearances_page(connection, LAW, need_id=NEED).items
    assert [one.researcher_id for one in waiting] == ["R-5"]
    with writing_as(catalogue, LAW) as connection:
        clear(
            connection, LAW, waiting[0].clearance_id, "cleared", reason="管理計画あり",
            valid_until=date(2099, 1, 1),
        )  # fmt: skip
    assert decide(catalogue, SATO, number, "go").stage == "dialogue"


def test_of_two_changes_at_once_the_later_one_is_refused_and_nothing_is_lost(catalogue):
    case = opened(catalogue, researcher_ids=("R-5",))
    number, version = case.case_id, case.version
    first = CaseChange(
        next_step="電話する", means="licence_out", researcher_ids=("R-5", "R-7"), lead="R-7"
    )
    changed = doing(catalogue, SATO, change_case, number, first, expected_version=version)
    assert (changed.next_step, changed.people_ids, changed.version) == (
        "電話する",
        ("R-7", "R-5"),
        2,
    )
    second = CaseChange(next_step="訪問する")
    with pytest.raises(StaleVersionError, match="changed the case meanwhile"):
        doing(catalogue, HEAD, change_case, number, second, expected_version=version)
    with pytest.raises(StaleVersionError):
        decide(catalogue, HEAD, number, "go", version=version)
    same = doing(catalogue, SATO, change_case, number, CaseChange(), expected_version=2)
    assert same.version == 2  # nothing changed, so nothing is noted
    assigned = doing(
        catalogue, HEAD, change_case, number, CaseChange(manager="houmu"), expected_version=2
    )
    assert assigned.manager == "houmu"
    with pytest.raises(InputError, match="no user of the office"):
        doing(catalogue, HEAD, change_case, number, CaseChange(manager="guest"), expected_version=3)


def test_a_case_is_seen_as_its_need_is_and_changed_by_who_looks_after_it(catalogue):
    open_one = opened(catalogue, researcher_ids=("R-5",))
    closed = opened(catalogue, need_id=CLOSED, researcher_ids=("R-5",))
    assert closed.is_closed
    for viewer in (PATENTS, MONEY):
        with pytest.raises(UnknownIdError, match="none that you may see"):
            read(catalogue, closed.case_id, viewer)
    with pytest.raises(ForbiddenError, match="may not see cases"):
        read(catalogue, open_one.case_id, GUEST)
    assert not read(catalogue, open_one.case_id, MONEY).may_change
    with pytest.raises(ForbiddenError, match="Only the manager"):
        doing(catalogue, MONEY, add_note, open_one.case_id, "x")
    alone = {"need_id": "", "title": "極秘の件", "company": "某社", "is_closed": True}
    secret = opened(catalogue, SATO, **alone)
    assert (secret.title, secret.company) == ("極秘の件", "某社")
    assert read(catalogue, secret.case_id, HEAD).is_closed
    with pytest.raises(UnknownIdError):
        read(catalogue, secret.case_id, LAW)


def test_a_portal_sees_the_cases_that_its_company_knows_of_and_no_more_of_them(catalogue):
    case = opened(catalogue, researcher_ids=("R-5",), next_step="内部の相談")
    with reading_as(catalogue, PORTAL_A) as connection:
        assert cases_of_need(connection, PORTAL_A, NEED) == []
    decide(catalogue, SATO, case.case_id, "go")
    told = read(catalogue, case.public_id, PORTAL_A)
    with pytest.raises(UnknownIdError):  # what the office counts tells a portal nothing
        read(catalogue, case.case_id, PORTAL_A)
    assert (told.stage, told.people, told.manager, told.next_step) == ("dialogue", (), "", "")
    assert (told.due_on, told.clock, told.amount_jpy, told.opened_by) == (None, "", None, "")
    with pytest.raises(ForbiddenError, match="a released list"):
        opened(catalogue, PORTAL_A, researcher_ids=("R-5",))
    asked = opened(catalogue, PORTAL_A, manager="head", title="x", note="お願いします。")
    assert (asked.origin, asked.is_shared, asked.title) == ("portal", True, "薄い膜")
    assert read(catalogue, asked.case_id, SATO).manager == "sato"
    with pytest.raises(ForbiddenError):
        doing(catalogue, PORTAL_A, add_note, asked.case_id, "x")


def test_documents_are_named_by_where_they_lie_and_taken_out_again(catalogue):
    number = opened(catalogue).case_id
    draft = DocumentDraft("nda", "秘密保持契約 案", "https://files.example.ac.jp/1", "nda")
    case = doing(catalogue, SATO, add_document, number, draft, expected_version=1)
    with reading_as(catalogue, SATO) as connection:
        kept = documents_of(connection, case)
    assert [(one.name, one.gate) for one in kept] == [("秘密保持契約 案", "nda")]
    for link in ("javascript:alert(1)", "file:///etc/passwd"):
        with pytest.raises(InputError, match="http"):
            doing(
                catalogue, SATO, add_document, number, DocumentDraft("nda", "x", link),
                expected_version=None,
            )  # fmt: skip
    its_id = kept[0].document_id
    case = doing(catalogue, SATO, remove_document, number, its_id, expected_version=2)
    with reading_as(catalogue, SATO) as connection:
        assert documents_of(connection, case) == []
    with pytest.raises(UnknownIdError, match="no document"):
        doing(catalogue, SATO, remove_document, number, its_id, expected_version=None)


def test_the_office_edits_its_gates_and_old_decisions_keep_what_they_were_made_by(catalogue):
    number = opened(catalogue, now=MONDAY).case_id
    other = opened(catalogue, researcher_ids=("R-6",)).case_id
    decide(catalogue, SATO, number, "go")
    criteria = (Criterion("only_one", "一つだけ", ""),)
    edited = {"roles": ("finance",), "criteria": criteria, "expected_version": 0}
    with pytest.raises(ForbiddenError, match="may not edit gates"):
        doing(catalogue, SATO, edit_gate, "dialogue", **edited)
    gate = doing(catalogue, HEAD, edit_gate, "dialogue", **edited)
    assert (gate.version, gate.roles) == (1, ("finance",))
    with pytest.raises(StaleVersionError):
        doing(catalogue, HEAD, edit_gate, "dialogue", **edited)
    with reading_as(catalogue, SATO) as connection:
        assert gates_of(connection, SATO)["nda"].version == 0
    with pytest.raises(ForbiddenError, match="decided by other roles"):
        decide(catalogue, SATO, other, "go")
    decide(catalogue, MONEY, other, "go", answers={"only_one": "not_applicable"})
    assert len(decisions(catalogue, number)[0].looked) == 3
    assert decisions(catalogue, other)[0].looked[0].criterion.text("en") == "一つだけ"
