"""The administrator's page of mails, one-time passwords by mail, and what people choose themselves."""

import html
import json

import pytest
from sqlalchemy import update

from catalogue.database.viewer import IP, Viewer
from catalogue.records.catalogue import open_catalogue
from enmusubi.mail_settings import MailSettings
from enmusubi.messages import Message, as_plain
from office.accounts.users import Users
from office.mail.queue import MAIL, count_mails, mails_page
from tests.api.admin.conftest import client_of
from tests.api.admin.steps import entries, secret_of, shown, submit
from tests.support.service import as_viewer, service
from tests.support.worlds import copied
from tests.support.worlds.administration import BOSS

SERVER = MailSettings(host="smtp.example.ac.jp", sender="enmusubi@example.ac.jp")
FAULT = json.dumps(as_plain(Message("the mail server answered %(code)s", {"code": 451})))


@pytest.fixture
def catalogue(tmp_path):
    with open_catalogue(copied("administration", tmp_path)) as opened:
        Users(opened).change(BOSS, "sato", email="sato@example.ac.jp")
        yield opened


@pytest.fixture
def office(catalogue, tmp_path):
    return client_of(service(catalogue, tmp_path, mail=SERVER))


def mails(catalogue):
    with catalogue.reading() as connection:
        return count_mails(connection)


def test_a_new_persons_password_is_mailed_or_shown(office, catalogue):
    fields = {"login": "ito", "role": "legal", "with_password": "yes"}
    page = submit(office, "/admin/people", email="ito@example.ac.jp", by_mail="yes", **fields)
    assert "A mail waits to be sent" in page
    assert "<code>" not in page
    assert Users(catalogue).get("ito").must_change_password
    fields["login"] = "kato"
    assert secret_of(submit(office, "/admin/people", email="kato@example.ac.jp", **fields))
    kinds = [one.kind for one in _queued(catalogue)]
    assert kinds == ["account", "password"]


def test_a_password_that_cannot_be_mailed_makes_no_account(office, catalogue):
    fields = {"login": "ito", "role": "legal", "with_password": "yes", "by_mail": "yes"}
    answer = office.post("/admin/people", data=fields)
    assert answer.status_code == 422
    assert "The password cannot be mailed" in html.unescape(answer.text)
    assert "ito" not in {user.user_id for user in Users(catalogue).list()}


def test_mails_that_could_not_be_sent_are_shown_and_sent_again(office, catalogue):
    assert "There are no mails." in shown(office, "/admin/mail")
    submit(office, "/admin/mail/test")
    with catalogue.writing() as connection:
        connection.execute(update(MAIL).values(next_at=None, attempts=12, fault=FAULT))
    page = shown(office, "/admin/mail?state=given_up")
    assert "the mail server answered 451" in page
    assert "1 could not be sent or may not have arrived" in shown(office, "/admin")
    japanese = office.get("/admin/mail", headers={"accept-language": "ja"}).text
    assert "送信できず" in japanese
    assert "メールサーバーの応答：451" in japanese
    submit(office, f"/admin/mail/{_queued(catalogue)[0].mail_id}/again")
    assert mails(catalogue)["waiting"] == 1
    assert ("send mail again", "1") in entries(catalogue)


def test_people_choose_kinds_and_language_of_their_mails(office, catalogue):
    as_viewer(office.app, Viewer("tanaka", IP))
    assert "Send me a mail when" in shown(office, "/account")
    page = submit(office, "/account/mail", language="ja", wanted=["alert", "clock"])
    assert 'value="alert" checked' in page
    assert 'value="invitation">' in page
    user = Users(catalogue).get("tanaka")
    assert (user.language, user.muted_mail) == (
        "ja",
        "invitation candidates gate escalation milestone estimate estimate_checked estimate_returned",
    )
    assert office.post("/account/mail", data={"language": "xx"}).status_code == 422
    as_viewer(office.app, BOSS)
    assert ("change user", "tanaka") in entries(catalogue)


def test_a_calendar_is_a_file_and_stands_in_the_trail(office, catalogue):
    as_viewer(office.app, Viewer("tanaka", IP))
    answer = office.get("/calendar.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.text.startswith("BEGIN:VCALENDAR")
    assert ("export", "") in entries(catalogue)


def _queued(catalogue):
    with catalogue.reading() as connection:
        return mails_page(connection, BOSS).items
