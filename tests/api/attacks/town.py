"""A town to attack: people of every role, machines with their companies, needs and seeds of every kind.

All of it is made up. Every caller comes in by the real authenticator: people by their session, machines by
their key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import delete, insert, select

from api.app import create_app
from api.signin.cookies import SESSION
from catalogue.database.account_models import UserSession
from catalogue.database.service_models import NeedGuest
from catalogue.database.viewer import (
    ADMINISTRATOR,
    ANALYST,
    CHIEF,
    FINANCE,
    IP,
    LEGAL,
    MACHINE,
    MATCHES_READ,
    METRICS_READ,
    NEEDS_READ,
    PORTAL,
    PROJECT,
    SCOPES,
    VIEWER,
    Viewer,
)
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, SEEDS, Draft
from enmusubi.service_settings import JobSettings, ServerSettings, WebhookSettings
from enmusubi.settings import IndexSettings, Settings
from enmusubi.sign_in_settings import SignInSettings
from matcher.records import PUBLIC, Filters, MatchList, Need
from office.access.rules import NeedFacts
from office.accounts.keys import Keys
from office.accounts.machines import Machines
from office.accounts.passwords import Passwords
from office.accounts.sessions import Sessions
from office.accounts.users import Users
from tests.api.signin.conftest import QUICK
from tests.support.service import ALL, Office, Shelf, SmallRecommender
from tests.support.worlds import furnish

OPERATOR = Viewer("operator", ADMINISTRATOR)
HOST = "enmusubi.example"
ELSEWHERE = ("192.0.2.7", 50_000)
ROLES = {
    "head": CHIEF, "kato": PROJECT, "morita": PROJECT, "sato": IP, "suzuki": IP, "abe": LEGAL,
    "endo": FINANCE, "nishi": ANALYST, "ota": VIEWER, "root": ADMINISTRATOR,
}  # fmt: skip
AUTHOR = "mori"  # a viewer who is named on the seeds of R-01
MACHINES = {
    "portal-a": (PORTAL, ("aonami",), SCOPES),
    "portal-k": (PORTAL, ("kurose",), SCOPES),
    "portal-m": (PORTAL, ("aonami",), (METRICS_READ,)),
    "notebook": (ANALYST, (), (MATCHES_READ, NEEDS_READ)),
}
TEXT = "食品包装の薄い膜を探しています。We look for a thin film for food packaging."
_BOUND = {"organisation_id": "aonami", "manager": "kato"}
NEED_ROWS: Mapping[str, dict[str, str]] = {
    "N-open": {**_BOUND, "area": "non-competitive", "confidentiality": "public"},
    "N-inside": {**_BOUND, "area": "non-competitive", "confidentiality": "internal"},
    "N-silent": {**_BOUND, "area": "non-competitive", "confidentiality": "confidential"},
    "N-rival": {**_BOUND, "area": "competitive", "confidentiality": "public"},
    "N/undeclared 1": {**_BOUND, "confidentiality": "public"},
    "N-guests": {**_BOUND, "area": "competitive", "confidentiality": "confidential"},
    "N-kurose": {
        "organisation_id": "kurose", "manager": "endo", "area": "competitive",
        "confidentiality": "internal",
    },
}  # fmt: skip
GUESTS = ("sato", "abe")  # of N-guests
SEED_ROWS = {  # visibility and the patent's status
    "S-public": ("public", ""),
    "S-inside": ("internal", ""),
    "S-secret": ("confidential", ""),
    "S-filing": ("public", "unpublished"),
}


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


def facts(need_id: str) -> NeedFacts:
    """Return what the rules ask of a need of the town."""
    row = NEED_ROWS[need_id]
    return NeedFacts(
        row.get("area", ""),
        row["confidentiality"],
        row["manager"],
        row["organisation_id"],
        frozenset(GUESTS) if need_id == "N-guests" else frozenset(),
    )


def settings_of(folder: Path, **server: Any) -> Settings:
    """Return the settings of a town: confidential seeds are in its index, too."""
    return Settings(
        data_dir=folder,
        cache_dir=folder / "cache",
        index=IndexSettings(visibilities=("public", "internal", "confidential")),
        server=ServerSettings(rate_burst=1_000_000, search_burst=1_000_000, **server),
        jobs=JobSettings(max_open=1_000),
        webhooks=WebhookSettings(allow_private=True, timeout_s=2),
        sign_in=SignInSettings(
            attempts_per_address=100_000, attempts_per_account=100_000, lock_after=100
        ),
    )


def found_town(
    catalogue: Catalogue, folder: Path, client_of: Any, shelf: Shelf | None = None, **server: Any
) -> Town:
    """Fill an empty catalogue and return the town around it."""
    furnish("small", catalogue, folder)
    _write_rows(catalogue)
    settings = settings_of(folder, **server)
    shelf = shelf or Shelf(published=Noting())
    app = create_app(shelf.live(), catalogue, settings)
    client = client_of(app)
    town = Town(app, client, catalogue, folder, settings, shelf)
    town.actors = {**_people(town), **_machines(town)}
    ask_guests_in(catalogue)
    return town


def ask_guests_in(catalogue: Catalogue) -> None:
    """Let the guests of the town's needs be those that the rules are asked of."""
    now = datetime.now(UTC)
    asked = {"need_id": "N-guests", "invited_by": "kato", "invited_at": now}
    with catalogue.writing() as connection:
        connection.execute(delete(NeedGuest))
        connection.execute(insert(NeedGuest), [{**asked, "user_id": login} for login in GUESTS])


