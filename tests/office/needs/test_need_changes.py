"""Needs that people and portals create and change: whose values win, whose version, what is refused."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from catalogue.database.models import StoredNeed
from catalogue.records.catalogue import Catalogue
from catalogue.records.consistency import check_catalogue
from catalogue.records.drafts import NEEDS
from catalogue.records.unit_of_work import UnitOfWork
from enmusubi.errors import EmptyNeedError, InputError, StaleVersionError, UnknownIdError
from enmusubi.settings import local_time
from office.access import audit
from office.access.scoped import reading_as, writing_as
from office.needs.editing import close_need, reopen_need
from office.needs.reading import NeedFilter, need_of, needs_page
from tests.office.needs.steps import MARK, change, create, read
from tests.support.worlds.filed import (
    CHIEF_KATO,
    ITO,
    MORI,
    PORTAL_ONE,
    filed,
)


def test_who_creates_a_need_manages_it_and_it_is_confidential_unless_said_otherwise(
    office: Catalogue,
) -> None:
    need = create(office, ITO, area="", company="青波化学株式会社", budget_jpy="1,000,000")

    assert (need.manager, need.confidentiality, need.area) == ("ito", "confidential", "")
    assert (need.company, need.budget_jpy, need.lang) == ("青波化学株式会社", 1_000_000, "ja")
    assert need.posted_on == local_time(datetime.now(UTC), "ja").date()
    assert len(need.need_id) == 36
    with pytest.raises(UnknownIdError):
        read(office, MORI, need.need_id)


def test_texts_stay_as_they_were_written(office: Catalogue) -> None:
    text = "膜厚 <b>5</b> µm 未満 & 酸素 a<b>c。\n\n  <script>alert(1)</script>"

    assert create(office, ITO, text=text).text == text


def test_a_need_by_hand_follows_from_its_records(office: Catalogue) -> None:
    need = create(office, PORTAL_ONE, horizon="来年")
    change(office, PORTAL_ONE, need.need_id, horizon="", budget_jpy=3)

    with office.reading() as connection:
        assert list(check_catalogue(connection)) == []
    assert need.version != read(office, CHIEF_KATO, need.need_id).version


def test_what_was_set_by_hand_wins_over_the_file_and_the_rest_follows_it(office: Catalogue) -> None:
    change(office, ITO, "n-file", title="Films", horizon="", budget_jpy="", text="A thin film.")
    office.write(
        [filed(title="From the file", horizon="2030", budget_jpy=9, text="A thicker film.")],
        source="file",
    )

    need = read(office, ITO, "n-file")
    assert (need.title, need.horizon, need.budget_jpy) == ("Films", "", None)
    assert need.text == "A thicker film."


def test_a_need_that_its_file_withdraws_is_gone_with_what_was_set_by_hand(
    office: Catalogue,
) -> None:
    change(office, ITO, "n-file", title="Films")
    with office.writing() as connection:
        workspace = UnitOfWork(connection)
        workspace.load_source(NEEDS, "file", ["n-file"])
        record = workspace.record(NEEDS, "file", "n-file")
        assert record is not None
        workspace.withdraw(record, datetime.now(UTC))
        workspace.flush()

    with pytest.raises(UnknownIdError), reading_as(office, CHIEF_KATO) as connection:
        need_of(connection, CHIEF_KATO, "n-file")
    with office.reading() as connection:
        assert list(check_catalogue(connection)) == []
    office.write([filed()], source="file")
    assert read(office, ITO, "n-file").title == "Films"


def test_a_change_of_what_somebody_else_changed_meanwhile_is_refused(office: Catalogue) -> None:
    read_before = read(office, ITO, "n-file").version
    now = change(office, CHIEF_KATO, "n-file", read_before, title="Films")

    with pytest.raises(StaleVersionError, match="since you read it"):
        change(office, ITO, "n-file", read_before, title="Foils")
    assert change(office, ITO, "n-file", now.version, title="Foils").title == "Foils"
    with pytest.raises(StaleVersionError), writing_as(office, ITO) as connection:
        close_need(connection, ITO, "n-file", expected_version=now.version)


def test_a_closed_need_can_be_opened_again(office: Catalogue) -> None:
    with writing_as(office, ITO) as connection:
        assert close_need(connection, ITO, "n-file").status == "closed"
        assert close_need(connection, ITO, "n-file").status == "closed"
    with reading_as(office, ITO) as connection:
        assert needs_page(connection, ITO).items == ()
        assert len(needs_page(connection, ITO, NeedFilter(status="")).items) == 1
    with writing_as(office, ITO) as connection:
        assert reopen_need(connection, ITO, "n-file").status == "open"


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"area": "secret"}, "area: not one of competitive"),
    ({"budget_jpy": "much"}, "budget_jpy: not an amount in yen"),
    ({"posted_on": "someday"}, "posted_on: not a date"),
    ({"lang": "fr", "title": "x" * 1_001}, "lang: not one of"),
    ({"title": 5}, "title: not a text"),
    ({"text": "x" * 5_001}, "text: longer than 5,000"),
    ({"organisation_id": "nobody"}, "organisation_id: the catalogue has no"),
    ({"organisation_id": "aonami", "company": "K"}, "company: given together with"),
    ({"manager": "nobody"}, "manager: not the login"),
    ({"manager": "saito"}, "manager: not the login"),
    ({"status": "closed"}, "'status': no field of a need"),
    ({"confidentiality": "hidden"}, "confidentiality: not one of"),
]


def test_a_field_that_cannot_be_taken_is_named_and_nothing_is_written(office: Catalogue) -> None:
    for fields, fault in FAULTS:
        with pytest.raises(InputError, match=fault) as caught:
            create(office, CHIEF_KATO, **fields)
        assert MARK not in str(caught.value)
        with pytest.raises(InputError, match=fault):
            change(office, CHIEF_KATO, "n-file", **fields)
    with office.reading() as connection:
        assert connection.execute(select(StoredNeed.need_id)).scalars().all() == ["n-file"]


def test_a_need_without_text_is_refused(office: Catalogue) -> None:
    for given in ("", " ", "?!"):
        with pytest.raises(EmptyNeedError):
            create(office, ITO, text=given)
        with pytest.raises(EmptyNeedError):
            change(office, ITO, "n-file", text=given)
    with pytest.raises(InputError, match="confidentiality: empty"):
        change(office, ITO, "n-file", confidentiality="")


def test_every_change_is_in_the_audit_trail_without_what_was_written(office: Catalogue) -> None:
    need = create(office, ITO, company="青波化学株式会社")
    change(office, ITO, need.need_id, title="別の題", posted_on=date(2026, 1, 2))
    with writing_as(office, ITO) as connection:
        close_need(connection, ITO, need.need_id)

    with office.reading() as connection:
        rows = connection.execute(select(audit.ENTRY).order_by("entry_id")).mappings().all()
        assert audit.verify(connection).is_whole
    assert [(r["action"], r["object_id"]) for r in rows] == [
        ("create", need.need_id),
        ("change", need.need_id),
        ("close", need.need_id),
    ]
    assert rows[1]["detail"] == '{"fields": ["posted_on", "title"]}'
    assert not any(word in str([dict(r) for r in rows]) for word in (MARK, "青波", "別の題"))
