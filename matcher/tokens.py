"""Cuts text into the tokens of the lexical indexes: Sudachi for Japanese, a stemmer for English.

One tokenizer a language; a need is cut with the tokenizer of the passages that it is compared with.
"""

import re
import threading
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from enmusubi.language import ENGLISH, JAPANESE

Tokenize = Callable[[str], list[str]]

_NEGATIONS = frozenset({"ない", "ぬ", "ず", "ん"})
_CAUSATIVES = frozenset({"せる", "させる"})
COUNTRY = "国"  # of Sudachi's names of places
SUDACHI_MAX_BYTES = 40_000  # Sudachi refuses inputs beyond 49,149 bytes
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_CONTENT_CLASSES = frozenset({"名詞", "動詞", "形容詞", "形状詞", "副詞", "接頭辞"})
_EMPTY_SUBCLASSES = frozenset({"非自立可能", "助動詞語幹", "代名詞"})
_ENGLISH_STOP_WORDS = frozenset(
    """
    a about above after again all also am an and any are as at be been being below between both but
    by can could did do does doing down during each few for from further had has have having he her
    here hers him his how i if in into is it its itself just may me might more most must my no nor
    not of off on once only or other our ours out over own same shall she should so some such than
    that the their theirs them then there these they this those through to too under until up upon
    us very was we were what when where which while who whom why will with within without would you
    your yours et al
    """.split()  # noqa: SIM905 - a hundred quoted words would hide the list
)


@cache
def _english_stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


@cache
def _dictionary() -> Any:
    from sudachipy import Dictionary

    return Dictionary(dict="core")


class _Tokenizers(threading.local):
    """One Sudachi tokenizer a thread: it refuses to serve two at once. The dictionary is shared."""

    def __init__(self) -> None:
        self.sudachi = _dictionary().tokenizer()


@cache
def _tokenizers() -> _Tokenizers:
    return _Tokenizers()


def surface_forms(language: str, texts: Iterable[str]) -> dict[str, str]:
    """Return how each token is most often written in the texts; Japanese tokens are words already."""
    if language != ENGLISH:
        return {}
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        words = _english_words(text)
        for stem, word in zip(_english_stemmer().stemWords(words), words, strict=True):
            written[stem][word] += 1
    return {stem: min(c, key=lambda word: (-c[word], word)) for stem, c in written.items()}


def english_tokens(text: str) -> list[str]:
    """Return lower-case Snowball stems of the words, stop words left out, in order."""
    return list(_english_stemmer().stemWords(_english_words(text)))


def _english_words(text: str) -> list[str]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    parts = [part for word in words for part in re.split(r"[-'’]", word)]
    return [w for w in parts if w not in _ENGLISH_STOP_WORDS and (len(w) > 1 or w.isdigit())]


def japanese_tokens(text: str) -> list[str]:
    """Return normalised forms of content words, in order; a compound is followed by its parts.

    「機械学習」 gives the compound and 機械, 学習, so that needs meet seeds at either length.
    """
    from sudachipy import SplitMode

    tokenizer = _tokenizers().sudachi
    tokens: list[str] = []
    for piece in _pieces(unicodedata.normalize("NFKC", text).lower()):
        for morpheme in tokenizer.tokenize(piece, SplitMode.C):
            if not _is_content(morpheme.part_of_speech()):
                continue
            tokens.append(morpheme.normalized_form())
            parts = morpheme.split(SplitMode.A)
            if len(parts) > 1:
                tokens.extend(p.normalized_form() for p in parts if _is_content(p.part_of_speech()))
    return tokens


def proper_names(text: str) -> list[tuple[int, int, str]]:
    """Return start, end and kind (人名, 地名, 国, 一般 …) of what Sudachi's dictionary calls a name."""
    from sudachipy import SplitMode

    found: list[tuple[int, int, str]] = []
    before = 0
    for piece in _pieces(text):
        for morpheme in _tokenizers().sudachi.tokenize(piece, SplitMode.C):
            kind = morpheme.part_of_speech()
            if kind[1] == "固有名詞" and not morpheme.surface().isascii():
                called = kind[3] if kind[3] == COUNTRY else kind[2]
                found.append((before + morpheme.begin(), before + morpheme.end(), called))
        before += len(piece)
    return found


