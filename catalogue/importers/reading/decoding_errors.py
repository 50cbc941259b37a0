"""What becomes of bytes that a codec does not know: a variant's letter, or a mark of a lone surrogate."""

import codecs
from typing import Literal

from catalogue.importers.reading.iso_2022_jp import windows_letter

ERRORS = "enmusubi_letters"
"""The name of the error handler, for all that decodes files."""

STRICT = "enmusubi_strict"
"""The name of the one that only finds out whether an encoding fits."""

_WINDOWS_ROWS = (0xAD, 0xF9, 0xFA, 0xFB, 0xFC)  # ①㈱Ⅲ, and kanji such as 髙
_USERS_ROWS = (*range(0xF5, 0xF9), 0xFD, 0xFE)  # letters that only the sender's machine has
_FIRST_OF_USERS = 0xE000
_BYTE_ORDERS: dict[str, Literal["little", "big"]] = {"utf-16-le": "little", "utf-16-be": "big"}


def take_or_mark(error: UnicodeError) -> tuple[str, int]:
    """Return what stands at an error, and where decoding goes on.

    EUC-JP as Windows writes it has signs and kanji besides; a lone half of a pair in UTF-16 comes out
    as it is; other bytes become lone surrogates as `surrogateescape` has them. Raises the error where
    UTF-16 or UTF-32 breaks off.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if letter := _letter_of_windows(error.encoding, pair) or _half(error.encoding, pair):
        return letter, error.start + 2
    marked: tuple[str, int] = codecs.lookup_error("surrogateescape")(error)  # type: ignore[assignment]
    return marked


def take_or_raise(error: UnicodeError) -> tuple[str, int]:
    """Return a variant's letter or a lone half as `take_or_mark` does; raises the error for other bytes."""
    if isinstance(error, UnicodeDecodeError):
        pair = error.object[error.start : error.start + 2]
        if letter := _letter_of_windows(error.encoding, pair) or _half(error.encoding, pair):
            return letter, error.start + 2
    raise error


def _half(encoding: str, pair: bytes) -> str:
    """Return the lone surrogate that two bytes of UTF-16 are; nothing where they are none."""
    order = _BYTE_ORDERS.get(encoding)
    if order is None or len(pair) < 2:
        return ""
    unit = int.from_bytes(pair, order)
    return chr(unit) if 0xD800 <= unit <= 0xDFFF else ""


def _letter_of_windows(encoding: str, pair: bytes) -> str:
    if encoding != "euc_jp" or len(pair) < 2 or min(pair) <= 0xA0:
        return ""
    if pair[0] in _WINDOWS_ROWS:
        return windows_letter(pair)
    if pair[0] in _USERS_ROWS:
        return chr(_FIRST_OF_USERS + (pair[0] - 0xF5) * 94 + pair[1] - 0xA1)
    return ""


codecs.register_error(ERRORS, take_or_mark)
codecs.register_error(STRICT, take_or_raise)
