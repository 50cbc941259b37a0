"""The pages of figures (KPI): all of them over periods, one with what changed it and why, their files."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query, Request, Response

from api.dependencies import CurrentViewer, Services
from api.languages import language_of
from api.middleware.rate_limits import SEARCHES
from api.pages.charts import STEP, chart_of
from api.pages.exports import file_response
from api.pages.rendering import render
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.messages import N_
from office.access import audit
from office.access.access_log import note_naming
from office.access.rules import EXPORT, SEE_CASES, SEE_COMPANIES, SEE_FIGURES, may, require
from office.access.scoped import reading_as
from office.business_days import BusinessDays
from office.cases.kept import KeptCase, cases_by_ids
from office.exports import ExportedFile, today_of
from office.figures.countable import (
    COMPANY,
    DEPARTMENT,
    DIMENSIONS,
    MEANS,
    ORIGIN,
    TYPE,
    told_dimensions,
)
from office.figures.counting import Figures, Wanted
from office.figures.definitions import GROUP_WORDS, GROUPS
from office.figures.exporting import (
    figures_as_csv,
    figures_for,
    groups_as_csv,
    review_as_pdf,
)
from office.figures.periods import QUARTER, SPANS, Period, parse_period, period_of
from office.figures.recording import FIGURE_KIND, figure_of
from office.figures.review import (
    by_case,
    by_group,
    names_in,
    say_change,
    say_value,
    view_of,
    views_of,
)

PATH = "/kpis"
ONE = f"{PATH}/{{figure}}"
DIMENSION_LABELS = {
    COMPANY: N_("Company"),
    DEPARTMENT: N_("Department"),
    MEANS: N_("Means"),
    TYPE: N_("Type"),
    ORIGIN: N_("Came from"),
}
SPAN_LABELS = {QUARTER: N_("By quarter"), "year": N_("By fiscal year")}
YEARS_BACK = 6  # that can be chosen
SHOWN_CASES = 100
Word = Annotated[str, Query(max_length=40)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    settings, catalogue = services.settings, services.catalogue

    @router.get(PATH)
    def page(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request, viewer: CurrentViewer, by: Word = QUARTER, period: Word = "",
        company: Word = "", department: Word = "", means: Word = "", type: Word = "",
        origin: Word = "",
    ) -> Response:  # fmt: skip
        require(viewer, SEE_FIGURES)
        wanted = wanted_of(viewer, company, department, means, type, origin)
        last = chosen(services, period, by)
        figures = figures_for(catalogue, viewer, settings, wanted)
        views = views_of(figures, last)
        shown: dict[str, Any] = {
            "views": views,
            "charts": {view.figure.name: chart_of(view) for view in views},
            "groups": GROUPS,
            "asked": _asked(wanted, period=last.code, by=last.span),
        }
        return render(
            request, viewer, "figures.html", **shown, **_frame(request, viewer, figures, last)
        )

    @router.get(f"{PATH}/export.csv", dependencies=SEARCHES)
    def as_csv(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request, viewer: CurrentViewer, by: Word = QUARTER, period: Word = "",
        company: Word = "", department: Word = "", means: Word = "", type: Word = "",
        origin: Word = "",
    ) -> Response:  # fmt: skip
        require(viewer, SEE_FIGURES)
        wanted = wanted_of(viewer, company, department, means, type, origin)
        last = chosen(services, period, by)
        language = language_of(request)
        return file_response(
            figures_as_csv(catalogue, viewer, settings, last=last, wanted=wanted, language=language)
        )

    @router.get(f"{PATH}/review.pdf", dependencies=SEARCHES)
    def review(
        request: Request, viewer: CurrentViewer, by: Word = QUARTER, period: Word = ""
    ) -> Response:
        require(viewer, SEE_FIGURES)
        last = chosen(services, period, by)
        language = language_of(request)
        return file_response(
            review_as_pdf(catalogue, viewer, settings, period=last, language=language)
        )

    @router.get(f"{ONE}/export.csv", dependencies=SEARCHES)
    def groups_csv(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request, viewer: CurrentViewer, figure: str, by: Word = QUARTER,
        period: Word = "", dimension: Word = MEANS,
    ) -> Response:  # fmt: skip
        require(viewer, SEE_FIGURES)
        require(viewer, EXPORT)
        known, last = figure_of(figure), chosen(services, period, by)
        figures = figures_for(catalogue, viewer, settings, Wanted())
        language = language_of(request)
        groups = by_group(figures, figure, last, _dimension(viewer, dimension), language)
        audit.note(catalogue, viewer, "export", FIGURE_KIND, figure, format="csv", period=last.code)
        content = groups_as_csv(groups, known, language)
        name = f"enmusubi-kpi-{figure}-{last.code}.csv"
        return file_response(ExportedFile(name, "text/csv; charset=utf-8", content))

    @router.get(ONE)
    def one(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request, viewer: CurrentViewer, figure: str, by: Word = QUARTER,
        period: Word = "", dimension: Word = MEANS,
        company: Word = "", department: Word = "", means: Word = "", type: Word = "",
        origin: Word = "",
    ) -> Response:  # fmt: skip
        require(viewer, SEE_FIGURES)
        figure_of(figure)
        wanted = wanted_of(viewer, company, department, means, type, origin)
        last, chosen_dimension = chosen(services, period, by), _dimension(viewer, dimension)
        figures = figures_for(catalogue, viewer, settings, wanted)
        view, language = view_of(figures, figure, last), language_of(request)
        cases = by_case(figures, figure, last)
        named = _named(services, viewer, [case.case_id for case in cases[:SHOWN_CASES]])
        shown: dict[str, Any] = {
            "view": view,
            "chart": chart_of(view),
            "changes": by_group(figures, figure, last, chosen_dimension, language),
            "dimension": chosen_dimension,
            "cases": cases,
            "named": named,
            "shown_cases": SHOWN_CASES,
            "asked": _asked(wanted, period=last.code, by=last.span),
        }
        return render(
            request, viewer, "figure.html", **shown, **_frame(request, viewer, figures, last)
        )

    return router


def wanted_of(  # noqa: PLR0917 - in the order of the dimensions
    viewer: Viewer, company: str, department: str, means: str, of_type: str, origin: str
) -> Wanted:
    """Return which cases are counted; companies are chosen by those alone who see companies."""
    return Wanted(company if may(viewer, SEE_COMPANIES) else "", department, means, of_type, origin)


def chosen(services: Services, period: str, by: str) -> Period:
    """Return the period that is asked for, or else the present one; raises InputError."""
    if period:
        found = parse_period(period)
        if by in SPANS and by != found.span:  # quarters were switched to years, or back
            return Period(found.year, 0 if found.quarter else 4)
        return found
    today = BusinessDays(services.settings.cases).today(datetime.now(UTC))
    return period_of(today, by if by in SPANS else QUARTER)


def _dimension(viewer: Viewer, dimension: str) -> str:
    return dimension if dimension in told_dimensions(viewer) else MEANS


def _named(services: Services, viewer: Viewer, ids: list[int]) -> dict[int, KeptCase]:
    """Return the cases that are told by their titles; an analyst is told numbers alone."""
    if not may(viewer, SEE_CASES):
        return {}
    with reading_as(services.catalogue, viewer) as connection:
        found = {case.case_id: case for case in cases_by_ids(connection, viewer, ids)}
    note_naming(services.catalogue, viewer, {one.need_id for one in found.values()} - {""}, "cases")
    return found


def _asked(wanted: Wanted, **more: str) -> dict[str, str]:
    said = {one: getattr(wanted, one) for one in DIMENSIONS}
    return {**more, **{name: value for name, value in said.items() if value}}


def _frame(request: Request, viewer: Viewer, figures: Figures, last: Period) -> dict[str, Any]:
    language = language_of(request)
    newest = max(last, period_of(datetime.now(UTC).date(), last.span))
    count = YEARS_BACK * (4 if last.quarter else 1)
    periods = [newest]
    while len(periods) < count:
        periods.append(periods[-1].before)
    return {
        "last": last,
        "is_over": last.last_day < today_of("ja"),
        "periods": periods,
        "span_labels": SPAN_LABELS,
        "dimension_labels": {d: DIMENSION_LABELS[d] for d in told_dimensions(viewer)},
        "choices": {d: names_in(figures, d, language) for d in told_dimensions(viewer)},
        "group_words": GROUP_WORDS[language],
        "say": lambda value, figure: say_value(value, figure, language),
        "say_change": lambda change, figure: say_change(change, figure, language),
        "step": STEP,
    }
