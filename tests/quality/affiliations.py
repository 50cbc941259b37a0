"""Writes organisations as affiliations are written: with legal forms, units, abbreviations and signs."""

import random
import re
import unicodedata
from collections.abc import Iterator, Mapping

_UNITS = (
    "大学院工学研究科 工学部 医学部 研究開発部 附属研究センター 総務部 大学院理学研究科化学専攻"
)
UNITS_JA = _UNITS.split()
UNITS_EN = (
    "Department of Physics",
    "Graduate School of Engineering",
    "Faculty of Medicine",
    "Research and Development Division",
    "Department of Mechanical Engineering, Faculty of Engineering",
)
PLACES = ("Tokyo 123-4567, Japan", "Kyoto, Japan", "Tsukuba, Ibaraki, Japan", "Japan")
FORMS = {
    "education": ("国立大学法人", "公立大学法人", "学校法人"),
    "company": ("株式会社",),
    "healthcare": ("医療法人",),
    "": ("国立研究開発法人", "独立行政法人", "公益財団法人", "一般社団法人"),
}
_ALL_FORMS = (
    r"国立大学法人|公立大学法人|学校法人|国立研究開発法人|(?:地方)?独立行政法人|(?:公益|一般)?[財社]団法人"
    r"|(?:社会)?医療法人(?:社団|財団)?|社会福祉法人|特定非営利活動法人|株式会社|有限会社|合同会社"
)
_BARE = re.compile(rf"^(?:{_ALL_FORMS})|(?:株式|有限|合同)会社$")
_ENGLISH_FORM = re.compile(r"[, ]+(?:Ltd|Inc|Co|Corp|Corporation|LLC)\b\.?.*$")
_SHORT = {
    "University": "Univ.",
    "Institute": "Inst.",
    "National": "Natl.",
    "Technology": "Technol.",
    "Research": "Res.",
    "Center": "Ctr.",
    "Hospital": "Hosp.",
    "College": "Coll.",
    "Science": "Sci.",
    "Corporation": "Corp.",
    "Laboratory": "Lab.",
}


def ways(row: Mapping[str, str], chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield the name of each way and the affiliation that it gives of a row of ROR's table."""
    if row["name_ja"]:
        yield from _japanese(row["name_ja"], row["types"], chance)
    if row["name_en"]:
        yield from _english(row["name_en"].removesuffix(" (Japan)"), row["types"], chance)


def _japanese(name: str, types: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    bare = _BARE.sub("", name) or name
    forms = next((forms for kind, forms in FORMS.items() if kind in types), ())
    formed, unit = f"{chance.choice(forms)}{bare}", chance.choice(UNITS_JA)
    yield "ja as it is", name
    yield "ja without form", bare
    yield "ja form before", formed
    yield "ja form before, unit", f"{formed} {unit}"
    yield "ja unit without blank", f"{name}{unit}"
    yield "ja unit after blank", f"{name}\u3000{unit}"
    yield "ja unit before comma", f"{unit}，{name}"
    yield "ja half-width signs", name.replace("・", "･").replace("／", "/")
    if "company" in types:
        yield "ja form after", f"{bare}株式会社"
        yield "ja form in brackets, unit", f"{bare}㈱ {unit}"


def _english(name: str, types: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    unit, place = chance.choice(UNITS_EN), chance.choice(PLACES)
    short = name
    for word, abbreviation in _SHORT.items():
        short = re.sub(rf"\b{word}\b", abbreviation, short)
    plain = unicodedata.normalize("NFKD", short.replace(".", "")).encode("ascii", "ignore")
    yield "en unit and place, commas", f"{unit}, {name}, {place}"
    yield "en lines", f"{unit}\n{name}\nJapan"
    yield "en unit after, no comma", f"{name} {unit}"
    yield "en unit before, no comma", f"{unit} {name}"
    yield "en abbreviated", short
    yield "en abbreviated, unit", f"{unit}, {short}, {place}"
    yield "en and", name.replace(" & ", " and ") if "&" in name else name.replace(" and ", " & ")
    yield "en capitals and country", f"{plain.decode().upper()} [JP]"
    if "company" in types:
        form = chance.choice((" Co., Ltd.", ", Inc.", " Corporation", " K.K."))
        yield "en form after", f"{_ENGLISH_FORM.sub('', name)}{form}"
    else:
        yield "en article", f"The {name.removeprefix('The ')}"
