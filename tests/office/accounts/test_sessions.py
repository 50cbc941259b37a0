"""Sessions: found by a token, rotating, ending."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from catalogue.database.account_models import UserSession
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, LEGAL, Viewer
from catalogue.records.catalogue import Catalogue
from office.accounts.sessions import GRACE, Lifetimes, Sessions
from office.accounts.users import Users

OPERATOR = Viewer("operator", ADMINISTRATOR)
START = datetime(2026, 4, 1, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sessions(catalogue: Catalogue) -> Sessions:
    Users(catalogue).create(OPERATOR, "tanaka", role=LEGAL, name="田中")
    return Sessions(catalogue, Lifetimes(60 * MINUTE, 240 * MINUTE, 15 * MINUTE))


def stored(catalogue: Catalogue) -> int:
    with catalogue.reading() as connection:
        return connection.execute(select(func.count()).select_from(UserSession)).scalar_one()


def test_a_token_opens_its_session_and_is_stored_as_a_hash(
    catalogue: Catalogue, sessions: Sessions
) -> None:
    token = sessions.start("tanaka", now=START)
    found = sessions.find(token, now=START + MINUTE)

    assert found is not None
    assert found.viewer == Viewer("tanaka", LEGAL, name="田中")
    assert (len(token), len(found.csrf_token), found.new_token) == (43, 43, "")
    with catalogue.reading() as connection:
        row = connection.execute(select(UserSession.__table__)).one()
    assert token not in map(str, row)
    for other in ("", token[:-1], token + "x", "\x00", "\ud800"):
        assert sessions.find(other, now=START) is None


def test_a_change_of_role_holds_from_the_next_request_on(
    catalogue: Catalogue, sessions: Sessions
) -> None:
    token = sessions.start("tanaka")
    Users(catalogue).change(OPERATOR, "tanaka", role=CHIEF)

    found = sessions.find(token)

    assert found is not None
    assert found.viewer.role == CHIEF


def test_a_session_of_a_one_time_password_stays_one_when_its_token_changes(
    sessions: Sessions,
) -> None:
    token = sessions.start("tanaka", must_change_password=True, now=START)
    rotated = sessions.find(token, may_rotate=True, now=START + 20 * MINUTE)
    assert rotated is not None
    assert rotated.new_token

    later = sessions.find(rotated.new_token, now=START + 21 * MINUTE)

    assert rotated.must_change_password
    assert later is not None
    assert later.must_change_password


def test_a_session_ends_unused_and_in_any_case_after_its_time(sessions: Sessions) -> None:
    unused = sessions.start("tanaka", now=START)
    used = sessions.start("tanaka", now=START)
    for minute in range(30, 240, 30):
        assert sessions.find(used, now=START + minute * MINUTE) is not None

    assert sessions.find(unused, now=START + 60 * MINUTE) is None
    assert sessions.find(used, now=START + 240 * MINUTE) is None


def test_a_token_is_exchanged_and_the_old_one_ends_after_a_minute(sessions: Sessions) -> None:
    token = sessions.start("tanaka", now=START)
    later = START + 15 * MINUTE
    assert (sessions.find(token, may_rotate=True, now=later - MINUTE) or 1).new_token == ""
    found = sessions.find(token, may_rotate=True, now=later)

    assert found is not None
    assert found.new_token not in {"", token}
    parallel = sessions.find(token, may_rotate=True, now=later + MINUTE / 2)
    assert parallel is not None
    assert (parallel.new_token, parallel.csrf_token) == ("", found.csrf_token)
    assert sessions.find(token, now=later + GRACE) is None
    after = sessions.find(found.new_token, now=later + GRACE)
    assert after is not None
    assert after.csrf_token == found.csrf_token


def test_rotation_does_not_prolong_a_session(sessions: Sessions) -> None:
    token = sessions.start("tanaka", now=START)
    for minute in range(15, 240, 15):
        found = sessions.find(token, may_rotate=True, now=START + minute * MINUTE)
        assert found is not None
        token = found.new_token
        assert token

    assert sessions.find(token, now=START + 240 * MINUTE) is None


def test_signing_out_ends_the_token_before_as_well(
    catalogue: Catalogue, sessions: Sessions
) -> None:
    now = datetime.now(UTC)
    old = sessions.start("tanaka", now=now - 15 * MINUTE)
    other = sessions.start("tanaka", now=now)
    found = sessions.find(old, may_rotate=True, now=now)
    assert found is not None

    sessions.end(found.new_token)

    assert sessions.find(old, now=now) is None
    assert sessions.find(found.new_token, now=now) is None
    assert sessions.find(other, now=now) is not None
    assert stored(catalogue) == 1


def test_sessions_that_are_over_are_cleared_away(catalogue: Catalogue, sessions: Sessions) -> None:
    sessions.start("tanaka", now=START)
    sessions.start("tanaka", now=START + 300 * MINUTE)

    assert stored(catalogue) == 1


def test_a_session_that_a_clock_ahead_of_time_began_does_not_last_until_then(
    sessions: Sessions,
) -> None:
    ahead = sessions.start("tanaka", now=START + timedelta(days=400))
    a_little = sessions.start("tanaka", now=START + MINUTE)
    assert sessions.find(ahead, now=START) is None
    assert sessions.find(a_little, now=START) is not None
