"""Estimates of a case on pages: listed beside where the case stands, written, checked, taken as files."""

from typing import Annotated, Any

from fastapi import Form, Query, Request, Response
from pydantic import BaseModel, Field

from api.dependencies import CurrentViewer, Number, Services
from api.languages import language_of
from api.pages.case import ONE
from api.pages.case_money_texts import SHOWN_OF_MONEY
from api.pages.cases import PATH
from api.pages.exports import file_response
from api.pages.rendering import render, see_other
from api.pages.typed_numbers import whole
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, InputError, StaleVersionError
from office.access.access_log import note_reading_by_id
from office.access.rules import WORK_ON_CASES, require
from office.access.scoped import reading_as, writing_as
from office.cases.kept import case_of
from office.delegations.acting import on_case
from office.estimates.amounts import CostLine, Estimate, Percentages, quantity_in, rate_in
from office.estimates.exporting import EstimateEnding, export_estimate
from office.estimates.kept import (
    NEW,
    ask_for_check,
    check_estimate,
    estimates_of,
    may_check,
    newest_estimate,
    save_estimate,
    versions_of,
)
from office.maturity.amounts import round_yen
from office.maturity.standing import maturity_rules, set_standing, standing_of, steps_ahead
from office.people import names_of

ALL = f"{ONE}/estimates"
EMPTY_LINES = 5
Texts = Annotated[list[str], Field(max_length=210)]


class EstimateForm(BaseModel):
    """What the form of an estimate sends: its head, and a value of each column for every line."""

    title: str = Field("", max_length=400)
    years: str = Field("1", max_length=10)
    first_year: str = Field("", max_length=10)
    indirect: str = Field("", max_length=20)
    strategic: str = Field("", max_length=20)
    tax: str = Field("", max_length=20)
    note: str = Field("", max_length=4_000)
    year: Texts = []
    kind: Texts = []
    text: Texts = []
    unit: Texts = []
    quantity: Texts = []
    tag: str = Field("", max_length=80)
    once: str = Field("", max_length=100)

    @property
    def rows(self) -> list[dict[str, str]]:
        """The lines as they were typed, and some empty ones."""
        names = ("year", "kind", "text", "unit", "quantity")
        columns = (self.year, self.kind, self.text, self.unit, self.quantity)
        rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=False)]
        kept = [row for row in rows if row["text"].strip() or row["unit"].strip()]
        empty = {"year": "1", "kind": "people", "text": "", "unit": "", "quantity": ""}
        return kept + [empty] * EMPTY_LINES

    def estimate(self) -> Estimate:
        """Return the estimate; raises InputError with the field that cannot be read."""
        rates = Percentages(
            rate_in(self.indirect, "indirect"),
            rate_in(self.strategic, "strategic"),
            rate_in(self.tax, "tax"),
        )
        lines = tuple(
            CostLine(
                whole(row["year"], "lines"), row["kind"], row["text"],
                whole(row["unit"], "lines"), quantity_in(row["quantity"] or "1"),
            )
            for row in self.rows
            if row["text"].strip() or row["unit"].strip()
        )  # fmt: skip
        first = whole(self.first_year, "first_year") if self.first_year.strip() else 0
        years = whole(self.years, "years")
        return Estimate(self.title, years, rates, lines, first, self.note)

    @classmethod
    def of(cls, estimate: Estimate, tag: str) -> "EstimateForm":
        """Return the form of an estimate as it stands."""
        rates, lines = estimate.rates, estimate.lines
        return cls(
            title=estimate.title, years=str(estimate.years), note=estimate.note, tag=tag, once="",
            first_year=str(estimate.first_year or ""), indirect=str(rates.indirect),
            strategic=str(rates.strategic), tax=str(rates.tax),
            year=[str(one.year) for one in lines], kind=[one.kind for one in lines],
            text=[one.text for one in lines], unit=[str(one.unit_jpy) for one in lines],
            quantity=[str(one.quantity) for one in lines],
        )  # fmt: skip


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    _add_pages(router, services)
    _add_changes(router, services)
    return router


