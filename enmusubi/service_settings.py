"""The settings of the service: signing in, its server, its jobs, its messages to portals."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

PersonRole = Literal[
    "chief", "project", "ip", "legal", "finance", "hr", "analyst", "viewer", "administrator"
]
RoleOrNone = Literal[
    "", "chief", "project", "ip", "legal", "finance", "hr", "analyst", "viewer", "administrator"
]
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Section(BaseModel):
    """A section of the settings: frozen, and a misspelt name in it is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OidcSettings(Section):
    """Signing in by OpenID Connect, at a provider that people have an account with."""

    issuer: str = Field(
        "",
        description="The provider's address, as its own description gives it; empty: none. It "
        "begins with https://, except on this computer.",
    )
    client_id: str = Field("", description="The id under which the provider knows this service.")
    client_secret: SecretStr = Field(SecretStr(""), description="The secret that goes with it.")
    scope: str = Field("openid profile email", description="What the provider is asked for.")
    label: str = Field("", description="Text of the button; empty: a text that fits any provider.")
    login_claim: str = Field(
        "preferred_username", description="The claim that names a new account; else `email`, `sub`."
    )
    email_claim: str = Field(
        "email",
        description="The claim whose address mails go to, for accounts that have none; one that is "
        "not verified is not taken.",
    )
    role_claim: str = Field(
        "roles",
        description="The claim that decides the role: a text or a list, also within others, such "
        "as `realm_access.roles`.",
    )
    roles: dict[str, PersonRole] = Field(
        default_factory=dict,
        description="Values of that claim and the roles they give; the first that a person has "
        "counts.",
    )
    company_claim: str = Field(
        "",
        description="A claim whose values companies may be bound to, so that their people come in as "
        "company users; empty: by the domain of a verified address alone (docs/members.md).",
    )
    default_role: RoleOrNone = Field(
        "", description="The role of all other people; empty: they are not let in."
    )

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        local = parts.scheme == "http" and parts.hostname in LOOPBACK
        if issuer and not (parts.hostname and (parts.scheme == "https" or local)):
            raise ValueError("expected an address that begins with https://")
        return issuer


