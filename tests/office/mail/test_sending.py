"""Mails are sent once: again when refused, by another when the sender is killed, never twice."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from catalogue.database.account_models import UserAccount
from catalogue.database.service_models import INVITATION, TEST
from enmusubi.errors import ConflictError, ForbiddenError, InputError
from enmusubi.mail_settings import MailSettings
from office.mail.queue import MAIL, NO_MAIL, enqueue, enqueue_test, send_again
from office.mail.sender import MailSender
from office.mail.smtp import MailRefused, mail_server
from office.needs.participants import uninvite
from tests.office.mail.conftest import BOSS, NotingSender
from tests.office.mail.steps import ask_in, make_due, queue, trail
from tests.support.post_office import (
    ADDRESS,
    LOGIN,
    PASSWORD,
    TAKEN,
    PostOffice,
    certificate,
    mailing,
    post_office,
    takes_password,
)
from tests.support.worlds.personal import HUSHED, SATO

ROOT = Path(__file__).parents[3]
KILLED = """
import sys
from pathlib import Path
from catalogue.records.catalogue import open_catalogue
from office.mail.sender import MailSender
from tests.support.post_office import PostOffice, mailing
settings = mailing(Path(sys.argv[2]), PostOffice(port=int(sys.argv[3])))
with open_catalogue(sys.argv[1]) as catalogue:
    MailSender(catalogue, settings, print).send_due()
