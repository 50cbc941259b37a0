"""Cues that a text names somebody or something: companies, people, places, products, quantities, addresses.

Names that are known (of the need's company, of companies of the catalogue) are looked for as they stand.
For the rest there are the signs by which a reader tells them: legal forms, forms of address, capitals within
a sentence, model numbers, trade marks; in Japanese, what Sudachi's dictionary calls a name. Pure functions.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from enmusubi.language import JAPANESE
from matcher.tokens import COUNTRY, proper_names
from matcher.veiling.quantities import Quantity, quantities
from matcher.veiling.regions import prefectures

COMPANY, PERSON, PLACE, PRODUCT = "company", "person", "place", "product"
NUMBER, CONTACT, TERM = "number", "contact", "term"
KINDS = (COMPANY, PERSON, CONTACT, PRODUCT, PLACE, NUMBER, TERM)  # who wins where two meet
MIN_NAME_CHARS = 2
_LATIN = r"0-9A-Za-z_À-ɏͰ-ӿ"  # with which letters and digits make one word
_JA_NAME = r"[\w・＆&ー]"
_FORMS = r"(?:株式会社|有限会社|合同会社|合資会社|合名会社|[（(]株[）)]|[（(]有[）)]|㈱|㈲)"
_COMPANY = re.compile(
    rf"{_FORMS}[ 　]?[一-龥ァ-ヴーA-Za-z0-9＆&・]{{2,20}}|[一-龥ァ-ヴーA-Za-z0-9＆&・]{{2,20}}{_FORMS}"
    r"|(?<![A-Za-z0-9])(?:[A-Z][\w&'’-]*,? ){1,4}(?:Inc|Ltd|Corp|Corporation|LLC|GmbH|AG|K\.K|Co)"
    r"(?![A-Za-z0-9])\.?(?:,? Ltd\.?)?"
)
_PERSON = re.compile(
    r"[一-龥々]{1,4}(?:[ 　]?[一-龥々]{1,4})?(?=さん|様|氏|社長|会長|専務|常務|部長|課長|係長|博士|教授)"
    r"|\b(?:Mr|Ms|Mrs|Dr|Prof)\.? [A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?"
)
_NO_PERSON = re.compile(
    r"^(?:お客|客|皆|各|元|前|現|副|当|同|担当|製造|開発|営業|品質|技術|工場|機械屋|業者|職人|職員|本人|家族|医師|患者|店|会社|"
    r"研究|事業|生産|購買|総務|人事|経理|本|支|所|社|部|課)"
)
# a run is read from its first letter on and not given back: a long one takes a moment
_CONTACT = re.compile(
    r"(?<![\w.+-])[\w.+-]++@[\w-]+\.[\w.-]+|https?://[^\s、。）)]+|(?<![A-Za-z0-9])www\.[^\s、。）)]+"
    r"|(?<![\d.,])0\d{1,4}[-(（ ]\d{1,4}[-)） ]\d{3,4}(?!\d)|\+\d{1,3}(?:[ -]\(?\d{1,5}\)?){2,4}(?!\d)"
)
_MODEL = re.compile(
    r"(?<![A-Za-z0-9-])(?=[A-Z0-9-]*[A-Z])(?=[A-Z0-9-]*[0-9])[A-Z]{1,6}-?[0-9]{2}[A-Z0-9-]*(?![A-Za-z0-9])"
    r"|(?<![\w-])[\w-]++(?: [\w-]++)?(?=[™®])|(?<![ァ-ヴー])[ァ-ヴー]{3,}(?=シリーズ|型番)"
    # what is called so: quoted in katakana, or followed by words that say that it is a name
    r"|(?<=[「『])[ァ-ヴー・]{3,12}(?=[」』])|(?<![ァ-ヴー])[ァ-ヴー]{3,}(?=と(?:呼|名付|名づけ)|"
    r"という(?:商品|製品|装置|機械|材料|教材|薬|菓子|酒|サービス|システム|ブランド))"
)
_JA_PLACE = re.compile(
    rf"(?:{'|'.join(prefectures('ja'))})[都府県]?(?:[一-龥ヶケ]{{1,5}}(?:市|区|町|村|郡))?"
    r"|[一-龥ヶケ]{1,5}?(?:市|郡)(?=[のにでへ、。内])"
)
_NO_PLACE = re.compile(r"^(?:都市|各市|同市|市|郡|本市|当市|全市|[一二三四五]市)$")
_EN_PLACE = re.compile(
    rf"\b(?:{'|'.join(prefectures('en'))})(?: (?:Prefecture|City|Bay))?\b"
    r"|\b[A-Z][a-z]+ (?:Prefecture|City|Bay|Island)\b|\b[A-Z][a-z]+-(?:shi|ku|cho|machi|gun)\b"
)
_CAPITALS = re.compile(r"\b[A-Z][a-z]{2,}(?:[ -][A-Z][a-z]+)*\b|\b[A-Z][a-z]+[A-Z]\w+\b")
_ORDINARY_CAPITALS = frozenset(
    """
    January February March April May June July August September October November December Monday
    Tuesday Wednesday Thursday Friday Saturday Sunday Japan Japanese English Europe European Asia
    Asian America American China Chinese Germany German France French Korea Korean India Indian
    University Professor Internet Excel Python
    """.split()  # noqa: SIM905 - quoted words would hide the list
)


@dataclass(frozen=True)
class NameCue:
    """Where a text names something, and of which of KINDS; a quantity comes with its number."""

    start: int
    end: int
    kind: str
    is_own: bool = False  # the name of the company itself
    is_guess: bool = False  # only a dictionary calls it a name
    quantity: Quantity | None = None


@dataclass(frozen=True)
class KnownNames:
    """Names that are looked for as they stand: the need's company's own, and other companies'."""

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def find_cues(text: str, language: str, known: KnownNames) -> tuple[NameCue, ...]:
    """Return the cues of a text by their places, none within another; of two that meet, KINDS tells."""
    found = [*_named(text, known), *_signs(text), *_capitals(text)]
    if language == JAPANESE:
        found += _japanese_names(text)
    found += [NameCue(one.start, one.end, NUMBER, quantity=one) for one in quantities(text)]
    return tuple(sorted(_apart(found), key=lambda cue: cue.start))


