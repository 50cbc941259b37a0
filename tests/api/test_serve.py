"""`enmusubi serve` as people start it: without an index, on a port that is taken, until stopped."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from office.accounts.local_token import local_token

START_TIMEOUT_S = 180


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A function that starts the command with empty folders; whatever still runs is ended."""
    started = []
    folders = {
        "ENMUSUBI_DATA_DIR": str(tmp_path / "data"),
        "ENMUSUBI_CACHE_DIR": str(tmp_path / "cache"),
    }

    def start(port: int, **settings: str) -> subprocess.Popen[str]:
        code = "from cli.main import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", code, "serve", "--port", str(port)],
            env=os.environ | folders | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def answer_of(address: str, *, but: str = "\0") -> httpx2.Response:
    """Return the answer of an address once it answers anything but that text."""
    end = time.monotonic() + START_TIMEOUT_S
    with (
        httpx2.Client() as client
    ):  # a client reads all certificates, which takes as long as ten pages
        while True:
            try:
                answer = client.get(address)
                if but not in answer.text:
                    return answer
            except httpx2.TransportError:
                pass
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.1)


def cookie_of_https(port: int) -> str:
    """Return the cookie of a page that a proxy on this machine says was asked for by HTTPS."""
    told = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7"}
    return str(httpx2.get(f"http://127.0.0.1:{port}/login", headers=told).headers["set-cookie"])


def begin_request(port: int, folder: Path) -> socket.socket:
    """Send a request of this computer's user whose body does not end yet."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    head = "POST /v1/matches HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {local_token(folder / 'data')}\r\n"
    connection.sendall(f'{head}Content-Length: 20\r\n\r\n{{"need'.encode())
    time.sleep(0.3)
    return connection


def test_without_an_index_it_serves_says_why_and_stops_when_told(serve):
    port = free_port()
    process = serve(port, ENMUSUBI_SERVER__FORWARDED_ALLOW_IPS="192.0.2.1")
    assert answer_of(f"http://127.0.0.1:{port}/healthz").status_code == 200
    ready = answer_of(f"http://127.0.0.1:{port}/readyz", but="being loaded")
    assert (ready.status_code, ready.headers["retry-after"]) == (503, "5")
    assert "enmusubi demo" in ready.json()["detail"]
    assert "Secure" not in cookie_of_https(port)  # it is told of HTTPS by no proxy of the settings
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert "Not ready yet: There is no index yet" in out
    assert "Traceback" not in out + err
    lines = err.splitlines()
    assert [line for line in lines if "enmusubi.requests" not in line] == []  # libraries are silent
    assert out.splitlines()[0].startswith(f"Enmusubi on http://127.0.0.1:{port}/")


def test_it_speaks_the_settings_language_and_believes_their_proxies_of_https(serve):
    port = free_port()
    process = serve(
        port, ENMUSUBI_LANGUAGE="ja", ENMUSUBI_SERVER__FORWARDED_ALLOW_IPS="127.0.0.0/8"
    )
    assert answer_of(f"http://127.0.0.1:{port}/healthz").status_code == 200
    answer_of(f"http://127.0.0.1:{port}/readyz", but="being loaded")
    assert "Secure" in cookie_of_https(port)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert [line[:3] for line in out.splitlines()] == ["縁結び", "このコ", "まだ検", "停止し"]


def test_a_port_that_is_taken_is_one_clear_message(serve):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        out, err = serve(port).communicate(timeout=START_TIMEOUT_S)
    assert out == ""
    assert err.startswith(f"error: 127.0.0.1:{port} cannot be listened on (")
    assert "--port" in err
    assert err.count("\n") == 1


def test_when_told_to_stop_it_takes_no_more_and_ends_what_it_has_begun(serve, tmp_path):
    port = free_port()
    process = serve(port, ENMUSUBI_SERVER__LOG_FORMAT="json")
    assert answer_of(f"http://127.0.0.1:{port}/healthz").status_code == 200
    begun = begin_request(port, tmp_path)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port))
    begun.sendall(b'_text": "ab"}' + b" ")
    answer = begun.recv(10_000)
    begun.close()
    out, err = process.communicate(timeout=20)
    assert answer.startswith(b"HTTP/1.1 503 ")  # it has no index
    assert (process.returncode, out.splitlines()[-1]) == (0, "Stopped.")
    lines = [json.loads(line) for line in err.splitlines()]
    [request] = [line for line in lines if line.get("route") == "/v1/matches"]
    assert f"x-request-id: {request['request_id']}".encode() in answer.lower()
    assert (request["status"], request["viewer"]) == (503, "person:local")


def test_a_request_that_does_not_end_keeps_it_from_stopping_only_so_long(serve, tmp_path):
    port = free_port()
    process = serve(port, ENMUSUBI_SERVER__SHUTDOWN_S="1")
    assert answer_of(f"http://127.0.0.1:{port}/healthz").status_code == 200
    begun = begin_request(port, tmp_path)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=15)
    begun.close()
    assert process.returncode == 0
    assert "Traceback" not in err
