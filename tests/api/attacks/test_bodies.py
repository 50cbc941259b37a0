"""Bodies that mean harm: too large, slow or deep, packed to burst; each is refused soon and cheaply."""

import io
import json
import re
import resource
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import docx
import pytest
from fastapi import HTTPException, params
from httpx2 import Response
from pypdf import PdfWriter

from api.middleware.protection import BodyLimit
from api.middleware.reception import door_of
from api.v1.json_bodies import JsonRoute, parse_bounded
from tests.api.attacks.actors import HOST, Town
from tests.api.signin.test_forgery import walk

PROBLEM = "application/problem+json"
PATIENCE_S = 20  # far more than any takes, on a machine that has other work
MEMORY = 400_000_000  # bytes that a refusal may add to the peak
JSON = {"content-type": "application/json"}
SEND_JSON = (
    ("POST", "/v1/matches", "head"), ("POST", "/v1/needs", "head"),
    ("PATCH", "/v1/needs/N-open", "head"), ("POST", "/v1/jobs/matches", "head"),
    ("POST", "/v1/needs/N-open/feedback", "head"), ("POST", "/v1/needs/N-open/releases", "head"),
    ("POST", "/v1/webhooks", "portal-a"),
)  # fmt: skip
DEEP = 100_000


@pytest.fixture(autouse=True)
def within_bounds() -> Iterator[None]:
    """Whatever comes is answered soon, and takes little memory."""
    began, before = time.monotonic(), peak()
    yield
    assert time.monotonic() - began < PATIENCE_S
    assert peak() - before < MEMORY


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def upload(town: Town, name: str, content: bytes) -> Response:
    return town["head"].post("/", data={"need": ""}, files={"file": (name, content)})


def refused(answer: Response) -> None:
    """Check that a page or a problem says what is wrong with the request, not with the server."""
    assert 400 <= answer.status_code < 500, answer.text[:500]
    assert "Traceback" not in answer.text
    kind = answer.headers["content-type"]
    assert kind == PROBLEM or kind.startswith("text/html")


@pytest.mark.parametrize(("method", "path", "name"), SEND_JSON)
def test_a_body_that_is_no_sound_json_is_refused(
    town: Town, method: str, path: str, name: str
) -> None:
    bodies: list[bytes] = [
        b"[" * DEEP, b'{"a":' * DEEP, b"[" * DEEP + b"]" * DEEP,
        b'{"need_text":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"top": 1e400, "need_text": "film"}', b'{"top": NaN, "need_text": "film"}',
        b'{"top": Infinity, "text": "film"}', b'{"top": -Infinity}', b'{"need_text": "\xff\xfe"}',
        b'{"need_text": "\\ud800"}', b'{"text": "\\ud800 thin film", "title": "\\udfff"}',
        b'{"need_text": "\\u0000", "text": "\\u0000"}', b'{"top": ' + b"9" * 6_000 + b"}",
        b'{"need_text": "film", "top": ' + b"9" * 4_000 + b"}", b"", b"null", b"1", b'"x"',
        b"\x00", b"{'a': 1}", b'{"a"', b"\xef\xbb\xbf{", json.dumps({"url": 1, "x": 2}).encode(),
        '{"text": "縁"}'.encode("utf-16"), b'{"need_id": ["N-open"]}', b'{"need_text": {"a": 1}}',
    ]  # fmt: skip
    for body in bodies:
        sent = {**JSON, "if-match": "*"}
        answer = town[name].ask(method, path, content=body, headers=sent)
        assert 400 <= answer.status_code < 500, (body[:60], answer.status_code, answer.text[:300])
        assert answer.headers["content-type"] == PROBLEM
        assert len(answer.content) < 20_000, body[:60]


def test_of_two_fields_of_one_name_only_one_counts_for_everything(town: Town) -> None:
    twice = b'{"need_id": "N-open", "need_id": "N-guests"}'
    answer = town["nishi"].post("/v1/matches", content=twice, headers=JSON)
    assert answer.status_code == 404  # the one that is checked is the one that is matched


@pytest.mark.parametrize(
    "kind", ["text/plain", "text/html", "application/xml", "", "multipart/form-data"]
)
def test_another_kind_of_body_is_no_json(town: Town, kind: str) -> None:
    sent = b'{"need_text": "thin film"}'
    answer = town["head"].post("/v1/matches", content=sent, headers={"content-type": kind})
    assert answer.status_code == 415
    assert answer.headers["content-type"] == PROBLEM


