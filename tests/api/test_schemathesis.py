"""Requests made from the API's description: none may break it, and every answer is as described.

They are made up by schemathesis, within and against the schemas, in process. As the chief: of up to some
hundreds of edge cases of each operation a sample, in the exhaustive run all, and a few by chance; as a
portal: examples, in the exhaustive run all of it, too. They are made while the test runs, which asks about
each operation in a subtest: made while tests are collected, every worker would wait for them. Every run
makes the same.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi.checks import ignored_auth

from catalogue.database.viewer import SCOPES
from catalogue.records.catalogue import Catalogue, open_catalogue
from enmusubi.service_settings import SignInSettings
from office.accounts.keys import Keys
from office.accounts.machines import Machines
from office.accounts.sessions import Sessions
from tests.support.service import service
from tests.support.worlds import copied
from tests.support.worlds.companies import UEDA

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"
# what a schema cannot say is refused too: a need without letters, a company that is another's
REFUSALS = [400, 401, 403, 404, 409, 412, 415, 422, 428, 429]
TOO_LARGE = 413  # a text that is longer than the schema allows may make its body too large
CHECKS = {
    "positive_data_acceptance": {"expected-statuses": ["2xx", *REFUSALS]},
    "negative_data_rejection": {"expected-statuses": [*REFUSALS, 405, 406, TOO_LARGE, "5xx"]},
}
Phases = dict[str, dict[str, bool]]
EVERYTHING: Phases = {}
WITHOUT_EDGES: Phases = {"coverage": {"enabled": False}}
BY_CHANCE = settings(max_examples=2, suppress_health_check=list(HealthCheck))
FIRST_EDGES, EVERY_NTH_EDGE = 12, 4


@dataclass(frozen=True)
class Api:
    """The described application, and the headers by which one caller is known to it."""

    schema: schemathesis.BaseSchema
    headers: dict[str, str]


@contextmanager
def signed_in(
    folder: Path, sign_in: Callable[[Catalogue], dict[str, str]], phases: Phases
) -> Iterator[Api]:
    """Give the described application and a caller who is signed in to it."""
    config = SchemathesisConfig.from_dict({"seed": 1, "checks": CHECKS, "phases": phases})
    schema = schemathesis.openapi.from_dict(json.loads(FILE.read_text("utf-8")), config=config)
    with open_catalogue(copied("companies", folder)) as catalogue:
        rate_limiter = {"rate_per_minute": 1_000_000, "rate_burst": 1_000_000}
        schema.app = service(catalogue, folder, sign_in=SignInSettings(), **rate_limiter)
        yield Api(schema, sign_in(catalogue))


@dataclass
class Edges:
    """Which edge cases of an operation are tried: all, or the first and every fourth of the others."""

    are_all_tried: bool
    met: Counter[str] = field(default_factory=Counter)

    def has(self, case: schemathesis.Case) -> bool:
        """Say whether to try a case; it is counted. One that is no edge is always tried."""
        if self.are_all_tried or case.meta is None or case.meta.phase.name != TestPhase.COVERAGE:
            return True
        self.met[case.operation.label] += 1
        number = self.met[case.operation.label]
        return number <= FIRST_EDGES or number % EVERY_NTH_EDGE == 0


@pytest.fixture
def edges(exhaustive: bool) -> Edges:
    return Edges(exhaustive)


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


@pytest.fixture
def chief(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with signed_in(tmp_path_factory.mktemp("chief"), with_a_session, EVERYTHING) as api:
        yield api


@pytest.fixture
def portal(tmp_path_factory: pytest.TempPathFactory, exhaustive: bool) -> Iterator[Api]:
    phases = EVERYTHING if exhaustive else WITHOUT_EDGES
    with signed_in(tmp_path_factory.mktemp("portal"), with_a_key, phases) as api:
        yield api


@pytest.fixture
def api_for_the_chief(chief: Api) -> schemathesis.BaseSchema:
    return chief.schema


@pytest.fixture
def api_for_a_portal(portal: Api) -> schemathesis.BaseSchema:
    return portal.schema


@pytest.fixture(autouse=True)
def a_name_to_report(request: pytest.FixtureRequest) -> None:
    """Give a test the attribute that schemathesis 4.32 reads and that pytest 9.2 has no more."""
    request.node._nodeid = request.node.nodeid


@schemathesis.pytest.from_fixture("api_for_the_chief").parametrize()
@BY_CHANCE
def test_no_request_of_the_chief_s_breaks_the_api(
    case: schemathesis.Case, chief: Api, edges: Edges
) -> None:
    if edges.has(case):
        # a cookie beside a made-up Authorization header is taken for none by that check
        case.call_and_validate(headers=chief.headers, excluded_checks=[ignored_auth])


@schemathesis.pytest.from_fixture("api_for_a_portal").parametrize()
@BY_CHANCE
def test_no_request_of_a_portal_s_breaks_the_api(case: schemathesis.Case, portal: Api) -> None:
    case.call_and_validate(headers=portal.headers)
