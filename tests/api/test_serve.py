"""`enmusubi serve` as people start it: without an index, on a port that is taken, until stopped."""

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

START_TIMEOUT_S = 60


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[int], subprocess.Popen[str]]]:
    """A function that starts the command with empty folders; whatever still runs is ended."""
    started = []
    folders = {
        "ENMUSUBI_DATA_DIR": str(tmp_path / "data"),
        "ENMUSUBI_CACHE_DIR": str(tmp_path / "cache"),
    }

    def start(port: int) -> subprocess.Popen[str]:
        code = "from enmusubi.cli.main import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", code, "serve", "--port", str(port)],
            env=os.environ | folders,
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


def answer_of(address: str) -> httpx2.Response:
    end = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            return httpx2.get(address)
        except httpx2.TransportError:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.1)


def test_without_an_index_it_serves_says_why_and_stops_when_told(serve):
    port = free_port()
    process = serve(port)
    assert answer_of(f"http://127.0.0.1:{port}/healthz").status_code == 200
    ready = httpx2.get(f"http://127.0.0.1:{port}/readyz")
    assert (ready.status_code, ready.headers["retry-after"]) == (503, "5")
    assert "enmusubi demo" in ready.json()["detail"]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert "Not ready yet: There is no index yet" in out
    assert "Traceback" not in out + err


def test_a_port_that_is_taken_is_one_clear_message(serve):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        out, err = serve(port).communicate(timeout=START_TIMEOUT_S)
    assert out == ""
    assert err.startswith(f"error: 127.0.0.1:{port} cannot be listened on (")
    assert "--port" in err
    assert err.count("\n") == 1
