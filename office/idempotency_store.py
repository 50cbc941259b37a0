"""Answers kept for a day, to be given again when a request comes twice with one `Idempotency-Key`."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import Connection, Table, delete, insert, select

from catalogue.database.service_models import KeptAnswer
from enmusubi.errors import InputError

KEPT_ANSWER = cast(Table, KeptAnswer.__table__)
KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class IdempotentRequest:
    """A request that may come twice: who sends it, its key, and the hash of what it asks."""

    owner: str
    key: str
    request_hash: str


@dataclass(frozen=True)
class StoredAnswer:
    """What a request was answered with; `body` may hold a need and never shows in `repr`."""

    status: int
    headers: dict[str, str]
    body: str = field(repr=False)


def find_stored_answer(
    connection: Connection, request: IdempotentRequest, now: datetime
) -> StoredAnswer | None:
    """Return what the same request was answered with; raises InputError for another request."""
    query = select(KEPT_ANSWER).where(
        KEPT_ANSWER.c.owner == request.owner,
        KEPT_ANSWER.c.key == request.key,
        KEPT_ANSWER.c.created_at > now.astimezone(UTC) - KEPT_FOR,
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    if row["request_hash"] != request.request_hash:
        raise InputError(
            "it came with another request before. Use a new key for every thing "
            "that you create, and the same one only to repeat a request.",
            of_field="Idempotency-Key",
        )
    return StoredAnswer(row["status"], json.loads(row["headers"]), row["body"])


def store_answer(
    connection: Connection, request: IdempotentRequest, given: StoredAnswer, now: datetime
) -> None:
    """Keep an answer in this transaction, and forget those that are older than a day."""
    connection.execute(
        delete(KEPT_ANSWER).where(KEPT_ANSWER.c.created_at <= now.astimezone(UTC) - KEPT_FOR)
    )
    answer = {"status": given.status, "headers": json.dumps(given.headers), "body": given.body}
    made = {**vars(request), **answer, "created_at": now.astimezone(UTC)}
    connection.execute(insert(KEPT_ANSWER).values(**made))
