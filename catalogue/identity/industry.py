"""Which of the names that a source gives (applicants, affiliations, funders) are companies.

Judged by the name alone: a legal form, or the endings that only companies have. Nothing is looked
up, so `Hitachi` without any legal form stays unknown.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

SEPARATOR = "; "  # of lists in one field, as importers read and write them
MAX_NAME_CHARS = 300  # what is longer is no name

_JAPANESE_FORM = r"(?:株式[会會]社|[有合][限同資名][会會]社|相互会社|特定目的会社|\(株\))"
_BRACKETED = r"\([有合同資名相特]\)"  # too short to mean anything in the middle of a name
_STARTS = re.compile(rf"(?:{_JAPANESE_FORM}|{_BRACKETED})")
_ENDS = re.compile(rf"(?:{_JAPANESE_FORM}|{_BRACKETED}|有限公司)\W*$")
_WITHIN = re.compile(_JAPANESE_FORM)
_TRADE = re.compile(
    r"(?:ホールディングス|コーポレーション|カンパニー|製作所|製薬|薬品工業|化学工業|重工業?|電機|自動車|"
    r"建設|製鋼|製鉄|ガラス|ゴム|セメント|証券|生命保険)"
    r"(?:\(?(?:中央|総合|技術|先端|基盤)*研究(?:所|センター|本部)\)?|技術本部|開発本部)?$"
)
_PUBLIC = re.compile(
    r"大学|高等専門学校|高校|学校法人|研究開発法人|行政法人|[社財]団法人|医療法人|福祉法人|非営利|NPO|"
    r"財団|協会|組合|学会|機構|病院|[省庁]$|国立|[都道府県市]立|研究会|研究科|学部"
)
_CHAIR = re.compile(r"講座|寄[付附]研究部門|協働研究所|連携研究(?:部門|センター)")

_FORM_COMMA = re.compile(
    r",\s*(?=(?:ltd|limited|inc|incorporated|llc|l\.l\.c|llp|corp|corporation|co|k\.\s?k|plc|s\.a|"
    r"gmbh|pty|pte|sdn)\b)",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"\bco(?:mpany)?\b\.?\s*+(?:,\s*+)?(?:ltd|limited|inc|llc)\b|\bk\.\s?k\.|\bkabushiki[ -]?kaisha\b|"
    r"\bgmbh\b|\b(?:pty|pte|sdn)\b|\bl\.?l\.?c\b|\bg\.?k\.$|\bkgaa\b",
    re.IGNORECASE,
)
_WEAK = re.compile(
    r"\w.*\b(?:inc|incorporated|ltd|ltda|limited|corp|corporation|company|plc|llp|holdings?|"
    r"s\.p\.a|s\.r\.l|a/s)\b\W*$",
    re.IGNORECASE,
)
_CASED = re.compile(
    r"\w.*[\s,&](?:Co\b\.?|KK|AG|SE|SA|S\.\s?A\.(?:S\.)?|SAS|N\.?V\.?|B\.?V\.?|AB|Oyj?|ASA?|KG|SpA)$"
)
_PUBLIC_ENGLISH = re.compile(
    r"\buniv|\bcollege\b|\bfaculty\b|\bschool\b|\bgraduate\b|\bhospital\b|\bfoundation\b|"
    r"\bministry\b|\bassociation\b|\bsociety\b|\bcouncil\b|\bagency\b|\bnon-?profit\b|\bnpo\b|"
    r"\bnot-for-profit\b|\bmedical corporation\b|\beducational corporation\b|"
    r"\bresearch corporation of\b|\binstitute corporation\b|\bincorporated (?:admin|assoc|found)|"
    r"\bwelfare corporation\b|\bpublic corporation\b|\bacademy\b|\bfederation\b|\bunion\b",
    re.IGNORECASE,
)


def company_names(names: Iterable[str]) -> str:
    """Return those of the names that are companies, each once, in order, joined by `; `."""
    short = (name for name in names if len(name) <= MAX_NAME_CHARS)
    written = (" ".join(name.replace(";", ",").split()) for name in short)
    return SEPARATOR.join(dict.fromkeys(name for name in written if is_company(name)))


@lru_cache(maxsize=1 << 14)
def is_company(name: str) -> bool:
    """Whether a name is that of a company, and not of a university, institute, ministry or such.

    Of an affiliation such as `Central Research Laboratory, Example Ltd., Tokyo`, the whole counts.
    """
    # runs of blanks become one: the patterns below try again from each of a run's
    text = " ".join(unicodedata.normalize("NFKC", name).split())
    return _is_japanese_company(text) or _is_other_company(text)


def _is_japanese_company(text: str) -> bool:
    if _CHAIR.search(text):
        return False
    if _STARTS.match(text) or _ENDS.search(text):
        return True
    if _PUBLIC.search(text):
        return False
    return bool(_WITHIN.search(text) or _TRADE.search(text))


def _is_other_company(text: str) -> bool:
    parts = [part.strip() for part in _FORM_COMMA.sub(" ", text).split(",")]
    public = [bool(_PUBLIC_ENGLISH.search(part)) for part in parts]
    if _STRONG.search(parts[0]):
        return True
    if any(public) or _PUBLIC.search(text):
        return False
    if any(_STRONG.search(part) or _WEAK.match(part) for part in parts):
        return True
    return bool(_CASED.match(parts[0]))


MAX_PARTNERS = 10
Joint = tuple[str, int | None, str]  # researcher id, year and companies of one seed


def cooperation(joint: Iterable[Joint]) -> dict[str, Mapping[str, object]]:
    """Return researcher id → `industry_seeds`, `industry_last_year` and `industry_partners`.

    Partners stand in the order of how often they come up, at most ten. Researchers without such
    seeds are not in it.
    """
    years: dict[str, list[int | None]] = defaultdict(list)
    partners: dict[str, Counter[str]] = defaultdict(Counter)
    for researcher_id, year, companies in joint:
        names = [name for name in companies.split("; ") if name]
        if names:
            years[researcher_id].append(year)
            partners[researcher_id].update(names)
    return {
        researcher_id: {
            "industry_seeds": len(found),
            "industry_last_year": max((year for year in found if year), default=None),
            "industry_partners": "; ".join(_most_frequent(partners[researcher_id])),
        }
        for researcher_id, found in years.items()
    }


def _most_frequent(names: Counter[str]) -> list[str]:
    ordered = sorted(names, key=lambda name: (-names[name], name))
    return ordered[:MAX_PARTNERS]
