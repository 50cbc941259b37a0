"""The sender of mails: one at a time, again with growing pauses until taken, and never twice.

A mail is claimed before it is sent: its next time is moved on, so that another takes over from a
process that is killed. Just before the server is given the text, that is noted: what a killed process
leaves so may have been taken or not, and is shown to the administrator instead of being sent again.
"""

import logging
import smtplib
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from catalogue.database.service_models import OF_MEMBERS, PASSWORD, TO_RESEARCHERS
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import SettingsError
from enmusubi.language_setting import message_language
from enmusubi.messages import Message
from enmusubi.settings import Settings
from office.access import audit
from office.accounts.fingerprints import new_secret
from office.accounts.passwords import Passwords, one_time_password
from office.accounts.users import User, replace_password, required_user
from office.inquiries.kept import ANSWERS_PATH, KeptInquiry
from office.mail.composing import Letter, as_mail
from office.mail.inquiry_mail import (
    InquiryLetter,
    as_inquiry_mail,
    inquiry_to_send,
    keep_link,
)
from office.mail.queue import GIVEN_UP, MAIL, MAIL_KIND, SENT, UNCERTAIN, as_kept
from office.mail.relevance import is_there, reason_to_withdraw
from office.mail.smtp import Fault, MailRefused, MailServer, mail_server
from office.members.links import keep_token
from office.retries import pause_s

SERVICE = Viewer("mail", "none", "service")  # who sends, in the audit trail
FAILED, CALLED_OFF = "failed", "called_off"
ANSWERS = 12  # of the server at most, from the claim to the text
Claimed = Mapping[str, Any]
OnAttempt = Callable[[str], None]
_log = logging.getLogger(__name__)


