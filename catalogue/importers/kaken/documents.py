"""KAKEN's grants as it exports them: XML, and CSV with Japanese or English headers.

XML has one `<grantAward>` a grant, with a `<summary>` in Japanese and one in English. Format: NII's
definition of KAKEN's public XML. Any element may be missing, each summary, too.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.general.headed_tables import Synonyms
from catalogue.importers.kaken.grants import Grant, Member, grant_records, project_number
from catalogue.importers.reading.xml_files import by_language, text_at, texts_at
from enmusubi.language import ENGLISH, JAPANESE, detect_language

RECORD_TAG = "grantAward"
ROLES = (
    "area_organizer",
    "principal_investigator",
    "research_fellow",
    "foreign_research_fellow",
    "host_researcher",
    "co_investigator_buntan",
    "co_investigator_renkei",
    "co_investigator",
)
PARAGRAPHS = (
    "outline_of_research_initial",
    "purpose",
    "abstract",
    "outline_of_research_achievement",
    "significance_of_research_achievement",
    "outline_of_research_performance",
)
YEARS = tuple(
    f"periodOfAward/{place}" for place in ("@searchStartFiscalYear", "startFiscalYear", "startDate")
)
INDUSTRY = (
    ".//institution[@type='industry']",
    ".//institution[@institutionType='industry']",
)
DECLINED = "declined"
PAGES = "https://kaken.nii.ac.jp/grant/"

Summaries = dict[str, Element]  # by language, Japanese first


def read_grant(award: Element) -> list[ParsedRecord]:
    """Return the records of a `<grantAward>`."""
    parts = by_language(award.findall("summary"))
    summaries = {language: listed[0] for language, listed in parts.items()}
    grant_id = text_at(award, "@id")
    return grant_records(
        Grant(
            number=project_number(text_at(award, "@awardNumber") or grant_id),
            title_ja=text_at(summaries.get(JAPANESE), "title")
            or text_at(summaries.get(""), "title"),
            title_en=text_at(summaries.get(ENGLISH), "title"),
            texts=_paragraphs(summaries),
            keywords=_merged(summaries, "keywordList/keyword"),
            fields=_merged(summaries, "review_section", "field"),
            codes=_field_codes(summaries),
            year=_first(summaries, *YEARS),
            category=_first(summaries, "category"),
            members=list(_members(summaries)),
            companies=_companies(summaries),
            url=text_at(award, "urlList/url") or (f"{PAGES}{grant_id}/" if grant_id else ""),
            doi=text_at(award, "identifier[@type='doi']/normalizedValue"),
            declined=_first(summaries, "projectStatus/@statusCode") == DECLINED,
        )
    )


def _first(summaries: Summaries, *paths: str) -> str:
    return next(filter(None, (text_at(summary, *paths) for summary in summaries.values())), "")


def _merged(summaries: Summaries, *paths: str) -> list[str]:
    """Return the texts of all languages; words in both help needs in both."""
    found = (text for summary in summaries.values() for text in texts_at(summary, *paths))
    return list(dict.fromkeys(found))


def _paragraphs(summaries: Summaries) -> list[str]:
    """Return the outlines and results, each kind in the first language that has it."""
    texts = []
    for kind in PARAGRAPHS:
        for summary in summaries.values():
            if found := texts_at(summary, f"paragraphList[@type='{kind}']/paragraph"):
                texts += found
                break
    return texts


def _field_codes(summaries: Summaries) -> list[str]:
    """Return NII's codes of fields; review sections have their codes in their names."""
    return _merged(summaries, "field/@niiCode")


def _companies(summaries: Summaries) -> list[str]:
    """Return the names of institutions that KAKEN marks as industry, in the first language."""
    marked = (texts_at(summary, *INDUSTRY) for summary in summaries.values())
    return next(filter(None, marked), [])


