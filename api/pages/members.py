"""The office's pages of members: who is one, imports, equal treatment; changes come from companies' pages."""

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import File, Form, Request, Response, UploadFile

from api.dependencies import AfterRow, CurrentViewer, Number, Services
from api.middleware.form_deduplication import FormToken
from api.pages.company_paths import company_path
from api.pages.rendering import render, see_other
from api.problems import status_of
from api.routing import LazyRouter
from catalogue.database.member_models import MEMBERSHIP_KINDS
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, InputError, UnreadableFileError
from enmusubi.messages import N_
from office.access.rules import KEEP_MEMBERS, SEE_MEMBERS, may, require
from office.access.scoped import reading_as
from office.business_days import BusinessDays
from office.companies.reading import names_by_id
from office.members.importing import MemberImport, found_or_made, import_members
from office.members.kept import ENDED, HOLDS, LATER, WITHDRAWN, membership_of, memberships_page
from office.members.memberships import (
    MembershipDraft,
    change_membership,
    keep_membership,
    withdraw_membership,
)
from office.members.treatment import FEWEST_NEEDS, treatment

PATH = "/members"
ON_A_PAGE = 100
MEMBERSHIP_LABELS = {
    "regular": N_("Regular member"),
    "special": N_("Special member"),
    "supporting": N_("Supporting member"),
    "trial": N_("Trial member"),
    "other": N_("Other member"),
}
MEMBERSHIP_STATES = {
    HOLDS: N_("Member"),
    ENDED: N_("Ended"),
    LATER: N_("Not begun yet"),
    WITHDRAWN: N_("Withdrawn"),
}
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")
Text = Annotated[str, Form(max_length=8_000)]
Short = Annotated[str, Form(max_length=500)]
Day = Annotated[str, Form(max_length=20)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    _add_list(router, services)
    _add_memberships(router, services)
    return router


def _add_list(router: LazyRouter, services: Services) -> None:
    @router.get(PATH)
    def members(request: Request, viewer: CurrentViewer, after: AfterRow = "") -> Response:
        require(viewer, SEE_MEMBERS)
        return _listed(services, request, viewer, after=after)

    @router.get(f"{PATH}/treatment")
    def treated(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, SEE_MEMBERS)
        with reading_as(services.catalogue, viewer) as connection:
            found = treatment(connection, viewer, services.settings.cases)
        shown: dict[str, Any] = {"found": found, "fewest": FEWEST_NEEDS, **LABELS}
        return render(request, viewer, "members_treatment.html", **shown)

    @router.post(f"{PATH}/import")
    def imported(
        request: Request, viewer: CurrentViewer, file: Annotated[UploadFile | None, File()] = None
    ) -> Response:
        require(viewer, KEEP_MEMBERS)
        try:
            report = _import(services, viewer, file)
        except EnmusubiError as error:
            return _listed(services, request, viewer, error=error)
        return _listed(services, request, viewer, report=report)


def _add_memberships(router: LazyRouter, services: Services) -> None:
    catalogue = services.catalogue

    @router.post(PATH)
    def add(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        company: Short = "",
        kind: Short = "",
        since: Day = "",
        until: Day = "",
        contacts: Text = "",
        terms: Text = "",
        form_token: FormToken = "",
    ) -> Response:
        require(viewer, KEEP_MEMBERS)

        def keep() -> str:
            with catalogue.writing() as connection:
                draft = _draft(
                    found_or_made(connection, viewer, company), kind, since, until, contacts, terms
                )
                return keep_membership(connection, viewer, draft)[0].organisation_id

        sent = ("membership", company, kind, since, until, contacts, terms)
        try:
            made = services.form_deduplicator.run_once(viewer, form_token, sent, keep)
        except EnmusubiError as error:
            return _listed(services, request, viewer, error=error)
        return see_other(company_path(made), "saved")

    @router.post(f"{PATH}/{{membership_id}}")
    def change(  # noqa: PLR0917 - FastAPI passes them by name
        viewer: CurrentViewer,
        membership_id: Number,
        kind: Short = "",
        since: Day = "",
        until: Day = "",
        contacts: Text = "",
        terms: Text = "",
        version: Annotated[int, Form()] = 0,
    ) -> Response:
        require(viewer, KEEP_MEMBERS)
        with catalogue.writing() as connection:
            kept = membership_of(connection, viewer, membership_id)
            draft = _draft(kept.organisation_id, kind, since, until, contacts, terms)
            change_membership(
                connection, viewer, membership_id, draft, expected_version=version or None
            )
        return see_other(company_path(kept.organisation_id), "saved")

    @router.post(f"{PATH}/{{membership_id}}/withdraw")
    def withdraw(viewer: CurrentViewer, membership_id: Number) -> Response:
        require(viewer, KEEP_MEMBERS)
        with catalogue.writing() as connection:
            kept = withdraw_membership(connection, viewer, membership_id)
        return see_other(company_path(kept.organisation_id), "done")


def _listed(
    services: Services,
    request: Request,
    viewer: Viewer,
    *,
    after: str = "",
    report: MemberImport | None = None,
    error: EnmusubiError | None = None,
) -> Response:
    with reading_as(services.catalogue, viewer) as connection:
        page = memberships_page(connection, viewer, after=after, limit=ON_A_PAGE)
        names = names_by_id(connection, {one.organisation_id for one in page.items})
    shown: dict[str, Any] = {"page": page, "names": names, "report": report, "after": after}
    shown |= {"fault": error.message if error else None, "kinds": MEMBERSHIP_KINDS}
    shown |= {"keeps": may(viewer, KEEP_MEMBERS), "endings": ENDINGS, **LABELS}
    shown["today"] = BusinessDays(services.settings.cases).today(datetime.now(UTC))
    return render(request, viewer, "members.html", status_of(error) if error else 200, **shown)


def _import(services: Services, viewer: Viewer, file: UploadFile | None) -> MemberImport:
    """Import a file from a folder of its own that goes again."""
    if file is None or not file.filename:
        raise InputError("Choose a file first.", of_field="file")
    limit = services.settings.need.max_file_bytes
    content = file.file.read(limit + 1)
    if len(content) > limit:
        raise UnreadableFileError("The file has more than %(most)s bytes.", most=f"{limit:,}")
    ending = Path(file.filename).suffix.lower()[:6]
    if ending not in ENDINGS:
        raise UnreadableFileError(
            "%(name)s is no table that can be read: expected %(endings)s.",
            name="members",
            endings=", ".join(ENDINGS),
        )
    with tempfile.TemporaryDirectory(prefix="enmusubi-") as folder:
        path = Path(folder) / f"members{ending}"
        path.write_bytes(content)
        return import_members(services.catalogue, viewer, path)


def _draft(  # noqa: PLR0917 - the fields in their order
    company: str, kind: str, since: str, until: str, contacts: str, terms: str
) -> MembershipDraft:
    begins = day_in(since, "since")
    if begins is None:
        raise InputError("missing.", of_field="since")
    return MembershipDraft(company, begins, day_in(until, "until"), kind, contacts, terms)


def day_in(given: str, field: str) -> date | None:
    """Return the day of a form's field, None for none; raises InputError."""
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise InputError("not a day such as 2027-03-31.", of_field=field) from None


LABELS: dict[str, Any] = {
    "membership_labels": MEMBERSHIP_LABELS,
    "membership_states": MEMBERSHIP_STATES,
    "company_path": company_path,
}
