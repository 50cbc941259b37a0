"""A provider that lies, fails or is another: no token that is not right in every way opens anything."""

from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from api.signin.oidc import Journey, Provider
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ProviderUnavailableError
from enmusubi.service_settings import OidcSettings
from tests.api.signin.conftest import Browser, browser
from tests.api.signin.oidc_apps import NEED, app_at
from tests.api.signin.providers import CLIENT, KEY, Liar, liar

JOURNEY = Journey("state", "nonce", "verifier" * 6, "/")


@pytest.fixture(scope="module")
def one_liar() -> Iterator[Liar]:
    with liar() as made:
        yield made


@pytest.fixture(scope="module")
def tricked_app(
    one_liar: Liar, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> FastAPI:
    return app_at(one_liar.address, catalogue, tmp_path_factory.mktemp("data"))


@pytest.fixture
def told(one_liar: Liar) -> Liar:
    """The liar, telling the truth again."""
    vars(one_liar).update(vars(Liar(one_liar.address)))
    return one_liar


@pytest.fixture
def tricked(tricked_app: FastAPI) -> Browser:
    return browser(tricked_app)


def come_back(visitor: Browser, told: Liar) -> Any:
    leaving = visitor.get("/login/oidc")
    assert leaving.status_code == 303, leaving.text
    asked = told.authorize(leaving.headers["location"])
    return visitor.get(f"/login/oidc/callback?code=c&state={asked['state']}")


OTHER_KEY = RSAKey.generate_key(2048, {"kid": "1"})
LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "another audience": {"claims": {"aud": "another-service"}},
    "several audiences without saying for whom": {"claims": {"aud": [CLIENT, "other"]}},
    "for another party": {"claims": {"aud": [CLIENT, "other"], "azp": "other"}},
    "no audience": {"claims": {"aud": None}},
    "over": {"claims": {"exp": 1_000_000_000}},
    "never over": {"claims": {"exp": None}},
    "another nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "nobody": {"claims": {"sub": None}},
    "another access token": {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
    "signed by another key": {"signing": OTHER_KEY, "published": KEY},
    "unsigned": {"id_token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiI3In0."},
    "signed by the public key as a password": {
        "id_token": jwt.encode({"alg": "HS256"}, {"sub": "7"}, OctKey.import_key("x" * 40))
    },
    "not a token": {"id_token": "not a token"},
    "user info of somebody else": {"userinfo": {"sub": "8"}},
    "an error": {"token_status": 400},
}


def test_a_provider_that_tells_the_truth_is_believed(told: Liar, tricked: Browser) -> None:
    assert come_back(tricked, told).status_code == 303
    assert tricked.get(NEED).status_code == 200


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_right_in_every_way_opens_nothing(
    told: Liar, tricked: Browser, lie: str
) -> None:
    for name, value in LIES[lie].items():
        setattr(told, name, value)

    answer = come_back(tricked, told)

    assert answer.status_code == 401, answer.headers
    assert not tricked.session
    assert tricked.get(NEED).status_code == 401


def test_a_key_that_the_provider_changed_is_fetched_anew(told: Liar, tricked: Browser) -> None:
    assert come_back(tricked, told).status_code == 303

    told.signing = RSAKey.generate_key(2048, {"kid": "2"})
    told.header = {"kid": "2"}

    assert come_back(tricked, told).status_code == 303


def test_a_code_without_its_verifier_is_refused_by_the_provider(
    told: Liar, tricked: Browser
) -> None:
    asked = told.authorize(tricked.get("/login/oidc").headers["location"])
    told.challenge = "of somebody else"

    answer = tricked.get(f"/login/oidc/callback?code=c&state={asked['state']}")

    assert answer.status_code == 401


def test_a_provider_that_fails_on_the_way_back_is_said_to(told: Liar, tricked: Browser) -> None:
    told.token_status = 500

    answer = come_back(tricked, told)

    assert (answer.status_code, tricked.session) == (503, "")
    assert 'name="login"' in answer.text


@pytest.mark.parametrize(
    "described", [{"issuer": "https://evil.example"}, {"jwks_uri": ""}, {"token_endpoint": None}]
)
def test_a_provider_that_describes_itself_as_another_is_not_asked(
    told: Liar, described: dict[str, Any]
) -> None:
    told.described = described

    with pytest.raises(ProviderUnavailableError, match="describes itself as another one"):
        anyio.run(Provider(OidcSettings(issuer=told.address)).address, JOURNEY, "http://x/back")


@pytest.mark.parametrize("path", ["", "/jwks"])
def test_a_provider_that_is_away_or_says_something_else_is_said_to(told: Liar, path: str) -> None:
    address = told.address + path if path else "http://127.0.0.1:9"
    told.described = {"issuer": address, "jwks_uri": f"{told.address}/token"}

    with pytest.raises(ProviderUnavailableError, match=r"cannot be asked|describes itself"):
        anyio.run(Provider(OidcSettings(issuer=address)).address, JOURNEY, "http://x/back")


def test_names_of_provider_accounts_are_checked_like_others(told: Liar, tricked: Browser) -> None:
    told.claims = {"preferred_username": "<script>alert(1)</script>", "sub": "9"}
    told.userinfo = {"sub": "9"}

    answer = come_back(tricked, told)

    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
