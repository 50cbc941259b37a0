"""A connection whose requests are sent ahead is not taken for one whose head does not come."""

import socket
import threading
import time
from typing import Any

import anyio
import uvicorn

from api.middleware.connections import protocol_of
from enmusubi.service_settings import ServerSettings

TAKES_S, HEAD_S = 0.8, 0.3
EXPECTS = b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"


async def slow(scope: Any, receive: Any, send: Any) -> None:
    await anyio.sleep(TAKES_S if scope["method"] == "GET" else 0)
    headers = [(b"content-length", b"0")]
    if scope["path"] == "/read":
        await receive()
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def test_a_request_sent_ahead_may_take_longer_than_a_head() -> None:
    settings = ServerSettings().model_copy(update={"head_timeout_s": HEAD_S})
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(slow, http=protocol_of(settings), lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        with socket.create_connection(listening.getsockname(), timeout=20) as connection:
            connection.sendall(HEAD + b"\r\n" + HEAD + b"Connection: close\r\n\r\n")
            told = b"".join(iter(lambda: connection.recv(65_536), b""))
        assert told.count(b"HTTP/1.1 200") == 2
        with socket.create_connection(listening.getsockname(), timeout=20) as refused:
            refused.sendall(EXPECTS % b"/refused")  # nothing after it is taken for its body
            told = b"".join(iter(lambda: refused.recv(65_536), b""))
        assert told.startswith(b"HTTP/1.1 200") and b"100 Continue" not in told
        with socket.create_connection(listening.getsockname(), timeout=20) as read:
            read.sendall(EXPECTS % b"/read")
            assert read.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
            read.sendall(b"123456789" + HEAD + b"Connection: close\r\n\r\n")
            told = b"".join(iter(lambda: read.recv(65_536), b""))
        assert told.count(b"HTTP/1.1 200") == 2
        with socket.create_connection(listening.getsockname(), timeout=20) as silent:
            began = time.monotonic()
            silent.sendall(HEAD)
            assert silent.recv(100) == b""  # and who sends half a head is hung up on
            assert time.monotonic() - began < 10
    finally:
        server.should_exit = True
        thread.join()
