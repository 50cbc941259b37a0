"""Decodes ISO-2022-JP with all that its family ever switched to, as one codec.

RFC 1468; -1 and -2 (RFC 1554: JIS X 0212, GB 2312, KS C 5601, ISO 8859-1 and -7); -3 and -2004
(JIS X 0213); half-width kana by escape or by shift; and the signs of row 13 and the kanji that
Windows wrote into JIS X 0208. What no table has becomes lone surrogates, which mark it as undecoded.
"""

import codecs
import re
from typing import Any

NAME = "iso_2022_jp_all"
SWITCH = re.compile(rb"\x1b(?:\$[@AB]|\$\([A-DO-Q]|\([BHIJ]|\.[AF])")
"""What begins another set of characters."""

_ASCII, _ROMAN, _KANA = "ascii", "roman", "kana"
_ONE_BYTE = {b"\x1b(B": _ASCII, b"\x1b(H": _ASCII, b"\x1b(J": _ROMAN, b"\x1b(I": _KANA}
_JIS, _JIS_0212 = ("euc_jp", b""), ("euc_jp", b"\x8f")
_TWO_BYTES = {  # the codec for the set's bytes with their high bits on, and what goes before each
    b"\x1b$@": _JIS,
    b"\x1b$B": _JIS,
    b"\x1b$(@": _JIS,
    b"\x1b$(B": _JIS,
    b"\x1b$(D": _JIS_0212,
    b"\x1b$A": ("gb2312", b""),
    b"\x1b$(A": ("gb2312", b""),
    b"\x1b$(C": ("euc_kr", b""),
    b"\x1b$(O": ("euc_jisx0213", b""),
    b"\x1b$(Q": ("euc_jis_2004", b""),
    b"\x1b$(P": ("euc_jis_2004", b"\x8f"),
}
_BESIDE = {b"\x1b.A": "latin_1", b"\x1b.F": "iso8859_7"}
_STEPS = re.compile(rb"\x1b(?:\$\([@A-Z]|\$[@AB]|\([A-Z]|\.[AF]|N[\x20-\x7f])|[\x0e\x0f]|\r?\n|\r")
_CUT_ESCAPE = re.compile(rb"\x1b(?:\$\(?|\(|\.|N)?\Z")
_PAIRS = re.compile(rb"[\x21-\xff]{2}|.", re.DOTALL)
_MARKED = re.compile("[\udc00-\udcff]")
_TO_ROMAN = str.maketrans("\\~", "¥‾")
_MARK = 0xDC00  # a byte's lone surrogate, as `surrogateescape` has it
_HIGH = bytes(byte | 0x80 for byte in range(256))


class Iso2022JpDecoder(codecs.IncrementalDecoder):
    """Takes bytes in pieces that may end anywhere; a line end goes back to ASCII, as lines must."""

    def __init__(self, errors: str = "strict") -> None:
        super().__init__(errors)
        self.reset()

    def reset(self) -> None:
        """Go back to the state at a text's begin."""
        self._set: str | tuple[str, bytes] = _ASCII
        self._shifted = False
        self._beside = "latin_1"
        self._waiting = b""

    def decode(self, piece: Any, final: bool = False) -> str:
        """Return the text of what is complete; raises UnicodeDecodeError if errors are strict."""
        content = self._waiting + bytes(piece)
        self._waiting = b""
        if not final and (cut := _CUT_ESCAPE.search(content)):
            content, self._waiting = content[: cut.start()], cut.group()
        found: list[str] = []
        position = 0
        for step in _STEPS.finditer(content):
            found.append(self._text(content[position : step.start()], is_whole=True))
            found.append(self._take(step.group()))
            position = step.end()
        found.append(self._text(content[position:], is_whole=final))
        text = "".join(found)
        if self.errors == "strict" and _MARKED.search(text):
            raise UnicodeDecodeError(NAME, content, 0, max(len(content), 1), "not ISO-2022-JP")
        return text

    def _take(self, step: bytes) -> str:
        """Follow an escape or a shift; return what it stands for, if it is a line end or a letter."""
        if step in _TWO_BYTES or step in _ONE_BYTE:
            self._set = _TWO_BYTES.get(step) or _ONE_BYTE[step]
            self._shifted = False
        elif step in _BESIDE:
            self._beside = _BESIDE[step]
        elif step[:2] == b"\x1bN":
            return bytes([step[2] | 0x80]).decode(self._beside, "surrogateescape")
        elif step in (b"\x0e", b"\x0f"):
            self._shifted = step == b"\x0e"
        elif step[:1] == b"\x1b":
            return _marked(step)
        else:
            self._set, self._shifted, self._beside = _ASCII, False, "latin_1"
            return step.decode("ascii")
        return ""

    def _text(self, content: bytes, *, is_whole: bool) -> str:
        """Return the text of bytes between two steps, in the set that holds there."""
        if not content:
            return ""
        if self._shifted or self._set == _KANA:
            return _kana(content)
        if isinstance(self._set, str):
            text = content.decode("ascii", "surrogateescape").replace("\x1b", _marked(b"\x1b"))
            return text.translate(_TO_ROMAN) if self._set == _ROMAN else text
        parts = _PAIRS.findall(content)
        if len(parts[-1]) == 1 and parts[-1] > b" " and not is_whole and not self._waiting:
            self._waiting = parts.pop()
        codec, before = self._set
        return "".join(_two_bytes(part, codec, before) for part in parts)


def _two_bytes(pair: bytes, codec: str, before: bytes) -> str:
    if len(pair) == 1 or max(pair) > 0x7E:
        return pair.decode("ascii") if pair <= b" " and pair != b"\x1b" else _marked(pair)
    high = pair.translate(_HIGH)
    try:
        return (before + high).decode(codec)
    except UnicodeDecodeError:
        return (windows_letter(high) if codec == "euc_jp" and not before else "") or _marked(pair)


def windows_letter(pair: bytes) -> str:
    """Return what Windows has at a place of JIS X 0208, given in EUC; nothing where it has none."""
    row, cell = pair[0] - 0xA1, pair[1] - 0xA1
    lead = row // 2 + (0x81 if row < 62 else 0xC1)
    trail = cell + (0x9F if row % 2 else 0x40 + (cell > 62))
    try:
        return bytes([lead, trail]).decode("cp932")
    except (UnicodeDecodeError, ValueError):
        return ""


def _kana(content: bytes) -> str:
    if max(content) > 0x5F:
        return _marked(content)
    return bytes(byte | 0x80 if byte > 0x20 else byte for byte in content).decode("cp932")


def _marked(content: bytes) -> str:
    return "".join(chr(_MARK + (byte | 0x80)) for byte in content)


def _decode(content: Any, errors: str = "strict") -> tuple[str, int]:
    return Iso2022JpDecoder(errors).decode(content, final=True), len(content)


def _search(name: str) -> codecs.CodecInfo | None:
    if name != NAME:
        return None
    return codecs.CodecInfo(
        codecs.lookup("iso2022_jp_2").encode,
        _decode,
        incrementaldecoder=Iso2022JpDecoder,
        name=NAME,
    )


codecs.register(_search)
