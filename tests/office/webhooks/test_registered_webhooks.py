"""A portal's webhooks over HTTP: tried, listed, deleted, and nobody else's."""

import base64
import json

from catalogue.database.opaque_numbers import FEWEST, MOST
from tests.office.webhooks.portal import register, release
from tests.support.receiver import Receiver, receiving
from tests.support.service import as_viewer
from tests.support.worlds.portals import KITANO


def test_a_webhook_can_be_tried_listed_and_deleted(client, catalogue, sender):
    with receiving(Receiver()) as receiver:
        hook = register(client, receiver.url)
        path = f"/v1/webhooks/{hook['webhook_id']}"
        assert client.post(f"{path}/test").json()["state"] == "waiting"
        sender.send_due()
        assert receiver.data()["event"] == "webhook.test"
        assert "secret" not in client.get(path).json()
        assert [item["url"] for item in client.get("/v1/webhooks").json()["items"]] == [
            receiver.url
        ]
        release(catalogue)
        assert client.delete(path).status_code == 204
        sender.send_due()
        assert len(receiver.got) == 1
    assert client.get(path).status_code == 404
    assert release(catalogue) == 0


def test_tests_that_wait_are_few_so_that_they_keep_nobody_else_waiting(client, catalogue, sender):
    with receiving(Receiver()) as receiver:
        path = f"/v1/webhooks/{register(client, receiver.url)['webhook_id']}"
        answers = [client.post(f"{path}/test") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
        assert answers[-1].headers["retry-after"] == "60"
        assert len(client.get(f"{path}/deliveries").json()["items"]) == 3
        assert release(catalogue) == 1
        sender.send_due()
        assert len(receiver.got) == 4
        assert client.post(f"{path}/test").status_code == 202


def test_anothers_webhooks_look_as_if_there_were_none(client):
    path = f"/v1/webhooks/{register(client, 'http://127.0.0.1:9/')['webhook_id']}"
    as_viewer(client.app, KITANO)
    assert client.get("/v1/webhooks").json() == {"items": []}
    answers = [
        client.get(path), client.delete(path), client.get(f"{path}/deliveries"),
        client.post(f"{path}/test"),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [404] * 4


def test_deliveries_come_in_pages(client, catalogue):
    hook = register(client, "http://127.0.0.1:9/")
    for _ in range(5):
        release(catalogue)
    path = f"/v1/webhooks/{hook['webhook_id']}/deliveries"
    first = client.get(path, params={"limit": 3}).json()
    rest = client.get(path, params={"limit": 3, "cursor": first["next_cursor"]}).json()
    shown = [*first["items"], *rest["items"]]
    times = [item["created_at"] for item in shown]
    assert times == sorted(times, reverse=True)
    assert len({item["delivery_id"] for item in shown}) == 5
    assert rest["next_cursor"] == ""


def test_a_portals_deliveries_do_not_count_those_of_others(client, catalogue):
    hook = register(client, "http://127.0.0.1:9/")
    for _ in range(4):
        release(catalogue)
    page = client.get(f"/v1/webhooks/{hook['webhook_id']}/deliveries", params={"limit": 3}).json()
    shown = [item["delivery_id"] for item in page["items"]]
    told = json.loads(base64.urlsafe_b64decode(page["next_cursor"] + "=="))
    assert all(FEWEST <= number < MOST for number in shown)
    assert told == [str(shown[-1])]  # not even the cursor counts
    foreign = base64.urlsafe_b64encode(b'["1"]').decode().rstrip("=")
    path = f"/v1/webhooks/{hook['webhook_id']}/deliveries"
    assert client.get(path, params={"cursor": foreign}).json()["items"] == []


def test_a_portal_has_ten_webhooks_at_most(client):
    for _ in range(10):
        register(client, "http://127.0.0.1:9/")
    answer = client.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/"})
    assert (answer.status_code, answer.json()["title"]) == (409, "Conflict")
