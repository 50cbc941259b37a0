"""The server's connections: how many there may be, how many of one address, and how long a head may take.

What uvicorn leaves open to whoever connects and says nothing: its own limit answers 503 to everybody.
"""

import asyncio
import ipaddress
import resource
from collections import Counter
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from api.middleware.rate_limits import network_of
from enmusubi.service_settings import ServerSettings

OTHER_FILES = 512  # that the service holds open besides connections


class Connections:
    """All connections of this process, those that were quiet for longest first."""

    def __init__(self, settings: ServerSettings) -> None:
        self.head_timeout_s = settings.head_timeout_s
        self._most = min(settings.max_connections, _room_for_files(settings.max_connections))
        self._most_per_address = settings.connections_per_address
        self._proxies = _networks(settings.forwarded_allow_ips)
        self._open: dict[LimitedProtocol, str] = {}
        self._per_address: Counter[str] = Counter()

    def opened(self, connection: "LimitedProtocol", address: str) -> bool:
        """Count a new connection; returns whether there is room for it."""
        network = network_of(address)
        if self._per_address[network] >= self._most_per_address and not self._is_proxy(address):
            return False
        if len(self._open) >= self._most and not self._close_one():
            return False
        self._open[connection] = network
        self._per_address[network] += 1
        return True

    def closed(self, connection: "LimitedProtocol") -> None:
        """Forget a connection."""
        network = self._open.pop(connection, None)
        if network is None:
            return
        self._per_address[network] -= 1
        if not self._per_address[network]:
            del self._per_address[network]

    def was_used(self, connection: "LimitedProtocol") -> None:
        """Note that a request came."""
        if connection in self._open:
            self._open[connection] = self._open.pop(connection)

    def _close_one(self) -> bool:
        idle = next((one for one in self._open if not one.is_busy), None)
        if idle is None:
            return False
        self.closed(idle)
        idle.transport.abort()
        return True

    def _is_proxy(self, address: str) -> bool:
        if self._proxies is None:
            return True
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._proxies)


class LimitedProtocol(H11Protocol):
    """A connection that is closed where there is no room for it, or where a request's head does not come."""

    limits: Connections  # set by `protocol_of`

    def connection_made(self, transport: Any) -> None:
        """Begin a connection, or end it at once."""
        super().connection_made(transport)
        self._deadline: asyncio.TimerHandle | None = None
        self._asked_before: object = None
        peer = transport.get_extra_info("peername")
        if not self.limits.opened(self, peer[0] if isinstance(peer, tuple) else ""):
            transport.abort()
            return
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that is whole ends the wait for it."""
        super().data_received(data)
        if self.cycle is not None and self.cycle is not self._asked_before:
            self._asked_before = self.cycle
            self.limits.was_used(self)
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for the next request; end where a body was announced and not asked for (RFC 9110, 10.1.1).

        Whether it comes still cannot be told: what comes next would be taken for it.
        """
        self._wait_for_head()
        waits = self.conn.they_are_waiting_for_100_continue
        super().on_response_complete()
        if waits:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection."""
        self._stop_waiting()
        self.limits.closed(self)
        super().connection_lost(exc)

    @property
    def is_busy(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(self.limits.head_timeout_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if (
            not self.is_busy and not self.transport.is_closing()
        ):  # a head sent ahead needs no waiting
            self.transport.abort()


def protocol_of(settings: ServerSettings) -> type[LimitedProtocol]:
    """Return the protocol of a server with these limits, for `uvicorn.run(http=…)`."""
    return type("Protocol", (LimitedProtocol,), {"limits": Connections(settings)})


def _room_for_files(wanted: int) -> int:
    """Let the process open as many files as its connections need; returns how many those may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted + OTHER_FILES:
        most = wanted + OTHER_FILES
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(10, soft - OTHER_FILES)


def _networks(allowed: str) -> list[Any] | None:
    """Return the proxies' networks, None where any address is believed to be one."""
    found = []
    for name in (part.strip() for part in allowed.split(",")):
        if name == "*":
            return None
        try:
            found.append(ipaddress.ip_network(name, strict=False))
        except ValueError:
            continue  # a socket's path
    return found
