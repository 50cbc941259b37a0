"""The names of columns, in one form, and how near they are to the names that roles are known by."""

import json
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

from enmusubi.language import clean_text

_TOLD = json.loads(
    (files("catalogue.importers.recognition") / "header_words.json").read_text("utf-8")
)
_SMALL = frozenset(_TOLD["small"].split())
_HEADS = tuple(
    _TOLD["heads"].split()
)  # what a name is about that ends so: 発明者所属 is no inventor
_SCRIPTS = {script: tuple(words.split()) for script, words in _TOLD["scripts"].items()}
MIN_LATIN_CHARS = 5  # of a word within a name: `orgname` is no one's name
MAX_HEADER_CHARS = 60  # what is longer is no name of a column

_WISHES = re.compile(
    r"[(\[【<〈]\s*(?:必須|任意|例|記入例|半角|全角|複数可|自由記述|公開|非公開|required|optional|e\.?g\.?|"
    r"入力必須|選択|選択式|記述式|\d+字以内|\d+文字以内|\d+(?:つ|個|語|件|点|ワード)(?:まで|以内|程度)?|[^()\[\]【】<>〈〉]*(?:字以内|区切り|してください|入力))"
    r"[^()\[\]【】<>〈〉]*[)\]】>〉]",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    r"^(?:[qQ]?\d{1,2}[.)．、:：]\s*|\(\d{1,2}\)\s*|[①-⑳]\s*|[■□●○◆◇▼▽・※*＊]\s*)+"
)
_TRAILING_NUMBER = re.compile(r"[\s_-]*(?:[(]?\d{1,2}[)]?|[①-⑳])$")
_NOT_IN_NAMES = re.compile(
    r"[\s_\-‐‑–—―・/／\\|,，、.．。:：;；'’\"“”()\[\]【】<>〈〉「」『』{}*＊※?？!！#＃&＆+＋~～]+"
)
_LONG_MARK = re.compile(r"(?<![ァ-ヴｦ-ﾝー])ー")  # ー is a letter within kana and a dash elsewhere
_POLITE = re.compile(r"^[ごお](?=[一-龠])")
_JOINING = re.compile(  # 相談の内容 is 相談内容, 想定する用途 is 想定用途, 企業ご担当者 is 企業担当者
    r"(?<=[一-龠々])(?:の(?=[一-龠々ァ-ヴ])|(?:する|される|した|したい|できる)(?=[一-龠々ァ-ヴ]))"
    r"|(?<=[一-龠々])ご(?=[一-龠々])"
    r"|(?<=[ァ-ヴー])の(?=[一-龠々ァ-ヴ])"
)
_OURS = re.compile(r"^(?:貴学|本学|貴校|本校|貴機関|学内|御校)(?=[一-龠ァ-ヴ]{2})")
_HEAD_APART = 0.6
_BRACKETED, _OUTSIDE = re.compile(r"([^(\[【<]+)[(\[【<][^()\[\]【】<>]+[)\]】>]"), 0.93
_NUMBER, _IDS, _NUMBERED = re.compile(r"(?:id|no|番号|コード|code)$"), frozenset({"id"}), 0.7
_YEN = re.compile(r"(億|百万|千|万|千万|十万)?円")
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
    near = _nearness(plain(header), words, _last_word(header))
    if short := _without_small_words(header):
        near = max(near, _nearness(short, words))
    outside = _outside_brackets(header)
    return max(near, _OUTSIDE * _nearness(outside, words)) if outside else near


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """Return a column's name as `folded` gives it, without what only joins its words or says whose it is."""
    text = _JOINING.sub("", folded(name))
    return _OURS.sub("", text) or text


@lru_cache(maxsize=4096)
def _without_small_words(name: str) -> str:
    """Return a name of Latin words without `of`, `the` and the like: `Areas of Interest`; else nothing."""
    words = name[: 10 * MAX_HEADER_CHARS].split() if name.isascii() else []
    kept = [word for word in words if word.casefold() not in _SMALL]
    return folded(" ".join(kept)) if len(kept) < len(words) else ""


@lru_cache(maxsize=4096)
def without_script(name: str) -> tuple[str, str]:
    """Return a column's name without what says in which script its names are, and that script.

    The script is `en`, `kana`, `ja`, or empty: `教員氏名（英字）` gives 教員氏名 and `en`.
    """
    text = plain(name)
    for script, words in _SCRIPTS.items():
        for word in words:
            for rest in (text.removesuffix(word), text.removeprefix(word)):
                if rest != text and len(rest) > 0:
                    return rest, script
    return text, ""


@lru_cache(maxsize=4096)
def _outside_brackets(name: str) -> str:
    """Return what stands before the brackets that a name ends with: 発明者（◎は代表）; else nothing."""
    found = _BRACKETED.fullmatch(
        unicodedata.normalize("NFKC", name[: 10 * MAX_HEADER_CHARS]).strip()
    )
    return plain(found[1]) if found else ""


@lru_cache(maxsize=4096)
def _last_word(name: str) -> str:
    """Return the last of several Latin words: `ext` of `Office Ext.`."""
    words = re.findall(r"[a-z]+", name[: 10 * MAX_HEADER_CHARS].casefold())
    return words[-1] if len(words) > 1 and name.isascii() else ""


@lru_cache(maxsize=16_384)  # a column is compared with every role of every kind, often with several
def _nearness(name: str, words: tuple[str, ...], last: str = "") -> float:
    if not name:
        return 0.0
    if name in _as_set(words):
        return 1.0
    best = 0.0
    for word in _found_within(words):
        if (at := name.find(word)) >= 0:
            share = len(word) / len(name)
            ends = at + len(word) == len(name)
            near = 0.45 + 0.35 * share + (0.12 if ends else 0.0)
            best = max(best, near if ends else near * _weight_of_end(name[at + len(word) :]))
    if last in _as_set(words):  # a short word counts as a whole
        best = max(best, 0.57 + 0.35 * len(last) / len(name))
    if best < _NUMBERED and _IDS & _as_set(words) and _NUMBER.search(name):
        return _NUMBERED  # `管理ID` is a number of something where any number would do
    return min(best, 0.95)


def _weight_of_end(rest: str) -> float:
    """Return how much a word counts that `rest` stands behind: less where that is what the name is about."""
    return _HEAD_APART if rest.endswith(_HEADS) else 1.0


@lru_cache(maxsize=512)
def _as_set(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(plain, words)) | frozenset(words)


@lru_cache(maxsize=512)
def _found_within(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that are long enough to tell something where they are part of a name."""
    told = dict.fromkeys(map(plain, words))
    return tuple(w for w in told if len(w) >= (MIN_LATIN_CHARS if w.isascii() else 2))


def yen_in(header: str) -> int:
    """Return what one of a column is in yen, as `予算（千円）` says: 1000; 1 where it does not say."""
    found = _YEN.search(unicodedata.normalize("NFKC", header[: 10 * MAX_HEADER_CHARS]))
    return _TIMES.get(found[1] or "", 1) if found else 1


def script_of(header: str) -> str:
    """Return `en` or `ja` where a column's name says in which language its values are, else nothing."""
    name = folded(header)
    if re.search(r"英語|英文|英字|ローマ字|english|\(en\)|[_ ]en$|en$", name) and "ken" not in name:
        return "en"
    if re.search(r"日本語|和文|漢字|japanese|[_ ]ja$", name):
        return "ja"
    return ""
