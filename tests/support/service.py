"""A service for tests: a small recommender that behaves, a real catalogue, the real application.

Versions can be published, broken and mended while it serves.
"""

import threading
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select

from api.app import create_app
from catalogue.database.service_models import AuditEntry
from catalogue.database.viewer import LOCAL_VIEWER, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import IndexMissingError
from enmusubi.mail_settings import MailSettings
from enmusubi.screening_settings import ScreeningSettings
from enmusubi.service_settings import JobSettings, ServerSettings, SignInSettings, WebhookSettings
from enmusubi.settings import Settings
from matcher.records import (
    Filters,
    MatchList,
    Need,
)
from office.live_recommender import LiveRecommender, NeedMatcher
from tests.support.small_recommender import ALL, SmallRecommender

MANY = 1_000_000  # searches at once: tests are faster than people


@dataclass
class Shelf:
    """What is published: a recommender, or the error that loading it raises."""

    published: SmallRecommender | None = field(default_factory=SmallRecommender)
    fault: Exception | None = None
    name: str | None = "v000001"
    opened: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def publish(self, name: str, *, fault: Exception | None = None) -> None:
        """Make this the version that serves; `fault` is what loading it raises."""
        self.published, self.fault, self.name = SmallRecommender(name), fault, name

    def open(self, present: NeedMatcher | None) -> NeedMatcher:
        """Load what is published."""
        with self.lock:
            self.opened += 1
        if self.fault is not None:
            raise self.fault
        if self.published is None:
            raise IndexMissingError("There is no index yet. Run `enmusubi index`.")
        return self.published

    def live(self, *, check_every_s: float = 0.0) -> LiveRecommender:
        """Return what the application asks."""
        return LiveRecommender(self.open, lambda: self.name, check_every_s=check_every_s)


def failing(error: Exception) -> Shelf:
    """Return a shelf whose recommender answers every need with this error."""

    class Failing(SmallRecommender):
        def match(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> MatchList:
            raise copy(error)

    return Shelf(published=Failing())


def service(
    catalogue: Catalogue,
    folder: Path,
    shelf: Shelf | None = None,
    *,
    webhooks: WebhookSettings | None = None,
    jobs: JobSettings | None = None,
    sign_in: SignInSettings | None = None,
    mail: MailSettings | None = None,
    screening: ScreeningSettings | None = None,
    **server: int,
) -> FastAPI:
    """Return the application around a shelf and a catalogue.

    Every caller is this computer's own user there, unless `sign_in` asks for the real authenticator.
    """
    settings = Settings(
        data_dir=folder,
        cache_dir=folder / "cache",
        server=ServerSettings(**{"search_burst": MANY, "address_burst": MANY, **server}),
        webhooks=webhooks or WebhookSettings(),
        jobs=jobs or JobSettings(),
        sign_in=sign_in or SignInSettings(public_url="http://testserver" if mail else ""),
        mail=mail or MailSettings(),
        screening=screening or ScreeningSettings(),
    )
    app = create_app((shelf or Shelf()).live(), catalogue, settings)
    if sign_in is None:
        as_viewer(app, LOCAL_VIEWER)
    return app


@dataclass(frozen=True)
class Known:
    """An authenticator that takes every caller for one viewer."""

    known: Viewer

    async def arrived(self, request: Request) -> Viewer:
        return self.known

    async def viewer(self, request: Request) -> Viewer:
        return self.known


def as_viewer(app: FastAPI, viewer: Viewer) -> None:
    """Let every request from now on come from this viewer."""
    app.state.authenticator = Known(viewer)


@dataclass
class Office:
    """The application with its catalogue, and who asks it."""

    app: FastAPI
    client: TestClient
    catalogue: Catalogue

    def ask(self, viewer: Viewer, method: str, path: str, **options: Any) -> Response:
        as_viewer(self.app, viewer)
        return self.client.request(method, path, **options)

    def get(self, viewer: Viewer, path: str, **options: Any) -> Response:
        return self.ask(viewer, "GET", path, **options)

    def post(self, viewer: Viewer, path: str, **options: Any) -> Response:
        return self.ask(viewer, "POST", path, **options)

    def need(self, viewer: Viewer, need_id: str) -> tuple[dict[str, Any], str]:
        """Return a need and its ETag."""
        response = self.get(viewer, f"/v1/needs/{need_id}")
        assert response.status_code == 200, response.text
        return response.json(), response.headers["etag"]

    def trail(self) -> list[tuple[str, str, str, str]]:
        """Return actor, action, kind and id of the audit trail's entries."""
        entry = AuditEntry
        columns = (entry.actor, entry.action, entry.object_kind, entry.object_id)
        with self.catalogue.reading() as connection:
            rows = connection.execute(select(*columns).order_by(entry.entry_id)).all()
        return [(row[0], row[1], row[2], row[3]) for row in rows]