class SignInSettings(Section):
    """Signing in."""

    mode: Literal["auto", "required"] = Field(
        "auto",
        description="`auto`: while there is no account, whoever has the link that `serve` prints, on "
        "this computer itself, needs none; `required`: every user does.",
    )
    public_url: str = Field(
        "",
        description="The address that people enter, such as https://enmusubi.example.ac.jp; empty: "
        "what each request says.",
    )
    idle_minutes: int = Field(
        120, ge=1, le=10_080, description="A session ends when it was not used for so long."
    )
    absolute_minutes: int = Field(
        720, ge=1, le=43_200, description="A session ends so long after signing in."
    )
    rotate_minutes: int = Field(
        15, ge=1, le=1_440, description="A session's cookie changes so often."
    )
    lock_after: int = Field(
        10, ge=1, le=100, description="Wrong passwords in a row after which an account is locked."
    )
    lock_minutes: int = Field(
        15, ge=1, le=1_440, description="How long it stays locked, unless it is enabled by hand."
    )
    attempts_per_address: int = Field(
        60, ge=1, description="Attempts to sign in from one address within five minutes."
    )
    attempts_per_account: int = Field(
        20, ge=1, description="Attempts to sign in to one account within five minutes."
    )
    one_time_hours: int = Field(
        72, ge=1, le=8_760, description="A one-time password opens nothing after so long."
    )
    passwords: bool = Field(
        True,
        description="Whether people may sign in with passwords; `false` leaves the provider of "
        "`sign_in.oidc` alone.",
    )
    second_factor: Literal["offered", "required"] = Field(
        "offered",
        description="`offered`: whoever set up a second factor is asked for it after their password; "
        "`required`: administrators and chiefs must set one up.",
    )
    second_factor_after_oidc: bool = Field(
        False,
        description="Whether a second factor is asked for after the provider's sign-in, too, which "
        "may have asked for one itself.",
    )
    oidc: OidcSettings = Field(default_factory=OidcSettings, description="OpenID Connect.")

    @model_validator(mode="after")
    def _has_a_way_in(self) -> "SignInSettings":
        if not (self.passwords or self.oidc.issuer):
            raise ValueError("passwords = false leaves no way in: set oidc.issuer first")
        return self

    @field_validator("public_url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and not (parts.scheme in {"https", "http"} and parts.hostname):
            raise ValueError("expected an address such as https://enmusubi.example.ac.jp")
        if parts.path.strip("/") or parts.query:
            raise ValueError("expected an address without a path")
        return url.rstrip("/")


class ServerSettings(Section):
    """The HTTP server."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    forwarded_allow_ips: str = Field(
        "127.0.0.1",
        description="Addresses or networks of the proxies in front, separated by commas: theirs are the "
        "X-Forwarded-For and X-Forwarded-Proto that are believed. `*` believes any proxy's.",
    )
    max_body_bytes: int = Field(
        25_000_000, ge=1000, description="Largest upload: a form with files, bytes."
    )
    max_plain_body_bytes: int = Field(
        1_000_000, ge=1000, description="Largest body that is no upload: JSON, other forms, bytes."
    )
    max_waiting: int = Field(
        32, ge=1, description="Requests that may wait for the encoder; more are answered 503."
    )
    read_timeout_s: int = Field(
        60, ge=1, le=3600, description="Longest time that a request's body may take to arrive."
    )
    rate_per_minute: int = Field(
        1_200,
        ge=1,
        description="Requests to `/v1` that one asker may make in a minute, on average.",
    )
    rate_burst: int = Field(240, ge=1, description="Requests to `/v1` that may come at once.")
    search_per_minute: int = Field(
        60,
        ge=1,
        description="Searches and exports on the pages that one person may make in a minute, on average.",
    )
    search_burst: int = Field(
        20, ge=1, description="Searches and exports on the pages that one person may make at once."
    )
    address_per_minute: int = Field(
        3_000, ge=1, description="Requests that one address may make in a minute, on average."
    )
    address_burst: int = Field(
        1_000, ge=1, description="Requests that one address may make at once."
    )
    max_connections: int = Field(
        1_000,
        ge=10,
        description="Open connections; beyond, the one that was idle longest is closed.",
    )
    connections_per_address: int = Field(
        100,
        ge=1,
        description="Open connections of one address; those of `forwarded_allow_ips` may be more.",
    )
    head_timeout_s: int = Field(
        15, ge=1, le=3600, description="Longest time that a request's head may take to arrive."
    )
    shutdown_s: int = Field(
        30, ge=1, le=600, description="Longest time that requests have to end when it is stopped."
    )
    metrics: Literal["key", "off"] = Field(
        "key",
        description="Who reads `/metrics`: `key`: an administrator, and a machine of the role analyst "
        "whose key has the scope `metrics:read`; `off`: nobody.",
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Lines of the log: for people, or one JSON object each."
    )


class JobSettings(Section):
    """Jobs of the API."""

    max_open: int = Field(5, ge=1, description="Jobs that one asker may have under way.")
    max_needs: int = Field(5_000, ge=1, description="Needs that one job may match.")
    keep_days: int = Field(30, ge=1, description="Days that the result of a job is kept.")


class WebhookSettings(Section):
    """Messages to portals."""

    allow_private: bool = Field(
        False,
        description="Whether addresses inside a network (private, loopback, link-local) may be "
        "webhooks; for tests and intranets.",
    )
    max_attempts: int = Field(
        10, ge=1, le=20, description="Attempts to send a message until it is given up."
    )
    first_pause_s: int = Field(
        60, ge=1, le=3600, description="Pause after the first failed attempt; doubles each time."
    )
    timeout_s: int = Field(10, ge=1, le=60, description="Longest time that one attempt takes.")
