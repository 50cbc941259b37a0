"""`Idempotency-Key`: a creation that is sent twice happens once and is answered twice alike."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Header, Response
from pydantic import BaseModel
from sqlalchemy import Connection

from enmusubi.matcher.access.viewer import Viewer
from enmusubi.matcher.catalogue.kept_answers import Kept, Repeatable, find_kept, keep

REPLAYED = "Idempotent-Replayed"
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="A key of your choice, new for every thing that you create. The same request "
        "with the same key gets the same answer for 24 hours, and creates nothing more.",
        examples=["4f1c7a52-7d0e-4a8e-9b7e-0c5f5a9d2b11"],
    ),
]
Made = tuple[BaseModel, dict[str, str]]  # what is answered, and its headers


def created(made: Made) -> Response:
    """Return the answer 201 for what was made."""
    return _response(_kept(made))


def created_once(
    connection: Connection,
    viewer: Viewer,
    key: str | None,
    asked: tuple[str, BaseModel],
    make: Callable[[], Made],
) -> Response:
    """Return the answer to a creation: of `make`, or the one that was given to this key before.

    `asked` is the route's path and the request's body. Whoever sends a key alone can repeat it.
    Runs in the caller's writing transaction, so that of two at once the second finds the first.
    """
    if key is None:
        return created(make())
    path, body = asked
    request_hash = hashlib.sha256(f"{path}\n{body.model_dump_json()}".encode()).hexdigest()
    request, now = Repeatable(viewer.owner, key, request_hash), datetime.now(UTC)
    kept = find_kept(connection, request, now)
    if kept:
        return _response(kept, replayed=True)
    kept = _kept(make())
    keep(connection, request, kept, now)
    return _response(kept)


def _kept(made: Made) -> Kept:
    body, headers = made
    return Kept(201, headers, body.model_dump_json())


def _response(kept: Kept, *, replayed: bool = False) -> Response:
    headers = {**kept.headers, REPLAYED: "true"} if replayed else kept.headers
    return Response(kept.body, kept.status, headers, media_type="application/json")
