"""What numbers and words tell of a patent: its documents, its application, its legal status.

Documents become `JP2020123456A`, `JP6543210B` or `US20200123456A1`, applications `JP2018-123456`; of
Japanese documents, kinds A1, A2 … are A and B1, B2 are B, so that lists without kinds agree.

What is not public must never be shown, so without any sign of publication a patent counts as
unpublished, whatever else a list says of it.
"""

import re
import unicodedata
from datetime import date
from functools import partial

from catalogue.database.models import UNPUBLISHED
from catalogue.importers import values
from catalogue.records.drafts import BadValueError

MAX_NUMBER_CHARS = 100

_LETTERS = {"明": "M", "大": "T", "昭": "S", "平": "H", "令": "R"}
_NOISE = re.compile(r"\([^()]*\)|公報|[\s,.'’第号]+")
_SERIAL = (
    r"(?:(?P<era>[明大昭平令MTSHR])(?P<era_year>\d{1,2})|(?P<year>(?:19|20)\d{2}))"
    r"[-/]?(?P<serial>\d{1,6})"
)
_APPLICATION = re.compile(rf"(?:特許出願|特願|実願|JP){_SERIAL}")
_INTERNATIONAL = re.compile(r"PCT[/-]?([A-Z]{2})[/-]?(\d{4}|\d{2})[/-]?(\d{1,6})")
_PUBLISHED = re.compile(
    rf"(?:特許|実用新案)?(?P<word>特開|特表|特公|実開|実表|実公|JP){_SERIAL}(?P<kind>[A-Z]\d?)?"
)
_REPUBLISHED = re.compile(r"(?:再公表|再表|国際公開|WO)(\d{4}|\d{2})[-/]?(\d{1,6})(?:[A-Z]\d?)?")
_GRANTED = re.compile(r"(?:特許(?:番号)?|JP)0*(\d{6,8})(?:B\d?)?")
_UTILITY = re.compile(r"(?:実用新案登録|登録実用新案|実登|実用)(\d{6,8})(?:[UY]\d?)?")
_KINDS = {"特開": "A", "特表": "A", "特公": "B", "実開": "U", "実表": "U", "実公": "Y"}
_APPLICATION_WORDS = re.compile(r"出願|[特実意商]願|PCT[/-]")
_ENOUGH_DIGITS = re.compile(r"(?:\d\D*){4}")
_FOREIGN = re.compile(r"[^0-9A-Z]+")


def document_number(text: str) -> str:
    """Return the number of a document in one form: `JP2020123456A` of `特開2020-123456`.

    What is written in no known way stays, without blanks and punctuation; what has fewer than four
    digits, such as `-` or `未定`, is no number and gives nothing.
    """
    number = _folded(text)
    if not _ENOUGH_DIGITS.search(number):
        return ""
    if _APPLICATION_WORDS.search(number):
        return application_number(number)
    for pattern, form in _FORMS:
        if found := pattern.fullmatch(number):
            return form(found)
    return _FOREIGN.sub("", number) or number


def application_number(text: str) -> str:
    """Return an application's number in one form: `JP2018-123456` of `特願2018-123456`.

    What has fewer than four digits gives nothing, as in `document_number`.
    """
    number = _folded(text)
    if not _ENOUGH_DIGITS.search(number):
        return ""
    if found := _INTERNATIONAL.fullmatch(number):
        return f"PCT/{found[1]}{_full_year(found[2])}/{found[3].zfill(6)}"
    if found := _APPLICATION.fullmatch(number):
        return f"JP{_year(found)}-{found['serial'].zfill(6)}"
    return number


def is_application(text: str) -> bool:
    """Whether a number says of itself that it is an application's, as `特願2018-123456` does."""
    return bool(_APPLICATION_WORDS.search(_folded(text)))


def application_year(text: str) -> str:
    """Return the year in an application's number, such as 2018 or H10; nothing if it has none."""
    found = _APPLICATION.fullmatch(_folded(text))
    return _year(found) if found else ""


