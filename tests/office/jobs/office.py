"""Two portals with their companies, and a receiver of messages that keeps what it gets."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sqlalchemy import insert

from catalogue.database.account_models import ApiKey, Client, ClientCompany
from catalogue.database.viewer import MACHINE, PORTAL, SCOPES, Viewer
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, Draft

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def portal(client_id: str, *companies: str) -> Viewer:
    """Return a portal that acts for these companies."""
    return Viewer(
        client_id, PORTAL, MACHINE, companies=frozenset(companies), scopes=frozenset(SCOPES)
    )


AOBA, KITANO = portal("portal-aoba", "aoba"), portal("portal-kitano", "kitano")


def open_portals(catalogue: Catalogue) -> None:
    """Write two companies with a need each, and the portal of each."""
    drafts = [
        draft
        for name in ("aoba", "kitano")
        for draft in (
            Draft(ORGANISATIONS, {"organisation_id": name, "name_ja": f"{name}株式会社"}),
            Draft(NEEDS, {
                "need_id": f"N-{name}", "text": "薄い膜を探しています。", "organisation_id": name,
            }),
        )
    ]  # fmt: skip
    assert "refused" not in {outcome.change for outcome in catalogue.write(drafts, source="test")}
    with catalogue.writing() as connection:
        for viewer in (AOBA, KITANO):
            client = {"client_id": viewer.viewer_id, "name": "", "role": PORTAL}
            connection.execute(insert(Client).values(**client, created_at=NOW))
            for company in viewer.companies:
                bound = {"client_id": viewer.viewer_id, "organisation_id": company}
                connection.execute(insert(ClientCompany).values(**bound))
            key = {"key_id": f"k-{viewer.viewer_id}", "client_id": viewer.viewer_id}
            connection.execute(
                insert(ApiKey).values(
                    **key, secret_hash="", scopes=" ".join(SCOPES), created_at=NOW
                )
            )


@dataclass
class Receiver:
    """A portal's end: answers with the statuses given, the last one again and again."""

    statuses: list[int] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    drip: bool = False
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def data(self, number: int = -1) -> dict[str, object]:
        """Return a message's content."""
        return json.loads(self.got[number][1])


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    """Let the receiver listen."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((dict(self.headers.items()), body))
            status = receiver.statuses.pop(0) if receiver.statuses[1:] else receiver.statuses[0]
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            while receiver.drip and not ended.wait(0.1):
                try:
                    self.wfile.write(b".")
                except OSError:
                    return

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook?a=1"
    try:
        yield receiver
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
