"""The form of a need: what it sends, what differs from another's, and which fields are at fault."""

import pytest

from api.pages.need_form import NeedForm, faulty_fields
from enmusubi.errors import EmptyNeedError, InputError
from enmusubi.messages import Message, field_fault, listed


@pytest.mark.parametrize("written", ["1200000", "1,200,000", "1，200，000 円", "1、200、000円"])
def test_a_budget_is_read_as_people_write_it(written):
    assert NeedForm(budget_jpy=written).fields()["budget_jpy"] == "1200000"


def test_a_company_that_is_emptied_is_taken_off():
    assert "company" not in NeedForm(company=" ").fields()
    assert NeedForm(company="").fields()["organisation_id"] == ""
    assert "organisation_id" not in NeedForm(company="青波化学").fields()


def test_line_ends_and_blanks_at_them_are_no_difference():
    mine = NeedForm(title="a", text="one\r\ntwo ", horizon="x")
    theirs = NeedForm(title="a", text="one\ntwo\n", horizon="y")
    assert mine.differing(theirs) == ["horizon"]


def test_faults_name_their_fields():
    faults = [field_fault(name, Message("no")) for name in ("area", "budget_jpy", "lang")]
    several = InputError("%(faults)s", faults=listed(faults, "\n"))
    assert str(several) == "area: no.\nbudget_jpy: no.\nlang: no."
    assert faulty_fields(several) == {"area", "budget_jpy"}
    assert faulty_fields(InputError("unknown.", of_field="organisation_id")) == {"company"}
    assert faulty_fields(EmptyNeedError("The need has 0 letters.")) == {"text"}


def test_a_form_shows_nothing_of_a_need_in_a_trace():
    assert "秘密" not in repr(
        NeedForm(title="秘密", text="秘密", company="秘密", constraints="秘密")
    )
