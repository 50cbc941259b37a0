"""Those who ask the town, and the application that they ask.

Every caller comes in by the real authenticator: people by their session, machines by their key.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from api.app import create_app
from api.signin.cookies import SESSION
from catalogue.database.viewer import MACHINE, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.service_settings import JobSettings, ServerSettings, SignInSettings, WebhookSettings
from enmusubi.settings import IndexSettings, Settings
from matcher.records import PUBLIC, Filters, MatchList, Need
from office.accounts.keys import Keys
from office.accounts.sessions import Sessions
from tests.support.service import Office, Shelf
from tests.support.small_recommender import ALL, SmallRecommender
from tests.support.worlds.town import MACHINES, MEMBERS, OPERATOR, PEOPLE, member

HOST = "enmusubi.example"
ELSEWHERE = ("192.0.2.7", 50_000)


class Noting(SmallRecommender):
    """A recommender that notes which seeds it was asked to match; it has public ones alone."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, ...]] = []

    def match(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> MatchList:
        self.asked.append(tuple(filters.visibilities))
        return super().match(need, top=top, filters=replace(filters, visibilities=(PUBLIC,)))


@dataclass
class Actor:
    """Somebody with what opens the door to them."""

    viewer: Viewer
    client: TestClient
    sent: dict[str, str]
    token: str = ""

    def ask(self, method: str, path: str, **options: Any) -> Response:
        """Send a request as this actor; what cookies the answer sets are forgotten."""
        headers = {**self.sent, **options.pop("headers", {})}
        if self.token:
            headers.setdefault("x-csrf-token", self.token)
        response = self.client.request(method, path, headers=headers, **options)
        self.client.cookies.clear()
        return response

    def get(self, path: str, **options: Any) -> Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> Response:
        return self.ask("POST", path, **options)


@dataclass
class Town:
    """The application, its catalogue and folder, and everybody who asks it."""

    app: FastAPI
    client: TestClient
    catalogue: Catalogue
    folder: Path
    settings: Settings
    shelf: Shelf
    actors: dict[str, Actor] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Actor:
        return self.actors[name]

    @property
    def recommender(self) -> Noting:
        assert isinstance(self.shelf.published, Noting)
        return self.shelf.published

    def trail(self) -> list[tuple[str, str, str, str]]:
        """Return the audit trail."""
        return Office(self.app, self.client, self.catalogue).trail()


def settings_of(folder: Path) -> Settings:
    """Return the settings of a town: confidential seeds are in its index, too."""
    return Settings(
        data_dir=folder,
        cache_dir=folder / "cache",
        index=IndexSettings(visibilities=("public", "internal", "confidential")),
        server=ServerSettings(
            rate_burst=1_000_000, search_burst=1_000_000, address_burst=1_000_000
        ),
        jobs=JobSettings(max_open=1_000),
        webhooks=WebhookSettings(allow_private=True, timeout_s=2),
        sign_in=SignInSettings(
            attempts_per_address=100_000, attempts_per_account=100_000, lock_after=100
        ),
    )


def opened_town(
    catalogue: Catalogue, folder: Path, client_of: Callable[[FastAPI], TestClient]
) -> Town:
    """Return the town around its catalogue, with everybody at its doors."""
    settings, shelf = settings_of(folder), Shelf(published=Noting())
    app = create_app(shelf.live(), catalogue, settings)
    client = client_of(app)
    town = Town(app, client, catalogue, folder, settings, shelf)
    people = {person.viewer_id: signed_in(town, person) for person in PEOPLE}
    members = {email: signed_in(town, member(email)) for email in MEMBERS}
    town.actors = {**people, **members, **_machines(town)}
    return town


def client_of(app: FastAPI) -> TestClient:
    """Return a client at another computer that follows nothing."""
    return TestClient(
        app,
        base_url=f"http://{HOST}",
        client=ELSEWHERE,
        follow_redirects=False,
        raise_server_exceptions=False,
    )


def signed_in(town: Town, viewer: Viewer) -> Actor:
    """Return somebody with an account, with a session of their own."""
    sessions = town.app.state.authenticator.sessions
    assert isinstance(sessions, Sessions)
    text = sessions.start(viewer.viewer_id)
    found = sessions.find(text, may_rotate=False)
    assert found is not None
    sent = {"cookie": f"{SESSION}={text}", "accept": "text/html, application/json"}
    return Actor(viewer, town.client, sent, found.csrf_token)


def _machines(town: Town) -> dict[str, Actor]:
    keys, made = Keys(town.catalogue), {}
    for name, (role, companies, scopes) in MACHINES.items():
        key = keys.create(OPERATOR, name, scopes).text
        viewer = Viewer(
            name, role, MACHINE, companies=frozenset(companies), scopes=frozenset(scopes)
        )
        made[name] = Actor(viewer, town.client, {"authorization": f"Bearer {key}"})
    return made
