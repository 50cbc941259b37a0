"""Where a message may go: never to an address inside, and no name is waited for."""

import socket
import threading
import time

import pytest

from enmusubi.errors import TargetRefusedError
from enmusubi.sealing import SealingKeys
from enmusubi.service_settings import WebhookSettings
from office.webhooks import ssrf as targets
from office.webhooks.sender import Sender
from office.webhooks.ssrf import resolve_target
from tests.office.webhooks.portal import log, register, release
from tests.support.receiver import Receiver, receiving


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


def test_an_address_that_turns_inward_after_it_was_registered_gets_nothing(
    client, catalogue, tmp_path
):
    with receiving(Receiver()) as receiver:
        hook = register(client, receiver.url)
        release(catalogue)
        Sender(
            catalogue, WebhookSettings(timeout_s=1), SealingKeys(tmp_path), lambda _: None
        ).send_due()
        assert receiver.got == []
    assert "not reachable from outside" in log(client, hook)[0]["fault"]
