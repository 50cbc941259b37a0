"""What a change of a case leaves as it was, what portals can't ask for, and files beside hidden cases."""

import pytest

from enmusubi.errors import InputError
from office.access.scoped import reading_as
from office.cases.changing import CaseChange, change_case
from office.cases.gates import gates_of
from office.cases.importing import import_cases
from office.cases.listing import CaseFilter, When, cases_page
from tests.office.cases.steps import SETTINGS, decide, doing, opened, timeline
from tests.office.cases.test_cases import PORTAL_A
from tests.office.cases.test_clocks import WHEN
from tests.support.worlds.screened import HEAD, LAW, SATO


def asked(catalogue, viewer, when: When, **wanted):
    with reading_as(catalogue, viewer) as connection:
        gates = gates_of(connection, viewer)
        return cases_page(connection, viewer, CaseFilter(**wanted), when, gates, limit=1)


def test_a_change_that_names_no_manager_leaves_the_manager(catalogue):
    number = opened(catalogue, manager="houmu").case_id  # the need's manager is sato
    step = CaseChange(next_step="電話する")
    changed = doing(catalogue, HEAD, change_case, number, step, expected_version=1)
    assert (changed.manager, changed.next_step) == ("houmu", "電話する")
    same = CaseChange(next_step="訪問する", manager="houmu")  # as the page's form sends it
    changed = doing(catalogue, HEAD, change_case, number, same, expected_version=2)
    assert (changed.manager, changed.version) == ("houmu", 3)
    assert [one.kind for one in timeline(catalogue, number)] == ["changed", "changed", "opened"]
    nobody = CaseChange(manager="")
    assert not doing(catalogue, HEAD, change_case, number, nobody, expected_version=3).manager


def test_a_portal_learns_neither_last_days_nor_amounts_nor_means_from_orders_and_filters(catalogue):
    for person, amount in (("R-5", 7_000_000), ("R-6", 8_000_000)):
        case = opened(catalogue, researcher_ids=(person,), amount_jpy=amount, means="cvc")
        decide(catalogue, SATO, case.case_id, "recycle", to_stage="discovery", reason="戻す。")
        decide(catalogue, SATO, case.case_id, "go")
    for wanted in ({"means": "cvc"}, {"order": "amount"}, {"due": "overdue"}):
        with pytest.raises(InputError, match="not told of this"):
            asked(catalogue, PORTAL_A, WHEN, **wanted)
    by_due = asked(catalogue, PORTAL_A, WHEN)
    newest = asked(catalogue, PORTAL_A, WHEN, order="opened")
    assert by_due.after == newest.after != asked(catalogue, SATO, WHEN).after


def test_a_file_is_not_told_of_hidden_cases_and_impossible_days_are_refused_by_row(
    catalogue, tmp_path
):
    secret = {"need_id": "", "title": "極秘の件", "company": "某社", "is_closed": True}
    opened(catalogue, SATO, **secret)
    path = tmp_path / "cases.csv"
    path.write_text("題名,段階,企業\n極秘の件,対話,某社\n", "utf-8")
    assert len(import_cases(catalogue, LAW, path, SETTINGS).added) == 1
    path.write_text(
        "題名,段階,企業,開始日\n極秘の件,対話,某社,\n古い件,対話,,0001-01-01\n", "utf-8"
    )
    again = import_cases(catalogue, LAW, path, SETTINGS)
    assert (len(again.added), again.left_out) == (0, 2)
    assert str(again.rejections[1].message) == "a day before 1949"
