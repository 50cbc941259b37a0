"""`Idempotency-Key`: a creation that is sent twice happens once and is answered twice alike."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Header, Response
from pydantic import BaseModel
from sqlalchemy import Connection

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from office.access.scoped import reading_as, without_row_security
from office.idempotency_store import (
    IdempotentRequest,
    StoredAnswer,
    find_stored_answer,
    store_answer,
)

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
RequestContent = tuple[str, BaseModel | None]  # the route's path, and the request's body
Still = Callable[[Connection, Mapping[str, Any]], object]
"""Raises where the asker may no longer be shown an answer of theirs: with the rights of today."""


def owned(connection: Connection, body: Mapping[str, Any]) -> None:
    """Let what belongs to the asker alone be shown again; their right to ask for it was asked before."""


@dataclass(frozen=True)
class Creation:
    """What a creation is answered with; `again` is for who sends it again, where it is another body.

    What is shown once must not be in `again`, which is stored.
    """

    body: BaseModel
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 201
    again: BaseModel | None = None


def stored_answer(
    catalogue: Catalogue,
    viewer: Viewer,
    key: str | None,
    content: RequestContent,
    *,
    still: Still,
) -> Response | None:
    """Return the answer that was given to this key before, None for the first time.

    It spares work before `create_once`, which looks again; raises as it does.
    """
    if key is None:
        return None
    with reading_as(catalogue, viewer) as connection:
        stored = find_stored_answer(
            connection, _idempotent_request(viewer, key, content), datetime.now(UTC)
        )
        return _replay(connection, stored, still) if stored else None


def create_once(
    connection: Connection,
    viewer: Viewer,
    key: str | None,
    content: RequestContent,
    make: Callable[[], Creation],
    *,
    still: Still,
) -> Response:
    """Return the answer to a creation: of `make`, or the one that was given to this key before.

    Whoever sends a key alone can repeat it, as long as `still` lets them see the answer. Runs in the
    caller's writing transaction, so that of two at once the second finds the first.
    Raises InputError for a key that came with another request.
    """
    if key is None:
        return _response(make())
    request, now = _idempotent_request(viewer, key, content), datetime.now(UTC)
    stored = find_stored_answer(connection, request, now)
    if stored:
        return _replay(connection, stored, still)
    made = make()
    body = (made.again or made.body).model_dump_json()
    with without_row_security(connection):  # others' old answers are forgotten, too
        store_answer(connection, request, StoredAnswer(made.status, dict(made.headers), body), now)
    return _response(made)


def _idempotent_request(viewer: Viewer, key: str, content: RequestContent) -> IdempotentRequest:
    path, body = content
    said = body.model_dump_json() if body else ""
    request_hash = hashlib.sha256(f"{path}\n{said}".encode()).hexdigest()
    return IdempotentRequest(viewer.owner, key, request_hash)


def _response(made: Creation) -> Response:
    content = made.body.model_dump_json()
    return Response(content, made.status, made.headers, media_type="application/json")


def _replay(connection: Connection, stored: StoredAnswer, still: Still) -> Response:
    still(connection, json.loads(stored.body))
    headers = {**stored.headers, REPLAYED: "true"}
    return Response(stored.body, stored.status, headers, media_type="application/json")
