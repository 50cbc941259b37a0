"""The page where the office's costs and targets of figures are entered, and income is taken from a file."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Form, Request, Response
from sqlalchemy import select

from api.dependencies import CurrentViewer, Services
from api.languages import language_of
from api.pages.figures import PATH
from api.pages.need_upload import ChosenFile
from api.pages.rendering import render, see_other
from api.pages.sent_tables import read_table
from api.pages.typed_numbers import whole
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, InputError, StaleVersionError, UnreadableFileError
from office.access.rules import EDIT_FIGURES, require
from office.access.scoped import reading_as, writing_as
from office.figures.countable import TARGETS
from office.figures.definitions import ALL, SHARE
from office.figures.importing import FigureImport, import_figures
from office.figures.periods import YEAR, period_of
from office.figures.recording import costs_of, figure_of, set_cost, set_target
from office.figures.review import say_value

INPUTS = f"{PATH}/inputs"
SHOWN_REJECTIONS = 200
Short = Annotated[str, Form(max_length=400)]
_NOTHING_TYPED = dict.fromkeys(("year", "amount", "note", "figure", "target_year", "value"), "")


def build_router(services: Services) -> LazyRouter:
    """Return the routes; they come before those of one figure."""
    router = LazyRouter(include_in_schema=False)

    @router.get(INPUTS)
    def page(request: Request, viewer: CurrentViewer) -> Response:
        return _page(request, viewer, services)

    @router.post(f"{PATH}/costs")
    def cost(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        year: Short = "",
        amount: Short = "",
        note: Short = "",
        version: Annotated[int, Form(ge=0)] = 0,
    ) -> Response:
        require(viewer, EDIT_FIGURES)
        try:
            chosen, yen = whole(year, "fiscal_year"), whole(amount, "amount_jpy")
            with writing_as(services.catalogue, viewer) as connection:
                set_cost(connection, viewer, chosen, yen, note=note, expected_version=version)
        except (InputError, StaleVersionError) as error:
            typed = {"year": year, "amount": amount, "note": note}
            return _page(request, viewer, services, error, typed=typed)
        return see_other(INPUTS, "saved")

    @router.post(f"{PATH}/targets")
    def target(
        request: Request,
        viewer: CurrentViewer,
        figure: Short = "",
        year: Short = "",
        value: Short = "",
    ) -> Response:
        require(viewer, EDIT_FIGURES)
        try:
            wanted = _target(figure, value)
            with writing_as(services.catalogue, viewer) as connection:
                set_target(connection, viewer, figure, whole(year, "fiscal_year"), wanted)
        except InputError as error:
            typed = {"figure": figure, "target_year": year, "value": value}
            return _page(request, viewer, services, error, typed=typed)
        return see_other(INPUTS, "saved")

    @router.post(f"{PATH}/import")
    async def take(request: Request, viewer: CurrentViewer, file: ChosenFile) -> Response:
        require(viewer, EDIT_FIGURES)
        most = services.settings.need.max_file_bytes
        try:
            report = await read_table(
                file, "figures", most, lambda path: import_figures(services.catalogue, viewer, path)
            )
        except (InputError, UnreadableFileError) as error:
            return _page(request, viewer, services, error)
        return _page(request, viewer, services, report=report)

    return router


def _target(figure: str, text: str) -> float | None:
    """Return a target as it is kept: a share was typed in per cent; nothing takes it away."""
    plain = text.replace(",", "").replace("％", "").removesuffix("%").strip()
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        raise InputError("not a number.", of_field="value") from None
    return value / 100 if figure_of(figure).unit == SHARE else value


def _page(
    request: Request,
    viewer: Viewer,
    services: Services,
    fault: EnmusubiError | None = None,
    *,
    typed: dict[str, str] | None = None,
    report: FigureImport | None = None,
) -> Response:
    require(viewer, EDIT_FIGURES)
    language = language_of(request)
    with reading_as(services.catalogue, viewer) as connection:
        costs = costs_of(connection, viewer)
        order = TARGETS.c.fiscal_year.desc(), TARGETS.c.figure
        targets = connection.execute(select(TARGETS).order_by(*order)).all()
    shown: dict[str, Any] = {
        "costs": costs,
        "targets": targets,
        "figures": {figure.name: figure for figure in ALL},
        "year": period_of(datetime.now(UTC).date(), YEAR).year,
        "typed": _NOTHING_TYPED | (typed or {}),
        "report": report,
        "rejections": report.rejections[:SHOWN_REJECTIONS] if report else (),
        "fault": fault.message if fault else None,
        "say": lambda value, figure: say_value(value, figure, language),
    }
    status = 200 if not fault else 412 if isinstance(fault, StaleVersionError) else 422
    return render(request, viewer, "figure_inputs.html", status, **shown)
