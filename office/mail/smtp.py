"""Speaks with the mail server of the settings, step by step; what it says is told by codes alone.

The step before the last is kept apart: until all of a mail was handed over, the server has none of it.
"""

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from enmusubi.errors import SettingsError
from enmusubi.mail_settings import MailSettings
from enmusubi.messages import Message

SIGNED_IN, TAKEN, FORWARDED, READY = 235, 250, 251, 354
LAST_ANSWER_S = 300  # RFC 5321 lets servers look at a mail for long before they take it
_LINE_BEGINS_WITH_DOT = re.compile(rb"(?m)^\.")
_OF_SERVERS = (smtplib.SMTPException, OSError)


@dataclass(frozen=True)
class Fault:
    """Why the server did not take a mail, and whether it never will."""

    message: Message
    is_final: bool = False


class MailRefused(Exception):  # noqa: N818 - not an error of ours: the server's answer
    """The server did not do a step; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault.message))
        self.fault = fault


class MailServer:
    """A server that is connected to and signed in at."""

    def __init__(self, client: smtplib.SMTP) -> None:
        self._client = client
        self._awaits_text = False

    def leave(self) -> None:
        """Close the connection; a server that awaits a text gets no word more, and drops the mail."""
        with suppress(*_OF_SERVERS):
            if not self._awaits_text:
                self._client.quit()
        self._client.close()

    def offer(self, sender: str, receiver: str) -> None:
        """Get the server ready for a mail; raises MailRefused, and nothing of it was sent then."""
        with _steps():
            if (code := self._client.mail(sender)[0]) != TAKEN:  # the settings' fault, to be mended
                raise MailRefused(replace(_answered(code), is_final=False))
            if (code := self._client.rcpt(receiver)[0]) not in {TAKEN, FORWARDED}:
                raise MailRefused(_answered(code))
            if (code := self._client.docmd("DATA")[0]) != READY:
                raise MailRefused(_answered(code))
        self._awaits_text = True

    def hand_over(self, mail: bytes) -> Fault | None:
        """Send the mail that the server is ready for, and return why it was refused, None if not.

        Raises OSError or SMTPException where no answer came: nobody knows then whether it was taken.
        """
        ended = mail if mail.endswith(b"\r\n") else mail + b"\r\n"
        if self._client.sock is not None:
            self._client.sock.settimeout(max(LAST_ANSWER_S, self._client.timeout))
        self._client.send(_LINE_BEGINS_WITH_DOT.sub(b"..", ended) + b".\r\n")
        code, _ = self._client.getreply()
        self._awaits_text = False
        return None if code == TAKEN else _answered(code)


@contextmanager
def mail_server(settings: MailSettings) -> Iterator[MailServer]:
    """Give the server of the settings; raises MailRefused where it cannot be used, and SettingsError."""
    password = settings.secret() if settings.user else ""
    with _steps():
        client = _connected(settings, password)
    server = MailServer(client)
    try:
        yield server
    finally:
        server.leave()


def _connected(settings: MailSettings, password: str) -> smtplib.SMTP:
    host, port, timeout_s = settings.host, settings.server_port, settings.timeout_s
    context = _trusting(settings)
    client: smtplib.SMTP
    if settings.security == "tls":
        client = smtplib.SMTP_SSL(host, port, timeout=timeout_s, context=context)
    else:
        client = smtplib.SMTP(host, port, timeout=timeout_s)
    try:
        if settings.security == "starttls":
            client.starttls(context=context)
        if settings.user:
            _sign_in(client, settings.user, password)
        client.ehlo_or_helo_if_needed()
    except BaseException:
        client.close()
        raise
    return client


def _sign_in(client: smtplib.SMTP, user: str, password: str) -> None:
    """Sign in; letters beyond ASCII, which the library refuses, go by AUTH PLAIN (RFC 4616)."""
    if f"{user}{password}".isascii():
        client.login(user, password)
        return
    client.ehlo_or_helo_if_needed()
    given = b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
    code, answer = client.docmd("AUTH", f"PLAIN {given}")
    if code != SIGNED_IN:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _trusting(settings: MailSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        raise SettingsError(
            "%(path)s cannot be read: %(reason)s.",
            path=settings.ca_file,
            reason=error.strerror or type(error).__name__,
        ) from error


@contextmanager
def _steps() -> Iterator[None]:
    """Say what goes wrong in a word of ours: what a server writes may hold names and addresses."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        known = {"code": error.smtp_code}
        raise MailRefused(
            Fault(Message("the mail server refused user or password (%(code)s)", known))
        ) from None
    except smtplib.SMTPNotSupportedError:
        told = Message("the mail server offers no STARTTLS, or no way to sign in")
        raise MailRefused(Fault(told)) from None
    except smtplib.SMTPResponseException as error:
        raise MailRefused(_answered(error.smtp_code)) from None
    except ssl.SSLCertVerificationError as error:
        told = Message(
            "the mail server's certificate is not trusted: %(reason)s",
            {"reason": error.verify_message},
        )
        raise MailRefused(Fault(told)) from None
    except TimeoutError:
        raise MailRefused(Fault(Message("the mail server did not answer in time"))) from None
    except _OF_SERVERS as error:
        kind = {"kind": type(error).__name__}
        raise MailRefused(
            Fault(Message("the mail server cannot be reached: %(kind)s", kind))
        ) from None


def _answered(code: int) -> Fault:
    told = Message("the mail server answered %(code)s", {"code": code})
    return Fault(told, is_final=500 <= code < 600)
