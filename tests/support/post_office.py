"""A mail server of this computer: a real one, that notes what it gets and answers as it is told."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from enmusubi.mail_settings import MailSettings
from enmusubi.service_settings import SignInSettings
from enmusubi.settings import Settings

ADDRESS = "https://enmusubi.example.ac.jp"
LOGIN, PASSWORD = "enmusubi", "drei graue Kähne"
TAKEN = "250 taken"


@dataclass
class PostOffice:
    """What a server gets; `answers` are those to whole mails, the last one again and again."""

    answers: list[str] = field(default_factory=lambda: [TAKEN])
    refused: str = ""  # a receiver, for ever
    raw: list[bytes] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address == self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        self.receivers += envelope.rcpt_tos
        self.signed_in.append(bool(session.authenticated))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not answer and server.transport:
            server.transport.abort()  # all of it came, and nobody is told so
        return answer

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails, as a program for mail reads them."""
        parser = BytesParser(policy=policy.default)
        return [parser.parsebytes(raw) for raw in self.raw]

    @property
    def texts(self) -> list[str]:
        """What they say, in lines that end as Python's do."""
        return [mail.get_content().replace("\r\n", "\n") for mail in self.mails]


class _Server(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, **self.SMTP_kwargs)


@contextmanager
def post_office(office: PostOffice | None = None, **options: Any) -> Iterator[PostOffice]:
    """Run a mail server on a port of its own; options are those of aiosmtpd's SMTP or Controller."""
    office = office or PostOffice()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        office.port = probe.getsockname()[1]  # the library wants to know it before
    server = _Server(office, hostname="127.0.0.1", port=office.port, **options)
    server.start()
    try:
        yield office
    finally:
        server.stop()


def takes_password(
    server: SMTP, session: Session, envelope: Envelope, kind: str, data: Any
) -> AuthResult:
    """Let in whoever knows the password."""
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (
        LOGIN.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=good, handled=False)


def mailing(
    folder: Path, office: PostOffice, *, data_dir: Path | None = None, **mail: Any
) -> Settings:
    """Return settings that send mails by a server, without encryption unless told otherwise."""
    given = {
        "security": "none",
        "sender": "enmusubi@example.ac.jp",
        "max_attempts": 3,
        "timeout_s": 5,
    }
    return Settings(
        data_dir=data_dir or folder,
        cache_dir=folder / "cache",
        language="ja",
        sign_in=SignInSettings(public_url=ADDRESS),
        mail=MailSettings(**{"host": "127.0.0.1", "port": office.port, **given, **mail}),
    )


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return the context of a server of this computer, and the file by which it is trusted."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / "post.pem", folder / "post.key"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted
