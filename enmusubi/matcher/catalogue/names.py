"""placeholder"""

import re
import unicodedata


def _n(t):
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", t).casefold())


def title_key(title):
    k = _n(title)
    return k if len(k) >= 10 else ""


def person_keys(name_ja, name_kana, name_en, aliases=""):
    out = set()
    if name_ja:
        out.add("ja:" + _n(name_ja))
    if name_kana:
        out.add("kana:" + _n(name_kana))
    if name_en:
        out.add(
            "en:"
            + " ".join(
                sorted(unicodedata.normalize("NFKC", name_en).casefold().replace(",", " ").split())
            )
        )
    return frozenset(out)


def organisation_keys(name_ja, name_en, aliases=""):
    return frozenset(_n(x) for x in (name_ja, name_en, *aliases.split("; ")) if x)


from dataclasses import dataclass


@dataclass(frozen=True)
class PersonForm:
    name_ja: str
    name_kana: str
    name_en: str
    aliases: str = ""


def compare_people(a, b):
    return person_keys(a.name_ja, a.name_kana, a.name_en) & person_keys(
        b.name_ja, b.name_kana, b.name_en
    )


@dataclass(frozen=True)
class Decision:
    state: str
    certainty: float
    reasons: tuple


def decide(ev, *, same_organisation, same_department, shared_seed, conflicting_ids):
    if conflicting_ids:
        return Decision("", 0, ())
    if shared_seed and ev:
        return Decision("joined", 0.99, ("shared_seed",))
    if ev and same_organisation:
        return Decision("queued", 0.5, ("same_name",))
    return Decision("", 0, ())