def _members(summaries: Summaries) -> Iterator[Member]:
    """Yield the people whose role counts, the principal investigator first, in both languages."""
    found: dict[str, Member] = {}
    for language, summary in summaries.items():
        side = ENGLISH if language == ENGLISH else JAPANESE
        members = [member for member in summary.findall("member") if _role(member) in ROLES]
        for member in sorted(members, key=lambda member: ROLES.index(_role(member))):
            number = _number(member)
            key = number or f"{_role(member)} {text_at(member, '@sequence')}"
            before = found.get(key, Member({}))
            columns = {**_columns(member, side), **before.columns}
            found[key] = Member(columns, number)
    yield from found.values()


def _role(member: Element) -> str:
    return text_at(member, "@role")


def _number(member: Element) -> str:
    return text_at(member, "@eradCode", "enriched/researcherNumber[@type='erad']")


def _columns(member: Element, side: str) -> dict[str, str]:
    """Return a member's columns in one language; of several affiliations the first counts."""
    names = member.findall("personalName")
    columns = {
        f"name_{side}": _name(names[0], side) if names else "",
        f"institution_{side}": text_at(member, "affiliation/institution", "institution"),
        f"department_{side}": text_at(member, "affiliation/department", "department"),
        f"position_{side}": text_at(member, "affiliation/jobTitle", "jobTitle"),
    }
    if side == JAPANESE and names:
        columns["name_kana"] = _kana(names[0])
        columns["aliases"] = "; ".join(filter(None, (_name(name, side) for name in names[1:])))
    return {name: value for name, value in columns.items() if value}


def _name(name: Element, side: str) -> str:
    """Return a name as its language writes it; KAKEN has the family name first in both."""
    family, given = text_at(name, "familyName"), text_at(name, "givenName")
    if side == ENGLISH and family and given:
        return f"{given} {family}"
    return text_at(name, "fullName") or " ".join(filter(None, (family, given)))


def _kana(name: Element) -> str:
    return " ".join(texts_at(name, "familyName/@yomi", "givenName/@yomi"))


COLUMNS = Synonyms(
    {
        "number": ("研究課題/領域番号", "研究課題番号", "課題番号", "Project/Area Number"),
        "title_ja": ("研究課題名", "研究領域名", "Research Project", "Project Title"),
        "title_en": ("研究課題名 (英文)", "研究課題名 (英語)", "Research Project (English)"),
        "category": ("研究種目", "Research Category"),
        "section": ("審査区分", "Review Section"),
        "field": ("研究分野", "Research Field"),
        "period": ("研究期間 (年度)", "研究期間", "Project Period (FY)", "Project Period"),
        "status": ("研究課題ステータス", "Project Status"),
        "keywords": ("キーワード", "Keywords", "Keyword"),
        "leader": ("研究代表者", "領域代表者", "Principal Investigator"),
        "fellow": ("特別研究員", "Research Fellow"),
        "foreign_fellow": ("外国人特別研究員", "Foreign Research Fellow"),
        "host": ("受入研究者", "Host Researcher"),
        "member": ("研究分担者", "Co-Investigator", "Co-Investigators"),
        "cooperator": ("連携研究者", "Co-Investigator (Renkei-kenkyūsha)"),
        "initial": ("研究開始時の研究の概要", "Outline of Research at the Start"),
        "outline": ("研究概要", "研究の概要", "Outline of Research"),
        "achievement": ("研究成果の概要", "Outline of Final Research Achievements"),
        "achievement_en": ("研究成果の概要 (英文)", "研究成果の概要 (英語)"),
        "significance": (
            "研究成果の学術的意義や社会的意義",
            "Academic Significance and Societal Importance of the Research Achievements",
        ),
        "performance": ("研究実績の概要", "Outline of Annual Research Achievements"),
    }
)
PEOPLE = ("leader", "fellow", "foreign_fellow", "host", "member", "cooperator")
TEXTS = ("initial", "outline", "achievement", "significance", "performance")
DECLINED_IN_TABLES = re.compile(r"採択後辞退|declined", re.IGNORECASE)

