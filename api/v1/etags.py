"""Versions of things in headers: `ETag`, `If-None-Match` for readers, `If-Match` for writers."""

import re
from typing import Annotated, Any

from fastapi import Header, HTTPException

from enmusubi.errors import StaleVersionError

_TAG = re.compile(r'(W/)?"([^"\x00-\x20\x7f]*)"')
MAX_HEADER_CHARS = 1_000

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
            "Somebody changed the need since you read it. Read it again, and send the new ETag."
        )


def _names(header: str, version: str, *, weak: bool) -> bool:
    if header.strip() == "*":
        return True
    tags = _TAG.findall(header)
    return any(f'"{tag}"' == etag(version) and (weak or not mark) for mark, tag in tags)