def _folded(text: str) -> str:
    upper = unicodedata.normalize("NFKC", text[:MAX_NUMBER_CHARS]).upper()
    return _NOISE.sub("", upper.replace("‐", "-").replace("−", "-").replace("―", "-"))


def _year(found: re.Match[str]) -> str:
    if era := found["era"]:
        return f"{_LETTERS.get(era, era)}{found['era_year'].zfill(2)}"
    return found["year"]


def _full_year(year: str) -> str:
    if len(year) == 4:
        return year
    return f"19{year}" if int(year) >= 78 else f"20{year}"  # the PCT began in 1978


def _published(found: re.Match[str]) -> str:
    kind = (found["kind"] or _KINDS.get(found["word"], "A"))[:1]
    return f"JP{_year(found)}{found['serial'].zfill(6)}{kind}"


def _republished(found: re.Match[str]) -> str:
    return f"WO{_full_year(found[1])}{found[2].zfill(6)}"


def _registered(found: re.Match[str], kind: str) -> str:
    return f"JP{found[1].lstrip('0')}{kind}"


_FORMS = (
    (_REPUBLISHED, _republished),
    (_GRANTED, partial(_registered, kind="B")),
    (_UTILITY, partial(_registered, kind="U")),
    (_PUBLISHED, _published),
)


PUBLISHED, GRANTED, LAPSED = "published", "granted", "lapsed"
MAX_WORDS_CHARS = 200

_SECRET = re.compile(r"[未非]公開|公開(?:前|予定|待)|\bunpublished|\bnot (?:yet )?published")
_SAYS_PUBLISHED = re.compile(r"公開|公表|公告|\bpublished|\bpublication")
_SAYS_GRANTED = re.compile(
    r"(?<![未無])登録(?!料|査定)|特許\s*有効|権利(?:存続|継続|維持)|存続中|年金納付"
    r"|\bgranted|\bregistered|\bin force|\bpatented"
)
_LAPSED = re.compile(
    r"消滅|満了|取り?下|放棄|却下|失効|無効(?!審判|審理)|拒絶(?!理由|査定不服)"
    r"|\b(?:lapsed?|expired|withdrawn|abandoned|refused|rejected|ceased|revoked|inactive|dead)\b"
)
_ONCE_GRANTED = re.compile(
    r"(?:権利|特許)\s*消滅|満了|失効|年金不納|\b(?:expired|ceased|revoked)\b"
)
_GRANT_KINDS = re.compile(r"[BCEY]\d?|.*(?:特許|登録\S*)公報\s*\((?:B|Y).*")


def patent_status(
    *, words: str = "", published: bool = False, published_on: str = "", granted: bool = False
) -> str:
    """Return the status from words such as `特許 有効`, and from what numbers and dates there are.

    `published` and `granted` say that there is a number of that kind. A date of publication that
    lies ahead is a plan and no publication; words such as `未公開` beat a number, not a date.
    """
    told = unicodedata.normalize("NFKC", words[:MAX_WORDS_CHARS]).casefold()
    granted = granted or bool(_SAYS_GRANTED.search(told) or _ONCE_GRANTED.search(told))
    is_told = (published or bool(_SAYS_PUBLISHED.search(told))) and not _SECRET.search(told)
    if not (granted or _is_past(published_on) or (is_told and not _is_ahead(published_on))):
        return UNPUBLISHED
    if _LAPSED.search(told):
        return LAPSED
    return GRANTED if granted else PUBLISHED


def is_grant_kind(kind: str) -> bool:
    """Whether a kind of document, such as `B2` or `特許公報(B2)`, is that of a granted patent."""
    told = unicodedata.normalize("NFKC", kind[:MAX_WORDS_CHARS]).upper().strip()
    return bool(_GRANT_KINDS.fullmatch(told))


def _is_past(text: str) -> bool:
    found = _date(text)
    return found is not None and found <= date.today()


def _is_ahead(text: str) -> bool:
    found = _date(text)
    return found is not None and found > date.today()


def _date(text: str) -> date | None:
    """Return a date; of what is a year only, or none at all, nothing."""
    try:
        return values.day(text)
    except BadValueError:
        return None