def _add_pages(router: LazyRouter, services: Services) -> None:
    @router.get(ALL)
    def listed(request: Request, viewer: CurrentViewer, case_id: Number) -> Response:
        return _listed(request, viewer, services, case_id)

    @router.get(f"{ALL}/new")
    def begin(request: Request, viewer: CurrentViewer, case_id: Number) -> Response:
        return _shown(request, viewer, services, case_id, NEW)

    @router.get(f"{ALL}/{{estimate_id}}")
    def one(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        estimate_id: Number,
        version: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        return _shown(request, viewer, services, case_id, estimate_id, version=version)

    @router.get(f"{ALL}/{{estimate_id}}/export.{{ending}}")
    def export(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        estimate_id: Number,
        ending: EstimateEnding,
        version: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        file = export_estimate(
            services.catalogue, viewer, services.settings, case_id, estimate_id, version,
            ending=ending, language=language_of(request),
        )  # fmt: skip
        return file_response(file)


def _add_changes(router: LazyRouter, services: Services) -> None:
    @router.post(ALL)
    def create(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        form: Annotated[EstimateForm, Form()],
    ) -> Response:
        return _saved(request, viewer, services, case_id, NEW, form)

    @router.post(f"{ALL}/{{estimate_id}}")
    def save(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        estimate_id: Number,
        form: Annotated[EstimateForm, Form()],
    ) -> Response:
        return _saved(request, viewer, services, case_id, estimate_id, form)

    @router.post(f"{ALL}/{{estimate_id}}/check")
    def check(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        estimate_id: Number,
        do: Annotated[str, Form(max_length=20)] = "",
        remark: Annotated[str, Form(max_length=6_000)] = "",
        tag: Annotated[str, Form(max_length=80)] = "",
    ) -> Response:
        number, mail = (case_id, estimate_id), services.settings.mail
        try:
            with writing_as(services.catalogue, viewer) as connection:
                if do == "ask":
                    ask_for_check(connection, viewer, *number, expected_tag=tag, mail=mail)
                else:
                    check_estimate(
                        connection, viewer, *number, accepts=do == "accept", remark=remark,
                        expected_tag=tag, mail=mail,
                    )  # fmt: skip
        except InputError as error:
            return _shown(request, viewer, services, *number, fault=error)
        return see_other(f"{PATH}/{case_id}/estimates/{estimate_id}", "saved")

    @router.post(f"{ONE}/maturity")
    def maturity(
        request: Request,
        viewer: CurrentViewer,
        case_id: Number,
        step: Annotated[str, Form(max_length=20)] = "",
        reason: Annotated[str, Form(max_length=6_000)] = "",
    ) -> Response:
        try:
            with writing_as(services.catalogue, viewer) as connection:
                set_standing(connection, viewer, case_id, step, reason)
        except InputError as error:
            typed = {"step": step, "reason": reason}
            return _listed(request, viewer, services, case_id, fault=error, typed=typed)
        return see_other(f"{PATH}/{case_id}/estimates", "saved")


def _saved(  # noqa: PLR0917 - which estimate, as it was typed
    request: Request,
    viewer: Viewer,
    services: Services,
    case_id: int,
    estimate_id: int,
    form: EstimateForm,
) -> Response:
    try:
        with writing_as(services.catalogue, viewer) as connection:
            kept = save_estimate(
                connection, viewer, case_id, form.estimate(), estimate_id=estimate_id,
                expected_tag=form.tag if estimate_id else None,
            )  # fmt: skip
    except (InputError, StaleVersionError) as error:
        return _shown(request, viewer, services, case_id, estimate_id, form=form, fault=error)
    return see_other(f"{PATH}/{case_id}/estimates/{kept.estimate_id}", "saved")


def _listed(
    request: Request,
    viewer: Viewer,
    services: Services,
    case_id: int,
    *,
    fault: EnmusubiError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    require(viewer, WORK_ON_CASES)
    rules = maturity_rules(services.settings.estimates.maturity_file)
    with reading_as(services.catalogue, viewer) as connection:
        case = case_of(connection, viewer, case_id)
        found = estimates_of(connection, viewer, case)
        quoted = newest_estimate(connection, viewer, case)
        stands = standing_of(connection, viewer, case, rules)
        names = names_of(connection, {stands.set_by, *(one.made_by for one in found)} - {""})
    note_reading_by_id(services.catalogue, viewer, case.need_id, "case")
    context: dict[str, Any] = {
        "case": case, "estimates": found, "stands": stands, "names": names, "steps": rules.steps,
        "ahead": steps_ahead(stands.step, rules, quoted.total_jpy if quoted else case.amount_jpy),
        "quoted": quoted, "round_yen": round_yen, "typed": typed or {},
        "fault": fault.message if fault else None,
    }  # fmt: skip
    status = 422 if fault else 200
    return render(request, viewer, "case_estimates.html", status, **context, **SHOWN_OF_MONEY)


def _shown(
    request: Request,
    viewer: Viewer,
    services: Services,
    case_id: int,
    estimate_id: int,
    *,
    version: int = 0,
    form: EstimateForm | None = None,
    fault: EnmusubiError | None = None,
) -> Response:
    """Return the page of an estimate, 0: of one that is to be written."""
    require(viewer, WORK_ON_CASES)
    usual, versions = services.settings.estimates, []
    with reading_as(services.catalogue, viewer) as connection:
        case = case_of(connection, viewer, case_id)
        if estimate_id:
            versions = versions_of(connection, viewer, case_id, estimate_id)
        users = {one.made_by for one in versions} | {one.checked_by for one in versions}
        names = names_of(connection, users - {""})
        acting = on_case(connection, viewer, case_id)
    note_reading_by_id(services.catalogue, viewer, case.need_id, "case")
    kept = next((one for one in versions if one.version == version), None)
    kept = kept or (versions[0] if versions else None)
    if form is None and kept:
        form = EstimateForm.of(kept.estimate, kept.tag)
    elif form is None:
        form = EstimateForm(
            title=case.title, indirect=usual.indirect_percent, strategic=usual.strategic_percent,
            tax=usual.tax_percent,
        )  # fmt: skip
    checks = kept is not None and may_check(acting, kept)
    status = 200 if fault is None else 412 if isinstance(fault, StaleVersionError) else 422
    tag = form.tag if fault and status != 412 else versions[0].tag if versions else ""
    context: dict[str, Any] = {
        "tag": tag, "case": case, "kept": kept, "versions": versions, "names": names, "form": form,
        "checks": checks, "hourly": usual.hourly_rates_jpy, "university": usual.university,
        "fault": fault.message if fault else None,
    }  # fmt: skip
    return render(request, viewer, "case_estimate.html", status, **context, **SHOWN_OF_MONEY)
