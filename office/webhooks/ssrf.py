"""Which addresses messages may be sent to: outward http and https only, unless the settings allow more.

A name is looked up once for each attempt and the connection goes to the address that was checked, so
that a name cannot point outward while it is checked and inward when it is used.
"""

import ipaddress
import socket
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from enmusubi.errors import TargetRefusedError
from enmusubi.messages import N_, Message

MAX_URL_CHARS = 2000
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.ip_network(
    "2000::/3"
)  # of IPv6; the rest is local, old or not given out
_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")  # where a cloud answers its own machines
NOT_REACHABLE = N_(
    "The address cannot be used: its host is not reachable from outside. Check its spelling; for a "
    "host inside a network the administrator sets webhooks.allow_private."
)
NOT_AN_ADDRESS = N_("The address cannot be used: expected http:// or https://, a host and a path.")
LOOKUP_S = 3.0  # that a name's address is waited for
MAX_LOOKUPS = 16  # at once: a name server may stay silent for longer than a request waits
_ROOM = threading.BoundedSemaphore(MAX_LOOKUPS)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """Where a message goes: the checked `address`, and the host's name for the server to see."""

    scheme: str
    host: str
    address: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def resolve_target(url: str, *, allow_private: bool) -> Target:
    """Return where a URL leads; raises TargetRefusedError, which quotes nothing of it.

    Names that lead inside a network and unknown names are refused alike: the service does not tell
    what stands beside it.
    """
    parts, port = _split(url)
    host = str(parts.hostname)
    addresses = _look_up(host, port)
    if not allow_private and not all(_is_outward(address) for address in addresses):
        raise TargetRefusedError(NOT_REACHABLE)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    return Target(parts.scheme, host, str(addresses[0]), port, path)


def _split(url: str) -> tuple[SplitResult, int]:
    if len(url) > MAX_URL_CHARS or not url.isascii() or not url.isprintable() or " " in url:
        raise TargetRefusedError(
            "%(advice)s Write it in at most %(most)s ASCII characters.",
            advice=Message(NOT_AN_ADDRESS),
            most=MAX_URL_CHARS,
        )
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise TargetRefusedError(NOT_AN_ADDRESS) from None
    if not port or not parts.hostname:
        raise TargetRefusedError(NOT_AN_ADDRESS)
    if "@" in parts.netloc or parts.fragment:
        raise TargetRefusedError(
            "%(advice)s Leave out user names, passwords and fragments.",
            advice=Message(NOT_AN_ADDRESS),
        )
    return parts, port


def _look_up(host: str, port: int) -> list[Address]:
    try:
        found = _asked(host, port)
    except (OSError, UnicodeError):  # a time limit that passed is among the first
        raise TargetRefusedError(NOT_REACHABLE) from None
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _asked(host: str, port: int) -> list[Any]:
    """Return what name servers say of a host, asked in a thread that is waited for so long only."""
    room = _ROOM
    if not room.acquire(timeout=LOOKUP_S):
        raise TimeoutError
    answer: Future[list[Any]] = Future()

    def ask() -> None:
        try:
            answer.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            answer.set_exception(error)
        finally:
            room.release()

    threading.Thread(target=ask, name="lookup", daemon=True).start()
    return answer.result(LOOKUP_S)


def _is_outward(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or _of_nat64(address)
        if inner is not None:
            return _is_outward(inner)
        if address not in _GLOBAL_UNICAST:
            return False
    elif address in _PROTOCOLS:
        return False
    return address.is_global and not address.is_multicast


def _of_nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address behind a translated one."""
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
