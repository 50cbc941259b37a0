"""An estimate of a case from the first draft to the check: versions, rights, what waits, what is refused."""

from dataclasses import replace
from decimal import Decimal

import pytest

from enmusubi.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    StaleVersionError,
    UnknownIdError,
)
from office.access.scoped import reading_as
from office.estimates.amounts import CostLine, Estimate, Percentages, checked, quantity_in, rate_in
from office.estimates.kept import (
    ask_for_check,
    check_estimate,
    estimates_of,
    newest_estimate,
    save_estimate,
    versions_of,
)
from office.estimates.waiting import count_to_check, estimates_to_check
from tests.office.cases.steps import doing, opened, timeline, trail
from tests.support.worlds.screened import CLOSED, GUEST, HEAD, LAW, MONEY, SATO

RATES = Percentages(Decimal(10), Decimal(20), Decimal(10))
LINES = (CostLine(1, "people", "准教授", 8000, Decimal("120")),)
FIRST = Estimate("薄膜の試作", 1, RATES, LINES)


def save(catalogue, case, estimate=FIRST, viewer=SATO, **named):
    return doing(catalogue, viewer, save_estimate, case.case_id, estimate, **named)


def test_an_estimate_goes_from_draft_to_check_and_nothing_is_overwritten(catalogue):
    case = opened(catalogue, manager="sato")
    first = save(catalogue, case)
    assert (first.version, first.state, first.total_jpy) == (1, "draft", 1_372_800)
    more = replace(FIRST, lines=(*LINES, CostLine(1, "travel", "出張", 50_000, Decimal(2))))
    second = save(catalogue, case, more, estimate_id=first.estimate_id, expected_tag=first.tag)
    with pytest.raises(StaleVersionError):
        save(catalogue, case, estimate_id=first.estimate_id, expected_tag=first.tag)
    with reading_as(catalogue, SATO) as connection:
        old, new = versions_of(connection, SATO, case.case_id, first.estimate_id)[::-1]
    assert (old.estimate, old.newest, new.estimate, new.newest) == (FIRST, False, more, True)

    number = (case.case_id, first.estimate_id)
    with pytest.raises(ConflictError, match="not put up"):
        doing(catalogue, MONEY, check_estimate, *number, accepts=True, expected_tag=None)
    asked = doing(catalogue, SATO, ask_for_check, *number, expected_tag=second.tag)
    with pytest.raises(ConflictError, match="waits for its check"):
        doing(catalogue, SATO, ask_for_check, *number, expected_tag=asked.tag)
    for viewer, count in ((MONEY, 1), (HEAD, 0), (SATO, 0), (GUEST, 0)):
        with reading_as(catalogue, viewer) as connection:
            assert count_to_check(connection, viewer) == count, viewer
            assert len(estimates_to_check(connection, viewer, limit=5)) == count
    for viewer in (SATO, LAW):
        with pytest.raises(ForbiddenError):
            doing(catalogue, viewer, check_estimate, *number, accepts=True, expected_tag=None)
    with pytest.raises(InputError, match="missing"):
        doing(catalogue, MONEY, check_estimate, *number, accepts=False, expected_tag=asked.tag)
    back = doing(
        catalogue, MONEY, check_estimate, *number, accepts=False, remark="旅費の根拠を",
        expected_tag=asked.tag,
    )  # fmt: skip
    assert (back.state, back.remark, back.checked_by) == ("returned", "旅費の根拠を", "zaimu")
    again = doing(catalogue, SATO, ask_for_check, *number, expected_tag=back.tag)
    done = doing(catalogue, MONEY, check_estimate, *number, accepts=True, expected_tag=again.tag)
    assert done.state == "checked"
    third = save(catalogue, case, estimate_id=first.estimate_id, expected_tag=done.tag)
    other = save(catalogue, case, replace(FIRST, title="別案"))
    assert other.estimate_id not in {first.estimate_id, third.version}
    with reading_as(catalogue, SATO) as connection:
        listed = estimates_of(connection, SATO, case)
        assert [one.estimate_id for one in listed] == [other.estimate_id, first.estimate_id]
        assert newest_estimate(connection, SATO, case).estimate_id == other.estimate_id
    steps = [
        one.detail["do"] for one in timeline(catalogue, case.case_id) if one.kind == "estimate"
    ]
    assert steps == ["save", "save", "checked", "ask", "returned", "ask", "save", "save"]
    assert "旅費" not in str(trail(catalogue))  # the trail has ids and codes alone


def test_a_closed_case_is_checked_by_the_chief_and_never_by_who_wrote_it(catalogue):
    case = opened(catalogue, HEAD, need_id=CLOSED)
    kept = save(catalogue, case, viewer=HEAD)
    asked = doing(catalogue, HEAD, ask_for_check, case.case_id, kept.estimate_id, expected_tag=None)
    with pytest.raises(ForbiddenError, match="wrote"):
        doing(catalogue, HEAD, check_estimate, case.case_id, kept.estimate_id, accepts=True,
              expected_tag=asked.tag)  # fmt: skip
    with reading_as(catalogue, MONEY) as connection:
        assert count_to_check(connection, MONEY) == 0
        with pytest.raises(UnknownIdError):
            versions_of(connection, MONEY, case.case_id, kept.estimate_id)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"years": 0}, "years"),
        ({"years": 11}, "years"),
        ({"first_year": 12}, "first_year"),
        ({"lines": ()}, "lines"),
        ({"lines": (replace(LINES[0], kind="bribes"),)}, "lines"),
        ({"lines": (replace(LINES[0], year=2),)}, "lines"),
        ({"lines": (replace(LINES[0], unit_jpy=-1),)}, "lines"),
        ({"lines": (replace(LINES[0], unit_jpy=10**9, quantity=Decimal(999_999)),)}, "lines"),
        ({"note": "x" * 2_001}, "note"),
    ],
)
def test_what_no_estimate_can_be_is_refused_by_its_field(change, field):
    with pytest.raises(InputError) as refused:
        checked(replace(FIRST, **change))
    assert field in str(refused.value).split(":")[0].replace(" ", "_").lower()


def test_quantities_and_percentages_are_read_as_people_write_them():
    assert quantity_in(" 1,234.5 ") == Decimal("1234.5")
    assert rate_in("12.5%", "tax") == Decimal("12.5")
    assert quantity_in("１２") == 12
    for text in ("", "1.234", "-1", "1e3", "9999999"):
        with pytest.raises(InputError):
            quantity_in(text)
    for text in ("", "301", "1.005", "NaN"):
        with pytest.raises(InputError):
            rate_in(text, "tax")
