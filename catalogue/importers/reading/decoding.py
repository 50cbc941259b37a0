"""Finds out a text file's encoding: BOM, UTF-8, CP932, EUC-JP, UTF-16, or what seems likeliest."""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

SAMPLE_BYTES = 4_000_000
UNDECODED = re.compile("[\udc80-\udcff]")  # a byte that `surrogateescape` carried over

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le", "utf_7")
_JAPANESE = ("cp932", "euc_jp")
_USUAL = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_HALF_WIDTH_WORTH = 0.95  # EUC-JP read as CP932 is full of half-width kana
_NOT_TEXT = re.compile(f"{UNDECODED.pattern}|[\uf8f0-\uf8f3]")  # cp932 takes any byte for something
_MAX_DAMAGED_SHARE = 0.5  # in other encodings hardly a character happens to be one of UTF-8
_MAX_BROKEN_SHARE = 0.05  # of the non-ASCII characters: still UTF-8, with broken spots
_MIN_USUAL_SHARE = 0.9


_ALIASES = {"windows-31j": "cp932", "x-sjis": "cp932", "x-euc-jp": "euc_jp", "eucjp-win": "euc_jp"}
# codecs that are no file's encoding, or that do more than decode
_NOT_FOR_FILES = ("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape")


@dataclass(frozen=True)
class _Guess:
    encoding: str
    usual_share: float  # kana, kanji and full-width forms among the non-ASCII characters
    broken_share: float


def find_encoding(sample: bytes) -> str:
    """Return the name of the encoding of a text that begins with these bytes.

    A sample may end in the middle of a character. Where nothing fits it is `utf-8`, so that
    readers can point at the rows that are broken.
    """
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return name
    if wide := _utf16_without_bom(sample):
        return wide
    utf8 = _guess(sample, "utf-8")
    if utf8.broken_share <= _MAX_BROKEN_SHARE:
        return utf8.encoding
    best = max((_guess(sample, name) for name in _JAPANESE), key=_plausibility)
    if not best.broken_share and best.usual_share >= _MIN_USUAL_SHARE:
        return best.encoding
    if utf8.broken_share <= _MAX_DAMAGED_SHARE:
        return utf8.encoding
    likeliest = from_bytes(sample[:100_000], cp_exclusion=list(_WIDE)).best()
    fits = likeliest and not _guess(sample, likeliest.encoding).broken_share
    return likeliest.encoding if likeliest and fits else "utf-8"


def known_encoding(name: str) -> str:
    """Return the usual name of an encoding; raises LookupError if it is none of a text file."""
    found = codecs.lookup(_ALIASES.get(name.lower(), name)).name
    if found.replace("-", "_") in _NOT_FOR_FILES:
        raise LookupError(name)
    b"\0\0\0\0".decode(found, "replace")  # a LookupError for the codecs that pack or encrypt
    return found


def _utf16_without_bom(sample: bytes) -> str | None:
    """Tell by the line ends: in UTF-16 each has a zero byte on one side, in UTF-8 none has.

    Where Latin letters stand around them there is one on both sides; the letters then tell.
    """
    if sample.count(0) * 10 < len(sample) and not _guess(sample, "utf-8").broken_share:
        return None
    line_ends = sample.count(b"\n")
    orders = [("utf-16-le", b"\n\0"), ("utf-16-be", b"\0\n")]
    if sample[::2].count(0) > sample[1::2].count(0):
        orders.reverse()
    for name, line_end in orders:
        if line_ends and sample.count(line_end) * 4 >= line_ends:
            return name
    return None


def _guess(sample: bytes, encoding: str) -> _Guess:
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    foreign = re.sub("[\x00-\x7f]+", "", decoder.decode(sample))
    if not foreign:
        return _Guess(encoding, 1.0, 0.0)
    half_width = len(_HALF_WIDTH.findall(foreign))
    return _Guess(
        encoding,
        (len(_USUAL.findall(foreign)) + half_width * _HALF_WIDTH_WORTH) / len(foreign),
        len(_NOT_TEXT.findall(foreign)) / len(foreign),
    )


def _plausibility(guess: _Guess) -> float:
    return guess.usual_share - guess.broken_share
