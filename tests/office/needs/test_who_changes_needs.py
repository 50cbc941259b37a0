"""Who may change a need: its manager, the chief, its company's portal; and guests, who may not."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from catalogue.database.account_models import Client, ClientCompany
from catalogue.database.viewer import FINANCE, MACHINE, PORTAL, SCOPES, VIEWER, Viewer
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import ORGANISATIONS, Draft
from enmusubi.errors import ConflictError, ForbiddenError, InputError, UnknownIdError
from office.access.scoped import writing_as
from office.accounts.machines import companies_of
from office.needs.participants import guest_list, invitable, invite, uninvite
from tests.office.needs.steps import change, create, read
from tests.support.worlds.filed import CHIEF_KATO, IP_ABE, ITO, MORI, PORTAL_ONE


def test_a_portal_writes_for_its_own_companies_only(office: Catalogue) -> None:
    two = Viewer("p2", PORTAL, MACHINE, "", frozenset({"aonami", "kurose"}), frozenset(SCOPES))
    need = create(office, PORTAL_ONE)
    assert (need.organisation_id, need.manager, need.guests) == ("aonami", "", ())
    for fields in ({"organisation_id": "kurose"}, {"organisation_id": "nobody"}):
        with pytest.raises(InputError, match="organisation_id: not one of your companies"):
            create(office, PORTAL_ONE, **fields)
        with pytest.raises(InputError, match="organisation_id: not one of your companies"):
            change(office, PORTAL_ONE, need.need_id, **fields)
    with pytest.raises(InputError, match="organisation_id: not one of your companies"):
        create(office, two)
    with pytest.raises(InputError, match="company: name it by organisation_id"):
        create(office, PORTAL_ONE, company="kurose")
    with pytest.raises(InputError, match="manager: the office says who"):
        change(office, PORTAL_ONE, need.need_id, manager="kato")
    with pytest.raises(UnknownIdError):
        change(office, PORTAL_ONE, "n-file", title="Taken")


def test_a_portal_keeps_its_needs_when_its_company_turns_out_to_be_another(
    office: Catalogue,
) -> None:
    with office.writing() as connection:
        machine = {"client_id": "p", "name": "p", "role": PORTAL, "created_at": datetime.now(UTC)}
        connection.execute(insert(Client), [{**machine, "disabled_at": None}])
        connection.execute(insert(ClientCompany), [{"client_id": "p", "organisation_id": "kurose"}])
    same = {"organisation_id": "aonami", "ror_id": "05hz8m414", "aliases": "kurose"}
    office.write([Draft(ORGANISATIONS, same)], source="file")

    with office.reading() as connection:
        companies = frozenset(companies_of(connection, "p"))
    portal = Viewer("p", PORTAL, MACHINE, "", companies, frozenset(SCOPES))
    assert companies == {"aonami"}
    assert read(office, portal, "n-file").may_change


def test_the_manager_and_the_chief_alone_change_a_need(office: Catalogue) -> None:
    need = create(office, ITO, confidentiality="public", area="non-competitive")

    for other in (MORI, IP_ABE, Viewer("seki", FINANCE)):
        with pytest.raises(ForbiddenError, match="manager and the chief"):
            change(office, other, need.need_id, title="Taken")
    with pytest.raises(ForbiddenError, match="may not change a need"):
        change(office, Viewer("v", VIEWER), need.need_id, title="Taken")
    with pytest.raises(ForbiddenError, match="may not create needs"):
        create(office, IP_ABE)
    assert change(office, CHIEF_KATO, need.need_id, manager="mori").manager == "mori"
    assert change(office, MORI, need.need_id, title="Mine").may_change


def test_a_need_is_not_handed_over_to_where_its_manager_could_not_see_it(
    office: Catalogue,
) -> None:
    with pytest.raises(InputError, match="manager: you could not see"):
        change(office, ITO, "n-file", manager="mori")
    with pytest.raises(InputError, match="manager: you could not see"):
        create(office, ITO, manager="mori")


def test_guests_are_ip_and_legal_managers_whom_the_manager_asks_in(office: Catalogue) -> None:
    need = create(office, ITO, area="competitive")
    with writing_as(office, ITO) as connection:
        assert [p.user_id for p in invitable(connection, ITO)] == ["abe", "ueda"]
        for nobody in ("mori", "saito", "unknown"):
            with pytest.raises(InputError, match="user_id: not an IP or legal manager"):
                invite(connection, ITO, need.need_id, nobody)
        assert invite(connection, ITO, need.need_id, "abe").guests == ("abe",)
        with pytest.raises(ConflictError, match="asked in to this need already"):
            invite(connection, ITO, need.need_id, "abe")
    assert read(office, IP_ABE, need.need_id).title == need.title
    with writing_as(office, IP_ABE) as connection:
        assert [g.invited_by for g in guest_list(connection, IP_ABE, need.need_id)] == ["ito"]
        with pytest.raises(ForbiddenError, match="ask others in"):
            invite(connection, IP_ABE, need.need_id, "ueda")
    with writing_as(office, ITO) as connection:
        assert uninvite(connection, ITO, need.need_id, "abe").guests == ()
        with pytest.raises(ConflictError, match="no user of that id"):
            uninvite(connection, ITO, need.need_id, "abe")
    with pytest.raises(UnknownIdError):
        read(office, IP_ABE, need.need_id)