_MAX_PERSON_CHARS = 1_000
_NUMBER = re.compile(r"(?<!\s)\s*+\(\s*+(\d{6,8})\s*+\)\s*$")
_WIDE_GAP = re.compile(r"\s{2,}")
_ORGANISATION = re.compile(
    r"大学|学校|高専|研究所|研究機構|法人|機構|病院|会社|センター|博物館|\b(?:univ|inst|coll)",
    re.IGNORECASE,
)
_POSITION = re.compile(
    r"教授|講師|助教|助手|研究員|研究者|フェロー|技師|職員|室長|部長|所長|医師|学長|教諭|教員"
    r"|\b(?:professor|lecturer|researcher|fellow|director|scientist|assistant)",
    re.IGNORECASE,
)


def read_row(cells: Mapping[str, Any]) -> list[ParsedRecord]:
    """Return the records of a row of the export."""
    row = COLUMNS.rename(cells)
    number = project_number(row.get("number", ""))
    achievement = row.get("achievement") or row.get("achievement_en", "")
    texts = {**row, "achievement": achievement}
    return grant_records(
        Grant(
            number=number,
            title_ja=row.get("title_ja", ""),
            title_en=row.get("title_en", ""),
            texts=[texts[name] for name in TEXTS if texts.get(name)],
            keywords=_split_words(row.get("keywords", "")),
            fields=[text for name in ("section", "field") for text in _split_lines(row.get(name))],
            year=row.get("period", ""),
            category=row.get("category", ""),
            members=[member for name in PEOPLE for member in _members_of_row(row.get(name, ""))],
            url=f"{PAGES}KAKENHI-PROJECT-{number}/" if number else "",
            declined=bool(DECLINED_IN_TABLES.search(row.get("status", ""))),
        )
    )


def read_member(text: str) -> Member | None:
    """Return the person of `姓 名  所属, 部局, 職名 (研究者番号)`; any part but the name may lack."""
    folded = unicodedata.normalize("NFKC", text).strip()
    if not folded or len(folded) > _MAX_PERSON_CHARS:
        return None
    number = _NUMBER.search(folded)
    name, affiliation = _split_name(_NUMBER.sub("", folded))
    side = JAPANESE if detect_language(name) == JAPANESE else ENGLISH
    columns = {f"name_{side}": name, **_affiliation(affiliation)}
    return Member(columns, number[1] if number else "") if name else None


def _members_of_row(cell: str) -> Iterator[Member]:
    for line in cell.split("\n"):
        if member := read_member(line):
            yield member


def _split_name(text: str) -> tuple[str, str]:
    """Divide at a gap of two blanks, or else after the words before the organisation."""
    parts = _WIDE_GAP.split(text, maxsplit=1)
    if len(parts) == 2 and not _ORGANISATION.search(parts[0]):
        return parts[0], parts[1]
    words = text.split()
    for place, word in enumerate(words):
        if place and (_ORGANISATION.search(word) or word.endswith(",")):
            return " ".join(words[:place]), " ".join(words[place:])
    return " ".join(words), ""


def _affiliation(text: str) -> dict[str, str]:
    """Return institution, department and position of `霞野大学, 工学部, 教授`."""
    parts = [part.strip() for part in re.split("[,、]", text) if part.strip()]
    if not parts:
        return {}
    side = JAPANESE if detect_language(text) == JAPANESE else ENGLISH
    position = parts.pop() if len(parts) > 1 and _POSITION.search(parts[-1]) else ""
    columns = {
        f"institution_{side}": parts[0],
        f"department_{side}": " ".join(parts[1:]),
        f"position_{side}": position,
    }
    return {name: value for name, value in columns.items() if value}


def _split_words(text: str) -> list[str]:
    return [word.strip() for word in re.split(r"\s/\s|[;；、\n]", text) if word.strip()]


def _split_lines(text: str | None) -> list[str]:
    return [part.strip() for part in re.split(r"\s/\s|\n", text or "") if part.strip()]