def test_a_body_that_is_too_large_is_refused_whatever_its_head_says(town: Town) -> None:
    limit = town.settings.server.max_body_bytes

    def pieces() -> Iterator[bytes]:
        for _ in range(limit // 1_000_000 + 2):
            yield b"x" * 1_000_000

    for path in ("/v1/matches", "/", "/login", "/oauth/token", "/notes", "/admin/people"):
        declared = {"content-length": str(limit + 1), "content-type": "application/json"}
        answer = town["head"].post(path, content=b"{}", headers=declared)
        assert answer.status_code == 413, path
        refused(answer)
    for path, kind in (
        ("/v1/matches", "application/json"),
        ("/", "multipart/form-data; boundary=x"),
    ):
        answer = town["head"].post(path, content=pieces(), headers={"content-type": kind})
        assert 400 <= answer.status_code < 500, path
        refused(answer)


def test_a_form_of_too_many_or_broken_parts_is_refused(town: Town) -> None:
    many = {f"f{n}": "x" for n in range(5_000)}
    refused(town["head"].post("/", data=many))
    refused(town["head"].post("/", files={f"f{n}": ("x.txt", b"x") for n in range(50)}))
    for body in (b"--x\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n1", b"", b"\x00" * 99):
        kind = {"content-type": "multipart/form-data; boundary=x"}
        for path in ("/", "/login", "/notes", "/print"):
            refused(town["head"].post(path, content=body, headers=kind))
    for kind in ("multipart/form-data", "multipart/form-data; boundary=" + "x" * 5_000):
        refused(town["head"].post("/notes", content=b"x", headers={"content-type": kind}))


@pytest.mark.parametrize("path", ["/v1/matches", "/", "/login", "/oauth/token"])
def test_a_body_that_trickles_in_is_not_waited_for(town: Town, path: str) -> None:
    sent: list[Any] = []
    kind = b"application/json" if path.startswith("/v1") else b"multipart/form-data; boundary=x"
    who = {name.encode(): value.encode() for name, value in town["head"].sent.items()}
    headers = [(b"host", HOST.encode()), (b"content-type", kind), *who.items()]
    headers.append((b"transfer-encoding", b"chunked"))
    if path.startswith("/v1"):
        headers.append((b"x-csrf-token", town["head"].token.encode()))
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers, "client": ("192.0.2.7", 1), "server": (HOST, 80), "scheme": "http",
        "root_path": "", "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip

    async def trickle() -> dict[str, Any]:
        await anyio.sleep(0.05)
        return {"type": "http.request", "body": b"-", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    async def ask() -> None:
        with anyio.fail_after(PATIENCE_S):
            await town.app(scope, trickle, send)

    with pytest.MonkeyPatch.context() as patch:
        _shorten(town, patch)
        anyio.run(ask)
    assert sent[0]["status"] in {400, 408, 422}
    assert [message["type"] for message in sent].count("http.response.start") == 1


def _shorten(town: Town, patch: pytest.MonkeyPatch) -> None:
    """Let the application wait for a body for half a second."""
    layer: Any = town.app.middleware_stack
    while not isinstance(layer, BodyLimit):
        layer = getattr(layer, "app", None) or layer._app
    patch.setattr(layer, "_timeout_s", 0.5)


def word_file(document: bytes, **more: bytes) -> bytes:
    """Return a Word file with another document in it."""
    made, plain = io.BytesIO(), io.BytesIO()
    docx.Document().save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            is_it = entry.filename == "word/document.xml"
            new.writestr(entry.filename, document if is_it else old.read(entry))
        for name, content in more.items():
            new.writestr(name, content)
    return made.getvalue()


SPACE = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OPENING, CLOSING = b'<w:document xmlns:w="' + SPACE + b'"><w:body>', b"</w:body></w:document>"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "' + b"ha" * 50 + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(9))
    + b"]>" + OPENING + b"<w:p><w:r><w:t>&j;</w:t></w:r></w:p>" + CLOSING
)  # fmt: skip
FETCHED = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    + OPENING + b"<w:p><w:r><w:t>&x;</w:t></w:r></w:p>" + CLOSING
)  # fmt: skip


def lying_zip() -> bytes:
    """Return a Word file whose directory says that a huge part is small."""
    content = word_file(OPENING + b"<w:p/>" * 2_000_000 + CLOSING)
    size = len(OPENING + b"<w:p/>" * 2_000_000 + CLOSING).to_bytes(4, "little")
    return content.replace(size, (1_000).to_bytes(4, "little"))


WORD_FILES = {
    "zeros that unpack to 300 MB": lambda: word_file(OPENING, **{"word/x.bin": b"\0" * 300_000_000}),
    "20 million empty paragraphs": lambda: word_file(OPENING + b"<w:p/>" * 20_000_000 + CLOSING),
    "a directory that lies": lying_zip,
    "a billion laughs": lambda: word_file(LAUGHS),
    "an entity from a file": lambda: word_file(FETCHED),
    "depth": lambda: word_file(OPENING + b"<w:p>" * 200_000 + b"</w:p>" * 200_000 + CLOSING),
    "a wide table": lambda: word_file(
        OPENING + b'<w:tbl><w:tblGrid/><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr>'
        b"<w:p/></w:tc></w:tr></w:tbl>" + CLOSING
    ),
    "no zip": lambda: b"PK\x03\x04" + b"\0" * 500,
    "nothing": lambda: b"",
}  # fmt: skip


