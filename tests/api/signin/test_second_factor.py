"""The second step of signing in: codes of an app, recovery codes, limits, setting up, losing one."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from catalogue.database.viewer import ADMINISTRATOR, CHIEF, PROJECT
from office.accounts.second_factors import SecondFactors
from tests.api.signin.conftest import OPERATOR, PASSWORD, browser


def send_form(visitor, page, path="", **form):
    return visitor.post(path or page, {"csrf_token": visitor.token(page), **form})


def code_of(secret, steps=0):
    return pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30 * steps))


def set_up(visitor, present=PASSWORD):
    page = send_form(
        visitor, "/account/second-factor", "/account/second-factor/app", present=present
    )
    assert "data:image/svg+xml" in page.text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.text)[1]
    form = "/account/second-factor/app/confirm"
    wrong = send_form(visitor, "/account/second-factor", form, code="000000")
    assert wrong.status_code == 401
    done = send_form(visitor, "/account/second-factor", form, code=code_of(secret), name="私の電話")
    codes = re.findall(r"<code>([a-z2-9]{5}(?:-[a-z2-9]{5}){2})</code>", done.text)
    assert len(set(codes)) == 10
    return secret, codes


def sign_in(app, login):
    visitor = browser(app)
    assert visitor.sign_in(login).status_code == 303
    return visitor


def test_an_app_is_set_up_asked_for_and_counts_once(app_of, person, catalogue):
    app, login = app_of(), person(PROJECT)
    visitor = sign_in(app, login)
    refused = send_form(
        visitor, "/account/second-factor", "/account/second-factor/app", present="no"
    )
    assert refused.status_code == 401
    secret, codes = set_up(visitor)

    again = sign_in(app, login)
    led = again.get("/needs")
    assert led.headers["location"].startswith("/login/second?next=")
    assert again.get("/v1/needs").status_code == 403  # before: the password alone opened it
    assert again.get("/account").status_code in {303, 403}
    old = send_form(again, "/login/second", code=code_of(secret))
    assert old.status_code == 401  # the code that set it up was used
    done = send_form(again, "/login/second", code=code_of(secret, 1), next="/needs")
    assert (done.status_code, done.headers["location"]) == (303, "/needs")
    assert again.get("/v1/needs").status_code == 200

    lost = sign_in(app, login)
    assert send_form(lost, "/login/second", code=codes[0].upper()).status_code == 303
    spent = sign_in(app, login)
    assert send_form(spent, "/login/second", code=codes[0]).status_code == 401
    sealing = app.state.services.settings.sealing
    assert SecondFactors(catalogue, sealing).recovery_codes_left(login) == 9
    for _ in range(10):
        last = send_form(spent, "/login/second", code="123456")
    assert last.status_code == 429
    SecondFactors(catalogue, sealing).reset(OPERATOR, login)
    assert again.get("/v1/needs").status_code == 401  # signed out everywhere
    assert sign_in(app, login).get("/v1/needs").status_code == 200


@pytest.mark.parametrize("role", [CHIEF, ADMINISTRATOR])
def test_where_it_is_required_nothing_else_is_open_before_it_is_set_up(app_of, person, role):
    app, login = app_of(second_factor="required"), person(role)
    visitor = sign_in(app, login)
    for path in ("/", "/v1/matches", "/admin", "/account"):
        assert visitor.get(path).status_code in {303, 403, 405}
    led = visitor.get("/login/second")
    assert led.headers["location"] == "/account/second-factor"
    assert "none" not in visitor.get("/account/second-factor").headers.get("location", "")
    set_up(visitor, present="")
    assert visitor.get("/account").status_code == 200
    assert sign_in(app, person(PROJECT)).get("/v1/needs").status_code == 200


def test_other_sessions_are_ended_and_this_one_stays(app_of, person):
    app, login = app_of(), person(PROJECT)
    here, there = sign_in(app, login), sign_in(app, login)
    assert "1" in here.get("/account").text
    ended = send_form(here, "/account", "/account/sessions/end")
    assert ended.status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/v1/needs").status_code == 401
