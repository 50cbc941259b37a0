"""What the names of one organisation share: forms by which it is found, without legal forms.

`国立大学法人山辺大学` and `山辺大学` are one, as are `Enmusubi, Inc.` and `The Enmusubi Corporation`. The
order of words counts: `University of Washington` and `Washington University` are two, as are dozens of
such pairs in Japan. Where a university goes by both, ROR or the office's own list says so by an alias.

Abbreviated names (`Yamabe Univ.`), and those of hospitals and schools without the body that runs them
(医療法人社団縁結会山辺病院), are found by loose keys, which count only where no exact key is known.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from catalogue.identity.character_folding import compatible, is_japanese, katakana, unaccented
from catalogue.identity.legal_forms import JAPANESE_FORMS, LATIN_FORM_WORDS, LATIN_PUBLIC_FORMS
from enmusubi.language import LOST_LETTER

MAX_NAME_CHARS = 300  # what is longer is no name
MAX_KEY_CHARS = 200  # keys are indexed, and PostgreSQL bounds what an index holds
MIN_KEY_CHARS = 2
MIN_LOOSE_CHARS = 5
MIN_ACRONYM_CHARS = 4  # as a further name: half a dozen organisations are called JSA

_ALIASES = re.compile("[;；]")
_JAPANESE_FORM = re.compile(rf"^(?:{JAPANESE_FORMS})\s*|\s*(?:{JAPANESE_FORMS})$", re.IGNORECASE)
_COUNTRY = re.compile(
    r"\((?:japan|united states|united kingdom|germany|france|china|south korea)\)$"
)
_BRACKETS = re.compile(r"\([^()]*\)")
_ENGLISH_FORM = re.compile(
    rf"^(?:the|kk|{LATIN_PUBLIC_FORMS})\s+"
    rf"|\s+(?:{'|'.join(sorted(LATIN_FORM_WORDS))}|k k|{LATIN_PUBLIC_FORMS})$"
)
# A school or hospital after the name of the body that runs it: 学校法人山辺学園 山辺大学.
_RUN_BY = re.compile(r"^(?:学校|社会医療|医療)法人\S+ (\S+(?:大学|高等専門学校|病院))$")
_DOTS = re.compile(r"(?<=\b[a-z])\.(?=[a-z]\b)")  # k.k., s.a.
_APOSTROPHES = re.compile("['’‘`´ʼ]")
_NOT_WORDS = re.compile(r"[\W_]+")
LOOSE = "~"  # begins loose keys
_STEMS = {
    word: stem
    for stem, words in {
        "univ": "univ university universities universite universitat universidad",
        "inst": "inst institute institutes institution institutions",
        "nat": "nat natl national",
        "tech": "tech technol technology technologies technological technical",
        "sci": "sci science sciences scientific",
        "res": "res research",
        "med": "med medical medicine",
        "hosp": "hosp hospital hospitals",
        "ctr": "ctr cent cntr center centre centers centres",
        "lab": "lab labs laboratory laboratories",
        "coll": "coll college",
        "sch": "sch school",
        "eng": "eng engn engineering",
        "agr": "agr agric agricultural agriculture",
        "ind": "ind indust industry industries industrial",
        "intl": "int intl international",
        "assoc": "assoc assn association",
        "soc": "soc society",
        "found": "found fdn foundation",
        "gov": "gov govt government",
        "pref": "pref prefecture prefectural",
        "metrop": "metrop metropolitan",
        "adv": "adv advanced",
        "dev": "dev development",
        "mfg": "mfg manufacturing",
        "chem": "chem chemical chemicals chemistry",
        "elect": "elect elec electric electrical electronics electronic",
        "pharm": "pharm pharma pharmaceutical pharmaceuticals",
        "corp": "corp corporation",
        "co": "co company",
        "org": "org organization organisation",
        "": "the of for and in on a at to",
    }.items()
    for word in words.split()
}
_HOUSES = "病院|センター|クリニック|診療所|大学|高等専門学校|研究所"
_PLAIN = "総合|中央|附属|付属|記念|研究|医療|総合医療|短期|大学院|技術|リハビリテーション"
_PLAIN_HOUSE = rf"(?:{_PLAIN})?(?:{_HOUSES})$"
_RUNNING = re.compile(  # the body that runs a hospital or school, before its name without a blank
    r"^(?:\S*?(?:連合会|厚生連|病院機構|推進機構|事業団|共済組合|赤十字社|済生会|公社|\w+?会|学園|学院))"
    rf"(?!{_PLAIN_HOUSE})(?=\S{{2,}}(?:{_HOUSES})$)"
)


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


def loose_organisation_keys(name_ja: str, name_en: str, aliases: str = "") -> frozenset[str]:
    """Return the loose keys of an organisation's names; each begins with LOOSE."""
    names = (name_ja, name_en, *_ALIASES.split(aliases))
    return frozenset().union(*(_loose_keys(name) for name in names if name))


