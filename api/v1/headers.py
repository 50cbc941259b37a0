"""Headers of /v1: versions (`ETag`, `If-None-Match`, `If-Match`), and how a route says that it will go.

Deprecation is RFC 9745 and Sunset RFC 8594; docs/api.md has the policy. No route is deprecated today.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import Depends, Header, HTTPException, Response

from enmusubi.errors import StaleVersionError

_TAG = re.compile(r'(W/)?"([^"\x00-\x20\x7f]*)"')
MAX_HEADER_CHARS = 1_000
MIN_NOTICE = timedelta(days=180)  # between saying that a route will go and its going

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=MAX_HEADER_CHARS,
        description="The `ETag` that you read, so that nobody's change is lost. Required: 428 "
        "without it, 412 where somebody changed the need meanwhile.",
        examples=['"5d41402abc4b2a76"'],
    ),
]
OptionalIfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=MAX_HEADER_CHARS,
        description="The `ETag` that you read: 412 where somebody changed the need meanwhile.",
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        max_length=MAX_HEADER_CHARS,
        description="The `ETag` that you have: the answer is 304 where it still holds.",
    ),
]

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "What you have still holds: no body."}
}


def etag(version: str) -> str:
    """Return a version as the header ETag has it."""
    return f'"{version[:32]}"'


def is_known(if_none_match: str | None, version: str) -> bool:
    """Return whether the reader has this version already."""
    return if_none_match is not None and _names(if_none_match, version, weak=True)


def check_match(if_match: str | None, version: str) -> None:
    """Raise 428 where the writer names no version, StaleVersionError where it is another."""
    if if_match is None:
        raise HTTPException(428, "If-Match is missing: send the ETag of the need that you read.")
    if not _names(if_match, version, weak=False):
        raise StaleVersionError(
            "Another user changed the need since you read it. Read it again, and send the new ETag."
        )


def _names(header: str, version: str, *, weak: bool) -> bool:
    if header.strip() == "*":
        return True
    tags = _TAG.findall(header)
    return any(f'"{tag}"' == etag(version) and (weak or not mark) for mark, tag in tags)


def deprecated(*, since: date, sunset: date, successor: str = "") -> dict[str, Any]:
    """Return what marks a route as deprecated: `@router.get(path, **deprecated(…))`.

    From `sunset` on the route may be gone; `successor` is the path to use in its place. Raises
    ValueError where that gives users less than MIN_NOTICE.
    """
    if sunset - since < MIN_NOTICE:
        raise ValueError(
            f"{(sunset - since).days} days' notice, expected {MIN_NOTICE.days} or more."
        )
    headers = {"Deprecation": f"@{int(_midnight(since).timestamp())}"}
    headers["Sunset"] = format_datetime(_midnight(sunset), usegmt=True)
    if successor:
        headers["Link"] = f'<{successor}>; rel="successor-version"'
    return {"deprecated": True, "dependencies": [Depends(_sending(headers))]}


def _sending(headers: dict[str, str]) -> Callable[[Response], None]:
    def send(response: Response) -> None:
        response.headers.update(headers)

    return send


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