def client_of(app: FastAPI) -> TestClient:
    """Return a client at another computer that follows nothing."""
    return TestClient(
        app,
        base_url=f"http://{HOST}",
        client=ELSEWHERE,
        follow_redirects=False,
        raise_server_exceptions=False,
    )


def _write_rows(catalogue: Catalogue) -> None:
    companies = {"aonami": "青波フーズ", "kurose": "黒瀬工業"}
    rows = [
        Draft(ORGANISATIONS, {"organisation_id": key, "name_ja": name, "kind": "company"})
        for key, name in companies.items()
    ]
    for number, (need_id, row) in enumerate(NEED_ROWS.items(), start=1):
        named = {"need_id": need_id, "title": f"題 {need_id}", "text": TEXT}
        rows.append(Draft(NEEDS, {**named, "posted_on": date(2026, 1, number), **row}))
    for seed_id, (visibility, status) in SEED_ROWS.items():
        seed = {
            "seed_id": seed_id, "kind": "patent" if status else "paper", "lang": "ja",
            "title": f"膜の研究 {seed_id}", "text": "薄い膜。", "year": 2020, "visibility": visibility,
        }  # fmt: skip
        more = {"patent_status": status} if status else {}
        rows.append(Draft(SEEDS, {**seed, **more}, people=("R-01",)))
    refused = [found for found in catalogue.write(rows, source="test") if found.rejections]
    assert refused == [], refused


def _people(town: Town) -> dict[str, Actor]:
    users = Users(town.catalogue, Passwords(QUICK))
    people = {login: Viewer(login, role) for login, role in ROLES.items()}
    people[AUTHOR] = Viewer(AUTHOR, VIEWER, researcher_id="R-01")
    for login, viewer in people.items():
        users.create(
            OPERATOR,
            login,
            role=viewer.role,
            name=login,
            researcher_id=viewer.researcher_id or None,
        )
    return {login: signed_in(town, viewer) for login, viewer in people.items()}


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
    machines, keys, made = Machines(town.catalogue), Keys(town.catalogue), {}
    for name, (role, companies, scopes) in MACHINES.items():
        machines.create(OPERATOR, name, role=role, companies=companies)
        key = keys.create(OPERATOR, name, scopes).text
        viewer = Viewer(
            name, role, MACHINE, companies=frozenset(companies), scopes=frozenset(scopes)
        )
        made[name] = Actor(viewer, town.client, {"authorization": f"Bearer {key}"})
    return made


def count_sessions(catalogue: Catalogue) -> int:
    """Return how many sessions there are."""
    with catalogue.reading() as connection:
        return len(connection.execute(select(UserSession.token_hash)).all())