class MailSender:
    """Sends what is due; `on_attempt` is told sent, failed, given_up, uncertain or called_off."""

    def __init__(self, catalogue: Catalogue, settings: Settings, on_attempt: OnAttempt) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._on_attempt = on_attempt
        self._passwords = Passwords()

    def send_due(self, stopping: threading.Event | None = None) -> bool:
        """Send a mail that is due; returns whether there may be more."""
        if not self._settings.mail.host or (stopping is not None and stopping.is_set()):
            return False
        claimed = self._claim(datetime.now(UTC))
        if claimed is None:
            return False
        outcome = self._attempt(claimed)
        self._on_attempt(outcome)
        fields = (claimed["mail_id"], claimed["kind"], claimed["attempts"], outcome)
        _log.info("mail %s (%s), attempt %s: %s", *fields)
        return True

    def _claim(self, now: datetime) -> Claimed | None:
        due = select(MAIL).where(MAIL.c.next_at <= now).order_by(MAIL.c.next_at, MAIL.c.mail_id)
        with self._catalogue.reading() as connection:
            if connection.execute(due.limit(1)).first() is None:
                return None
        until = now + timedelta(seconds=ANSWERS * self._settings.mail.timeout_s + 60)
        with self._catalogue.writing() as connection:
            row = connection.execute(due.limit(1)).mappings().first()
            if row is None:
                return None  # another process was faster
            mine = {"next_at": until, "attempts": row["attempts"] + 1}
            chosen = MAIL.c.mail_id == row["mail_id"]
            connection.execute(update(MAIL).where(chosen).values(**mine))
            return {**row, **mine}

    def _attempt(self, mail: Claimed) -> str:
        with self._catalogue.reading() as connection:
            user = required_user(connection, mail["user_id"])
            reason = reason_to_withdraw(connection, user, mail["kind"], mail["about"])
            inquiry = _inquiry(connection, mail)
        if reason:
            return self._end(mail, CALLED_OFF, reason)
        if not is_there(self._settings.reports_dir, mail["kind"], mail["about"]):
            return self._failed(mail, Fault(Message("the report is not published yet")))
        try:
            with mail_server(self._settings.mail) as server:
                server.offer(self._settings.mail.sender, inquiry.address if inquiry else user.email)
                return self._hand_over(server, mail)
        except MailRefused as refused:
            return self._failed(mail, refused.fault)
        except SettingsError as error:
            return self._failed(mail, Fault(error.message))

    def _hand_over(self, server: MailServer, mail: Claimed) -> str:
        """Note that the server is given the mail, give it, and note the answer."""
        password = one_time_password() if mail["kind"] == PASSWORD else ""
        hashed = self._passwords.hash(password) if password else ""
        token = new_secret() if mail["kind"] in {*TO_RESEARCHERS, *OF_MEMBERS} else ""
        now = datetime.now(UTC)
        with self._catalogue.writing() as connection:
            user = required_user(connection, mail["user_id"])
            reason = reason_to_withdraw(connection, user, mail["kind"], mail["about"])
            taken = {"handed_at": now, "next_at": None}
            if not reason and not self._note(connection, mail, taken):
                return FAILED  # claimed by another: this one took too long
            inquiry = _inquiry(connection, mail)
            if inquiry and not reason:
                keep_link(connection, mail["kind"], mail["about"], token)
            if mail["kind"] in OF_MEMBERS and not reason:
                keep_token(connection, mail["about"], token)
            if hashed and not reason:
                hours = timedelta(hours=self._settings.sign_in.one_time_hours)
                changed = replace_password(
                    connection, user.user_id, hashed, is_one_time=True, until=now + hours
                )
                self._note(connection, mail, {"about": changed.password_mark})
        if reason:
            return self._end(mail, CALLED_OFF, reason)
        try:
            written = (
                self._letter(mail, inquiry, user, token, now)
                if inquiry
                else self._written(mail, user, password, now, link=token)
            )
            fault = server.hand_over(written)
        except (smtplib.SMTPException, OSError):
            return self._end(
                mail, UNCERTAIN, Message("the mail server did not say that it took it")
            )
        return self._failed(mail, fault) if fault else self._end(mail, SENT)

    def _written(
        self, mail: Claimed, user: User, password: str, now: datetime, *, link: str
    ) -> bytes:
        settings = self._settings
        letter = Letter(
            mail["mail_id"],
            mail["kind"],
            "" if password else link or mail["about"],
            mail["created_at"],
            login=user.user_id,
            name=user.name,
            email=user.email,
            language=user.language or message_language(settings.language),
            password=password,
        )
        address = settings.sign_in.public_url
        return as_mail(letter, sender=settings.mail.sender, address=address, now=now)

    def _letter(
        self, mail: Claimed, inquiry: KeptInquiry, user: User, token: str, now: datetime
    ) -> bytes:
        link = f"{self._settings.sign_in.public_url}{ANSWERS_PATH}/{token}"
        letter = InquiryLetter(
            mail["mail_id"], mail["kind"], mail["created_at"], inquiry, user.email, link
        )
        return as_inquiry_mail(letter, sender=self._settings.mail.sender, now=now)

    def _failed(self, mail: Claimed, fault: Fault) -> str:
        if fault.is_final or mail["attempts"] >= self._settings.mail.max_attempts:
            return self._end(mail, GIVEN_UP, fault.message)
        wait = pause_s(mail["attempts"], self._settings.mail.first_pause_s)
        again = datetime.now(UTC) + timedelta(seconds=wait)
        values = {"next_at": again, "handed_at": None, "fault": as_kept(fault.message)}
        with self._catalogue.writing() as connection:
            self._note(connection, mail, values)
        return FAILED

    def _end(self, mail: Claimed, outcome: str, fault: Message | None = None) -> str:
        """Keep how a mail ended, and write it into the audit trail; returns the outcome."""
        values: dict[str, Any] = {"next_at": None, "fault": as_kept(fault) if fault else ""}
        if outcome == SENT:
            values["sent_at"] = datetime.now(UTC)
        elif outcome != UNCERTAIN:
            values["handed_at"] = None
        with self._catalogue.writing() as connection:
            if self._note(connection, mail, values):
                action = "send mail" if outcome == SENT else "give up mail"
                told = {"kind": mail["kind"], "user_id": mail["user_id"], "outcome": outcome}
                audit.record(connection, SERVICE, action, MAIL_KIND, str(mail["mail_id"]), **told)
        return outcome

    @staticmethod
    def _note(connection: Connection, mail: Claimed, values: Mapping[str, Any]) -> bool:
        """Change the mail unless it was claimed anew meanwhile; returns whether it did."""
        mine = (MAIL.c.mail_id == mail["mail_id"], MAIL.c.attempts == mail["attempts"])
        return bool(connection.execute(update(MAIL).where(*mine).values(**values)).rowcount)


def _inquiry(connection: Connection, mail: Claimed) -> KeptInquiry | None:
    """Return the inquiry that a letter to a researcher is about, None of other mails."""
    if mail["kind"] not in TO_RESEARCHERS:
        return None
    return inquiry_to_send(connection, mail["about"])
