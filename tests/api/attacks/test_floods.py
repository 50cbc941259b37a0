"""One stranger against a real server: huge bodies, slow ones, idle connections, a flood of requests.

Meanwhile somebody at another address asks `/healthz` and a page as a signed-in user, who must be
answered in half a second of an idle machine: of a busy one, in as much more as others take of it.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from catalogue.database.viewer import PROJECT
from catalogue.records.catalogue import open_catalogue
from office.accounts.sessions import Sessions
from office.accounts.users import Users
from tests.api.test_serve import answer_of, free_port
from tests.support.worlds import copied
from tests.support.worlds.town import OPERATOR

STRANGER, OTHERS, HONEST = "127.0.0.3", "127.0.1.{}", "127.0.0.2"
QUICK_S, MOST_MEMORY = 0.5, 100_000_000
HUGE = 24_000_000
LISTS = b"[" + b"[]," * (HUGE // 3)
PATIENCE_S = 60


@dataclass
class Server:
    """A server that runs, and a session at it."""

    port: int
    pid: int
    cookie: str
    opened: list[socket.socket] = field(default_factory=list)

    def connect(self, address: str) -> socket.socket:
        connection = socket.create_connection(
            ("127.0.0.1", self.port), timeout=PATIENCE_S, source_address=(address, 0)
        )
        self.opened.append(connection)
        return connection

    def get(self, address: str, path: str, cookie: str = "") -> int:
        """Return the status of an answer on a connection of its own, 0 where there is none."""
        connection = self.connect(address)
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        connection.sendall(
            f"{head}{f'Cookie: {cookie}' if cookie else 'Accept: */*'}\r\n\r\n".encode()
        )
        return status_of(connection)

    def memory(self) -> int:
        """Return what the process takes now, in bytes."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024


