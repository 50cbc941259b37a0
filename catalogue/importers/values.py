"""Turns a cell or a JSON value into what a column of the catalogue keeps, or says why not.

Every parser returns None for an empty value and raises BadValueError for one it cannot take;
the reason never holds the value.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from catalogue.importers.amounts import is_undecided, yen_of
from catalogue.importers.reading.plain_text import one_line, plain_text
from catalogue.importers.rows import CellError, DayOf1904
from catalogue.records.drafts import BadValueError, Value, is_reserved
from enmusubi.language import ENGLISH, JAPANESE, clean_text
from enmusubi.messages import Message

# The year before each era's first, and the last year that is taken: plans that were written before
# an era ended name years beyond its end, such as 平成35年度.
ERAS = {
    "明治": (1867, 45),
    "大正": (1911, 15),
    "昭和": (1925, 64),
    "平成": (1988, 41),
    "令和": (2018, 82),
}
_LETTERS = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}
_ERA_YEAR = re.compile(
    r"(?:(?P<era>明治|大正|昭和|平成|令和)|(?P<letter>[MTSHR])\.?)"
    r"\s*(?P<year>元|\d{1,2})(?![\dA-Z])",
    re.IGNORECASE,
)


def western(text: str) -> str:
    """Return the text with the era year at its start as a Western one.

    `令和3年4月1日` gives `2021年4月1日`, `R3.4.1` gives `2021.4.1` and `平成元年度` `1989年度`. Text
    that begins otherwise, or with a year that its era does not have, stays as it is. The text must
    be in NFKC, so that digits have one width and `㋿` is two characters.
    """
    found = _ERA_YEAR.match(text)
    if not found:
        return text
    before, last = ERAS[found["era"] or _LETTERS[found["letter"].upper()]]
    year = 1 if found["year"] == "元" else int(found["year"])
    return f"{before + year}{text[found.end() :]}" if 1 <= year <= last else text


Parser = Callable[[Any], Value]

MAX_ID_CHARS = 200
MAX_NAME_CHARS = 300  # names and ids are indexed, and PostgreSQL bounds what an index holds
MAX_LINE_CHARS = 1_000
MAX_TEXT_CHARS = 200_000
FIRST_YEAR, LAST_YEAR = 1800, 2100
LIST_SEPARATOR = "; "

_LANGUAGES = dict.fromkeys(("ja", "jpn", "jp", "japanese", "日本語", "和文"), JAPANESE)
_LANGUAGES |= dict.fromkeys(("en", "eng", "english", "英語", "英文"), ENGLISH)
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d{1,3}(?!\d))")
_DAY = re.compile(
    r"(\d{4})\s*+(?:[-/.年]\s*+)?(\d{1,2})\s*+(?:[-/.月]\s*+)?(\d{1,2})(?:\D.*)?", re.DOTALL
)
_SERIAL = re.compile(r"\d{5}(?:\.\d{1,12})?")
_FIRST_SERIAL, _LAST_SERIAL = 29_221, 73_050  # 1980 to 2099, counted as spreadsheets do
_DAY_0, _DAYS_BEFORE_1904 = date(1899, 12, 30), 1_462
_ORCID = re.compile(r"(?:https?://(?:www\.)?orcid\.org/)?(\d{4}-?\d{4}-?\d{4}-?\d{3}[\dX])/?")
_ROR = re.compile(r"(?:https?://(?:www\.)?ror\.org/)?(0[a-hj-km-np-tv-z0-9]{6}\d{2})/?")
_OPENALEX = re.compile(
    r"(?:https?://(?:api\.)?openalex\.org/(?:[a-z]+/)?)?([AWI]\d+)", re.IGNORECASE
)
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S{1,200})", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)
_MAIL = re.compile(r"[^\s@;,<>\"]{1,64}@[^\s@;,<>\"]{1,200}\.[^\s@;,<>\".]{2,}")
_MAIL_BORDERS = re.compile(r"[;,、\s/<>]+|mailto:")
_CODE_BORDERS = re.compile(r"[;；\n]")
_FIELD_CODE = re.compile(r"[a-z][a-z0-9_-]{1,20}:\S.{0,60}")
_KEYWORD_BORDERS = re.compile(r"[;；、\n]")


def as_text(value: Any) -> str:
    """Return a cell or JSON value as text; lists of plain values are joined by `; `."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, CellError):
        raise BadValueError(
            "the cell shows the error %(code)s in place of a value: mend its formula", code=value
        )
    if isinstance(value, list | tuple):
        if any(isinstance(entry, dict | list) for entry in value):
            raise BadValueError("a list of objects where text is expected")
        return LIST_SEPARATOR.join(filter(None, map(as_text, value)))
    if isinstance(value, dict):
        raise BadValueError("an object where text is expected")
    return str(value)


