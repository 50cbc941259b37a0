"""Sends one message over HTTP: to a checked address, within a time limit, following no redirect."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from enmusubi.errors import TargetRefusedError
from office.webhooks.ssrf import Target, resolve_target

MAX_ANSWER_BYTES = 4096


@dataclass(frozen=True)
class Attempt:
    """How sending went: the answer's status, or a `fault` without one; nothing of the answer's text."""

    status: int | None
    fault: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took the message."""
        return self.status is not None and 200 <= self.status < 300


def send(
    url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float, allow_private: bool
) -> Attempt:
    """Post the body and return how that went; raises nothing for what a receiver may do."""
    try:
        target = resolve_target(url, allow_private=allow_private)
    except TargetRefusedError as error:
        return Attempt(None, str(error))
    connection = _Connection(target, timeout_s)
    try:
        with _Deadline(connection, timeout_s):
            sent = {"Host": target.authority, "Content-Type": "application/json", **headers}
            connection.request("POST", target.path, body=body, headers=sent)
            answer = connection.getresponse()
            answer.read(MAX_ANSWER_BYTES)
    except ssl.SSLError as error:
        return Attempt(None, f"TLS failed: {error.reason or type(error).__name__}")
    except TimeoutError:
        return Attempt(None, f"no answer within {timeout_s:g} s")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Attempt(None, f"the connection failed: {type(error).__name__}")
    finally:
        connection.close()
    fault = "" if 200 <= answer.status < 300 else f"the receiver answered {answer.status}"
    return Attempt(answer.status, fault)


class _Connection(http.client.HTTPConnection):
    """A connection to the address that was checked; TLS checks the certificate of the name."""

    def __init__(self, target: Target, timeout_s: float) -> None:
        super().__init__(target.address, target.port, timeout=timeout_s)
        self._target = target
        self.opened: socket.socket | None = None  # `sock` is None again while an answer is read

    def connect(self) -> None:
        """Open the connection."""
        super().connect()
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)
        self.opened = self.sock


class _Deadline:
    """Ends a connection when its time is up, however slowly the other side goes on talking."""

    def __init__(self, connection: _Connection, after_s: float) -> None:
        self._connection = connection
        self._passed = threading.Event()
        self._timer = threading.Timer(after_s, self._end)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        self._timer.cancel()
        if self._passed.is_set():
            raise TimeoutError

    def _end(self) -> None:
        self._passed.set()
        opened = self._connection.opened
        if opened is not None:
            with suppress(OSError):  # the plain socket's: TLS would say goodbye first
                socket.socket.shutdown(opened, socket.SHUT_RDWR)