def wished_act(text: str) -> str:
    """Return what a Japanese wish wants done, else the text: 「寿命を知りたい」 as 「寿命を知ること」."""
    from sudachipy import SplitMode

    found = list(_tokenizers().sudachi.tokenize(text, SplitMode.C))
    for verb, after in reversed(list(pairwise(found))):
        is_act = verb.part_of_speech()[0] == "動詞" or verb.dictionary_form() in _CAUSATIVES
        if after.dictionary_form() == "たい" and is_act:
            return f"{text[: verb.begin()]}{verb.dictionary_form()}こと"
    return text


@dataclass(frozen=True)
class Predicate:
    """What ends a Japanese sentence, in its plain form: `word` is the verb or adjective itself.

    `plain` is the sentence up to and with it, without politeness, tense and negation.
    """

    plain: str
    word: str
    is_verb: bool
    is_negative: bool


def last_predicate(text: str) -> Predicate | None:
    """Return what ends a sentence: 「不良が減りません。」 as 「不良が減る」, negative; None after a noun."""
    from sudachipy import SplitMode

    negative = False
    for morpheme in reversed(list(_tokenizers().sudachi.tokenize(text, SplitMode.C))):
        kind = morpheme.part_of_speech()[0]
        if kind in {"動詞", "形容詞"} and morpheme.dictionary_form() not in _NEGATIONS:
            word = morpheme.dictionary_form()
            return Predicate(text[: morpheme.begin()] + word, word, kind == "動詞", negative)
        negative = negative or morpheme.dictionary_form() in _NEGATIONS
        if kind not in {"助動詞", "助詞", "補助記号", "形容詞"}:
            return None
    return None


def compound_parts(term: str) -> list[str]:
    """Return the words that Sudachi's dictionary has of a Japanese term, in order: 電解銅箔 as 電解, 銅箔."""
    from sudachipy import SplitMode

    return [m.surface() for m in _tokenizers().sudachi.tokenize(term, SplitMode.C)]


def compounds(text: str) -> list[tuple[int, int]]:
    """Return start and end of the compounds of a Japanese text, and of nouns that no dictionary has.

    A compound is nouns side by side, with their prefixes; numbers and what counts them are none.
    """
    from sudachipy import SplitMode

    found: list[tuple[int, int]] = []
    before = 0
    for piece in _pieces(text):
        run: list[Any] = []
        for morpheme in [*_tokenizers().sudachi.tokenize(piece, SplitMode.C), None]:
            if morpheme is not None and _is_noun(morpheme):
                run.append(morpheme)
                continue
            if len(run) > 1 or (run and run[0].is_oov()):
                found.append((before + run[0].begin(), before + run[-1].end()))
            run = []
        before += len(piece)
    return found


def _is_noun(morpheme: Any) -> bool:
    kind = morpheme.part_of_speech()
    if kind[0] == "接頭辞":
        return morpheme.surface() not in {"お", "ご", "御", "各", "約"}
    is_counted = kind[2] in {"助数詞可能", "副詞可能"} or kind[1] in {"数詞", "非自立可能"}
    return kind[0] == "名詞" and not is_counted and morpheme.surface().isalnum()


def _is_content(part_of_speech: tuple[str, ...]) -> bool:
    return part_of_speech[0] in _CONTENT_CLASSES and part_of_speech[1] not in _EMPTY_SUBCLASSES


def _pieces(text: str) -> list[str]:
    """Cut a text that is too long for Sudachi at line ends or stops where there are any."""
    if len(text.encode("utf-8", "replace")) <= SUDACHI_MAX_BYTES:
        return [text]
    size = SUDACHI_MAX_BYTES // 4
    pieces = []
    while text:
        cut = (
            len(text)
            if len(text) <= size
            else max(text.rfind("。", 0, size), text.rfind("\n", 0, size))
        )
        cut = cut + 1 if 0 < cut < len(text) else min(size, len(text))
        pieces.append(text[:cut])
        text = text[cut:]
    return pieces


TOKENIZERS: dict[str, Tokenize] = {JAPANESE: japanese_tokens, ENGLISH: english_tokens}
