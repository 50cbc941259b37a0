"""What routes are given, and what they take: services, the viewer of a request; paths, queries and headers.

Knows no way of signing in: the authenticator of the application tells who the viewer is.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Protocol
from urllib.parse import quote, urlencode

from fastapi import Depends, Header, Path, Query, Request, Response, params
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.convertors import StringConvertor, register_url_convertor

from api.languages import choose_language
from api.middleware.form_deduplication import FormDeduplicator
from api.observability.metrics import Metrics
from catalogue.database.viewer import MEMBER, Viewer
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import ENDINGS
from enmusubi.errors import ForbiddenError
from enmusubi.messages import ROLE, word
from enmusubi.settings import Settings
from office.access.keyset_pages import MAX_PAGE
from office.access.rules import require
from office.consortia import ConsortiumFinder
from office.encoder_gate import EncoderGate
from office.inquiries.kept import ANSWERS_PATH
from office.live_recommender import LiveRecommender
from office.matching import ServedMatching
from office.members.links import LINKS_PATH
from office.odds.finder import OddsFinder
from office.odds.similar import SimilarCases
from office.outbound.companies import CompanyFinder
from office.outbound.fitting import FittingFinder
from office.screening.export_control_serving import PreScreen
from office.screening.export_control_topics import load_topics

SIGN_IN_LINK_PATH = "/member-sign-in"  # where a company's user asks for a link
LOCAL_PATH = "/local"  # where the link of `enmusubi serve` leads, before there is an account
OPEN_PATHS = frozenset(  # what an unknown caller may ask for; every other route has a viewer
    {
        "/healthz",
        "/readyz",
        "/login",
        "/login/oidc",
        "/login/oidc/callback",
        "/oauth/token",
        "/privacy",
        LOCAL_PATH,
        SIGN_IN_LINK_PATH,
    }
)

# links of letters and of company users; the pages themselves look at what a link is
OPEN_PREFIXES = (f"{ANSWERS_PATH}/", f"{LINKS_PATH}/")
MEMBER_HOME = "/member"
MEMBER_PREFIX = f"{MEMBER_HOME}/"
MEMBER_PATHS = frozenset({"/", MEMBER_HOME, "/logout"})  # what else a company's user may ask for

MAX_ID_CHARS = 200
MAX_CURSOR_CHARS = 1_000
MAX_NUMBER = 2**53 - 1  # the largest that every reader of JSON takes as it stands
TEXT_PATTERN = r"^[^\x00-\x1f\x7f-\x9f]*$"  # one line; databases take no zero bytes
ID_PATTERN = r"^[^\x00-\x1f\x7f-\x9f]+$"

AnId = Annotated[str, StringConstraints(max_length=MAX_ID_CHARS, pattern=ID_PATTERN)]
Line = Annotated[str, StringConstraints(max_length=MAX_ID_CHARS, pattern=TEXT_PATTERN)]
NeedId = Annotated[AnId, Path(description="A need's id.", examples=["N-01"])]
ResearcherId = Annotated[AnId, Path(description="A researcher's id.", examples=["HU-0102"])]
SeedId = Annotated[AnId, Path(description="A seed's id.", examples=["S-01"])]
UserId = Annotated[AnId, Path(description="A person's login.", examples=["kato"])]
Number = Annotated[int, Path(ge=1, le=MAX_NUMBER, description="Its number.", examples=[1])]
NextCursor = Annotated[str, Field(description="`cursor` of the next page; empty on the last one.")]
AfterRow = Annotated[str, Query(max_length=MAX_CURSOR_CHARS)]  # the cursor of the page before
AcceptLanguage = Annotated[
    str,
    Header(
        alias="Accept-Language",
        description="Language of texts for people: `ja` or `en`; without it, Japanese.",
        examples=["en"],
    ),
]


class RequestAuthenticator(Protocol):
    """Tells who sent a request."""

    async def arrived(self, request: Request) -> Viewer:
        """Return who asks, by the request's head alone; raises NotSignedInError for an unknown caller."""
        ...

    async def viewer(self, request: Request) -> Viewer:
        """Return who asks, a form's token looked at, too; raises NotSignedInError as `arrived` does."""
        ...


async def arrived_viewer(request: Request) -> Viewer:
    """Return who sent the request, by its head: enough to count and to refuse, not to change anything."""
    known: Viewer | None = getattr(request.state, "arrived", None)
    if known is None:
        authenticator: RequestAuthenticator = request.app.state.authenticator
        known = request.state.arrived = await authenticator.arrived(request)
    return known


async def current_viewer(request: Request) -> Viewer:
    """Return who sent the request, by the application's authenticator, which is asked once."""
    known: Viewer | None = getattr(request.state, "viewer", None)
    if known is not None:
        return known
    authenticator: RequestAuthenticator = request.app.state.authenticator
    viewer = await authenticator.viewer(request)
    request.state.viewer = viewer
    return viewer


def is_open(path: str) -> bool:
    """Return whether an unknown caller may ask for a path."""
    return path in OPEN_PATHS or path.startswith(OPEN_PREFIXES)