def folded(value: Any) -> str:
    """Return a short value in one form: NFKC, one line, no control characters."""
    text = as_text(value)
    if len(text) > MAX_LINE_CHARS:
        raise BadValueError("longer than %(most)s characters", most=f"{MAX_LINE_CHARS:,}")
    if text.isascii() and text.isprintable():  # usual, and as it is in NFKC
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFKC", clean_text(text)).split())


def identifier(value: Any) -> str | None:
    """Parse an id: up to 200 characters, without `;`."""
    text = folded(value)
    if len(text) > MAX_ID_CHARS:
        raise BadValueError("an id of more than %(most)s characters", most=MAX_ID_CHARS)
    if ";" in text:
        raise BadValueError("an id with a semicolon in it")
    return text or None


def need_identifier(value: Any) -> str | None:
    """Parse a need's id: one that an address can have."""
    text = identifier(value)
    if text and is_reserved(text):
        raise BadValueError("an id that the service's addresses use: `new`, or one like `…/close`")
    return text


def line(value: Any) -> str | None:
    """Parse a title or the like: plain text on one line, up to 1,000 characters."""
    return _bounded(value, one_line, MAX_LINE_CHARS)


def name(value: Any) -> str | None:
    """Parse a name: plain text on one line, up to 300 characters."""
    return _bounded(value, one_line, MAX_NAME_CHARS)


def prose(value: Any) -> str | None:
    """Parse a text of any number of lines, up to 200,000 characters."""
    return _bounded(value, plain_text, MAX_TEXT_CHARS)


def _bounded(value: Any, clean: Callable[[str], str], max_chars: int) -> str | None:
    text = as_text(value)
    if len(text) > max_chars:
        raise BadValueError("longer than %(most)s characters", most=f"{max_chars:,}")
    return clean(text) or None


def keywords(value: Any) -> str | None:
    """Parse keywords: a list, or text divided by `;`, `、` or line ends, else by commas."""
    text = _bounded(value, plain_text, MAX_TEXT_CHARS) or ""
    borders = _KEYWORD_BORDERS if _KEYWORD_BORDERS.search(text) else re.compile("[,，]")
    words = (" ".join(word.split()) for word in borders.split(text))
    return LIST_SEPARATOR.join(dict.fromkeys(filter(None, words))) or None


def names(value: Any) -> str | None:
    """Parse names of organisations or people, divided by `;`, `、` or line ends, never by commas."""
    return keywords(f"{text};") if (text := as_text(value)).strip() else None


def references(value: Any) -> str | None:
    """Parse references to people, divided by `;`: ids, or `name:organisation|name`."""
    parts = (folded(part) for part in as_text(value).replace("；", ";").split(";"))
    return LIST_SEPARATOR.join(dict.fromkeys(filter(None, parts))) or None


def field_codes(value: Any) -> str | None:
    """Parse field codes `scheme:code`, such as `ipc:C08L 1/02; kaken:30010`, divided by `;`."""
    text = _bounded(value, plain_text, MAX_TEXT_CHARS) or ""
    codes = [" ".join(folded(code).split()) for code in _CODE_BORDERS.split(text)]
    listed = list(dict.fromkeys(filter(None, codes)))
    if any(not _FIELD_CODE.fullmatch(code) for code in listed):
        raise BadValueError("not codes such as ipc:C08L 1/02, kaken:30010 or fterm:4F100")
    return LIST_SEPARATOR.join(listed) or None


