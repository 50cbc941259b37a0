"""Reads a mail that Outlook saved (.msg): a compound file whose streams are MAPI properties."""

import io
import struct
from typing import Any

from catalogue.importers.need_files.html_text import decoded_html, html_text
from catalogue.importers.need_files.mail import decoded, told
from catalogue.importers.need_files.reading import Found
from catalogue.importers.reading.files import OLE
from enmusubi.errors import UnreadableFileError

_SUBJECT, _BODY, _HTML, _RTF = "0037", "1000", "1013", "1009"
_UNICODE, _BYTES, _BINARY = "001F", "001E", "0102"
_CODE_PAGES = (0x3FFD, 0x3FDE)  # of the message's strings, of its body
_HEADER_BYTES, _ENTRY_BYTES = 32, 16
_MAX_STREAM_BYTES = 20_000_000


def read(content: bytes) -> Found:
    """Return subject and own words of a mail; raises UnreadableFileError where there is no body to read."""
    import olefile

    if not content.startswith(OLE):
        raise UnreadableFileError("The file is no mail of Outlook. Save the mail as eml or msg.")
    with olefile.OleFileIO(io.BytesIO(content)) as mail:
        subject, body = _text(mail, _SUBJECT), _text(mail, _BODY)
        if not body.strip() and (html := _stream(mail, _HTML + _BINARY)):
            body = html_text(decoded_html(html))
        if not body.strip() and _stream(mail, _RTF + _BINARY):
            raise UnreadableFileError(
                "The mail has its text in Outlook's own format only. Save it as eml or txt, or paste it."
            )
        attached = {
            path[0] for path in mail.listdir() if path[0].startswith("__attach_version1.0_")
        }
    return told(" ".join(subject.split()), body, len(attached))


def _text(mail: Any, number: str) -> str:
    if raw := _stream(mail, number + _UNICODE):
        return raw.decode("utf-16-le", "replace").rstrip("\0")
    raw = _stream(mail, number + _BYTES).rstrip(b"\0")
    return decoded(raw, _code_page(mail)) if raw else ""


def _stream(mail: Any, number: str) -> bytes:
    name = f"__substg1.0_{number}"
    if not mail.exists(name):
        return b""
    with mail.openstream(name) as stream:
        found: bytes = stream.read(_MAX_STREAM_BYTES)
    return found


def _code_page(mail: Any) -> str:
    """Return the encoding of the mail's strings as a codec's name, empty where it doesn't say."""
    with mail.openstream("__properties_version1.0") as stream:
        properties = stream.read(_MAX_STREAM_BYTES)[_HEADER_BYTES:]
    pages = {0}
    for at in range(0, len(properties) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        tag, _, value = struct.unpack_from("<III", properties, at)
        if tag >> 16 in _CODE_PAGES:
            pages.add(value)
    known = {65001: "utf-8", 50220: "iso-2022-jp", 51932: "euc_jp", 20127: "", 0: ""}
    page = max(pages)
    return known.get(page, f"cp{page}")