def status_of(connection: socket.socket) -> int:
    """Read an answer to its end; returns its status, 0 where the connection broke before one came."""
    told = b""
    with suppress(OSError):
        while piece := connection.recv(65_536):
            told += piece[:100] if not told else b""
    connection.close()
    return int(told.split()[1]) if told.startswith(b"HTTP/1.1 ") else 0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("flooded")
    url = copied("small", folder)
    with open_catalogue(url) as catalogue:
        kato = Users(catalogue).create(
            OPERATOR, "kato", role=PROJECT, password="four slow cranes at dusk", is_one_time=False
        )
        token = Sessions(catalogue).start(kato.user_id)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", "from cli.main import main; main()", "serve", "--port", str(port)],
        env=os.environ
        | {
            "ENMUSUBI_DATA_DIR": str(folder),
            "ENMUSUBI_CACHE_DIR": str(folder / "cache"),
            "ENMUSUBI_DATABASE_URL": url,
            "ENMUSUBI_SERVER__FORWARDED_ALLOW_IPS": "192.0.2.1",
            "ENMUSUBI_SERVER__ADDRESS_BURST": "200",
            "ENMUSUBI_SERVER__ADDRESS_PER_MINUTE": "600",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert answer_of(f"http://127.0.0.1:{port}/healthz").status_code == 200
    started = Server(port, process.pid, f"enmusubi={token}")
    assert started.get(HONEST, "/needs", started.cookie) == 200
    yield started
    process.kill()
    process.wait()


@pytest.fixture(autouse=True)
def closed_behind(server: Server) -> Iterator[None]:
    yield
    for connection in server.opened:
        connection.close()
    server.opened.clear()
    time.sleep(0.2)


def idle_share(seconds: float = 0.3) -> float:
    """Return the share of the machine that nobody used while it was watched."""
    before = [int(part) for part in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    time.sleep(seconds)
    after = [int(part) for part in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    spent = [late - early for early, late in zip(before, after, strict=True)]
    return max(0.25, (spent[3] + spent[4]) / max(1, sum(spent)))


def allowed_s() -> float:
    """Return how long an answer may take: longer, where others wait for the processors, too."""
    waiting = os.getloadavg()[0] / (os.cpu_count() or 1)
    return QUICK_S * min(20, max(1 / idle_share(), waiting))


def slowest_during(server: Server, attack: Callable[[], None]) -> tuple[float, float]:
    """Return the longest that the honest user waited while it lasted, and what was allowed."""
    most = allowed_s()
    thread = threading.Thread(target=attack, daemon=True)
    before, waited, statuses = server.memory(), [], set()
    highest = before
    thread.start()
    while thread.is_alive() or len(waited) < 6:
        for path, cookie in (("/healthz", ""), ("/needs", server.cookie)):
            began = time.monotonic()
            statuses.add(server.get(HONEST, path, cookie))
            waited.append(time.monotonic() - began)
        highest = max(highest, server.memory())
        time.sleep(0.25)
    thread.join()
    told = f"slowest {max(waited):.3f} s of {most:.2f}, memory +{(highest - before) / 1e6:.0f} MB"
    sys.stdout.write(f"{told}\n")  # the figures, for `pytest -s`
    assert statuses == {200}
    assert highest - before < MOST_MEMORY
    return max(waited), most


def post_huge(server: Server, path: str, address: str, statuses: list[int]) -> None:
    connection = server.connect(address)
    with suppress(OSError):
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(LISTS)}\r\n\r\n".encode()
        )
        for start in range(0, len(LISTS), 1_000_000):
            connection.sendall(LISTS[start : start + 1_000_000])
    statuses.append(status_of(connection))


def test_huge_bodies_of_nobody_are_not_read(server: Server) -> None:
    statuses: list[int] = []

    def attack() -> None:
        paths = ("/v1/matches", "/v1/needs", "/", "/nowhere", "/login")
        threads = [
            threading.Thread(target=post_huge, args=(server, path, STRANGER, statuses))
            for path in paths * 2
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)

    slowest, most = slowest_during(server, attack)
    assert slowest < most
    assert len(statuses) == 10
    assert set(statuses) <= {0, 413}  # 0: who sends on and on may be cut off before it reads


@pytest.mark.parametrize("path", ["/v1/matches", "/"])
def test_nobodys_body_is_not_waited_for(server: Server, path: str) -> None:
    connection = server.connect(STRANGER)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    began = time.monotonic()
    connection.sendall(f"{head}Content-Length: 500000\r\n\r\n{{".encode())
    assert connection.recv(100).startswith(b"HTTP/1.1 401 ")
    assert time.monotonic() - began < allowed_s()
    with suppress(OSError):
        while connection.recv(65_536):
            pass
    assert time.monotonic() - began < 10  # and the connection is closed


def test_connections_that_say_nothing_keep_nobody_out(server: Server, exhaustive: bool) -> None:
    many, slow = (1_000, 200) if exhaustive else (300, 60)

    def attack() -> None:
        for number in range(many):
            with suppress(OSError):
                server.connect(OTHERS.format(number % 5 + 1))
        tricklers = []
        for _ in range(slow):
            with suppress(OSError):
                tricklers.append(server.connect(STRANGER))
                tricklers[-1].sendall(b"POST /v1/matches HTTP/1.1\r\nHost: a\r\nX: ")
        for _ in range(10 if exhaustive else 3):
            time.sleep(1)
            for one in tricklers:
                with suppress(OSError):
                    one.sendall(b"x")

    slowest, most = slowest_during(server, attack)
    assert slowest < most


def test_a_flood_of_requests_from_one_address_is_refused(server: Server, exhaustive: bool) -> None:
    statuses: list[int] = []

    def one() -> None:
        for _ in range(5_000 // 4 if exhaustive else 150):
            with suppress(OSError):
                statuses.append(server.get(STRANGER, "/needs", "enmusubi=made-up"))

    def attack() -> None:
        threads = [threading.Thread(target=one) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    slowest, most = slowest_during(server, attack)
    assert slowest < most
    assert statuses.count(429) > len(statuses) / 4
