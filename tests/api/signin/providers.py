"""OpenID providers for tests: a well-behaved one in its own process, and one that lies as it is told."""

import json
import socket
import subprocess
import sys
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "enmusubi"
KEY = RSAKey.generate_key(2048, {"kid": "1"})
START_S = 30


@contextmanager
def provider_process() -> Iterator[str]:
    """Give the address of a provider that insists on nonces and lets in whoever is named."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce=1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address)
            yield address
        finally:
            process.terminate()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            httpx2.get(f"{address}/.well-known/openid-configuration").raise_for_status()
        except httpx2.HTTPError:
            assert time.monotonic() < deadline, "the provider doesn't start"
            time.sleep(0.1)
        else:
            return


@dataclass
class Liar:
    """A provider whose answers a test can bend; by itself it tells the truth."""

    address: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    id_token: str | None = None
    token_status: int = 200
    signing: RSAKey = field(default_factory=lambda: KEY)
    published: RSAKey | None = None
    challenge: str = ""
    nonce: str = ""

    def authorize(self, location: str) -> dict[str, str]:
        """Take a browser in, as the authorization endpoint; returns what the service asked for."""
        asked = dict(parse_qsl(urlsplit(location).query))
        self.challenge, self.nonce = asked["code_challenge"], asked["nonce"]
        return asked

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Return status and JSON for a request."""
        if path.endswith("openid-configuration"):
            return 200, {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/jwks",
                "userinfo_endpoint": f"{self.address}/userinfo",
                **self.described,
            }
        if path == "/jwks":
            return 200, {"keys": [(self.published or self.signing).as_dict(private=False)]}
        if path == "/userinfo":
            return 200, {"sub": "7", **self.userinfo}
        return self._token(form)

    def _token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        digest = sha256(form["code_verifier"].encode()).digest()
        if urlsafe_b64encode(digest).decode().rstrip("=") != self.challenge:
            return 400, {"error": "invalid_grant"}
        if self.token_status != 200:
            return self.token_status, {"error": "server_error"}
        now = int(time.time())
        said = {
            "iss": self.address, "sub": "7", "aud": CLIENT, "iat": now, "exp": now + 60,
            "nonce": self.nonce, "preferred_username": "Liar", "roles": ["office"],
        }  # fmt: skip
        claims = {name: value for name, value in (said | self.claims).items() if value is not None}
        header = {"alg": "RS256", "kid": "1", **self.header}
        token = self.id_token or jwt.encode(header, claims, self.signing)
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": token}


@contextmanager
def liar() -> Iterator[Liar]:
    """Give a provider that lies as it is told."""
    told = Liar()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._send({name: values[0] for name, values in parse_qs(body).items()})

        def _send(self, form: dict[str, str]) -> None:
            status, content = told.answer(self.path, form)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
