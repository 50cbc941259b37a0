"""Doors: forged forms, planted sessions, borrowed keys, higher roles, ways out of folders and hosts."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

import api
import office.accounts
from catalogue.database.account_models import AccessToken, ApiKey, UserSession
from catalogue.database.viewer import MATCHES_READ, PROJECT, VIEWER, Viewer
from office.accounts.keys import Keys, Tokens
from office.accounts.machines import Machines
from office.accounts.passwords import Passwords
from office.accounts.users import Users
from tests.api.attacks.actors import ELSEWHERE, HOST, Actor, Town, signed_in
from tests.api.attacks.place import Place
from tests.api.attacks.places import ADMIN, ON_NEEDS, OWN, PLAIN
from tests.api.attacks.test_injection import READERS
from tests.api.signin.conftest import PASSWORD, QUICK
from tests.support.worlds.town import OPERATOR

OTHER = "another four good words"
UNSAFE = [p for p in (*ON_NEEDS, *PLAIN, *OWN, *ADMIN) if p.method != "GET"]
NAMES = {
    "need_id": "N-open", "user_id": "suzuki", "researcher_id": "R-01", "job_id": "job_1",
    "webhook_id": "wh_1", "search_id": "1", "note_id": "1", "login": "ota", "action": "disable",
    "client_id": "notebook", "key_id": "k", "ending": "csv", "release_id": "1",
    "upload_id": "up_1", "number": "1", "mail_id": "1",
}  # fmt: skip


def label(place: Place) -> str:
    return f"{place.method} {place.path or place.route}"


def bare(actor: Actor) -> Actor:
    """Return the same browser without the token of its forms."""
    return Actor(actor.viewer, actor.client, actor.sent)


@pytest.mark.parametrize("place", UNSAFE, ids=label)
def test_nothing_changes_without_the_token_of_ones_own_session(town: Town, place: Place) -> None:
    head, other = bare(town["head"]), signed_in(town, town["head"].viewer).token
    path, options = place.address(**NAMES), place.options(**NAMES)
    given = options.pop("headers", {})
    tried: list[dict[str, str]] = [
        {}, {"x-csrf-token": ""}, {"x-csrf-token": "x" * 43}, {"x-csrf-token": other},
        {"x-csrf-token": town["head"].token, "origin": "https://evil.example"},
        {"x-csrf-token": town["head"].token, "sec-fetch-site": "cross-site"},
        {"x-csrf-token": town["head"].token, "origin": "null"},
    ]  # fmt: skip
    before = len(town.trail())
    for headers in tried:
        answer = head.ask(place.method, path, headers={**given, **headers}, **options)
        assert answer.status_code == 403, headers
    assert len(town.trail()) == before


def test_a_method_in_disguise_is_the_method_that_it_is(town: Town) -> None:
    for name in ("x-http-method-override", "x-method-override", "x-http-method"):
        answer = bare(town["head"]).get("/v1/needs/N-open", headers={name: "DELETE"})
        assert answer.status_code == 200
        answer = town["head"].post("/v1/needs/N-open", headers={name: "GET"})
        assert answer.status_code == 405
    assert town["head"].post("/needs/N-open?_method=DELETE", data={}).status_code in {404, 405}
    for path in ("/needs/N-open/close", "/notes/1/delete", "/logout", "/searches/1/delete"):
        answer = bare(town["head"]).get(path)  # what a link or an image would ask for
        assert answer.status_code in {404, 405, 422}, path
    assert town["head"].get("/v1/needs/N-open").json()["status"] == "open"


@pytest.fixture(scope="module")
def known(town: Town) -> str:
    """The login of somebody with a password."""
    users = Users(town.catalogue, Passwords(QUICK))
    account = {"role": PROJECT, "password": PASSWORD, "is_one_time": False}
    return users.create(OPERATOR, "knocker", **account).user_id


def browser(town: Town, scheme: str = "http") -> TestClient:
    return TestClient(
        town.app, base_url=f"{scheme}://{HOST}", client=ELSEWHERE, follow_redirects=False
    )


def sign_in(client: TestClient, login: str, password: str = PASSWORD, **form: str) -> Any:
    page = client.get("/login").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    sent = {"csrf_token": token[1], "login": login, "password": password, **form}
    return client.post("/login", data=sent, headers={"accept": "text/html"})


def session_of(client: TestClient) -> str:
    return client.cookies.get("enmusubi", "", domain=HOST, path="/") or ""


def test_a_session_that_was_planted_is_not_the_one_that_signs_in(town: Town, known: str) -> None:
    for planted in ("x" * 43, town["ota"].sent["cookie"].partition("=")[2]):
        victim = browser(town)
        victim.cookies.set("enmusubi", planted, domain=HOST)
        victim.get(f"/login?enmusubi={planted}")
        victim.cookies.clear()
        assert sign_in(victim, known).status_code == 303
        assert session_of(victim) not in {"", planted}


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_cookie_is_kept_from_scripts_and_other_sites(
    town: Town, known: str, scheme: str
) -> None:
    client = browser(town, scheme)
    answers = [client.get("/login"), client.get("/login?lang=en"), sign_in(client, known)]
    cookies = [c for answer in answers for c in answer.headers.get_list("set-cookie")]
    assert len(cookies) >= 3
    for cookie in cookies:
        name, *attributes = (part.strip().lower() for part in cookie.split(";"))
        assert {"httponly", "path=/", "samesite=lax"} <= set(attributes), cookie
        assert not [part for part in attributes if part.startswith("domain")]
        if name.startswith("__host-"):
            assert "secure" in attributes
    session = [c for c in cookies if c.lower().startswith(("enmusubi=", "__host-enmusubi="))]
    assert session
    assert all(("Secure" in cookie) == (scheme == "https") for cookie in session)


@pytest.mark.parametrize("place", ADMIN, ids=label)
def test_no_form_lifts_anybody_into_another_role(town: Town, place: Place) -> None:
    lifted = {"role": "administrator", "login": "ota", "user_id": "ota", "name": "x"}
    for name in (*READERS, "portal-a"):
        answer = town[name].ask(
            place.method, place.address(**NAMES, ticket="x", run_id="1"), data=lifted
        )
        assert answer.status_code == 403, name
    assert Users(town.catalogue).get("ota").role == VIEWER


def test_more_fields_than_a_form_has_change_nothing_more(town: Town, known: str) -> None:
    lifted = {"role": "administrator", "is_admin": "1", "researcher_id": "R-01", "user_id": "root"}
    client = browser(town)
    assert sign_in(client, known, **lifted).status_code == 303
    page = client.get("/password").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    new = {"present": PASSWORD, "new": OTHER, "repeated": OTHER, "csrf_token": token[1]}
    assert client.post("/password", data={**new, **lifted}).status_code == 303
    user = Users(town.catalogue).get(known)
    assert (user.role, user.researcher_id) == ("project", None)
    for extra in (
        {"manager": "ota"},
        {"role": "chief"},
        {"need_id": "N-open"},
        {"status": "closed"},
    ):
        answer = town["portal-a"].post("/v1/needs", json={"text": "薄い膜です。", **extra})
        assert answer.status_code == 422, extra
    sent = {"need_id": "N-open", "researcher_id": "R-01", "text": "膜", "author": "head"}
    assert town["kato"].post("/notes", data=sent).status_code == 303


def test_a_portal_gets_nothing_of_the_office(town: Town) -> None:
    for path in ("/shortlist", "/searches", "/reports", "/admin", "/account", "/password"):
        assert town["portal-a"].get(path).status_code == 403, path
    other = {"text": "薄い膜を探しています。", "organisation_id": "kurose"}
    assert town["portal-a"].post("/v1/needs", json=other).status_code == 422
    moved = {"json": {"organisation_id": "kurose"}, "headers": {"if-match": "*"}}
    assert town["portal-a"].ask("PATCH", "/v1/needs/N-open", **moved).status_code == 422


def test_a_key_with_few_scopes_gets_no_token_with_more(town: Town) -> None:
    machines, keys = Machines(town.catalogue), Keys(town.catalogue)
    machines.create(OPERATOR, "narrow", role="portal", companies=("aonami",))
    key = keys.create(OPERATOR, "narrow", (MATCHES_READ,)).text
    asked = {
        "grant_type": "client_credentials",
        "client_secret": key,
        "client_id": key.split("_")[1],
    }
    client = browser(town)
    wide = client.post("/oauth/token", data={**asked, "scope": "needs:write metrics:read"})
    assert wide.status_code == 400
    got = client.post("/oauth/token", data=asked).json()
    assert got["scope"] == MATCHES_READ
    sent = {"authorization": f"Bearer {got['access_token']}"}
    assert client.post("/v1/needs", json={"text": "膜を探す"}, headers=sent).status_code == 403
    assert client.get("/v1/needs", headers=sent).status_code == 403


def test_what_is_over_or_revoked_opens_nothing_from_that_moment(town: Town) -> None:
    keys, users = Keys(town.catalogue), Users(town.catalogue)
    made = keys.create(OPERATOR, "notebook", (MATCHES_READ,))
    _, key_id, secret = made.text.split("_", 2)
    token = Tokens(town.catalogue).issue(key_id, secret, ()).text
    users.create(OPERATOR, "gone", role=VIEWER)
    gone = signed_in(town, Viewer("gone", VIEWER))
    asked = {name: {"authorization": f"Bearer {name}"} for name in (made.text, token)}
    past = datetime.now(UTC) - timedelta(seconds=1)

    def statuses() -> list[int]:
        found = [town.client.get("/v1/jobs", headers=sent).status_code for sent in asked.values()]
        return [*found, gone.get("/v1/jobs").status_code]

    assert 401 not in statuses()
    changes = (
        (update(ApiKey).where(ApiKey.key_id == key_id).values(expires_at=past), [401, 401]),
        (update(ApiKey).where(ApiKey.key_id == key_id).values(expires_at=None), None),
        (update(AccessToken).values(expires_at=past), None),
    )
    with town.catalogue.writing() as connection:
        connection.execute(changes[0][0])
    assert statuses()[:2] == [401, 401]
    with town.catalogue.writing() as connection:
        connection.execute(changes[1][0])
        connection.execute(changes[2][0])
    assert statuses()[:2][1] == 401
    keys.revoke(OPERATOR, key_id)
    users.disable(OPERATOR, "gone")
    assert statuses() == [401, 401, 401]
    users.enable(OPERATOR, "gone")
    assert gone.get("/v1/jobs").status_code == 401  # the session ended with the account
    late = signed_in(town, Viewer("gone", VIEWER))
    with town.catalogue.writing() as connection:
        mine = UserSession.user_id == "gone"
        connection.execute(update(UserSession).where(mine).values(expires_at=past))
    assert late.get("/v1/jobs").status_code == 401


def test_secrets_are_compared_in_a_time_that_tells_nothing() -> None:
    compared = re.compile(r"secret|token|password|hash|csrf|signature|digest|fingerprint", re.I)
    folders = [
        Path(str(api.__file__)).parent,
        Path(office.accounts.__file__).parent,
    ]  # type: ignore[type-var]
    checked, found = 0, []
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            checked += isinstance(node, ast.Attribute) and node.attr == "compare_digest"
            if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
                continue
            sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
            if any(isinstance(s, ast.Constant) for s in (node.left, *node.comparators)):
                continue
            if any(compared.search(s) for s in sides) and not _is_column(sides):
                found.append(f"{path.name}: {ast.unparse(node)}")
    assert checked >= 2
    assert found == []


def _is_column(sides: list[str]) -> bool:
    """Return whether a database compares two fingerprints, which tells nothing of what they are of."""
    return any(
        re.match(
            r"(UserSession|AccessToken|KnownDevice|RecoveryCode|SESSION|TOKEN|column|\w*\.c)\b",
            side,
        )
        for side in sides
    )


@pytest.fixture(autouse=True)
def jar(town: Town) -> Iterator[None]:
    """Nobody's cookies stay with the client that all share."""
    yield
    town.client.cookies.clear()
