"""NDAs with companies: who records and sees them, which one holds, what they let a person be told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from catalogue.database.service_models import AuditEntry
from catalogue.database.viewer import PORTAL, PROJECT, Viewer
from catalogue.identity.identity import Proposal
from catalogue.identity.links import connect
from catalogue.records.drafts import ORGANISATIONS
from enmusubi.errors import ConflictError, ForbiddenError, InputError, UnknownIdError
from enmusubi.screening_settings import ScreeningSettings
from enmusubi.translation import say
from office.access.scoped import reading_as, writing_as
from office.companies.ndas import (
    NdaDraft,
    nda_holding,
    nda_of,
    ndas_page,
    record_nda,
    withdraw_nda,
)
from office.companies.reading import companies_seen, company_of
from office.needs.reading import need_of
from office.screening.importing import import_screening
from office.veil.ndas import with_nda
from tests.office.screening.steps import of_rule, screened
from tests.support.worlds.screened import (
    CLOSED,
    COMPANY,
    GUEST,
    HEAD,
    LAW,
    NEED,
    PATENTS,
    PLAIN,
    RIVAL,
    SATO,
    TODAY,
)

SIGNED = date(2026, 4, 1)
DAY = timedelta(days=1)


def record(office, viewer=HEAD, **named):
    draft = NdaDraft(**{"company": COMPANY, "signed_on": SIGNED, **named})
    with writing_as(office, viewer) as connection:
        return record_nda(connection, viewer, draft)


def holding(office, need_id=NEED, day=TODAY, viewer=HEAD):
    with reading_as(office, viewer) as connection:
        need = need_of(connection, viewer, need_id)
        return nda_holding(connection, need, day)


def listed(office, viewer):
    with reading_as(office, viewer) as connection:
        return [one.nda_id for one in ndas_page(connection, viewer).items]


def test_one_is_recorded_changed_and_withdrawn_and_every_step_is_in_the_audit_trail(office):
    first, done = record(office, LAW, company="青波化学（株）", remark="覚書あり")
    assert (done, first.organisation_id, first.recorded_by) == ("added", "aonami", "houmu")
    again, done = record(office, LAW, company="Aonami Chemical", remark="覚書あり")
    assert (done, again.nda_id) == ("unchanged", first.nda_id)
    later, done = record(office, valid_until=date(2028, 3, 31))
    assert (done, later.nda_id, later.valid_until) == ("changed", first.nda_id, date(2028, 3, 31))
    with writing_as(office, LAW) as connection:
        assert withdraw_nda(connection, LAW, first.nda_id).state(TODAY) == "withdrawn"
    with pytest.raises(ConflictError), writing_as(office, LAW) as connection:
        withdraw_nda(connection, LAW, first.nda_id)
    assert holding(office) is None
    with office.reading() as connection:
        query = select(AuditEntry.actor, AuditEntry.action, AuditEntry.detail)
        trail = connection.execute(query.where(AuditEntry.object_kind == "nda")).all()
    assert [(row.actor, row.action) for row in trail] == [
        ("person:houmu", "record nda"),
        ("person:head", "record nda"),
        ("person:houmu", "withdraw nda"),
    ]
    assert not any("aonami" in str(row.detail) or "青波" in str(row.detail) for row in trail)


def test_it_holds_from_the_day_of_signing_to_its_last_day_for_all_needs_or_for_one(office):
    record(office, valid_until=date(2027, 3, 31))
    for day, holds in (
        (SIGNED - DAY, False), (SIGNED, True), (date(2027, 3, 31), True), (date(2027, 4, 1), False),
    ):  # fmt: skip
        assert (holding(office, day=day) is not None) == holds, day
    assert holding(office, CLOSED) is not None and holding(office, PLAIN) is None
    own, _ = record(office, need_id=CLOSED, signed_on=date(2026, 5, 1))
    assert holding(office, CLOSED) == own
    assert holding(office, NEED).need_id == ""
    assert holding(office, CLOSED, date(2029, 1, 1)) == own  # the other ended
    assert holding(office, NEED, date(2029, 1, 1)) is None


def test_chief_and_legal_record_any_and_a_needs_manager_those_for_the_need(office):
    for viewer in (SATO, PATENTS, GUEST, Viewer("p", PORTAL)):
        with pytest.raises(ForbiddenError):
            record(office, viewer)
    with pytest.raises(UnknownIdError):
        record(office, LAW, need_id=CLOSED)  # to whom the need may not be shown
    kept, _ = record(office, SATO, need_id=CLOSED)
    assert (kept.need_id, kept.recorded_by) == (CLOSED, "sato")
    with pytest.raises(ForbiddenError):
        record(office, PATENTS, need_id=NEED)
    with pytest.raises(UnknownIdError), writing_as(office, LAW) as connection:
        withdraw_nda(connection, LAW, kept.nda_id)


@pytest.mark.parametrize(
    ("named", "error", "told"),
    [
        ({"company": "無名商会"}, UnknownIdError, "企業はない"),
        ({"valid_until": SIGNED - DAY}, InputError, "締結日より前"),
        ({"need_id": PLAIN}, InputError, "この企業のニーズではありません"),
        ({"remark": "長" * 2_001}, InputError, "2000文字以内"),
    ],
)
def test_what_cannot_be_recorded_is_told(office, named, error, told):
    with pytest.raises(error) as caught:
        record(office, **named)
    assert told in say(caught.value.message, "ja")
    assert listed(office, HEAD) == []


def test_one_for_a_closed_need_is_seen_with_the_need_and_whether_one_holds_by_everybody(office):
    general, _ = record(office)
    own, _ = record(office, need_id=CLOSED)
    assert listed(office, HEAD) == listed(office, SATO) == [own.nda_id, general.nda_id]
    assert listed(office, LAW) == [general.nda_id]
    for viewer in (GUEST, Viewer("p", PORTAL)):
        with pytest.raises(ForbiddenError):
            listed(office, viewer)
    with pytest.raises(UnknownIdError), reading_as(office, LAW) as connection:
        nda_of(connection, LAW, own.nda_id)
    portal = Viewer("p", PORTAL, companies=frozenset({"aonami"}))
    assert holding(office, CLOSED, viewer=portal) == own  # row security hides the list, not this
    assert holding(office, NEED, viewer=GUEST) == general


def test_companies_are_those_of_needs_that_are_seen_and_those_with_an_nda(office):
    def names(viewer):
        with reading_as(office, viewer) as connection:
            return {
                one.organisation_id: one.open_needs for one in companies_seen(connection, viewer)
            }

    assert names(HEAD) == {"aonami": 2} and names(LAW) == {"aonami": 1}
    record(office, company=RIVAL)
    assert names(LAW) == {"aonami": 1, "kurose": 0}
    with reading_as(office, LAW) as connection:
        assert company_of(connection, LAW, "kurose").ndas[0].signed_on == SIGNED
        for unknown in ("denshi", "hu", "no-such", "a\0b"):
            with pytest.raises(UnknownIdError):
                company_of(connection, LAW, unknown)
    with pytest.raises(ForbiddenError):
        names(GUEST)


def test_it_follows_a_company_that_became_one_with_another(office):
    kept, _ = record(office, company=RIVAL)
    with office.writing() as connection:
        same = Proposal(ORGANISATIONS, "aonami", "kurose")
        assert connect(connection, [same], datetime.now(UTC)) == 1
    assert holding(office).nda_id == kept.nda_id
    with reading_as(office, HEAD) as connection:
        for day, is_open in ((SIGNED - DAY, False), (SIGNED, True)):  # of all veils at once, too
            assert (NEED in with_nda(connection, [NEED, "no-such"], day)) == is_open
        [one] = ndas_page(connection, HEAD, organisation_id="aonami").items
        assert (one.organisation_id, company_of(connection, HEAD, "kurose").organisation_id) == (
            "aonami",
            "aonami",
        )
    assert record(office, company="aonami")[1] == "unchanged"  # the agreement of that day is known


def test_screening_says_what_may_be_told_under_it_and_asks_for_no_clearance(office):
    strict = ScreeningSettings(verdicts={"before_nda": "ask"})

    def told(viewer=HEAD, need_id=CLOSED):
        found = screened(office, viewer, need_id, settings=strict)["R-5"]
        return of_rule(found, "before_nda")

    assert told().stops and "研究分野だけ" in say(told().reason, "ja")
    kept, _ = record(office, valid_until=date(2027, 3, 31))
    for viewer in (HEAD, SATO):
        found = told(viewer)
        assert not found.stops and found.evidence == (f"nda:{kept.nda_id}",)
        assert say(found.reason, "en") == (
            "Under the NDA that the company signed on 2026-04-01, valid until 2027-03-31: all of the "
            "need may be told in confidence."
        )
    assert "2027-03-31まで有効" in say(told().reason, "ja")


def test_a_table_of_them_is_taken_and_its_faulty_rows_are_told(office, tmp_path):
    path = tmp_path / "nda.csv"
    path.write_text(
        "企業名,締結日,有効期限,ニーズID,備考\n"
        f"青波化学（株）,令和8年4月1日,2029/3/31,,共同研究\nAonami Chemical,2026-05-01,,{CLOSED},\n"
        f"無名商会,2026-04-01,,,\n青波化学,,,,\n青波化学,2026-04-02,2026-04-01,,\n青波化学,2026-04-03,,{PLAIN},\n",
        "utf-8",
    )  # fmt: skip
    operator = Viewer("root", PROJECT, "operator")
    [report] = import_screening(office, operator, path)
    assert (report.kind, report.added) == ("ndas", 2)
    assert [(one.row, one.field) for one in report.rejections] == [
        (4, "company"), (5, "signed"), (6, "valid_until"), (7, "need_id"),
    ]  # fmt: skip
    assert not any("無名" in say(one.message, "ja") for one in report.rejections)
    [again] = import_screening(office, operator, path)
    assert (again.added, again.unchanged) == (0, 2)
    assert holding(office).remark == "共同研究" and holding(office, CLOSED).need_id == CLOSED
