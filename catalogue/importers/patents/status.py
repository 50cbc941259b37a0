"""Tells from words, numbers and dates whether a patent is published, granted or lapsed.

What is not public must never be shown, so without any sign of publication a patent counts as
unpublished, whatever else a list says of it.
"""

import re
import unicodedata
from datetime import date

from catalogue.database.models import UNPUBLISHED
from catalogue.importers import values
from catalogue.records.rejections import BadValueError

PUBLISHED, GRANTED, LAPSED = "published", "granted", "lapsed"
MAX_WORDS_CHARS = 200

_SECRET = re.compile(r"[未非]公開|公開(?:前|予定|待)|\bunpublished|\bnot (?:yet )?published")
_PUBLISHED = re.compile(r"公開|公表|公告|\bpublished|\bpublication")
_GRANTED = re.compile(
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
    granted = granted or bool(_GRANTED.search(told) or _ONCE_GRANTED.search(told))
    is_told = (published or bool(_PUBLISHED.search(told))) and not _SECRET.search(told)
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
