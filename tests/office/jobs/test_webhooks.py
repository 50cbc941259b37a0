"""Webhooks: who is told, how a message is signed, sent again and given up, and where none may go."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, update

from catalogue.database.account_models import ClientCompany
from enmusubi.errors import TargetRefusedError
from enmusubi.service_settings import WebhookSettings
from office.webhooks import ssrf as targets
from office.webhooks.http_delivery import send
from office.webhooks.sender import Sender, is_signed, pause_s, sign
from office.webhooks.ssrf import resolve_target
from office.webhooks.webhooks import CLIENT, DELIVERY, LIST_RELEASED, enqueue_event
from tests.support.receiver import Receiver, receiving
from tests.support.service import as_viewer, service
from tests.support.worlds.portals import AOBA, KITANO

OPEN = WebhookSettings(allow_private=True, max_attempts=3, first_pause_s=60, timeout_s=1)


@pytest.fixture
def client(catalogue, tmp_path):
    app = service(catalogue, tmp_path, webhooks=OPEN)
    as_viewer(app, AOBA)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def sender(catalogue):
    attempts = []
    made = Sender(catalogue, OPEN, attempts.append)
    made.attempts = attempts
    return made


def release(catalogue, need_id="N-aoba"):
    with catalogue.writing() as connection:
        return enqueue_event(connection, LIST_RELEASED, need_id, {"release_id": 7})


def register(client, url):
    answer = client.post("/v1/webhooks", json={"url": url})
    assert answer.status_code == 201, answer.text
    return answer.json()


def log(client, hook):
    return client.get(f"/v1/webhooks/{hook['webhook_id']}/deliveries").json()["items"]


def make_due(catalogue):
    with catalogue.writing() as connection:
        waiting = update(DELIVERY).where(DELIVERY.c.next_at.is_not(None))
        connection.execute(waiting.values(next_at=datetime.now(UTC) - timedelta(seconds=1)))


def test_the_portal_of_the_company_is_told_and_no_other(client, catalogue, sender):
    with receiving(Receiver()) as ours, receiving(Receiver()) as theirs:
        hook = register(client, ours.url)
        as_viewer(client.app, KITANO)
        register(client, theirs.url)
        assert release(catalogue) == 1
        sender.send_due()
    assert theirs.got == []
    [(headers, body)] = ours.got
    assert ours.data()["event"] == "list.released"
    assert ours.data()["data"] == {"need_id": "N-aoba", "release_id": 7}
    assert headers["Enmusubi-Delivery"] == str(ours.data()["id"])
    assert is_signed(hook["secret"], headers["Enmusubi-Signature"], body, now=time.time())
    as_viewer(client.app, AOBA)
    [sent] = log(client, hook)
    assert (sent["state"], sent["attempts"], sent["status"]) == ("delivered", 1, 200)
    assert sender.attempts == ["delivered"]


def test_an_event_is_kept_only_if_what_it_tells_happened(client, catalogue):
    hook = register(client, "http://127.0.0.1:9/")
    with pytest.raises(RuntimeError, match="undone"), catalogue.writing() as connection:
        enqueue_event(connection, LIST_RELEASED, "N-aoba", {})
        raise RuntimeError("undone")
    assert log(client, hook) == []


def test_a_message_never_holds_a_long_text(client, catalogue):
    register(client, "http://127.0.0.1:9/")
    with catalogue.writing() as connection, pytest.raises(ValueError, match="'text' is too long"):
        enqueue_event(connection, LIST_RELEASED, "N-aoba", {"text": "膜" * 501})


def test_a_refused_message_is_sent_again_until_it_is_taken(client, catalogue, sender):
    with receiving(Receiver([500, 503, 204])) as receiver:
        hook = register(client, receiver.url)
        release(catalogue)
        sender.send_due()
        [failed] = log(client, hook)
        assert (failed["state"], failed["status"]) == ("waiting", 500)
        assert failed["fault"] == "the receiver answered 500"
        wait = datetime.fromisoformat(failed["next_at"]) - datetime.now(UTC)
        assert 40 < wait.total_seconds() < 80
        sender.send_due()
        assert len(receiver.got) == 1  # not before its time
        for _ in range(2):
            make_due(catalogue)
            sender.send_due()
    assert len({headers["Enmusubi-Delivery"] for headers, _ in receiver.got}) == 1
    assert log(client, hook)[0]["state"] == "delivered"
    assert sender.attempts == ["failed", "failed", "delivered"]


def test_a_message_is_given_up_after_so_many_attempts(client, catalogue, sender):
    with receiving(Receiver([500])) as receiver:
        hook = register(client, receiver.url)
        release(catalogue)
        for _ in range(5):
            make_due(catalogue)
            sender.send_due()
    assert len(receiver.got) == 3
    assert sender.attempts == ["failed", "failed", "given_up"]
    assert log(client, hook)[0]["state"] == "given_up"


def test_a_message_whose_sender_was_killed_is_sent_by_the_next(client, catalogue, sender):
    with receiving(Receiver()) as receiver:
        register(client, receiver.url)
        release(catalogue)
        assert len(sender._claim(datetime.now(UTC))) == 1
        sender.send_due()
        assert receiver.got == []  # claimed by the one that was killed
        later = datetime.now(UTC) + timedelta(seconds=120)
        assert len(sender._claim(later)) == 1


def test_redirects_are_not_followed(client, catalogue, sender):
    with receiving(Receiver()) as inner:
        with receiving(Receiver([302], {"Location": inner.url})) as outer:
            hook = register(client, outer.url)
            release(catalogue)
            sender.send_due()
        assert inner.got == []
    assert log(client, hook)[0]["fault"] == "the receiver answered 302"


def test_a_receiver_that_never_ends_its_answer_is_left_in_time():
    with receiving(Receiver(drip=True)) as receiver:
        began = time.monotonic()
        attempt = send(receiver.url, b"{}", {}, timeout_s=0.5, allow_private=True)
        assert attempt.status is None
        assert attempt.fault == "no answer within 0.5 s"
        assert time.monotonic() - began < 3


def test_a_receiver_that_is_gone_or_talks_nonsense_is_a_fault_of_one_line():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer():
            taken, _ = server.accept()
            taken.recv(1000)
            taken.sendall(b"nonsense\r\n\r\n")
            taken.close()

        threading.Thread(target=answer, daemon=True).start()
        spoken = send(f"http://127.0.0.1:{port}/", b"{}", {}, timeout_s=2, allow_private=True)
    assert spoken.fault == "the connection failed: BadStatusLine"
    gone = send(f"http://127.0.0.1:{port}/", b"{}", {}, timeout_s=2, allow_private=True)
    assert gone.fault == "the connection failed: ConnectionRefusedError"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost:8000/", "http://[::1]/", "http://10.1.2.3/",
        "http://192.168.0.1/", "http://169.254.169.254/latest", "http://[fe80::1]/", "http://0/",
        "http://[::ffff:127.0.0.1]/", "http://2130706433/", "http://0x7f.1/", "http://100.64.0.1/",
        "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://224.0.0.1/",
        "http://[fc00::1]/", "http://[::127.0.0.1]/", "http://[64:ff9b:1::a00:1]/",
        "http://[fec0::1]/", "http://[5f00::1]/", "http://192.0.0.192/opc/v2/instance/",
    ],
)  # fmt: skip
def test_addresses_inside_networks_are_refused(url):
    with pytest.raises(TargetRefusedError, match="not reachable from outside") as refused:
        resolve_target(url, allow_private=False)
    with pytest.raises(TargetRefusedError) as unknown:
        resolve_target("http://nobody-knows.invalid/", allow_private=False)
    assert str(refused.value) == str(unknown.value)


def test_a_name_is_not_waited_for_longer_than_the_limit(client, monkeypatch):
    silent, asked = threading.Event(), []

    def silence(host, *_, **__):
        asked.append((host, threading.current_thread().name))
        silent.wait(10)
        return []

    monkeypatch.setattr(targets, "LOOKUP_S", 0.1)
    monkeypatch.setattr(targets, "_ROOM", threading.BoundedSemaphore(1))
    monkeypatch.setattr(socket, "getaddrinfo", silence)
    began = time.monotonic()
    answers = [client.post("/v1/webhooks", json={"url": "http://slow.example/"}) for _ in range(2)]
    assert time.monotonic() - began < 5
    silent.set()
    assert {answer.status_code for answer in answers} == {422}
    assert "not reachable from outside" in answers[0].json()["detail"]
    assert asked == [("slow.example", "lookup")]  # the second found no room beside the first


@pytest.mark.parametrize(
    "url",
    ["ftp://203.0.113.1/", "file:///etc/passwd", "//host/", "http://", "http:///x", "http://a:99999/",
     "http://me:secret@8.8.8.8/", "http://8.8.8.8/#x", "http://8.8.8.8/\r\nX: y", "http://膜.example/",
     "http://8.8.8.8/" + "a" * 2000],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(url):
    with pytest.raises(TargetRefusedError, match="cannot be used") as refused:
        resolve_target(url, allow_private=True)
    assert "secret" not in str(refused.value)


def test_an_outward_address_is_taken_with_its_port_and_path():
    target = resolve_target("https://8.8.8.8:8443/a?b=1", allow_private=False)
    assert (target.authority, target.path) == ("8.8.8.8:8443", "/a?b=1")
    assert resolve_target("https://8.8.8.8", allow_private=False).authority == "8.8.8.8"


def test_an_address_that_turns_inward_after_it_was_registered_gets_nothing(client, catalogue):
    with receiving(Receiver()) as receiver:
        hook = register(client, receiver.url)
        release(catalogue)
        Sender(catalogue, WebhookSettings(timeout_s=1), lambda _: None).send_due()
        assert receiver.got == []
    assert "not reachable from outside" in log(client, hook)[0]["fault"]


def test_a_signature_holds_for_its_secret_its_body_and_five_minutes():
    header = sign("whsec_a", 1_000, b"{}")
    assert header.startswith("t=1000,v1=")
    assert is_signed("whsec_a", header, b"{}", now=1_299)
    assert not is_signed("whsec_a", header, b"{}", now=1_301)
    assert not is_signed("whsec_b", header, b"{}", now=1_000)
    assert not is_signed("whsec_a", header, b"{ }", now=1_000)
    assert not is_signed("whsec_a", "t=1000", b"{}", now=1_000)


def test_pauses_double_up_to_half_a_day():
    assert 48 <= pause_s(1, 60) <= 72
    assert 96 <= pause_s(2, 60) <= 144
    assert pause_s(20, 60) <= 12 * 3600 * 1.2


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
    ids = [item["delivery_id"] for item in (*first["items"], *rest["items"])]
    assert ids == sorted(set(ids), reverse=True)
    assert (len(ids), rest["next_cursor"]) == (5, "")


def test_a_portal_has_ten_webhooks_at_most(client):
    for _ in range(10):
        register(client, "http://127.0.0.1:9/")
    answer = client.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/"})
    assert (answer.status_code, answer.json()["title"]) == (409, "Conflict")


def test_nothing_is_sent_for_a_machine_that_was_closed(client, catalogue, sender):
    with receiving(Receiver()) as receiver:
        register(client, receiver.url)
        release(catalogue)
        with catalogue.writing() as connection:
            connection.execute(update(CLIENT).values(disabled_at=datetime.now(UTC)))
        sender.send_due()
        assert receiver.got == []
    assert release(catalogue) == 0
    assert sender.attempts == ["given_up"]


def test_nothing_is_sent_to_a_portal_that_lost_the_company(client, catalogue, sender):
    with receiving(Receiver()) as receiver:
        hook = register(client, receiver.url)
        release(catalogue)
        client.post(f"/v1/webhooks/{hook['webhook_id']}/test")
        with catalogue.writing() as connection:
            mine = ClientCompany.client_id == AOBA.viewer_id
            connection.execute(delete(ClientCompany).where(mine))
        sender.send_due()
        assert [data["event"] for data in [receiver.data()]] == ["webhook.test"]
    assert sorted(sender.attempts) == ["delivered", "given_up"]
    assert log(client, hook)[1]["fault"] == "the need is not of the machine's companies any more"
