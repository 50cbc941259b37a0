"""Puts the application together from parts that are passed in; creates none at import."""

from functools import partial
from http import HTTPStatus
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api import problems
from api.dependencies import Services, admit
from api.description import describe
from api.languages import LanguageSwitch, is_page
from api.middleware.protection import BodyLimit, Failures, SecurityHeaders
from api.middleware.rate_limits import WIDER, AddressLimit, RateLimiter, limit_rate
from api.middleware.reception import Reception, may_be_large
from api.middleware.refusal_log import RefusalLog
from api.observability.metrics import Metrics
from api.observability.request_log import RequestLog
from api.observability.routes import build_router as build_operations
from api.pages.rendering import error_page
from api.pages.router import add_pages
from api.pages.texts import language_of_problem, told
from api.routing import include
from api.signin.authenticator import Authenticator
from api.signin.cookies import RotatedSession
from api.signin.router import build_router as build_sign_in
from api.signin.router import install as install_sign_in_answers
from api.v1.router import add_api
from catalogue.records.catalogue import Catalogue
from enmusubi import __version__
from enmusubi.messages import Message
from enmusubi.settings import Settings
from office.accounts.local_token import local_token
from office.accounts.second_factors import SecondFactors
from office.configured import encoders_in_service
from office.encoder_gate import EncoderGate
from office.live_recommender import LiveRecommender
from office.screening.rule_book import rule_book

STATIC_DIR = Path(__file__).parent / "static"


def create_app(live: LiveRecommender, catalogue: Catalogue, settings: Settings) -> FastAPI:
    """Return the application: the API, the pages, and their error answers.

    Raises SettingsError for rules of screening that there are not.
    """
    rule_book(settings.screening)  # a rule that there is not is told now, not at the first list
    metrics = Metrics()
    app = FastAPI(
        title="Enmusubi",
        version=__version__,
        summary="Finds the researchers who could meet a company's need, and says why.",
        docs_url=None,  # the usual page loads scripts from another host
        redoc_url=None,
        redirect_slashes=False,  # such redirects name whatever host a request names
        middleware=[
            Middleware(RequestLog, metrics=metrics),
            Middleware(RefusalLog),
            Middleware(SecurityHeaders),
            Middleware(Failures, answer=answer_error),
            Middleware(
                AddressLimit,
                limiter=RateLimiter(
                    settings.server.address_per_minute, settings.server.address_burst
                ),
                wider=RateLimiter(
                    settings.server.address_per_minute * WIDER,
                    settings.server.address_burst * WIDER,
                ),
                answer=answer_error,
            ),
            Middleware(
                BodyLimit,
                limit_of=partial(largest_body, settings),
                timeout_s=settings.server.read_timeout_s,
                answer=answer_error,
            ),
            Middleware(LanguageSwitch),
            Middleware(RotatedSession),
            Middleware(Reception),
        ],
        dependencies=[Depends(admit), Depends(limit_rate)],
    )
    gate = EncoderGate(
        settings.server.max_waiting,
        encoders=encoders_in_service(settings),
        on_batch=metrics.batch_answered,
    )
    services = Services(live, catalogue, settings, gate, metrics)
    app.state.rate_limiter = RateLimiter(
        settings.server.rate_per_minute, settings.server.rate_burst
    )
    app.state.search_rate_limiter = RateLimiter(
        settings.server.search_per_minute, settings.server.search_burst
    )
    authenticator = Authenticator(
        catalogue,
        settings.sign_in,
        SecondFactors(catalogue, settings.sealing),
        partial(local_token, settings.data_dir),
    )
    app.state.authenticator, app.state.services = authenticator, services
    app.state.refusals = authenticator.refusals
    include(app, build_sign_in(services, authenticator))
    add_api(app, services)
    include(app, build_operations(services))
    add_pages(app, services)
    app.mount("/static", StaticFiles(directory=STATIC_DIR), name="static")
    problems.install(app, answer_error)
    install_sign_in_answers(app, answer_error)
    describe(app)
    return app


def largest_body(settings: Settings, scope: Scope) -> int:
    """Return how many bytes a request's body may have: only files may be large."""
    server = settings.server
    return server.max_body_bytes if may_be_large(scope) else server.max_plain_body_bytes


def answer_error(
    scope: Scope, status: int, detail: Message, faults: problems.FieldProblems = ()
) -> Response:
    """Return the answer for an error: a page on pages, problem details on the API."""
    detail = problems.without_folders(detail, scope["app"].state.services.settings)
    if is_page(scope["path"]):
        return error_page(scope, status, detail)
    language = language_of_problem(scope)
    said, title = told(detail, language), told(Message(HTTPStatus(status).phrase), language)
    response = problems.problem_response(status, said.text, scope["path"], faults, title.text)
    response.headers["Content-Language"] = said.language
    return response
