"""Finds out a text file's encoding among those in which Japanese text is kept.

What fits strictly counts: BOM, ISO-2022-JP's escapes, UTF-8, CP932, EUC-JP, UTF-16 and UTF-32. Where
several fit, as CP932 and EUC-JP can, the likelier text decides. Where none fits to the end, the one
that fits most lines does, and readers point at the others. No other encoding is guessed but that of
Western Windows, for text that is plainly Western and fits none of these.
"""

import codecs
import re
from collections import Counter

from catalogue.importers.reading import iso_2022_jp
from catalogue.importers.reading.decoding_errors import STRICT
from catalogue.importers.reading.likelihood import log_likelihood

SAMPLE_BYTES = 4_000_000
UNDECODED = re.compile("[\udc80-\udcff]")  # a byte that could not be decoded, carried over
ESCAPED = re.compile("\x1b[$(.N]|[\x0e\x0f]")
"""Escapes and shifts of ISO-2022-JP that stand in a text of another encoding."""

UTF_8, CP932, EUC_JP = "utf-8", "cp932", "euc_jp"
_JAPANESE = (CP932, EUC_JP)
_UTF_16 = ("utf-16-le", "utf-16-be")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_JUDGED_BYTES = 200_000
_JUDGED_LINES = 5_000
_LEAST_LIKELY = -11.0  # log likelihood a character of what may be UTF-16 by its letters alone
_FOREIGN_MARGIN = 10.0  # of log likelihood by which a row must be likelier in another encoding

