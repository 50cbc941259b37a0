"""Requests made from the API's description: none may break it, and every answer is as described.

They are made up by schemathesis, within and against the schemas, in process; as the chief and as a
portal: up to some hundreds of edge cases of each operation, and a few by chance. Every run makes the
same requests.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import ignored_auth
from starlette.types import ASGIApp, Receive, Scope, Send

from catalogue.database.viewer import SCOPES
from catalogue.records.catalogue import Catalogue, open_catalogue
from enmusubi.sign_in_settings import SignInSettings
from office.accounts.keys import Keys
from office.accounts.machines import Machines
from office.accounts.sessions import Sessions
from tests.api.v1.office import UEDA, furnish
from tests.support.databases import new_sqlite
from tests.support.service import fill, service

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"
# what a schema cannot say is refused too: a need without letters, a company that is another's
REFUSALS = [400, 401, 403, 404, 409, 412, 415, 422, 428, 429]
CHECKS = {"positive_data_acceptance": {"expected-statuses": ["2xx", *REFUSALS]}}
BY_CHANCE = settings(max_examples=2, suppress_health_check=list(HealthCheck))


class Stage:
    """An application that is another one: the schema is read before there is one to ask."""

    def __init__(self) -> None:
        self.plays: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.plays is not None
        await self.plays(scope, receive, send)


def described() -> schemathesis.BaseSchema:
    config = SchemathesisConfig.from_dict({"seed": 1, "checks": CHECKS})
    schema = schemathesis.openapi.from_dict(json.loads(FILE.read_text("utf-8")), config=config)
    schema.app = STAGE
    return schema


STAGE = Stage()
FOR_THE_CHIEF, FOR_A_PORTAL = described(), described()


@contextmanager
def signed_in(
    folder: Path, sign_in: Callable[[Catalogue], dict[str, str]]
) -> Iterator[dict[str, str]]:
    """Put the application on the stage and give the headers by which somebody is known to it."""
    with open_catalogue(new_sqlite(folder / "catalogue.sqlite")) as catalogue:
        fill(catalogue)
        furnish(catalogue)
        rates = {"rate_per_minute": 1_000_000, "rate_burst": 1_000_000}
        STAGE.plays = service(catalogue, folder, sign_in=SignInSettings(), **rates)
        yield sign_in(catalogue)


def with_a_session(catalogue: Catalogue) -> dict[str, str]:
    sessions = Sessions(catalogue)
    token = sessions.start(UEDA.viewer_id)
    session = sessions.find(token)
    assert session is not None
    return {"Cookie": f"enmusubi={token}", "X-CSRF-Token": session.csrf_token}


def with_a_key(catalogue: Catalogue) -> dict[str, str]:
    Machines(catalogue).create(UEDA, "portal-a", companies=("aonami",))
    key = Keys(catalogue).create(UEDA, "portal-a", SCOPES)
    return {"Authorization": f"Bearer {key.text}"}


@pytest.fixture(scope="module")
def chief(tmp_path_factory):
    with signed_in(tmp_path_factory.mktemp("chief"), with_a_session) as somebody:
        yield somebody


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    with signed_in(tmp_path_factory.mktemp("portal"), with_a_key) as somebody:
        yield somebody


@FOR_THE_CHIEF.parametrize()
@BY_CHANCE
def test_no_request_of_the_chief_s_breaks_the_api(case, chief):
    # a cookie beside a made-up Authorization header is taken for none by that check
    case.call_and_validate(headers=chief, excluded_checks=[ignored_auth])


@FOR_A_PORTAL.parametrize()
@BY_CHANCE
def test_no_request_of_a_portal_s_breaks_the_api(case, portal):
    case.call_and_validate(headers=portal)
