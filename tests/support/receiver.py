"""A portal's end of the webhooks: it receives messages and keeps what it gets."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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
