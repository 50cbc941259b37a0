"""Reads a mail as it was sent (RFC 5322): its subject, and its own words without thread and signature."""

import email
import email.policy
import re
from email.header import decode_header
from email.message import Message as AnyMail
from typing import cast

from catalogue.importers.need_files.html_text import decoded_html, html_text
from catalogue.importers.need_files.mail_threads import own_words
from catalogue.importers.need_files.reading import Found
from catalogue.importers.reading import iso_2022_jp
from catalogue.importers.reading.decoding import find_encoding, known_encoding
from catalogue.importers.reading.decoding_errors import ERRORS, STRICT
from enmusubi.errors import UnreadableFileError
from enmusubi.messages import Message

MAX_PARTS = 500
_MAX_SUBJECT_CHARS = 1_000
_MAX_HEADER_CHARS = 20_000  # as it is encoded: longer ones take minutes to decode
_REPLY = re.compile(r"^\s*(?:(?:re|返信|回答)\s*+(?:\[\d+\]\s*+)?[:：]\s*+)+", re.I)
_FORWARD = re.compile(r"^\s*(?:fwd?|転送)\s*[:：]\s*", re.I)
_PREFIXES = re.compile(r"^(?:\s*+(?:re|fwd?|返信|転送|回答)\s*+(?:\[\d+\]\s*+)?[:：])+", re.I)
_LOCKED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"})


def read(content: bytes) -> Found:
    """Return subject and own words of a mail; raises UnreadableFileError for an encrypted one."""
    mail = email.message_from_bytes(content, policy=email.policy.compat32)
    if not mail.keys():
        raise UnreadableFileError("The file is no mail: it has no headers. Save the mail as eml.")
    if mail.get_content_type() in _LOCKED and "signed-data" not in str(mail.get_params("")):
        raise UnreadableFileError("The mail is encrypted. Save it without, or paste its text.")
    bodies, attached = _parts(mail)
    subject = decoded_subject(mail)
    body = "\n".join(bodies)
    if not body.strip():
        for inner in mail.walk():
            if inner.get_content_type() == "message/rfc822" and inner.is_multipart():
                forwarded = cast(AnyMail, inner.get_payload(0))
                subject = subject if bare_subject(subject) else decoded_subject(forwarded)
                body = "\n".join(_parts(forwarded)[0])
                break
    return told(subject, body, attached)


def told(subject: str, body: str, attached: int) -> Found:
    """Return a mail as a need: the subject without Re: and Fw:, the own words, what was left out."""
    words = own_words(body, is_forwarded=bool(_FORWARD.match(_REPLY.sub("", subject))))
    notes = list[Message]()
    if words.left_out:
        notes.append(Message("The mail's signature and what it quotes were left out."))
    if attached:
        notes.append(Message("Attached files were not read: %(count)s.", {"count": attached}))
    return Found(f"{bare_subject(subject)}\n\n{words.text}".strip(), notes)


def bare_subject(subject: str) -> str:
    """Return a subject without the Re: and Fw: before it."""
    return _PREFIXES.sub("", subject).strip()


def decoded_subject(mail: AnyMail) -> str:
    """Return a mail's subject in one line, whatever it is encoded in."""
    raw_subjects = (value for name, value in mail.raw_items() if name.lower() == "subject")
    given = str(next(raw_subjects, ""))[:_MAX_HEADER_CHARS]
    pieces = list[str]()
    for piece, charset in decode_header(given):
        raw = piece if isinstance(piece, bytes) else piece.encode("ascii", "surrogateescape")
        pieces.append(decoded(raw, "" if charset in {None, "unknown-8bit"} else str(charset)))
    return " ".join("".join(pieces).split())[:_MAX_SUBJECT_CHARS]


def decoded(raw: bytes, charset: str) -> str:
    """Return a text in the encoding that is declared, or in the likeliest if it is not in that."""
    name = find_encoding(raw)
    if charset and charset.lower() not in _ASCII and name != iso_2022_jp.NAME:
        try:
            declared = known_encoding(_SHIFT_JIS.get(charset.lower(), charset))
            return raw.decode(declared, STRICT)
        except (LookupError, UnicodeError):
            pass
    return raw.decode(name, ERRORS)


_ASCII = frozenset({"us-ascii", "ascii"})
_SHIFT_JIS = dict.fromkeys(("shift_jis", "shift-jis", "sjis", "ms_kanji"), "cp932")


def _parts(mail: AnyMail) -> tuple[list[str], int]:
    """Return the texts that a mail shows as its body, and how many files are attached."""
    bodies, attached, waiting, seen = list[str](), 0, [mail], 0
    while waiting and (seen := seen + 1) <= MAX_PARTS:
        part = waiting.pop(0)
        kind = part.get_content_type()
        if kind == "message/rfc822" or _is_attached(part):
            attached += 1
        elif kind == "multipart/alternative":
            if chosen := _preferred(part):
                waiting.insert(0, chosen)
        elif part.is_multipart():
            waiting[:0] = [one for one in part.get_payload() if isinstance(one, AnyMail)]
        elif kind == "text/plain":
            bodies.append(_plain(part))
        elif kind == "text/html":
            bodies.append(html_text(_html(part)))
        elif not kind.startswith("text/") and kind not in {
            "application/pkcs7-signature",
            "application/pgp-signature",
        }:
            attached += "content-id" not in part or not kind.startswith("image/")
    return bodies, attached


def _preferred(part: AnyMail) -> AnyMail | None:
    """Return the version of a text that is read: plain, if it says anything, else the last."""
    versions = [one for one in part.get_payload() if isinstance(one, AnyMail)]
    for version in versions:
        if version.get_content_type() == "text/plain" and _plain(version).strip():
            return version
    rich = [one for one in versions if one.get_content_type() in _RICH or one.is_multipart()]
    return rich[-1] if rich else None


_RICH = frozenset({"text/html"})


def _is_attached(part: AnyMail) -> bool:
    if part.is_multipart():
        return False
    is_text = part.get_content_type() in {"text/plain", "text/html"}
    disposition = part.get_content_disposition()
    return disposition == "attachment" or (bool(part.get_filename()) and not is_text)


def _payload(part: AnyMail) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _plain(part: AnyMail) -> str:
    text = decoded(_payload(part), part.get_content_charset("") or "")
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    return _reflowed(text, joins=str(part.get_param("delsp", "")).lower() == "yes")


def _html(part: AnyMail) -> str:
    raw, charset = _payload(part), part.get_content_charset("") or ""
    return decoded(raw, charset) if charset else decoded_html(raw)


def _reflowed(text: str, *, joins: bool) -> str:
    """Return the text with its soft line ends undone (RFC 3676)."""
    lines, flowing = list[str](), False
    for line in text.replace("\r\n", "\n").split("\n"):
        plain = line.removeprefix(" ") if line.startswith(" ") else line
        if flowing and lines and not plain.startswith(">"):
            lines[-1] += plain
        else:
            lines.append(plain)
        flowing = plain.endswith(" ") and plain != "-- " and not plain.startswith(">")
        if flowing and joins:
            lines[-1] = lines[-1].removesuffix(" ")
    return "\n".join(lines)
