"""While there is no account: this computer's own user has a token, everybody else is kept out."""

import os
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalogue.database.viewer import ADMINISTRATOR
from catalogue.records.catalogue import open_catalogue
from enmusubi.service_settings import SignInSettings
from office.accounts.local_token import NAME, local_token
from office.accounts.users import Users
from tests.api.signin.conftest import ELSEWHERE, LOCAL, OPERATOR, AppOf
from tests.support.service import service
from tests.support.worlds import copied

NEED = "/v1/needs/N-01"


def token_of(app: FastAPI) -> str:
    return local_token(app.state.services.settings.data_dir)


def ask(app: FastAPI, peer: tuple[str, int], host: str, **headers: str) -> int:
    """Return the status of what somebody is told who has the token."""
    with TestClient(app, base_url=f"http://{host}", client=peer) as client:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"authorization": f"Bearer {token_of(app)}", **sent}
        return client.get(NEED, headers=sent).status_code


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "enmusubi.localhost"]
)
@pytest.mark.parametrize("peer", ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"])
def test_this_computer_needs_no_account(app_of: AppOf, peer: str, host: str) -> None:
    assert ask(app_of(), (peer, 1), host) == 200


def test_a_proxy_on_this_computer_that_tells_nothing_opens_nothing(app_of: AppOf) -> None:
    app = app_of()
    for sent in ("", "Bearer enmlocal_guessed", "Bearer "):
        assert ask(app, LOCAL, "localhost", authorization=sent) == 401
    with TestClient(app, base_url="http://localhost", client=LOCAL) as client:
        assert client.get("/local?token=enmlocal_guessed").status_code == 401
        assert client.get("/local").status_code == 401
        assert not client.cookies


def test_the_link_that_serve_prints_lets_its_browser_in(app_of: AppOf) -> None:
    app = app_of()
    with TestClient(app, base_url="http://localhost", client=LOCAL) as client:
        answer = client.get(f"/local?token={token_of(app)}", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert client.get(NEED).status_code == 200
    with TestClient(app, base_url="http://localhost", client=ELSEWHERE) as client:
        assert client.get(f"/local?token={token_of(app)}").status_code == 401


def test_its_file_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = local_token(tmp_path / "data")
    finally:
        os.umask(before)
    assert local_token(tmp_path / "data") == made
    assert (tmp_path / "data" / NAME).stat().st_mode & 0o777 == 0o600


def test_other_computers_do(app_of: AppOf) -> None:
    assert ask(app_of(), ELSEWHERE, "localhost") == 401
    assert ask(app_of(), ("testclient", 1), "localhost") == 401


def test_a_name_that_leads_here_from_outside_is_no_local_name(
    app_of: AppOf,
) -> None:
    for host in ("rebound.example", "localhost.example", "notlocalhost", "127.0.0.1.example"):
        assert ask(app_of(), LOCAL, host) == 401


@pytest.mark.parametrize(
    "name",
    ["X-Forwarded-For", "x_forwarded_host", "X-Forwarded-Proto", "Forwarded", "Via", "X-Real-IP"],
)
def test_what_a_proxy_passes_on_is_not_from_this_computer(app_of: AppOf, name: str) -> None:
    assert ask(app_of(), LOCAL, "localhost", **{name: "127.0.0.1"}) == 401


def test_the_first_account_ends_it_without_a_restart(tmp_path: Path) -> None:
    with open_catalogue(copied("small", tmp_path)) as catalogue:
        app = service(catalogue, tmp_path, sign_in=SignInSettings())
        assert ask(app, LOCAL, "localhost") == 200

        Users(catalogue).create(OPERATOR, "root", role=ADMINISTRATOR)

        assert ask(app, LOCAL, "localhost") == 401


def test_it_can_be_switched_off(app_of: AppOf) -> None:
    assert ask(app_of(mode="required"), LOCAL, "localhost") == 401


def test_the_answer_says_what_to_do(app_of: AppOf) -> None:
    with TestClient(app_of(), client=ELSEWHERE) as client:
        answer = client.get(NEED)
        page = client.get("/", headers={"accept": "text/html"})

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "enmusubi user add LOGIN --role administrator" in answer.json()["detail"]
    assert page.url.path == "/login"
    assert "enmusubi user add LOGIN --role administrator" in page.text


def test_another_sites_page_changes_nothing_here_either(app_of: AppOf) -> None:
    app = app_of()
    with TestClient(app, base_url="http://localhost", client=LOCAL) as client:
        client.get(f"/local?token={token_of(app)}")
        for headers in (
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"origin": "http://localhost.evil.example"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site", "origin": "http://localhost"},
        ):
            answer = client.post("/v1/matches", json={"need_text": "thin film"}, headers=headers)
            assert answer.status_code == 403, headers
        for headers in ({}, {"origin": "http://localhost"}, {"sec-fetch-site": "same-origin"}):
            answer = client.post("/v1/matches", json={"need_text": "thin film"}, headers=headers)
            assert answer.status_code == 200, headers


def test_without_accounts_standing_in_says_what_to_do(app_of: AppOf) -> None:
    app = app_of()
    with TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1)) as client:
        sent = {"authorization": f"Bearer {token_of(app)}", "accept-language": "en"}
        page = client.get("/delegations", headers=sent).text
        assert "enmusubi user add LOGIN --role administrator" in page
        assert 'action="/delegations"' not in page and 'href="/hand-over"' not in page
        assert client.get("/hand-over", headers=sent).status_code == 200
