"""Messages to portals: who is told, how a message is signed, sent again and given up."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from catalogue.database.account_models import ClientCompany
from office.retries import pause_s
from office.webhooks.events import LIST_RELEASED
from office.webhooks.http_delivery import send
from office.webhooks.sender import is_signed, sign
from office.webhooks.webhooks import CLIENT, enqueue_event
from tests.office.webhooks.portal import log, make_due, register, release
from tests.support.receiver import Receiver, receiving
from tests.support.service import as_viewer
from tests.support.worlds.portals import AOBA, KITANO


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
    with catalogue.writing() as connection, pytest.raises(ValueError, match="'link' is too long"):
        enqueue_event(connection, LIST_RELEASED, "N-aoba", {"link": "膜" * 501})


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
    assert log(client, hook)[1]["fault"] == "the machine may not read that any more"