"""


def test_whoever_is_asked_in_gets_a_mail_that_leads_to_the_need_and_says_nothing_of_it(
    catalogue, settings, sender, post
):
    ask_in(catalogue, settings)
    assert sender.send_all() == ["sent"]
    [mail] = post.mails
    assert (mail["To"], mail["Subject"]) == (
        "abe@example.ac.jp", "【縁結び】ニーズの閲覧者に追加されました",
    )  # fmt: skip
    assert str(mail["From"]) == "縁結び <enmusubi@example.ac.jp>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert post.texts[0].startswith("阿部 花 様\n\nニーズの閲覧者に追加されました。")
    assert f"{ADDRESS}/needs/N-closed\n" in post.texts[0]
    for hidden in (HUSHED, "接着剤", "competitive"):
        assert hidden not in mail.get_content()
        assert hidden not in post.raw[0].decode("latin-1")
    [sent] = queue(catalogue)
    assert (sent.state, sent.attempts, sent.fault) == ("sent", 1, None)
    told = {"kind": "invitation", "user_id": "abe", "outcome": "sent"}
    assert trail(catalogue, "send mail") == [told]


def test_a_mail_waits_only_if_what_it_tells_happened(catalogue, settings):
    with pytest.raises(RuntimeError, match="undone"), catalogue.writing() as connection:
        enqueue(connection, settings.mail, INVITATION, "abe", "N-closed")
        raise RuntimeError("undone")
    assert queue(catalogue) == []


def test_no_mail_waits_where_none_is_sent_or_wanted_or_can_arrive(catalogue, settings):
    with catalogue.writing() as connection:
        assert not enqueue(connection, NO_MAIL, INVITATION, "abe", "N-closed")
        assert not enqueue(connection, settings.mail, INVITATION, "nobody", "N-closed")
        for values in ({"muted_mail": "alert invitation"}, {"muted_mail": "", "email": ""}):
            connection.execute(update(UserAccount).values(**values))
            assert not enqueue(connection, settings.mail, INVITATION, "abe", "N-closed")
    assert queue(catalogue) == []


def test_a_server_that_is_down_or_busy_is_tried_again_until_it_takes_the_mail(catalogue, tmp_path):
    with post_office() as post:
        settings = mailing(tmp_path, post)
    ask_in(catalogue, settings)
    sender = NotingSender(catalogue, settings)
    assert sender.send_all() == ["failed"]
    [waiting] = queue(catalogue)
    assert str(waiting.fault) == "the mail server cannot be reached: ConnectionRefusedError"
    wait = (waiting.next_at - datetime.now(UTC)).total_seconds()
    assert 40 < wait < 80
    with post_office(PostOffice(answers=["451 later", TAKEN])) as post:
        sender = NotingSender(catalogue, mailing(tmp_path, post))
        assert sender.send_all() == []  # not before its time
        for _ in range(3):
            make_due(catalogue)
            sender.send_all()
    assert sender.outcomes == ["failed", "sent"]
    assert len({mail["Message-ID"] for mail in post.mails}) == 1
    assert queue(catalogue)[0].attempts == 3


def test_a_mail_is_given_up_shown_and_sent_again_when_asked(catalogue, settings, sender, post):
    post.answers = ["451 later"]
    ask_in(catalogue, settings)
    for _ in range(5):
        make_due(catalogue)
        sender.send_all()
    assert sender.outcomes == ["failed", "failed", "given_up"]
    [lost] = queue(catalogue, "given_up")
    assert str(lost.fault) == "the mail server answered 451"
    assert trail(catalogue, "give up mail")[0]["outcome"] == "given_up"
    with catalogue.writing() as connection, pytest.raises(ForbiddenError):
        send_again(connection, SATO, lost.mail_id)
    post.answers = [TAKEN]
    with catalogue.writing() as connection:
        send_again(connection, BOSS, lost.mail_id)
    assert sender.send_all()[-1] == "sent"
    with catalogue.writing() as connection, pytest.raises(ConflictError):
        send_again(connection, BOSS, lost.mail_id)
    assert trail(catalogue, "send mail again") == [{"kind": "invitation"}]


def test_an_address_that_the_server_refuses_for_ever_is_not_tried_again(
    catalogue, settings, sender, post
):
    post.refused = "abe@example.ac.jp"
    ask_in(catalogue, settings)
    assert sender.send_all() == ["given_up"]
    assert str(queue(catalogue)[0].fault) == "the mail server answered 550"
    assert post.raw == []


def test_a_mail_whose_sender_was_killed_before_it_gave_it_away_is_sent_by_the_next(
    catalogue, settings, sender, post
):
    ask_in(catalogue, settings)
    assert sender._claim(datetime.now(UTC))["attempts"] == 1
    assert sender.send_all() == []
    later = update(MAIL).values(next_at=datetime.now(UTC) - timedelta(seconds=1))
    with catalogue.writing() as connection:
        connection.execute(later)
    assert sender.send_all() == ["sent"]
    assert len(post.raw) == 1


def test_a_mail_that_the_server_got_without_saying_so_is_shown_and_not_sent_twice(
    catalogue, settings, sender, post
):
    post.answers = ["", TAKEN]
    ask_in(catalogue, settings)
    assert sender.send_all() == ["uncertain"]
    make_due(catalogue)
    assert sender.send_all() == ["uncertain"]
    assert len(post.raw) == 1
    [uncertain] = queue(catalogue, "uncertain")
    with catalogue.writing() as connection:
        send_again(connection, BOSS, uncertain.mail_id)
    assert sender.send_all()[-1] == "sent"
    first, second = (mail["Message-ID"] for mail in post.mails)
    assert first == second


def sending(url, folder, port):
    """Return a process of its own that sends a mail which is due."""
    command = [sys.executable, "-c", KILLED, url, str(folder), str(port)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'client'}"}
    return subprocess.Popen(command, cwd=ROOT, env=environment)


class DeadlyPostOffice(PostOffice):
    """Kills who sends a mail as soon as it has all of it, before it answers."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        self.sender.send_signal(signal.SIGKILL)
        self.sender.wait(30)
        return await super().handle_DATA(server, session, envelope)


@pytest.mark.parametrize("says", ["", "220 post\r\n"], ids=["silent", "after the greeting"])
def test_a_process_killed_while_the_server_waits_loses_no_mail_and_sends_none_twice(
    catalogue, url, tmp_path, says
):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        ask_in(catalogue, mailing(tmp_path, PostOffice(port=port)))
        process = sending(url, tmp_path, port)
        silent.settimeout(60)
        taken, _ = silent.accept()
        taken.sendall(says.encode())
        time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
        taken.close()
    [waiting] = queue(catalogue)
    assert (waiting.state, waiting.attempts) == ("waiting", 1)
    make_due(catalogue)
    with post_office() as post:
        assert NotingSender(catalogue, mailing(tmp_path, post)).send_all() == ["sent"]
        make_due(catalogue)
        assert NotingSender(catalogue, mailing(tmp_path, post)).send_all() == []
    assert len(post.raw) == 1