@pytest.mark.parametrize("kind", WORD_FILES)
def test_a_word_file_that_means_harm_is_refused(town: Town, kind: str) -> None:
    content = WORD_FILES[kind]()
    refused(upload(town, "need.docx", content))


def pdf(*pages: bytes, packed: bool = True, count: int | None = None) -> bytes:
    """Return a PDF with a content stream for each page."""
    number, kids, objects = 3, [], []
    for page in pages:
        stream = zlib.compress(page) if packed else page
        kids.append(b"%d 0 R" % number)
        objects.append(
            b"%d 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents %d 0 R>>endobj\n"
            % (number, number + 1)
        )
        packing = b"/Filter/FlateDecode" if packed else b""
        objects.append(
            b"%d 0 obj<</Length %d%s>>stream\n" % (number + 1, len(stream), packing)
            + stream + b"\nendstream endobj\n"
        )  # fmt: skip
        number += 2
    total = len(pages) if count is None else count
    root = b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    tree = b"2 0 obj<</Type/Pages/Count %d/Kids[%s]>>endobj\n" % (total, b" ".join(kids))
    body = b"%PDF-1.7\n" + root + tree + b"".join(objects)
    return body + b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n0\n%%%%EOF" % number


def locked_pdf() -> bytes:
    made, content = PdfWriter(), io.BytesIO()
    made.add_blank_page(9, 9)
    made.encrypt("nobody knows", algorithm="RC4-128")
    made.write(content)
    return content.getvalue()


PDF_FILES = {
    "locked": locked_pdf,
    "a stream that unpacks to 300 MB": lambda: pdf(b"\0" * 300_000_000),
    "50 streams of 20 MB": lambda: pdf(*([b"q Q " * 5_000_000] * 50)),
    "one page of 50 such streams": lambda: pdf(b"q Q " * 5_000_000).replace(
        b"/Contents 4 0 R", b"/Contents[" + b"4 0 R " * 50 + b"]"
    ),
    "pages that count themselves": lambda: pdf(b"BT ET", count=10**9),
    "a tree of pages that holds itself": lambda: pdf(b"").replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]"),
    "depth": lambda: pdf(b"[" * 100_000 + b"]" * 100_000 + b" TJ", packed=False),
    "words without end": lambda: pdf(b"(" * 3_000_000, packed=False),
    "no pdf": lambda: b"%PDF-1.7" + b"\0" * 5_000,
}  # fmt: skip


@pytest.mark.parametrize("kind", PDF_FILES)
def test_a_pdf_file_that_means_harm_is_refused(town: Town, kind: str) -> None:
    refused(upload(town, "need.pdf", PDF_FILES[kind]()))


def test_a_text_of_endless_length_is_refused(town: Town) -> None:
    for name in ("need.txt", "need.md"):
        refused(upload(town, name, "薄い膜を".encode() * 2_000_000))
    refused(upload(town, "need.txt", b"\xff\xfe" * 100_000))
    refused(town["head"].post("/v1/matches", json={"need_text": "膜" * 1_000_000}))
    refused(town["head"].post("/v1/needs", json={"text": "膜" * 900_000}))


def test_the_service_answers_as_before(town: Town) -> None:
    sent = {"need_text": "thin film packaging"}
    assert town["head"].post("/v1/matches", json=sent).status_code == 200


def test_the_shipped_proxies_let_files_through_where_a_route_takes_them_and_nowhere_else(
    town: Town,
) -> None:
    said = {
        re.search(r"location ~ (\S+) \{", Path("deploy/nginx.conf").read_text())[1],  # type: ignore[index]
        *re.findall(r"path_regexp (\S+)", Path("deploy/Caddyfile").read_text()),
    }
    assert len(said) == 1
    let_through = re.compile(said.pop())
    for route in walk(town.app.routes):
        for method in route.methods or ():
            path = re.sub(r"\{[^}]*\}", "x", route.path)
            scope = {"app": town.app, "method": method, "path": path}
            door = door_of(scope)
            if door and door.takes_files:
                assert let_through.match(path), path
    assert not let_through.match("/v1/matches")
    assert not let_through.match("/login")


def test_every_json_body_is_counted_before_it_is_parsed(town: Town) -> None:
    with_json = [
        route
        for route in walk(town.app.routes)
        if route.body_field and not isinstance(route.body_field.field_info, params.Form)
    ]
    assert len(with_json) > 8
    assert [route.path for route in with_json if not isinstance(route, JsonRoute)] == []
    with pytest.raises(HTTPException, match="more than 20,000 names"):
        parse_bounded(b"[" + b"[]," * 20_000 + b"[]]")
    text = json.dumps({"need_text": '[,{"' * 10_000}).encode()  # of a text nothing is counted
    assert parse_bounded(text) == json.loads(text)
