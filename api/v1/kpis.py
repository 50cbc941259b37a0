"""The routes of figures (KPI), of the entries that they are counted from, and of the odds of cases."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query, Request, Response

from api.dependencies import CurrentViewer, Number, Services, problems
from api.languages import language_of
from api.v1.cases import ONE as CASE
from api.v1.idempotency import Creation, IdempotencyKey, create_once
from api.v1.json_bodies import Router
from api.v1.schemas.kpis import (
    CaseEntriesOut,
    CaseEntryIn,
    CaseEntryOut,
    CaseOddsOut,
    KpiCaseOut,
    KpiDetailOut,
    KpiGroupOut,
    KpiOut,
    KpiQuery,
    KpisOut,
    KpisQuery,
)
from catalogue.database.case_models import CASE_STAGES
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError
from office.access.access_log import note_reading_by_id
from office.access.rules import (
    RECORD_ENTRIES,
    SEE_COMPANIES,
    SEE_FIGURES,
    WORK_ON_CASES,
    may,
    require,
)
from office.access.scoped import reading_as, writing_as
from office.business_days import BusinessDays
from office.cases.kept import case_of
from office.figures.countable import COMPANY
from office.figures.counting import Wanted
from office.figures.exporting import figures_for
from office.figures.periods import Period, parse_period, period_of
from office.figures.recording import entries_of, figure_of, record_entry, withdraw_entry
from office.figures.review import by_case, by_group, view_of, views_of

KPIS = "/v1/kpis"


def build_router(services: Services) -> Router:
    """Return the routes."""
    router = Router(tags=["kpis"])
    _add_figures(router, services)
    _add_entries(router, services)
    return router


def _add_figures(router: Router, services: Services) -> None:
    catalogue, settings = services.catalogue, services.settings

    @router.get(KPIS, operation_id="listKpis", responses=problems(422))
    def listed(
        viewer: CurrentViewer, request: Request, asked: Annotated[KpisQuery, Query()]
    ) -> KpisOut:
        """Return all figures over eight periods, of the cases that you may count."""
        require(viewer, SEE_FIGURES)
        last, wanted = _period(services, asked), _wanted(viewer, asked)
        views = views_of(figures_for(catalogue, viewer, settings, wanted), last)
        language = language_of(request)
        return KpisOut(period=last.code, kpis=[KpiOut.of(view, language) for view in views])

    @router.get(f"{KPIS}/{{kpi}}", operation_id="readKpi", responses=problems(404, 422))
    def one(
        viewer: CurrentViewer, request: Request, kpi: str, asked: Annotated[KpiQuery, Query()]
    ) -> KpiDetailOut:
        """Return a figure, what changed by groups, and the cases that made it, by their numbers."""
        require(viewer, SEE_FIGURES)
        figure_of(kpi)
        last, wanted = _period(services, asked), _wanted(viewer, asked)
        _check_dimension(viewer, asked.dimension)
        figures, language = figures_for(catalogue, viewer, settings, wanted), language_of(request)
        groups = by_group(figures, kpi, last, asked.dimension, language)
        return KpiDetailOut(
            kpi=KpiOut.of(view_of(figures, kpi, last), language),
            groups=[KpiGroupOut.of(group) for group in groups],
            cases=[KpiCaseOut.of(case) for case in by_case(figures, kpi, last)],
        )

    @router.get(f"{CASE}/odds", operation_id="readCaseOdds", responses=problems(404))
    def odds(viewer: CurrentViewer, case_id: Number) -> CaseOddsOut:
        """Return the chance that a case reaches each stage still before it, and when; or why nothing
        is said."""
        require(viewer, WORK_ON_CASES)
        with reading_as(catalogue, viewer) as connection:
            case = case_of(connection, viewer, case_id)
            learned = services.odds.find(connection, viewer)
        note_reading_by_id(catalogue, viewer, case.need_id, "case")
        return CaseOddsOut.of(learned, case_id, CASE_STAGES)


def _add_entries(router: Router, services: Services) -> None:
    catalogue = services.catalogue

    @router.get(f"{CASE}/entries", operation_id="listCaseEntries", responses=problems(404))
    def entries(viewer: CurrentViewer, case_id: Number) -> CaseEntriesOut:
        """Return the money and joint patents that were entered for a case."""
        require(viewer, WORK_ON_CASES)
        with reading_as(catalogue, viewer) as connection:
            case = case_of(connection, viewer, case_id)
            found = entries_of(connection, case)
        note_reading_by_id(catalogue, viewer, case.need_id, "case")
        return CaseEntriesOut(entries=[CaseEntryOut.of(one) for one in found])

    @router.post(
        f"{CASE}/entries",
        operation_id="addCaseEntry",
        status_code=201,
        response_model=CaseEntryOut,
        responses=problems(404, 413),
    )
    def record(
        viewer: CurrentViewer, case_id: Number, request: CaseEntryIn, key: IdempotencyKey = None
    ) -> Response:
        """Enter money or joint patents of a case."""
        with writing_as(catalogue, viewer) as connection:
            require(viewer, RECORD_ENTRIES)

            def make() -> Creation:
                entry_id = record_entry(connection, viewer, case_id, request.draft())
                made = entries_of(connection, case_of(connection, viewer, case_id))
                return Creation(CaseEntryOut.of(next(e for e in made if e.entry_id == entry_id)))

            return create_once(
                connection,
                viewer,
                key,
                (f"{CASE}/{case_id}", request),
                make,
                still=lambda again, _: case_of(again, viewer, case_id),
            )

    @router.delete(
        f"{CASE}/entries/{{entry_id}}",
        operation_id="withdrawCaseEntry",
        status_code=204,
        responses=problems(404),
    )
    def withdraw(viewer: CurrentViewer, case_id: Number, entry_id: Number) -> None:
        """Let an entry count no more."""
        with writing_as(catalogue, viewer) as connection:
            withdraw_entry(connection, viewer, case_id, entry_id)


def _period(services: Services, asked: KpisQuery) -> Period:
    if asked.period:
        return parse_period(asked.period)
    return period_of(BusinessDays(services.settings.cases).today(datetime.now(UTC)), asked.by)


def _wanted(viewer: Viewer, asked: KpisQuery) -> Wanted:
    if asked.company:
        _check_dimension(viewer, COMPANY)
    return Wanted(asked.company, asked.department, asked.means, asked.type, asked.origin)


def _check_dimension(viewer: Viewer, dimension: str) -> None:
    if dimension == COMPANY and not may(viewer, SEE_COMPANIES):
        raise InputError("your role is not told of companies. Leave it out.", of_field="company")
