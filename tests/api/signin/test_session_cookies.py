"""The cookie of a session: who gets it, how long it is good, and when it is worth nothing."""

from datetime import timedelta

import pytest

from catalogue.records.catalogue import Catalogue
from office.access.audit import AuditFilter, entries_page
from office.accounts import sessions as stored_sessions
from tests.api.signin.conftest import OPERATOR, PASSWORD, AppOf, Browser, PersonOf


@pytest.mark.parametrize("https", [False, True])
def test_no_script_and_no_other_site_gets_the_cookie(
    visitor_of: AppOf, person: PersonOf, https: bool
) -> None:
    answer = visitor_of(https=https).sign_in(person())
    cookie = next(c for c in answer.headers.get_list("set-cookie") if "form" not in c)

    name, *attributes = cookie.split("; ")
    assert name.startswith("__Host-enmusubi=" if https else "enmusubi=")
    assert ("Secure" in attributes) == https
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(attributes)
    assert not [part for part in attributes if part.startswith(("Domain", "Max-Age"))]


def test_with_https_a_cookie_without_the_prefix_is_nobody(
    visitor_of: AppOf, person: PersonOf
) -> None:
    signed_in = visitor_of(https=True)
    signed_in.sign_in(person())
    other = visitor_of(https=True)
    other.client.cookies.set("enmusubi", signed_in.session)

    assert other.get("/v1/needs/N-01").status_code == 401
    other.client.cookies.set("__Host-enmusubi", signed_in.session)
    assert other.get("/v1/needs/N-01").status_code == 200


def test_a_cookie_from_before_signing_in_is_worth_nothing_after(
    visitor_of: AppOf, person: PersonOf
) -> None:
    attacker, victim = visitor_of(), visitor_of()
    attacker.sign_in(person())
    planted = attacker.session
    victim.client.cookies.set("enmusubi", planted)
    form = {"csrf_token": "", "login": person(), "password": PASSWORD}
    victim.client.cookies.set("enmusubi-form", "planted-too")
    form["csrf_token"] = "planted-too"

    assert victim.post("/login", form).status_code == 303

    received = victim.client.cookies.get("enmusubi", domain="enmusubi.example")
    assert received not in {None, planted}
    assert attacker.get("/v1/needs/N-01").status_code == 401


def test_a_made_up_cookie_opens_nothing(visitor: Browser) -> None:
    for value in ("x", "a" * 43, "%00", "0" * 5_000):
        visitor.client.cookies.set("enmusubi", value)
        assert visitor.get("/v1/needs/N-01").status_code == 401


def test_the_cookie_changes_after_a_while_and_forms_stay_good(
    visitor: Browser, person: PersonOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.sign_in(person())
    token, old = visitor.token("/password"), visitor.session
    clock = stored_sessions.datetime.now(stored_sessions.UTC) + timedelta(minutes=16)

    class Later(stored_sessions.datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Later":
            return clock  # type: ignore[return-value]

    monkeypatch.setattr(stored_sessions, "datetime", Later)
    assert visitor.get("/v1/needs/N-01").status_code == 200
    assert visitor.session == old  # a program that reads the API is not given another cookie

    assert visitor.get("/account").status_code == 200

    assert visitor.session != old
    assert visitor.token("/password") == token
    clock += timedelta(minutes=2)
    assert visitor.get("/v1/needs/N-01").status_code == 200
    new = visitor.session
    visitor.client.cookies.clear()
    visitor.client.cookies.set("enmusubi", old)
    assert visitor.get("/v1/needs/N-01").status_code == 401
    visitor.client.cookies.clear()
    visitor.client.cookies.set("enmusubi", new)
    clock += timedelta(hours=2)
    assert visitor.get("/v1/needs/N-01").status_code == 401


def test_signing_out_ends_the_session_on_the_server(visitor: Browser, person: PersonOf) -> None:
    visitor.sign_in(person())
    kept, token = visitor.session, visitor.token("/password")

    answer = visitor.post("/logout", {"csrf_token": token})

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert not visitor.session
    visitor.client.cookies.set("enmusubi", kept)
    assert visitor.get("/v1/needs/N-01").status_code == 401


def test_signing_out_is_in_the_trail(
    visitor: Browser, person: PersonOf, catalogue: Catalogue
) -> None:
    login = person()
    visitor.sign_in(login)
    visitor.post("/logout", {"csrf_token": visitor.token("/password")})

    with catalogue.reading() as connection:
        wanted = AuditFilter(action="sign out", object_id=login)
        found = entries_page(connection, OPERATOR, wanted).items
    assert [(one.actor, one.object_kind) for one in found] == [(f"person:{login}", "user")]
