"""The settings of the service: its server, its jobs, its messages to portals."""

from typing import Literal

from pydantic import Field

from enmusubi.sign_in_settings import Section


class ServerSettings(Section):
    """The HTTP server."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    forwarded_allow_ips: str = Field(
        "127.0.0.1",
        description="Addresses or networks of the proxies in front, separated by commas: theirs are the "
        "X-Forwarded-For and X-Forwarded-Proto that are believed. `*` believes any proxy's.",
    )
    max_body_bytes: int = Field(25_000_000, ge=1000, description="Largest request body, bytes.")
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
    shutdown_s: int = Field(
        30, ge=1, le=600, description="Longest time that requests have to end when it is stopped."
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
