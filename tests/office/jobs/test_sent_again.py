"""What creates something is safe to send again: it happens once, and nothing shown once is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from catalogue.database.viewer import PORTAL, Viewer
from catalogue.records.drafts import NEEDS, Draft
from enmusubi.service_settings import WebhookSettings
from office.idempotency_store import KEPT_ANSWER
from office.webhooks.webhooks import WEBHOOK, about_webhook
from tests.support.service import Shelf, as_viewer, service
from tests.support.worlds.portals import AOBA, KITANO

KEY = {"Idempotency-Key": "once-a-day"}
HOOK = {"url": "http://127.0.0.1:9/hook"}
FEEDBACK = {"researcher_id": "R-01", "verdict": "not_suitable", "reason": "too_early"}


@pytest.fixture
def client(catalogue, tmp_path):
    app = service(catalogue, tmp_path, Shelf(), webhooks=WebhookSettings(allow_private=True))
    as_viewer(app, AOBA)
    return TestClient(app, raise_server_exceptions=False)


def kept_bodies(catalogue):
    with catalogue.reading() as connection:
        return list(connection.execute(select(KEPT_ANSWER.c.body)).scalars())


def check_replayed(first, again):
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.status_code == first.status_code
    assert again.headers.get("location") == first.headers.get("location")


def twice(client, path, body=None):
    first, again = (client.post(path, json=body, headers=KEY) for _ in range(2))
    check_replayed(first, again)
    return first, again


def test_a_job_is_queued_once_and_answered_alike_though_needs_came_since(client, catalogue):
    first = client.post("/v1/jobs/matches", json={}, headers=KEY)
    late = {"need_id": "N-late", "text": "A thin film.", "organisation_id": "aoba"}
    catalogue.write([Draft(NEEDS, late)], source="test")
    again = client.post("/v1/jobs/matches", json={}, headers=KEY)
    check_replayed(first, again)
    assert (first.status_code, first.content) == (202, again.content)
    assert len(client.get("/v1/jobs").json()["items"]) == 1
    other = client.post("/v1/jobs/matches", json={"top": 3}, headers=KEY)
    assert (other.status_code, "Idempotency-Key" in other.json()["detail"]) == (422, True)


def test_a_webhook_is_made_once_and_its_secret_is_shown_once(client, catalogue):
    first, again = twice(client, "/v1/webhooks", HOOK)
    assert first.status_code == 201
    secret = first.json()["secret"]
    assert secret.startswith("whsec_")
    assert again.json() == {**first.json(), "secret": None}
    assert len(client.get("/v1/webhooks").json()["items"]) == 1
    assert secret not in "".join(kept_bodies(catalogue))
    with catalogue.reading() as connection:
        [kept] = connection.execute(select(WEBHOOK.c.secret)).scalars()
    about = about_webhook(first.json()["webhook_id"])
    assert client.app.state.services.settings.sealing.open(kept, about) == secret


def test_a_webhook_s_test_is_sent_once(client):
    hook = client.post("/v1/webhooks", json=HOOK).json()
    path = f"/v1/webhooks/{hook['webhook_id']}"
    first, again = twice(client, f"{path}/test")
    assert (first.status_code, first.content) == (202, again.content)
    assert len(client.get(f"{path}/deliveries").json()["items"]) == 1
    other = client.post("/v1/webhooks", json=HOOK).json()
    refused = client.post(f"/v1/webhooks/{other['webhook_id']}/test", headers=KEY)
    assert refused.status_code == 422


def test_feedback_sent_again_is_answered_alike_though_another_was_given_since(client):
    path = "/v1/needs/N-aoba/feedback"
    first = client.post(path, json=FEEDBACK, headers=KEY)
    client.post(path, json={"researcher_id": "R-01", "verdict": "suitable"})
    again = client.post(path, json=FEEDBACK, headers=KEY)
    check_replayed(first, again)
    assert (first.status_code, first.content) == (201, again.content)
    assert client.get(path).json()["items"][0]["verdict"] == "suitable"


def test_a_key_is_its_sender_s_alone(client):
    first = client.post("/v1/webhooks", json=HOOK, headers=KEY).json()
    as_viewer(client.app, KITANO)
    theirs = client.post("/v1/webhooks", json=HOOK, headers=KEY).json()
    assert theirs["secret"]
    assert theirs["webhook_id"] != first["webhook_id"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/jobs/matches", {}),
        ("/v1/webhooks", HOOK),
        ("/v1/needs/N-aoba/feedback", FEEDBACK),
    ],
)
def test_who_may_not_any_more_is_not_answered_from_before(client, path, body):
    assert client.post(path, json=body, headers=KEY).is_success
    as_viewer(client.app, Viewer(AOBA.viewer_id, PORTAL, AOBA.kind, companies=AOBA.companies))
    assert client.post(path, json=body, headers=KEY).status_code == 403


def test_a_key_can_be_used_anew_after_a_day(client, catalogue):
    client.post("/v1/webhooks", json=HOOK, headers=KEY)
    with catalogue.writing() as connection:
        yesterday = datetime.now(UTC) - timedelta(hours=24, seconds=1)
        connection.execute(update(KEPT_ANSWER).values(created_at=yesterday))
    assert client.post("/v1/webhooks", json=HOOK, headers=KEY).json()["secret"]
    assert len(client.get("/v1/webhooks").json()["items"]) == 2
