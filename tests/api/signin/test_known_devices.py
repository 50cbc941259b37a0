"""While strangers guess at an account its owner's browser is let in; wider networks are counted."""

import pytest

from api.middleware.rate_limits import AddressAttempts, network_above
from enmusubi.errors import TooManyRequestsError
from tests.api.signin.conftest import browser

WRONG = "none of these words"


def test_a_known_device_is_let_in_while_the_account_is_locked(app_of, person, catalogue):
    app, login = app_of(lock_after=3, attempts_per_account=5), person()
    own, stranger = browser(app), browser(app)
    assert own.sign_in(login).status_code == 303
    for _ in range(8):
        last = stranger.sign_in(login, WRONG)
    assert last.status_code == 429
    assert stranger.sign_in(login).status_code == 429  # the right password, from elsewhere
    own.client.cookies.delete("enmusubi")  # the session; the device's cookie stays
    assert own.sign_in(login).status_code == 303
    own.client.cookies.delete("enmusubi")
    for _ in range(3):  # its own wrong ones count for it alone, and then it is known no more
        assert own.sign_in(login, WRONG).status_code == 401
    assert own.sign_in(login).status_code == 429


def test_an_ipv6_network_and_the_one_above_it_are_counted():
    attempts = AddressAttempts(2)
    for part in range(8):
        attempts.count(f"2001:db8:0:{0xA00 + part:x}::1")
    with pytest.raises(TooManyRequestsError):
        attempts.count("2001:db8:0:aff::1")
    attempts.count("2001:db8:0:b00::1")
    assert network_above("192.0.2.7") == network_above("::ffff:192.0.2.7") == ""
