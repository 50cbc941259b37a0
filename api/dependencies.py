"""What routes are given: the services they answer from, and the viewer of a request.

Knows no way of signing in: the authenticator of the application tells who the viewer is.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Protocol

from fastapi import Depends, Request

from api.middleware.form_deduplication import FormDeduplicator
from api.observability.metrics import Metrics
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from office.encoder_gate import EncoderGate
from office.live_recommender import LiveRecommender
from office.matching import ServedMatching

OPEN_PATHS = frozenset(  # what an unknown caller may ask for; every other route has a viewer
    {"/healthz", "/readyz", "/login", "/login/oidc", "/login/oidc/callback", "/oauth/token"}
)


class RequestAuthenticator(Protocol):
    """Tells who sent a request."""

    async def viewer(self, request: Request) -> Viewer:
        """Return who asks; raises NotSignedInError for an unknown caller."""
        ...


async def current_viewer(request: Request) -> Viewer:
    """Return who sent the request, by the application's authenticator, which is asked once."""
    known: Viewer | None = getattr(request.state, "viewer", None)
    if known is not None:
        return known
    authenticator: RequestAuthenticator = request.app.state.authenticator
    viewer = await authenticator.viewer(request)
    request.state.viewer = viewer
    return viewer


async def admit(request: Request) -> AsyncIterator[None]:
    """Refuse unknown callers, except on the open paths: the application runs it before every route.

    A form that was read for its token is closed in the end, with the files in it.
    """
    try:
        if request.scope["path"] not in OPEN_PATHS:
            await current_viewer(request)
        yield
    finally:
        await request.close()


CurrentViewer = Annotated[Viewer, Depends(current_viewer)]


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
