"""The names of columns, in one form, and how near they are to the names that roles are known by."""

import re
import unicodedata
from functools import lru_cache

from enmusubi.language import clean_text

MIN_LATIN_CHARS = 5  # of a word within a name: `orgname` is no one's name
MAX_HEADER_CHARS = 60  # what is longer is no name of a column

_WISHES = re.compile(
    r"[(\[【<〈]\s*(?:必須|任意|例|記入例|半角|全角|複数可|自由記述|公開|非公開|required|optional|e\.?g\.?|"
    r"入力必須|選択|選択式|記述式|\d+字以内|\d+文字以内|[^()\[\]【】<>〈〉]*(?:字以内|区切り|してください|入力))"
    r"[^()\[\]【】<>〈〉]*[)\]】>〉]",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    r"^(?:[qQ]?\d{1,2}[.)．、:：]\s*|\(\d{1,2}\)\s*|[①-⑳]\s*|[■□●○◆◇▼▽・※*＊]+\s*)+"
)
_TRAILING_NUMBER = re.compile(r"[\s_-]*(?:[(]?\d{1,2}[)]?|[①-⑳])$")
_NOT_IN_NAMES = re.compile(
    r"[\s_\-‐‑–—―・/／\\|,，、.．。:：;；'’\"“”()\[\]【】<>〈〉「」『』{}*＊※?？!！#＃&＆+＋~～]+"
)
_LONG_MARK = re.compile(r"(?<![ァ-ヴｦ-ﾝー])ー")  # ー is a letter within kana and a dash elsewhere
_POLITE = re.compile(r"^[ごお](?=[一-龠])")
_NUMBER, _IDS, _NUMBERED = re.compile(r"(?:id|no|番号|コード|code)$"), frozenset({"id"}), 0.7
_YEN = re.compile(r"[(\[]?\s*(?:単位[:：]?\s*)?(億|百万|千|万|千万|十万)?円\s*[)\]]?")
_TIMES = {"億": 10**8, "千万": 10**7, "百万": 10**6, "十万": 10**5, "万": 10**4, "千": 10**3}


def shown(cell: object) -> str:
    """Return a cell of a header on one line."""
    return "" if cell is None else " ".join(clean_text(str(cell)).split())


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """Return a column's name without case, width, blanks, marks, numbers and advice on filling it in."""
    text = unicodedata.normalize("NFKC", name[: 10 * MAX_HEADER_CHARS])
    text = _NUMBERING.sub("", _WISHES.sub("", text).strip())
    text = _TRAILING_NUMBER.sub("", text.strip()) or text
    kept = _LONG_MARK.sub("", _NOT_IN_NAMES.sub("", text))
    return _POLITE.sub("", kept.casefold())


def looks_like_name(cell: object) -> bool:
    """Whether a cell could be the name of a column: a short text that is no number."""
    text = shown(cell)
    return bool(text) and len(text) <= MAX_HEADER_CHARS and not text.replace(".", "").isdigit()


def nearness(header: str, words: tuple[str, ...]) -> float:
    """Return how near a column's name is to one of the words: 1 for one of them, 0 for none in it.

    A name that ends with a word, as `担当教員氏名` does with `氏名`, is nearer than one that begins with it.
    """
    return _nearness(folded(header), words)


@lru_cache(maxsize=16_384)  # a column is compared with every role of every kind, often with several
def _nearness(name: str, words: tuple[str, ...]) -> float:
    if not name:
        return 0.0
    if name in _as_set(words):
        return 1.0
    best = 0.0
    for word in _found_within(words):
        if (at := name.find(word)) >= 0:
            share = len(word) / len(name)
            ends = at + len(word) == len(name)
            best = max(best, 0.45 + 0.35 * share + (0.12 if ends else 0.0))
    if best < _NUMBERED and _IDS & _as_set(words) and _NUMBER.search(name):
        return _NUMBERED  # `管理ID` is a number of something where any number would do
    return min(best, 0.95)


@lru_cache(maxsize=512)
def _as_set(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(words)


@lru_cache(maxsize=512)
def _found_within(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that are long enough to tell something where they are part of a name."""
    return tuple(w for w in words if len(w) >= (MIN_LATIN_CHARS if w.isascii() else 2))


def yen_in(header: str) -> int:
    """Return what one of a column is in yen, as `予算（千円）` says: 1000; 1 where it does not say."""
    found = _YEN.search(unicodedata.normalize("NFKC", header))
    return _TIMES.get(found[1] or "", 1) if found else 1


def script_of(header: str) -> str:
    """Return `en` or `ja` where a column's name says in which language its values are, else nothing."""
    name = folded(header)
    if re.search(r"英語|英文|英字|ローマ字|english|\(en\)|[_ ]en$|en$", name) and "ken" not in name:
        return "en"
    if re.search(r"日本語|和文|漢字|japanese|[_ ]ja$", name):
        return "ja"
    return ""