def keep_to_own_pages(viewer: Viewer, path: str) -> None:
    """Raise ForbiddenError where a company's user asks for anything but the pages made for them.

    Whatever route is added later is closed to them, whether or not it asks the rules.
    """
    if viewer.role != MEMBER or path in MEMBER_PATHS or path.startswith(MEMBER_PREFIX):
        return
    raise ForbiddenError(
        "Your role (%(role)s) sees the pages of its own company alone.",
        role=word(ROLE, viewer.role),
    )


async def admit(request: Request) -> AsyncIterator[None]:
    """Refuse unknown callers, except on the open paths: the application runs it before every route.

    A form that was read for its token is closed in the end, with the files in it.
    """
    try:
        path = request.scope["path"]
        if not is_open(path):
            keep_to_own_pages(await current_viewer(request), path)
        yield
    finally:
        await request.close()


CurrentViewer = Annotated[Viewer, Depends(current_viewer)]


class RoleCheck:
    """A dependency of a route: who asks may do that, which is asked before the body is read."""

    def __init__(self, action: str) -> None:
        self._action = action

    async def __call__(self, viewer: CurrentViewer) -> Viewer:
        """Return who asks; raises ForbiddenError for whom the rules do not allow it."""
        self.check(viewer)
        return viewer

    def check(self, viewer: Viewer) -> None:
        """Raise ForbiddenError unless the viewer may do it."""
        require(viewer, self._action)


def allowed(action: str) -> Sequence[params.Depends]:
    """Return the dependencies of a route that this action's rule guards."""
    return (Depends(RoleCheck(action)),)


async def may_send_files() -> None:
    """Mark a route whose form may hold files, though none is among its parameters."""


@dataclass(frozen=True)
class Services:
    """The recommender that serves, the catalogue, the settings, the queue for the encoder, the metrics.

    And the forms that were sent, lest they are sent twice.
    """

    live: LiveRecommender
    catalogue: Catalogue
    settings: Settings
    gate: EncoderGate
    metrics: Metrics
    form_deduplicator: FormDeduplicator = field(default_factory=FormDeduplicator)

    @cached_property
    def matching(self) -> ServedMatching:
        """Matching for viewers, in the queue for the encoder."""
        return ServedMatching(self.catalogue, self.settings, self.live, self.gate)

    @cached_property
    def consortia(self) -> ConsortiumFinder:
        """Finds needs of several companies that ask for the same thing."""
        return ConsortiumFinder(self.matching)

    @cached_property
    def odds(self) -> OddsFinder:
        """Learns the odds of cases from the ledger."""
        return OddsFinder(self.settings)

    @cached_property
    def similar_cases(self) -> SimilarCases:
        """Finds cases that are like one."""
        return SimilarCases(self.live)

    @cached_property
    def companies(self) -> CompanyFinder:
        """Finds companies that a technology could be for."""
        return CompanyFinder(self.matching)

    @cached_property
    def fitting(self) -> FittingFinder:
        """Finds the open needs that a researcher fits."""
        return FittingFinder(self.matching)

    @cached_property
    def pre_screen(self) -> PreScreen:
        """Looks at needs for export control, in the queue for the encoder."""
        known = load_topics(self.settings.screening.export_control_topics)
        return PreScreen(self.live, self.gate, self.settings.need.max_chars, known)


class PageQuery(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid")

    cursor: str = Field(
        "",
        max_length=MAX_CURSOR_CHARS,
        description="`next_cursor` of the page before; none begins with the first page.",
    )
    limit: int = Field(50, ge=1, le=MAX_PAGE, description="Items on a page.")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of error answers, with those that every route may give.

    What takes a body (413) may also be sent one that cannot be read (400), does not come to its end
    (408), or is no JSON (415).
    """
    described = {*statuses, 401, 403, 422, 429, 500, 503}
    described |= {400, 408, 415} if 413 in described else set()
    return {status: {"description": "Problem details"} for status in sorted(described)}


def language_for(accepted: str) -> str:
    """Return ja or en, as the header Accept-Language wishes."""
    return choose_language("", "", accepted)


def link_next(request: Request, response: Response, cursor: str) -> None:
    """Name the next page in the answer's header Link, where there is one."""
    if cursor:
        asked = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
        following = f"{quote(request.url.path)}?{urlencode([*asked, ('cursor', cursor)])}"
        response.headers["Link"] = f'<{following}>; rel="next"'


class NeedIdConvertor(StringConvertor):
    """A need's id at the end of a path."""

    regex = rf"(?!.*{ENDINGS}$).+"


class ResearcherIdConvertor(StringConvertor):
    """A researcher's id at the end of a path."""

    regex = r"(?!.*/(?:seeds|needs)$).+"


class JobIdConvertor(StringConvertor):
    """A job's id; `matches` is what jobs are made by."""

    regex = r"(?!matches$)[^/]+"


class AnyIdConvertor(StringConvertor):
    """An id with anything behind it."""

    regex = r".+"


register_url_convertor("need", NeedIdConvertor())
register_url_convertor("researcher", ResearcherIdConvertor())
register_url_convertor("job", JobIdConvertor())
register_url_convertor("id", AnyIdConvertor())

NEED = "/v1/needs/{need_id:need}"
OF_NEED = "/v1/needs/{need_id:id}"
RESEARCHER = "/v1/researchers/{researcher_id:researcher}"
OF_RESEARCHER = "/v1/researchers/{researcher_id:id}"
JOB = "/v1/jobs/{job_id:job}"
SEED = "/v1/seeds/{seed_id:id}"
