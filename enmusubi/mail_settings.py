"""The settings of mails to users: the server that takes them, and who they are from."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from enmusubi.errors import SettingsError
from enmusubi.service_settings import LOOPBACK, Section

USUAL_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class MailSettings(Section):
    """Mails to users."""

    host: str = Field(
        "", description="The SMTP server that takes mails; empty: none are sent (docs/mail.md)."
    )
    port: int = Field(
        0, ge=0, le=65535, description="Its port; 0: 587, or 465 and 25 for `tls` and `none`."
    )
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="`starttls` encrypts after the greeting, `tls` from the start; `none` is for a "
        "server on this computer or a trusted network.",
    )
    ca_file: Path | None = Field(
        None, description="Certificates (PEM) that are trusted instead of the system's."
    )
    user: str = Field("", description="Login name at the server; empty: it asks for none.")
    password: SecretStr = Field(SecretStr(""), description="The password that goes with it.")
    password_file: Path | None = Field(
        None, description="A file whose first line is the password, instead of `mail.password`."
    )
    sender: str = Field(
        "", description="The address that mails come from, such as enmusubi@example.ac.jp."
    )
    max_attempts: int = Field(
        12, ge=1, le=20, description="Attempts to send a mail until it is given up."
    )
    first_pause_s: int = Field(
        60, ge=1, le=3600, description="Pause after the first failed attempt; doubles each time."
    )
    timeout_s: int = Field(
        30, ge=1, le=600, description="Longest time that one answer of the server takes."
    )

    @property
    def server_port(self) -> int:
        """The port that is connected to."""
        return self.port or USUAL_PORTS[self.security]

    @field_validator("sender")
    @classmethod
    def _is_plain(cls, sender: str) -> str:
        name, at, domain = sender.partition("@")
        usable = sender.isascii() and sender.isprintable() and not set(sender) & set(' <>,;"')
        if sender and not (name and at and domain and "@" not in domain and usable):
            raise ValueError("expected a plain address such as enmusubi@example.ac.jp")
        return sender

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.host and not self.sender:
            raise ValueError("mail.host needs mail.sender, the address that mails come from")
        if self.password.get_secret_value() and self.password_file:
            raise ValueError("give mail.password or mail.password_file, not both")
        if self.user and self.security == "none" and self.host not in LOOPBACK:
            raise ValueError("a password is sent over TLS alone: set mail.security")
        return self

    def secret(self) -> str:
        """Return the password; raises SettingsError where its file cannot be read."""
        if self.password_file is None:
            return self.password.get_secret_value()
        try:
            return self.password_file.read_text("utf-8").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                "%(path)s cannot be read: %(reason)s.",
                path=self.password_file,
                reason=getattr(error, "strerror", None) or type(error).__name__,
            ) from error
