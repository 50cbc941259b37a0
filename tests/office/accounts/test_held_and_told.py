"""Accounts that wait for a confirmation, one-time passwords that end, and what all chiefs are told."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from catalogue.database.service_models import Mail
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, PROJECT, Viewer
from catalogue.records.drafts import NEEDS, Draft
from enmusubi.errors import AccountHeldError, InputError, OneTimePasswordOverError
from enmusubi.mail_settings import MailSettings
from office.accounts.chiefs import told_of_chiefs
from office.accounts.federated import Stranger, account_of
from office.accounts.passwords import check_password
from office.accounts.users import Users

OPERATOR = Viewer("operator", ADMINISTRATOR)
MAIL = MailSettings(host="mail.example", sender="enmusubi@example.jp")
ONE_TIME = "kiln-otter-brass-77"


def test_a_login_that_stands_somewhere_waits_for_an_administrator(catalogue):
    need = {"need_id": "n1", "text": "薄い膜を探しています。", "manager": "yamane"}
    catalogue.write([Draft(NEEDS, need)], source="office")
    stranger = Stranger("https://id.example", "s-1", "yamane", "山根", PROJECT)
    for _ in range(2):
        with pytest.raises(AccountHeldError):
            account_of(catalogue, stranger)
    users = Users(catalogue)
    assert users.get("yamane").held_at is not None
    users.enable(OPERATOR, "yamane")
    assert account_of(catalogue, stranger).user_id == "yamane"
    fresh = Stranger("https://id.example", "s-2", "nobody-yet", "", PROJECT)
    assert account_of(catalogue, fresh).held_at is None


def test_a_one_time_password_ends(catalogue, authenticator):
    users = Users(catalogue, one_time_for=timedelta(hours=1))
    users.create(OPERATOR, "spaet", role=PROJECT, password=ONE_TIME)
    later = datetime.now(UTC) + timedelta(hours=2)
    with pytest.raises(OneTimePasswordOverError):
        authenticator.sign_in("spaet", ONE_TIME, now=later)
    assert authenticator.sign_in("spaet", ONE_TIME).must_change_password


def test_all_chiefs_are_told_of_a_new_chief_and_of_a_password_that_was_set(catalogue):
    users = Users(catalogue, mail=MAIL)
    users.create(OPERATOR, "chief-1", role=CHIEF, email="one@example.jp")
    users.create(OPERATOR, "kakarichou", role=PROJECT)
    users.change(OPERATOR, "kakarichou", role=CHIEF)
    users.set_password(OPERATOR, "chief-1", ONE_TIME)
    one = users.get("chief-1").viewer
    with catalogue.reading() as connection:
        told = [(t.login, t.what) for t in told_of_chiefs(connection, one)]
        mails = (
            connection.execute(select(Mail.user_id).where(Mail.kind == "chiefs")).scalars().all()
        )
        nothing = told_of_chiefs(connection, Viewer("x", PROJECT))
    assert told[:3] == [("chief-1", "password"), ("kakarichou", "new"), ("chief-1", "new")]
    assert (mails.count("chief-1"), nothing) == (3, ())


@pytest.mark.parametrize(
    "known",
    [
        "sakurasakura",
        "tanaka1234567",
        "daisuki12345",
        "ohayougozaimasu",
        "さくらさくらさくらさくら",
        "trustno1trustno1",
        "qazwsxedcrfv",
        "iloveyou2024",
        "doraemon2024",
    ],
)
def test_what_is_guessed_first_is_refused_in_japanese_too(known):
    with pytest.raises(InputError):
        check_password(known, "mori")


def test_four_words_are_taken():
    for good in ("four words that stay", "電柱 おにぎり 火星 そろばん", "kX9-vv2!aQw1"):
        check_password(good, "mori")
