"""Puts the application together from parts that are passed in; creates none at import."""

from http import HTTPStatus
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from enmusubi import __version__
from enmusubi.api import problems
from enmusubi.api.encoder_gate import EncoderGate
from enmusubi.api.failures import Failures
from enmusubi.api.guard import admit
from enmusubi.api.headers import SecurityHeaders
from enmusubi.api.limits import BodyLimit
from enmusubi.api.live import LiveRecommender
from enmusubi.api.observing.metrics import Metrics
from enmusubi.api.observing.route import build_router as build_metrics
from enmusubi.api.observing.watch import Watch
from enmusubi.api.openapi import describe
from enmusubi.api.pages.faults import language_of_problem, told
from enmusubi.api.pages.languages import LanguageSwitch, is_page
from enmusubi.api.pages.rendering import error_page
from enmusubi.api.pages.router import build_router as build_pages
from enmusubi.api.rates import Rates, limit_rate
from enmusubi.api.services import Services
from enmusubi.api.signin import answers
from enmusubi.api.signin.cookies import RotatedSession
from enmusubi.api.signin.doorkeeper import FrontDoor
from enmusubi.api.signin.router import build_router as build_sign_in
from enmusubi.api.v1.routes import build_router
from enmusubi.matcher.catalogue.catalogue import Catalogue
from enmusubi.matcher.settings import Settings

STATIC_DIR = Path(__file__).parent / "static"


def create_app(live: LiveRecommender, catalogue: Catalogue, settings: Settings) -> FastAPI:
    """Return the application: the API, the pages, and their error answers."""
    metrics = Metrics()
    app = FastAPI(
        title="Enmusubi",
        version=__version__,
        summary="Finds the researchers who could meet a company's need, and says why.",
        docs_url=None,  # the usual page loads scripts from another host
        redoc_url=None,
        redirect_slashes=False,  # such redirects name whatever host a request names
        middleware=[
            Middleware(Watch, metrics=metrics),
            Middleware(SecurityHeaders),
            Middleware(Failures, answer=answer_error),
            Middleware(
                BodyLimit,
                max_bytes=settings.server.max_body_bytes,
                timeout_s=settings.server.read_timeout_s,
                answer=answer_error,
            ),
            Middleware(LanguageSwitch),
            Middleware(RotatedSession),
        ],
        dependencies=[Depends(admit), Depends(limit_rate)],
    )
    gate = EncoderGate(settings.server.max_waiting, on_batch=metrics.batch_answered)
    services = Services(live, catalogue, settings, gate, metrics)
    app.state.rates = Rates(settings.server.rate_per_minute, settings.server.rate_burst)
    app.state.search_rates = Rates(settings.server.search_per_minute, settings.server.search_burst)
    door = FrontDoor(catalogue, settings.sign_in)
    app.state.doorkeeper, app.state.services = door, services
    app.include_router(build_sign_in(services, door))
    app.include_router(build_router(services))
    app.include_router(build_metrics(services))
    app.include_router(build_pages(services))
    app.mount("/static", StaticFiles(directory=STATIC_DIR), name="static")
    problems.install(app, answer_error)
    answers.install(app, answer_error)
    describe(app)
    return app


def answer_error(scope: Scope, status: int, detail: str, faults: problems.Faults = ()) -> Response:
    """Return the answer for an error: a page on pages, problem details on the API."""
    detail = problems.without_folders(detail, scope["app"].state.services.settings)
    if is_page(scope["path"]):
        return error_page(scope, status, detail)
    language = language_of_problem(scope)
    said, title = told(detail, language), told(HTTPStatus(status).phrase, language)
    response = problems.problem_response(status, said.text, scope["path"], faults, title.text)
    response.headers["Content-Language"] = said.language
    return response