_NOT_TEXT = re.compile("[\x80\uf8f0-\uf8f3]")  # cp932 takes any byte for something
_CJK = re.compile("[\u3000-\u9fff\uff01-\uff9f]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_SHIFTED = re.compile(rb"\x0e[!-_]+\x0f")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
# Letters of UTF-8 that pairs of Japanese bytes can be by chance: none of them stands in a usual text
_BY_CHANCE = re.compile(
    "[^\0-\x7f\u0100-\u036f\u03cf-\u03ff\u0530-\u07ff]|[a-z][^\0-\x7f]|[^\0-\x7f][a-z]"
)
_SHORT_BYTES = 64
_CONTROL_BYTES = re.compile(rb"[\0-\x08\x0b\x0c\x0e-\x1f]")
_CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")
# Bytes that stand among ASCII as Western letters and signs do: é in a word, ’s, 20 °C, ±5, 3 µm
_ALONE = re.compile(
    rb"(?<=[A-Za-z])[\xc0-\xd6\xd8-\xf6\xf8-\xff](?=[a-z])|(?<=[A-Za-z])\x92(?=[a-z])"
    rb"|(?<=[0-9 ])\xb0(?=[CFK])|(?<=[\s(])\xb1(?=[0-9])|(?<=[0-9 ])\xb5(?=[A-Za-z])"
)
WESTERN = "cp1252"
_NOT_WESTERN = re.compile("[^\t\n\r -~À-ÖØ-öø-ÿŒœŠšŽžŸ°±µ·×÷²³¹½¼¾’‘“”–—…€£©®™ª«»º¿¡§\xa0]")

_ALIASES = {"windows-31j": CP932, "x-sjis": CP932, "x-euc-jp": EUC_JP, "eucjp-win": EUC_JP}
_ALIASES |= dict.fromkeys(("eucjp-ms", "cp51932"), EUC_JP)
_ALIASES |= dict.fromkeys(("cp50220", "cp50221", "cp50222", "jis"), iso_2022_jp.NAME)
# codecs that are no file's encoding, or that do more than decode
_NOT_FOR_FILES = ("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape")


def find_encoding(sample: bytes) -> str:
    """Return the name of the encoding of a text that begins with these bytes.

    A sample may end in the middle of a character. Where nothing fits it is the one that fits the
    most lines, `utf-8` if none does, so that readers can point at the rows that are broken.
    """
    if marked := _marked(sample) or _wide_by_zeros(sample):
        return marked
    if _fits(sample, UTF_8):
        return _unless_by_chance(sample)
    fitting = [name for name in _JAPANESE if _fits(sample, name)]
    if fitting and _is_ambiguous(sample) and not _CONTROL_BYTES.search(sample):
        return UTF_8  # which it is not: the rows are refused, with how to mend it
    if likeliest := _likeliest(sample[:_JUDGED_BYTES], fitting):
        return likeliest
    return WESTERN if _seems_western(sample) else _of_most_lines(sample)


def is_foreign(text: str, encoding: str) -> bool:
    """Whether a row that was decoded has bytes that do not belong to its file's encoding.

    They were marked, or they are ISO-2022-JP's escapes, or they read as UTF-8 or EUC-JP in a file of
    CP932 or EUC-JP: such a row would come out as other letters.
    """
    if text.isascii():
        return "\x1b" in text and is_escaped(text)
    if _has_undecoded(text) or is_escaped(text):
        return True
    if encoding == CP932 and _NOT_TEXT.search(text):
        return True
    return encoding in _JAPANESE and _reads_as_another(text, encoding)


def is_escaped(text: str) -> bool:
    """Whether escapes or shifts of ISO-2022-JP stand in a text of another encoding."""
    # looking for three letters is a hundred times faster than an expression, and most texts have none
    has_signs = "\x1b" in text or "\x0e" in text or "\x0f" in text
    return has_signs and ESCAPED.search(text) is not None


def _has_undecoded(text: str) -> bool:
    try:
        text.encode()  # which no lone surrogate passes: many times faster than looking for them
    except UnicodeEncodeError:
        return UNDECODED.search(text) is not None
    return False


def as_meant(text: str, encoding: str) -> str:
    """Return a foreign row as its own encoding reads it, for a person to look at; else as it is."""
    try:
        content = text.encode(encoding, "surrogateescape")
    except (UnicodeEncodeError, LookupError):
        return text
    own = find_encoding(content)
    return (_text(content, own) if own not in (encoding, WESTERN) else None) or text


def known_encoding(name: str) -> str:
    """Return the usual name of an encoding; raises LookupError if it is none of a text file."""
    found = codecs.lookup(_ALIASES.get(name.lower(), name)).name
    if found.replace("-", "_") in _NOT_FOR_FILES:
        raise LookupError(name)
    if found.startswith("iso2022_jp"):
        return iso_2022_jp.NAME
    b"\0\0\0\0".decode(found, "replace")  # a LookupError for the codecs that pack or encrypt
    return found


def _marked(sample: bytes) -> str | None:
    """Return the encoding that a byte order mark or an escape names."""
    if sample.isascii() and (iso_2022_jp.SWITCH.search(sample) or _SHIFTED.search(sample)):
        return iso_2022_jp.NAME
    return next((name for bom, name in _BOMS if sample.startswith(bom)), None)


def _text(sample: bytes, encoding: str) -> str | None:
    """Return the text if all of the sample fits; the last character of one cut off may be broken."""
    is_whole = len(sample) < _JUDGED_BYTES and encoding != UTF_8
    try:
        return codecs.getincrementaldecoder(encoding)(STRICT).decode(sample, is_whole)
    except UnicodeError:
        return None


def _fits(sample: bytes, encoding: str) -> bool:
    text = _text(sample, encoding)
    return text is not None and (encoding == UTF_8 or not _NOT_TEXT.search(text))


def _wide_by_zeros(sample: bytes) -> str | None:
    """Tell UTF-16 and UTF-32 without BOM by their zero bytes, of which other text has none.

    In UTF-16 each line end has a zero byte on one side. Where Latin letters stand around it there
    is one on both sides; the letters then tell.
    """
    for name, zeros in (("utf-32-le", sample[3::4]), ("utf-32-be", sample[::4])):
        if len(sample) >= 4 and not any(zeros) and "\0" not in (_text(sample, name) or "\0"):
            return name
    if sample.count(0) * 10 < len(sample) and _fits(sample, UTF_8):
        return None
    line_ends = sample.count(b"\n")
    by_line_ends = max(sample.count(b"\n\0"), sample.count(b"\0\n")) * 4 >= line_ends > 0
    if not by_line_ends and sample.count(0) * 10 < len(sample):
        return None
    wide = {}
    for name in _UTF_16:
        text = _text(sample[:_JUDGED_BYTES], name)
        if text and (by_line_ends or not _CONTROLS.search(text)):
            wide[name] = log_likelihood(text)
    return max(wide, key=wide.__getitem__, default=None)


def _unless_by_chance(sample: bytes) -> str:
    """Return UTF-8, which fits, unless it fits by chance: short Japanese of other encodings can."""
    if len(sample) >= _JUDGED_BYTES:
        return UTF_8
    text, fitting = _text(sample, UTF_8) or "", [UTF_8]
    if not text.isascii() and not _BY_CHANCE.search(text):
        fitting += [name for name in _JAPANESE if _fits(sample, name)]
    elif text.isascii() and not _CONTROLS.search(text):
        return UTF_8
    found = _likeliest(sample, fitting)
    if found not in _UTF_16 or _CONTROLS.search(text):
        return found
    margin = _likelihood(sample, found) - _likelihood(sample, UTF_8)
    return found if len(sample) < _SHORT_BYTES and margin > _FOREIGN_MARGIN else UTF_8


def _likeliest(sample: bytes, fitting: list[str]) -> str:
    """Return the likeliest of the encodings that fit, among them UTF-16 that nothing marks as such."""
    judged = {name: _likelihood(sample, name) for name in fitting}
    if len(sample) % 2 == 0:
        for name in _UTF_16:
            likelihood = _likelihood(sample, name)
            if likelihood > _LEAST_LIKELY * len(sample) / 2:
                judged[name] = likelihood
    return max(judged, key=judged.__getitem__, default="")


def _likelihood(sample: bytes, encoding: str) -> float:
    text = _text(sample, encoding)
    return log_likelihood(text) if text else float("-inf")


def _of_most_lines(sample: bytes) -> str:
    """Return the encoding that most lines are likeliest in, for a file that has several."""
    votes: Counter[str] = Counter()
    lines = (line for line in sample.splitlines() if not line.isascii())
    for line, _ in zip(lines, range(_JUDGED_LINES), strict=False):
        if _fits(line, UTF_8):
            votes[UTF_8] += 1
        elif found := _likeliest(line, [name for name in _JAPANESE if _fits(line, name)]):
            votes[found] += found in _JAPANESE
    return max(votes, key=votes.__getitem__, default=UTF_8)


def _is_ambiguous(sample: bytes) -> bool:
    """Whether all that is not ASCII stands as Western letters do, though it is Japanese, too."""
    runs = _HIGH_RUN.findall(sample)
    return all(len(run) == 1 for run in runs) and len(_ALONE.findall(sample)) == len(runs)


def _seems_western(sample: bytes) -> bool:
    """Whether Western Windows would show letters, nearly each of them alone among ASCII."""
    text = _text(sample, WESTERN)
    if text is None or _NOT_WESTERN.search(text):
        return False
    runs = list(map(len, _HIGH_RUN.findall(sample)))
    return max(runs) <= 2 and runs.count(1) >= 0.8 * len(runs)


def _reads_as_another(text: str, encoding: str) -> bool:
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        return False
    found = _text(content, UTF_8)
    if found is None or not _CJK.search(found):
        has_kana = encoding == CP932 and _HALF_WIDTH.search(text)
        found = _text(content, EUC_JP) if has_kana else None
    return found is not None and log_likelihood(found) > log_likelihood(text) + _FOREIGN_MARGIN
