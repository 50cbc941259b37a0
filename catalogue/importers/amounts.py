"""Amounts of yen as people write them: `5,000,000円`, `300万円程度`, `1.2億円`, `100万円〜300万円`."""

import re
import unicodedata

MAX_YEN = 10**15
MAX_AMOUNT_CHARS = 200  # what is longer is no amount

_UNITS = {
    "兆": 10**12,
    "億": 10**8,
    "千万": 10**7,
    "百万": 10**6,
    "十万": 10**5,
    "万": 10**4,
    "千": 10**3,
}
_UNITS |= {"m": 10**6, "million": 10**6, "k": 10**3, "thousand": 10**3}
_ABOUT = (
    r"約|およそ|おおよそ|概ね|上限|下限|最大|最低|総額|年間|年額|総計|計|税込|税抜|税別|程度|くらい|ぐらい|以内|以下|未満"
    r"|前後|まで|以上|超|ほど|弱|強|内外|予定|目安|想定|/年|/件|per year|a year"
    r"|about|approx\.?|up to|jpy|yen|円|¥|\\|\([^()]*\)"
)
_AROUND = re.compile(rf"(?:{_ABOUT}|(?<![\s:：。.])[\s:：。.]++$)", re.IGNORECASE)
_BETWEEN = re.compile(r"[〜~～]|から|(?<=[\d円万億千])\s*[-–—―ー−]\s*(?=[\d約¥])|\bto\b")
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_PART = re.compile(
    rf"({_NUMBER})\s*(兆|億|千万|百万|十万|万|千|million|thousand|m|k)?", re.IGNORECASE
)
_IN_YEN = re.compile(r"[¥\\円]|yen|jpy")
_KANJI_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
_KANJI_NUMBER = re.compile(r"[〇一二三四五六七八九](?=[百千]?[万億千])")
_UNDECIDED = re.compile(
    r"(?:未定|未記入|不明|応相談|要相談|相談|検討中|特に?なし|なし|無し|無|-+|―+|ー+|n/?a|tbd|none|negotiable|undecided)",
    re.IGNORECASE,
)


def is_undecided(text: str) -> bool:
    """Whether a text says that there is no amount yet: `未定`, `応相談`, `-`."""
    return _UNDECIDED.fullmatch(_folded(text)) is not None


def yen_of(text: str, unit: int = 1) -> int | None:
    """Return the amount in yen, of a range the upper end; None where the text is no amount.

    A bare number counts in `unit`, as a column's name such as `予算（千円）` says.
    """
    if len(text) > MAX_AMOUNT_CHARS:
        return None
    folded = _folded(text)
    ends = [end for end in _BETWEEN.split(folded) if end.strip()]
    unit = 1 if _IN_YEN.search(folded) else unit
    if not 1 <= len(ends) <= 2:
        return None
    last_unit = _written_unit(ends[-1])
    amounts = [_amount(end, last_unit or unit) for end in ends]
    if any(amount is None for amount in amounts):
        return None
    return amounts[-1] if (amounts[-1] or 0) <= MAX_YEN else None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _plain(text: str) -> str:
    spoken = _KANJI_NUMBER.sub(lambda found: found[0].translate(_KANJI_DIGITS), text)
    return _AROUND.sub(" ", spoken).strip()


def _written_unit(text: str) -> int:
    """Return the unit of the upper end of a range: in `100〜300万円` it is that of both."""
    parts = _PART.findall(_plain(text))
    return _UNITS[parts[0][1]] if len(parts) == 1 and parts[0][1] else 0


def _amount(text: str, unit: int) -> int | None:
    plain, total, place = _plain(text), 0.0, 0
    parts = list(_PART.finditer(plain))
    if not parts:
        return None
    for part in parts:
        if plain[place : part.start()].strip():
            return None
        number = float(part[1].replace(",", ""))
        is_alone = len(parts) == 1
        total += number * (_UNITS[part[2]] if part[2] else unit if is_alone else 1)
        place = part.end()
    if plain[place:].strip() or (total != round(total) and total < 1):
        return None
    return round(total)
