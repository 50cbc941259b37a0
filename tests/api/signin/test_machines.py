"""Machines over HTTP: keys, and tokens by OAuth2 client credentials."""

from datetime import UTC, datetime, timedelta

import pytest
from authlib.integrations.requests_client import OAuth2Session
from fastapi.testclient import TestClient

from catalogue.database.viewer import ANALYST, MATCHES_READ, METRICS_READ, NEEDS_READ, Viewer
from catalogue.records.catalogue import Catalogue
from office.accounts.keys import Keys, split_key
from office.accounts.machines import Machines
from tests.api.signin.conftest import ELSEWHERE, OPERATOR, AppOf

NEED = {"need_text": "A thin film for packaging."}
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture(scope="module")
def keys(catalogue: Catalogue) -> Keys:
    Machines(catalogue).create(OPERATOR, "notebook", role=ANALYST, name="Notebook")
    return Keys(catalogue)


@pytest.fixture(scope="module")
def client(app_of: AppOf) -> TestClient:
    return TestClient(app_of(), client=ELSEWHERE)


def key_of(keys: Keys, *scopes: str) -> str:
    return keys.create(OPERATOR, "notebook", scopes or (MATCHES_READ, NEEDS_READ)).text


def asked(client: TestClient, secret: str, scheme: str = "Bearer") -> int:
    sent = {"authorization": f"{scheme} {secret}"}
    return client.post("/v1/matches", json=NEED, headers=sent).status_code


def test_a_key_opens_what_its_scopes_allow(client: TestClient, keys: Keys) -> None:
    assert asked(client, key_of(keys)) == 200
    assert asked(client, key_of(keys), "bearer") == 200
    assert asked(client, key_of(keys, METRICS_READ)) == 403


def test_keys_that_are_over_revoked_or_unknown_open_nothing(client: TestClient, keys: Keys) -> None:
    key = key_of(keys)
    keys.revoke(OPERATOR, split_key(key)[0])
    soon = datetime.now(UTC) + timedelta(milliseconds=30)
    brief = keys.create(OPERATOR, "notebook", [MATCHES_READ], expires_at=soon)
    while datetime.now(UTC) < soon:
        pass

    for secret in (key, brief.text, "enm_nosuchkey000_x", "x", "", "\x7f", "a" * 10_000):
        assert asked(client, secret) == 401


def test_a_client_library_gets_a_token_and_uses_it(client: TestClient, keys: Keys) -> None:
    key_id, secret = split_key(key_of(keys))
    for method in ("client_secret_basic", "client_secret_post"):
        session = OAuth2Session(
            key_id, secret, scope=MATCHES_READ, token_endpoint_auth_method=method
        )
        session.session = client
        url, headers, body = session.client_auth(method).prepare(
            "POST", "/oauth/token", {}, "grant_type=client_credentials&scope=" + MATCHES_READ
        )
        form = {"content-type": "application/x-www-form-urlencoded", **headers}
        answer = client.post(url, content=body, headers=form)
        assert answer.status_code == 200, answer.text
        got = answer.json()
        assert (got["token_type"], got["expires_in"], got["scope"]) == (
            "Bearer",
            3600,
            MATCHES_READ,
        )
        assert answer.headers["cache-control"] == "no-store"
        assert asked(client, got["access_token"]) == 200


def test_the_whole_key_is_taken_as_a_secret_too(client: TestClient, keys: Keys) -> None:
    key = key_of(keys)
    form = {**GRANT, "client_id": split_key(key)[0], "client_secret": key}

    got = client.post("/oauth/token", data=form).json()

    assert got["scope"] == f"{MATCHES_READ} {NEEDS_READ}"


def test_errors_are_those_of_the_standard(client: TestClient, keys: Keys) -> None:
    key_id, secret = split_key(key_of(keys, NEEDS_READ))
    known = {"client_id": key_id, "client_secret": secret}
    for form, status, error in (
        ({}, 400, "invalid_request"),
        ({**known, "grant_type": "password"}, 400, "unsupported_grant_type"),
        ({**GRANT, **known, "client_secret": "x"}, 401, "invalid_client"),
        ({**GRANT, **known, "client_id": "nosuchkey"}, 401, "invalid_client"),
        ({**GRANT}, 401, "invalid_client"),
        ({**GRANT, **known, "scope": MATCHES_READ}, 400, "invalid_scope"),
    ):
        answer = client.post("/oauth/token", data=form)
        assert (answer.status_code, answer.json()["error"]) == (status, error), form
        assert secret not in answer.text
        assert ("www-authenticate" in answer.headers) == (status == 401)
    for basic in ("Basic !", "Basic", "Basic /w==", "Basic Og=="):
        sent = {"authorization": basic}
        assert client.post("/oauth/token", data=GRANT, headers=sent).status_code == 401


def test_guessing_is_slowed_down(app_of: AppOf) -> None:
    client = TestClient(app_of(attempts_per_account=2), client=ELSEWHERE)
    form = {**GRANT, "client_id": "guessed", "client_secret": "x"}
    statuses = [client.post("/oauth/token", data=form) for _ in range(3)]

    assert [answer.status_code for answer in statuses] == [401, 401, 429]
    assert 1 <= int(statuses[-1].headers["retry-after"]) <= 300


def test_a_disabled_machine_is_nobody(client: TestClient, keys: Keys, catalogue: Catalogue) -> None:
    key = key_of(keys)
    Machines(catalogue).disable(OPERATOR, "notebook")
    try:
        assert asked(client, key) == 401
    finally:
        Machines(catalogue).enable(Viewer("operator", "administrator"), "notebook")