def _named(text: str, known: KnownNames) -> Iterator[NameCue]:
    plain = text.casefold()  # most of ten thousand names need no pattern
    for names, is_own in ((known.own, True), (known.others, False)):
        for name in names:
            if len(name) >= MIN_NAME_CHARS and name.casefold() in plain:
                yield from (NameCue(s, e, COMPANY, is_own) for s, e in occurrences(text, name))


def occurrences(text: str, word: str) -> Iterator[tuple[int, int]]:
    """Yield where a word stands in a text, without regard to case.

    A word of Latin letters or digits stands by itself: `art` is not in `part`, nor 40% in 140%. Beside
    Japanese it does, for Japanese has no blanks: `QX-1200` is in 当社のQX-1200を.
    """
    yield from (found.span() for found in _by_itself(re.escape(word), word).finditer(text))


def holds(text: str, word: str) -> bool:
    """Say whether a text says a word, whatever its width, case and blanks.

    A word of Latin letters or digits must stand by itself, as in `occurrences`.
    """
    if not word.isascii():
        return folded(word) in folded(text)
    signs = [re.escape(sign) for sign in folded(word)]
    narrow = unicodedata.normalize("NFKC", text)
    return bool(signs) and _by_itself(r"\s*+".join(signs), word).search(narrow) is not None


def _by_itself(pattern: str, word: str) -> re.Pattern[str]:
    before = after = ""
    if word[:1].isascii() and word[:1].isalnum():
        before = rf"(?<![{_LATIN}])" + (r"(?<!\d[.,])" if word[:1].isdigit() else "")
    if word[-1:].isascii() and word[-1:].isalnum() and word.isascii():
        after = rf"(?![{_LATIN}])"
    return re.compile(f"{before}{pattern}{after}", re.IGNORECASE)


def _signs(text: str) -> Iterator[NameCue]:
    for kind, pattern in ((COMPANY, _COMPANY), (CONTACT, _CONTACT), (PRODUCT, _MODEL)):
        for found in pattern.finditer(text):
            yield NameCue(found.start(), found.end(), kind)
    for found in _PERSON.finditer(text):
        if not _NO_PERSON.match(found[0]):
            yield NameCue(found.start(), found.end(), PERSON)
    for pattern in (_JA_PLACE, _EN_PLACE):
        for found in pattern.finditer(text):
            if not _NO_PLACE.match(found[0]):
                yield NameCue(found.start(), found.end(), PLACE)


def _capitals(text: str) -> Iterator[NameCue]:
    """Yield words with a capital that do not begin a sentence."""
    for found in _CAPITALS.finditer(text):
        before = text[: found.start()].rstrip()
        begins = not before or before[-1] in ".!?:;\n。「\"'“‘(（"
        words = re.split(r"[ -]", found[0])
        is_place = _EN_PLACE.fullmatch(found[0])
        if not begins and not is_place and not all(word in _ORDINARY_CAPITALS for word in words):
            yield NameCue(found.start(), found.end(), PRODUCT)


def _japanese_names(text: str) -> Iterator[NameCue]:
    """Yield what the dictionary calls the name of a person, a place or a thing."""
    for start, end, kind in proper_names(text):
        told = {"人名": PERSON, "地名": PLACE, COUNTRY: PLACE}.get(kind, PRODUCT)
        yield NameCue(start, end, told, is_guess=told == PRODUCT or kind == COUNTRY)


def _apart(cues: Iterable[NameCue]) -> list[NameCue]:
    """Return the cues of which none meets another: the earlier of KINDS stands, then the longer."""
    kept: list[NameCue] = []
    order = {kind: place for place, kind in enumerate(KINDS)}
    by_worth = sorted(
        cues, key=lambda c: (not c.is_own, c.is_guess, order[c.kind], c.start - c.end, c.start)
    )
    for cue in by_worth:
        if not any(cue.start < other.end and other.start < cue.end for other in kept):
            kept.append(cue)
    return kept


def folded(text: str) -> str:
    """Return a text as words are compared in it: width, case and blanks make no difference."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
