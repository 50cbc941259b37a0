"""The pages of companies: which there are, their needs, and the NDAs with them."""

from datetime import date
from typing import Annotated, Any

from fastapi import Form, Request, Response
from sqlalchemy import Connection

from api.dependencies import CurrentViewer, Number, Services
from api.middleware.form_deduplication import FormToken
from api.pages.case_texts import STATE_LABELS
from api.pages.company_paths import company_path
from api.pages.members import LABELS as MEMBER_LABELS
from api.pages.rendering import render, see_other
from api.routing import LazyRouter
from catalogue.database.member_models import MEMBERSHIP_KINDS
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError
from enmusubi.messages import N_
from office.access.access_log import note_listing
from office.access.rules import KEEP_MEMBERS, SEE_COMPANIES, may, require
from office.access.scoped import reading_as, writing_as
from office.companies.history import (
    cases_of_company,
    screens_of_company,
    steps_of_company,
    who_knows,
)
from office.companies.ndas import (
    ENDED,
    HOLDS,
    LATER,
    WITHDRAWN,
    KeptNda,
    NdaDraft,
    may_record,
    nda_holding,
    ndas_page,
    record_nda,
    withdraw_nda,
)
from office.companies.reading import SeenCompany, companies_seen, company_of
from office.members.kept import memberships_page
from office.members.sign_ins import bindings_of
from office.members.users import users_of
from office.needs.reading import NeedFilter, SeenNeed, needs_by_ids, needs_page
from office.people import names_of

ON_A_PAGE = 100
NDA_STATES = {
    HOLDS: N_("Holds"),
    ENDED: N_("Ended"),
    LATER: N_("Not signed yet"),
    WITHDRAWN: N_("Withdrawn"),
}
Text = Annotated[str, Form(max_length=2_000)]
Id = Annotated[str, Form(max_length=500)]
Day = Annotated[str, Form(max_length=20)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    catalogue = services.catalogue

    @router.get("/companies")
    def companies(request: Request, viewer: CurrentViewer) -> Response:
        with reading_as(catalogue, viewer) as connection:
            found = companies_seen(connection, viewer)
        today = date.today()
        standing = {one.organisation_id: standing_of(one, today) for one in found}
        return render(
            request,
            viewer,
            "companies.html",
            companies=found,
            standing=standing,
            today=today,
            **_LABELS,
        )

    @router.get("/companies/{organisation_id:path}")
    def company_page(request: Request, viewer: CurrentViewer, organisation_id: str) -> Response:
        require(viewer, SEE_COMPANIES)
        with reading_as(catalogue, viewer) as connection:
            page = _page(connection, viewer, organisation_id)
        note_listing(catalogue, viewer, page["needs"].items, "company")
        return render(request, viewer, "company.html", **page, **_LABELS)

    @router.post("/ndas")
    def record(  # noqa: PLR0917 - FastAPI passes them by name
        viewer: CurrentViewer,
        company: Id = "",
        need: Id = "",
        signed_on: Day = "",
        valid_until: Day = "",
        remark: Text = "",
        form_token: FormToken = "",
    ) -> Response:
        require(viewer, SEE_COMPANIES)
        signed = _day(signed_on, "signed_on")
        if signed is None:
            raise InputError("give the day on which it was signed.", of_field="signed_on")
        draft = NdaDraft(company, signed, _day(valid_until, "valid_until"), need, remark)

        def add() -> KeptNda:
            with writing_as(catalogue, viewer) as connection:
                return record_nda(connection, viewer, draft)[0]

        sent = ("nda", company, need, signed_on, valid_until, remark)
        kept = services.form_deduplicator.run_once(viewer, form_token, sent, add)
        return see_other(company_path(kept.organisation_id), "saved")

    @router.post("/ndas/{nda_id}/withdraw")
    def withdraw(viewer: CurrentViewer, nda_id: Number) -> Response:
        with writing_as(catalogue, viewer) as connection:
            kept = withdraw_nda(connection, viewer, nda_id)
        return see_other(company_path(kept.organisation_id), "nda-withdrawn")

    return router


def standing_of(company: SeenCompany, today: date) -> KeptNda | None:
    """Return the NDA that tells best how the office stands with a company; None without one."""
    of_all = [one for one in company.ndas if not one.need_id]
    order = (HOLDS, LATER, ENDED)
    key = lambda one: (-order.index(one.state(today)), one.valid_until or date.max, one.nda_id)  # noqa: E731
    return max(of_all or company.ndas, key=key, default=None)


def nda_on(connection: Connection, need: SeenNeed) -> dict[str, Any]:
    """Return what a need's page shows of the NDA under which it may be discussed."""
    return {"nda": nda_holding(connection, need, date.today()), "company_path": company_path}


def _page(connection: Connection, viewer: Viewer, organisation_id: str) -> dict[str, Any]:
    company = company_of(connection, viewer, organisation_id)
    its_id = company.organisation_id
    wanted = NeedFilter(status="", organisation_id=its_id)
    needs = needs_page(connection, viewer, wanted, limit=ON_A_PAGE)
    ndas = ndas_page(connection, viewer, organisation_id=its_id, limit=ON_A_PAGE).items
    titles = {need.need_id: need for need in needs.items}
    others = {one.need_id for one in ndas} - titles.keys() - {""}
    titles |= {need.need_id: need for need in needs_by_ids(connection, viewer, others)}
    members = memberships_page(connection, viewer, organisation_id=its_id, limit=ON_A_PAGE).items
    joined = [one.since for one in members if not one.withdrawn_at]
    return {
        "memberships": members,
        "kinds": MEMBERSHIP_KINDS,
        "users": users_of(connection, viewer, its_id),
        "sign_ins": bindings_of(connection, viewer, its_id),
        "keeps": may(viewer, KEEP_MEMBERS),
        "cases": cases_of_company(connection, viewer, its_id),
        "screens": screens_of_company(connection, viewer, its_id),
        "steps": steps_of_company(connection, viewer, its_id, ndas, joined),
        "knowing": who_knows(connection, viewer, its_id),
        "company": company,
        "needs": needs,
        "ndas": ndas,
        "titles": titles,
        "names": names_of(connection, {one.recorded_by for one in ndas}),
        "recordable": [need for need in needs.items if may_record(viewer, need)],
        "records_all": may_record(viewer),
        "changes": {one.nda_id: may_record(viewer, titles.get(one.need_id)) for one in ndas},
        "today": date.today(),
    }


def _day(given: str, field: str) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise InputError("not a day such as 2027-03-31.", of_field=field) from None


STEP_LABELS = {
    "posted": N_("Need posted"),
    "released": N_("List released"),
    "nda": N_("NDA signed"),
    "case": N_("Case opened"),
    "joined": N_("Membership began"),
}
KNOWING_LABELS = {
    "co_author": N_("joint works"),
    "case": N_("joint cases"),
    "contact": N_("contacts"),
}
_LABELS: dict[str, Any] = {
    "nda_states": NDA_STATES,
    "step_labels": STEP_LABELS,
    "knowing_labels": KNOWING_LABELS,
    "case_states": STATE_LABELS,
    **MEMBER_LABELS,
}
