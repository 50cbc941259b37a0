"""The sender of webhook messages: signed, posted, and posted again with growing pauses until taken.

A message is claimed before it is sent: its next time is moved on, so that a process that is killed
while sending has sent it perhaps, and another sends it again. Receivers tell copies by the delivery's
id, and by the signature that a message is ours, fresh and whole.
"""

import hashlib
import hmac
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, update

from catalogue.records.catalogue import Catalogue
from enmusubi.errors import SealError
from enmusubi.sealing import SealingKeys
from enmusubi.service_settings import WebhookSettings
from office.retries import pause_s
from office.webhooks.http_delivery import Attempt, send
from office.webhooks.webhooks import CLIENT, DELIVERY, WEBHOOK, about_webhook, is_told_still

DELIVERY_HEADER = "Enmusubi-Delivery"
SIGNATURE_HEADER = "Enmusubi-Signature"
SIGNED_FOR_S = 300  # a signature's age at most
AT_ONCE = 4
Message = Mapping[str, Any]
OnAttempt = Callable[[str], None]
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
_log = logging.getLogger(__name__)


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Return the value of the header: HMAC-SHA256 over `timestamp.body`."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"t={timestamp},v1={signed.hexdigest()}"


def is_signed(secret: str, header: str, body: bytes, *, now: float) -> bool:
    """Return whether a message is signed with the secret and not older than five minutes."""
    found = _SIGNATURE.fullmatch(header)
    if not found or abs(now - int(found[1])) > SIGNED_FOR_S:
        return False
    return hmac.compare_digest(sign(secret, int(found[1]), body), header)


class Sender:
    """Sends what is due; `on_attempt` is told `delivered`, `failed` or `given_up` of each attempt."""

    def __init__(
        self,
        catalogue: Catalogue,
        settings: WebhookSettings,
        sealing: SealingKeys,
        on_attempt: OnAttempt,
    ) -> None:
        self._catalogue = catalogue
        self._settings, self._sealing = settings, sealing
        self._on_attempt = on_attempt

    def send_due(self, stopping: threading.Event | None = None) -> bool:
        """Send what is due, a few at once; returns whether there may be more."""
        if stopping is not None and stopping.is_set():
            return False
        claimed = self._claim(datetime.now(UTC))
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
            list(pool.map(self._attempt, claimed))
        return len(claimed) == AT_ONCE

    def _claim(self, now: datetime) -> list[Message]:
        with self._catalogue.reading() as connection:
            if connection.execute(_due(now)).first() is None:
                return []
        until = now + timedelta(seconds=3 * self._settings.timeout_s + 60)
        with self._catalogue.writing() as connection:
            claimed: list[Message] = [dict(row) for row in connection.execute(_due(now)).mappings()]
            ids = [message["delivery_id"] for message in claimed]
            mine = update(DELIVERY).where(DELIVERY.c.delivery_id.in_(ids))
            connection.execute(mine.values(next_at=until, attempts=DELIVERY.c.attempts + 1))
        return claimed

    def _attempt(self, message: Message) -> None:
        if message["ended"]:
            attempt, number = Attempt(None, "the webhook or its machine was closed"), 0
        elif not self._is_told_still(message):
            attempt, number = Attempt(None, "the machine may not read that any more"), 0
        else:
            attempt, number = self._send(message), message["attempts"] + 1
        over = number == 0 or number >= self._settings.max_attempts
        now = datetime.now(UTC)
        values: dict[str, Any] = {"status": attempt.status, "fault": attempt.fault}
        if attempt.succeeded:
            state, values = "delivered", {**values, "delivered_at": now, "next_at": None}
        elif over:
            state, values = "given_up", {**values, "next_at": None}
        else:
            pause = pause_s(number, self._settings.first_pause_s)
            state, values = "failed", {**values, "next_at": now + timedelta(seconds=pause)}
        with self._catalogue.writing() as connection:
            chosen = DELIVERY.c.delivery_id == message["delivery_id"]
            connection.execute(update(DELIVERY).where(chosen).values(**values))
        self._on_attempt(state)
        fields = (message["public_id"], message["webhook_id"], message["event"], number, state)
        _log.info("delivery %s to %s (%s), attempt %s: %s", *fields)

    def _is_told_still(self, message: Message) -> bool:
        with self._catalogue.reading() as connection:
            return is_told_still(
                connection, message["webhook_id"], message["event"], message["payload"]
            )

    def _send(self, message: Message) -> Attempt:
        body = message_body(message)
        try:
            secret = self._sealing.open(message["secret"], about_webhook(message["webhook_id"]))
        except SealError:
            return Attempt(None, "the webhook's secret cannot be opened")
        headers = {
            SIGNATURE_HEADER: sign(secret, int(time.time()), body),
            DELIVERY_HEADER: str(message["public_id"]),
            "User-Agent": "Enmusubi-Webhooks",
        }
        allow, timeout_s = self._settings.allow_private, self._settings.timeout_s
        return send(message["url"], body, headers, timeout_s=timeout_s, allow_private=allow)


def message_body(message: Message) -> bytes:
    """Return what is sent: the delivery's id, the event, when it happened, and its ids and links."""
    content = {
        "id": message["public_id"],
        "event": message["event"],
        "created_at": message["created_at"].isoformat(),
        "data": json.loads(message["payload"]),
    }
    return json.dumps(content).encode()


def _due(now: datetime) -> Select[Any]:
    ended = WEBHOOK.c.disabled_at.is_not(None) | CLIENT.c.disabled_at.is_not(None)
    return (
        select(DELIVERY, WEBHOOK.c.url, WEBHOOK.c.secret, ended.label("ended"))
        .join(WEBHOOK, WEBHOOK.c.webhook_id == DELIVERY.c.webhook_id)
        .join(CLIENT, CLIENT.c.client_id == WEBHOOK.c.client_id)
        .where(DELIVERY.c.next_at <= now)
        .order_by(DELIVERY.c.next_at, DELIVERY.c.delivery_id)
        .limit(AT_ONCE)
    )