def loose_keys_asked(name: str) -> frozenset[str]:
    """Return the keys by which a name may be known besides its own.

    A hospital that is written with the body that runs it is known without it, but never as another
    body's: so its bare name counts only where that is all that is known.
    """
    words = _plain_words(name)
    whole = "".join(words)
    run_by = _RUNNING.match(whole) if words else None
    bare = {whole[run_by.end() :]} if run_by else set[str]()
    return frozenset({*filter(None, (loose_key(words) if words else "",)), *bare})


def loose_key(words: Sequence[str]) -> str:
    """Return the loose key of a name's folded words; nothing where too little is left."""
    if len(words) == 1 and is_japanese(words[0]):
        return f"{LOOSE}{words[0].replace('附属', '付属')}"[:MAX_KEY_CHARS]
    stems = " ".join(filter(None, (_STEMS.get(word, word) for word in words)))
    return f"{LOOSE}{stems}" if MIN_LOOSE_CHARS <= len(stems) < MAX_KEY_CHARS else ""


@lru_cache(maxsize=1 << 14)
def _keys(name: str) -> frozenset[str]:
    key = "".join(_plain_words(name))
    return frozenset({key} if MIN_KEY_CHARS <= len(key) <= MAX_KEY_CHARS else ())


@lru_cache(maxsize=1 << 14)
def _loose_keys(name: str) -> frozenset[str]:
    words = _plain_words(name)
    if not words:
        return frozenset()
    whole = "".join(words)
    if is_japanese(whole):
        run_by = _RUNNING.match(whole)
        shorter = {whole, whole[run_by.end() :]} if run_by else {whole}
        return frozenset(loose_key([word]) for word in shorter)
    return frozenset(filter(None, (loose_key(words),)))


@lru_cache(maxsize=1 << 14)
def _plain_words(name: str) -> tuple[str, ...]:
    """Return a name's words in the form that is compared, without legal forms and brackets."""
    if len(name) > MAX_NAME_CHARS or LOST_LETTER in name:
        return ()
    whole = " ".join(compatible(name).split())
    run = _RUN_BY.match(whole)
    text = run[1] if run else _without(_JAPANESE_FORM, whole)
    text = _BRACKETS.sub(" ", _COUNTRY.sub("", text)).strip() or text
    plain = _without(_ENGLISH_FORM, " ".join(folded_words(_DOTS.sub("", text))))
    return tuple(katakana(plain).split())


def folded_words(text: str) -> list[str]:
    """Return the words of a text that went through `compatible`, without signs and accents."""
    words = _APOSTROPHES.sub("", unaccented(text).replace("&", " and "))
    return _NOT_WORDS.sub(" ", words).split()


def _without(form: re.Pattern[str], text: str) -> str:
    """Return a name without its legal forms, unless nothing would be left."""
    while (shorter := form.sub("", text, count=1).strip(" ,.")) and shorter != text:
        text = shorter
    return text
