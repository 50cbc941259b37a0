"""What the names of one organisation share: forms by which it is found, without legal forms.

`国立大学法人山辺大学` and `山辺大学` are one, as are `Enmusubi, Inc.` and `The Enmusubi Corporation`. The
order of words counts: `University of Washington` and `Washington University` are two, as are dozens of
such pairs in Japan. Where a university goes by both, ROR or the office's own list says so by an alias.
"""

import re
import unicodedata
from functools import lru_cache

from catalogue.identity.character_folding import compatible, katakana, unaccented
from enmusubi.language import LOST_LETTER

MAX_NAME_CHARS = 300  # what is longer is no name
MAX_KEY_CHARS = 200  # keys are indexed, and PostgreSQL bounds what an index holds
MIN_KEY_CHARS = 2
MIN_ACRONYM_CHARS = 4  # as a further name: half a dozen organisations are called JSA

_ALIASES = re.compile("[;；]")
_JAPANESE_FORMS = (
    r"(?:国立|公立)大学法人|学校法人|準学校法人|大学共同利用機関法人|国立研究開発法人|(?:地方)?独立行政法人"
    r"|(?:公益|一般|特例)?(?:財団|社団)法人|(?:社会|特定|特別)?医療法人(?:社団|財団)?|社会福祉法人|宗教法人"
    r"|特定非営利活動法人|認定?NPO法人|NPO法人|特殊法人|認可法人|(?:株式|有限|合同|合資|合名|相互)会社"
    r"|\((?:株|有|同|資|名|独|地独|国研|国|公|大|学|財|社|医|公財|一財|公社|一社|福|特非)\)"
)
_JAPANESE_FORM = re.compile(rf"^(?:{_JAPANESE_FORMS})\s*|\s*(?:{_JAPANESE_FORMS})$", re.IGNORECASE)
_COUNTRY = re.compile(
    r"\((?:japan|united states|united kingdom|germany|france|china|south korea)\)$"
)
_BRACKETS = re.compile(r"\([^()]*\)")
_ENGLISH_FORM = re.compile(
    r"^(?:the|kk|(?:national|public) university corporation"
    r"|(?:national|local)? ?(?:incorporated administrative|independent administrative) (?:agency|institution)"
    r"|national research and development agency|(?:general|public interest)? ?incorporated "
    r"(?:foundation|association)|kabushiki kaisha)\s+"
    r"|\s+(?:inc|incorporated|corp|corporation|co|company|ltd|limited|llc|llp|kk|k k|gk|gmbh|plc|ag|sa"
    r"|bv|nv|ab|oy|spa|pty|pte|kabushiki kaisha|(?:national|public) university corporation)$"
)
# A school or hospital after the name of the body that runs it: 学校法人山辺学園 山辺大学.
_RUN_BY = re.compile(r"^(?:学校|社会医療|医療)法人\S+ (\S+(?:大学|高等専門学校|病院))$")
_DOTS = re.compile(r"(?<=\b[a-z])\.(?=[a-z]\b)")  # k.k., s.a.
_APOSTROPHES = re.compile("['’‘`´ʼ]")
_NOT_WORDS = re.compile(r"[\W_]+")


def organisation_keys(name_ja: str, name_en: str, aliases: str = "") -> frozenset[str]:
    """Return the keys of an organisation's names; an acronym of three letters is none of its own.

    It is one where it stands for the name itself: there is no other.
    """
    keys = {key for name in (name_ja, name_en) for key in _keys(name)}
    for alias in _ALIASES.split(aliases):
        if not _is_short_acronym(alias.strip()):
            keys |= _keys(alias)
    return frozenset(keys)


def _is_short_acronym(alias: str) -> bool:
    letters = _NOT_WORDS.sub("", unicodedata.normalize("NFKC", alias))
    return letters.isascii() and len(letters) < MIN_ACRONYM_CHARS


@lru_cache(maxsize=1 << 14)
def _keys(name: str) -> frozenset[str]:
    if len(name) > MAX_NAME_CHARS or LOST_LETTER in name:
        return frozenset()
    whole = " ".join(compatible(name).split())
    run = _RUN_BY.match(whole)
    text = run[1] if run else _without(_JAPANESE_FORM, whole)
    text = _BRACKETS.sub(" ", _COUNTRY.sub("", text)).strip() or text
    words = _APOSTROPHES.sub("", unaccented(_DOTS.sub("", text)).replace("&", " and "))
    plain = _without(_ENGLISH_FORM, " ".join(_NOT_WORDS.sub(" ", words).split()))
    key = katakana(plain.replace(" ", ""))
    return frozenset({key} if MIN_KEY_CHARS <= len(key) <= MAX_KEY_CHARS else ())


def _without(form: re.Pattern[str], text: str) -> str:
    """Return a name without its legal forms, unless nothing would be left."""
    while (shorter := form.sub("", text, count=1).strip(" ,.")) and shorter != text:
        text = shorter
    return text
