"""Reads KAKEN's XML: one `<grantAward>`, with a `<summary>` in Japanese and one in English.

Format: NII's definition of KAKEN's public XML. Any element may be missing, each summary, too.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.kaken.grants import Grant, Member, grant_records, project_number
from catalogue.importers.reading.elements import by_language, text_at, texts_at
from enmusubi.language import ENGLISH, JAPANESE

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