def one_of(allowed: Sequence[str]) -> Parser:
    """Return a parser of an enumeration, without regard to case and width."""
    listed = ", ".join(value for value in allowed if value)

    def parse(value: Any) -> str | None:
        text = folded(value).casefold()
        if text and text not in allowed:
            raise BadValueError("not one of %(choices)s", choices=listed)
        return text or None

    return parse


def language(value: Any) -> str | None:
    """Parse a language: its code or name, such as `ja`, `jpn`, `en-US` or `日本語`."""
    text = folded(value).casefold().replace("_", "-").partition("-")[0]
    if text and text not in _LANGUAGES:
        raise BadValueError("not Japanese or English")
    return _LANGUAGES.get(text)


def year(value: Any) -> int | None:
    """Parse a year from a number or a date, Western or of a Japanese era, from 1800 to 2100."""
    if days := _serial_day(value):
        return days.year
    text = western(folded(value))
    if not text:
        return None
    found = _YEAR.match(text)
    if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise BadValueError(
            "not a year from %(first)s to %(last)s, such as 2021",
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )
    return int(found[1])


def day(value: Any) -> date | None:
    """Parse a date: 2024-04-01, 2024/4/1, 20240401, 令和6年4月1日 or R6.4.1, a time may follow.

    45383 is days as spreadsheets count them.
    """
    if days := _serial_day(value):
        return days
    text = western(folded(value))
    if not text:
        return None
    found = _DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else _no_day()
    except ValueError:
        return _no_day()


def _serial_day(value: Any) -> date | None:
    """Return the day that a spreadsheet's number of days stands for; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if not _SERIAL.fullmatch(text):
        return None
    days = int(float(text)) + (_DAYS_BEFORE_1904 if isinstance(value, DayOf1904) else 0)
    return _DAY_0 + timedelta(days) if _FIRST_SERIAL <= days <= _LAST_SERIAL else None


def _no_day() -> date:
    raise BadValueError("not a date such as 2024-04-01")


def yen(value: Any) -> int | None:
    """Parse an amount in yen: 5000000, ¥5,000,000, 300万円程度, 1.2億円; of a range the upper end."""
    text = folded(value)
    if not text or is_undecided(text):
        return None
    amount = yen_of(text)
    if amount is None:
        raise BadValueError("not an amount in yen, such as 5000000 or 300万円")
    return amount


def email(value: Any) -> str | None:
    """Parse e-mail addresses, divided by `;`, blanks or commas."""
    parts = [part for part in _MAIL_BORDERS.split(folded(value)) if part]
    if any(not _MAIL.fullmatch(part) for part in parts):
        raise BadValueError("not an e-mail address such as mori@example.ac.jp")
    return LIST_SEPARATOR.join(dict.fromkeys(parts)) or None


def orcid(value: Any) -> str | None:
    """Parse an ORCID iD, bare or as a link; its check digit must be right (ISO 7064, 11-2)."""
    text = folded(value)
    if not text:
        return None
    found = _ORCID.fullmatch(text.replace("x", "X") if not text.startswith("http") else text)
    digits = found[1].replace("-", "") if found else ""
    if not found or _check_character(digits[:-1]) != digits[-1]:
        raise BadValueError("not an ORCID iD such as 0000-0002-1825-0097 (check digit included)")
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))


def _check_character(digits: str) -> str:
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return "X" if check == 10 else str(check)


def _pattern(
    pattern: re.Pattern[str], reason: Message, recase: Callable[[str], str] = str
) -> Parser:
    def parse(value: Any) -> str | None:
        text = folded(value)
        if not text:
            return None
        found = pattern.fullmatch(text)
        if not found:
            raise BadValueError.saying(reason)
        return recase(found[found.lastindex or 0])

    return parse


ror = _pattern(_ROR, Message("not a ROR id such as https://ror.org/05hz8m414"), str.lower)
openalex = _pattern(_OPENALEX, Message("not an OpenAlex id such as A5000000001"), str.upper)
doi = _pattern(_DOI, Message("not a DOI such as 10.1234/abcd"), str.lower)
link = _pattern(_LINK, Message("not a link that begins with http:// or https://"))
