"""What a portal does with its webhooks, and what happens that it is told of."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from enmusubi.service_settings import WebhookSettings
from office.webhooks.events import LIST_RELEASED
from office.webhooks.webhooks import DELIVERY, enqueue_event

OPEN = WebhookSettings(allow_private=True, max_attempts=3, first_pause_s=60, timeout_s=1)


def release(catalogue, need_id="N-aoba"):
    """Let a list of a need be released; returns how many are told."""
    with catalogue.writing() as connection:
        return enqueue_event(connection, LIST_RELEASED, need_id, {"release_id": 7})


def register(client, url):
    """Register a webhook and return it with its secret."""
    answer = client.post("/v1/webhooks", json={"url": url})
    assert answer.status_code == 201, answer.text
    return answer.json()


def log(client, hook):
    """Return the deliveries of a webhook, the newest first."""
    return client.get(f"/v1/webhooks/{hook['webhook_id']}/deliveries").json()["items"]


def make_due(catalogue):
    """Let the time of all waiting messages have come."""
    with catalogue.writing() as connection:
        waiting = update(DELIVERY).where(DELIVERY.c.next_at.is_not(None))
        connection.execute(waiting.values(next_at=datetime.now(UTC) - timedelta(seconds=1)))