def test_a_mail_that_a_killed_process_had_given_away_is_shown_and_not_sent_twice(
    catalogue, url, tmp_path
):
    with post_office(DeadlyPostOffice()) as post:
        settings = mailing(tmp_path, post)
        ask_in(catalogue, settings)
        post.sender = sending(url, tmp_path, post.port)
        assert post.sender.wait(60) == -signal.SIGKILL
    [given] = queue(catalogue, "uncertain")
    assert (given.attempts, given.next_at, given.sent_at) == (1, None, None)
    with post_office() as next_post:
        assert NotingSender(catalogue, mailing(tmp_path, next_post)).send_all() == []
    assert (len(post.raw), next_post.raw) == (1, [])


def test_nothing_is_sent_that_does_not_hold_any_more(catalogue, settings, sender, post):
    ask_in(catalogue, settings)
    with catalogue.writing() as connection:
        uninvite(connection, SATO, "N-closed", "abe")
    assert sender.send_all() == ["called_off"]
    assert post.raw == []
    assert str(queue(catalogue)[0].fault) == "what it tells does not hold any more"


def test_the_language_is_the_receivers(catalogue, settings, sender, post):
    with catalogue.writing() as connection:
        connection.execute(update(UserAccount).values(language="en"))
    ask_in(catalogue, settings)
    sender.send_all()
    assert post.mails[0]["Subject"] == "[Enmusubi] You were added to the readers of a need"
    assert post.texts[0].startswith("Dear 阿部 花,\n\nYou were added")
    assert post.mails[0]["Content-Language"] == "en"


def test_a_name_cannot_add_a_header_or_a_line(catalogue, settings, sender, post):
    with catalogue.writing() as connection:
        connection.execute(
            update(UserAccount).values(name="x\r\nBcc: spy@example.org\r\n\r\n.\r\n")
        )
    ask_in(catalogue, settings)
    assert sender.send_all() == ["sent"]
    assert post.receivers == ["abe@example.ac.jp"]
    assert "Bcc" not in post.mails[0]
    assert post.texts[0].startswith("x Bcc: spy@example.org . 様")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_server_is_signed_in_at_over_tls_alone(tmp_path, security):
    context, trusted = certificate(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\n", "utf-8")
    encrypted = {"tls_context": context} if security == "starttls" else {"ssl_context": context}
    asks = {"authenticator": takes_password, "auth_required": True}
    if security == "tls":  # aiosmtpd knows its own STARTTLS alone
        asks |= {"auth_required": False, "auth_require_tls": False}
    with post_office(**encrypted, **asks) as post:
        known = {"security": security, "user": LOGIN, "ca_file": trusted}
        good = mailing(tmp_path, post, password_file=secret, **known).mail
        with mail_server(good) as server:
            server.offer("enmusubi@example.ac.jp", "abe@example.ac.jp")
            assert server.hand_over(b"Subject: x\r\n\r\n.dot\r\n") is None
        assert (post.signed_in, post.raw) == ([True], [b"Subject: x\r\n\r\n.dot\r\n"])
        wrong = mailing(tmp_path, post, password="wrong", **known).mail
        with pytest.raises(MailRefused, match="refused user or password"), mail_server(wrong):
            pass
        strange = mailing(tmp_path, post, security=security).mail
        with pytest.raises(MailRefused, match="certificate is not trusted"), mail_server(strange):
            pass


def test_a_test_goes_to_the_administrator_who_asks_for_it(catalogue, settings, sender, post):
    with catalogue.writing() as connection:
        enqueue_test(connection, settings.mail, BOSS)
        with pytest.raises(InputError, match="No mail server is set"):
            enqueue_test(connection, MailSettings(), BOSS)
        with pytest.raises(ForbiddenError):
            enqueue_test(connection, settings.mail, SATO)
    assert sender.send_all() == ["sent"]
    assert (post.receivers, queue(catalogue)[0].kind) == (["boss@example.ac.jp"], TEST)


def test_nothing_is_sent_without_a_server(catalogue, settings, tmp_path):
    ask_in(catalogue, settings)
    off = settings.model_copy(update={"mail": NO_MAIL})
    assert not MailSender(catalogue, off, print).send_due()
    assert queue(catalogue)[0].attempts == 0
