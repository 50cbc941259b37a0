"""Patents: J-PlatPat's CSV export, other tables of patents, and WIPO ST.36 and ST.96 XML.

Every office has elements of its own around those of the standards, so elements are looked for at any
depth of the part where they can mean one thing only. They come without namespaces.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from catalogue.identity.name_lists import split_people
from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.general.headed_tables import Synonyms
from catalogue.importers.patents.records import BOTH_SCRIPTS, Patent, patent_records, plain
from catalogue.importers.reading.xml_files import in_best_language, text_at, texts_at
from catalogue.importers.seed_formats import SeedFormat
from catalogue.importers.sources import Importer
from enmusubi.language import JAPANESE, detect_language

RECORD_TAGS = (
    "patent-document",
    "exchange-document",
    "ep-patent-document",
    "us-patent-application",
    "us-patent-grant",
    "jp-official-gazette",
    "PatentPublication",
    "UnexaminedPatentPublication",
    "InternationalPatentPublication",
    "RegisteredPatentPublication",
)
ORIGINAL = "original"  # the format of names as they were filed
GRANTED_TAGS = ("us-patent-grant", "RegisteredPatentPublication")

_BIBLIOGRAPHY = re.compile(r".*(?:BibliographicData|bibliographic-data.*)")
_PUBLICATION = (".//publication-reference", ".//PatentPublicationIdentification")
_GRANT = (".//grant-reference", ".//PatentGrantIdentification")
_APPLICATION = (".//application-reference", ".//ApplicationIdentification")
_COUNTRY = (".//country", ".//IPOfficeCode")
_NUMBER = (".//doc-number", ".//PublicationNumber", ".//PatentNumber", ".//ApplicationNumberText")
_KIND = (".//kind", ".//PatentDocumentKindCode")
_DATE = (".//date", ".//PublicationDate", ".//GrantDate", ".//FilingDate")
_STATUS = (".//legal-status", ".//ApplicationStatusCategory")
_APPLICANTS = (".//applicant", ".//us-applicant", ".//Applicant")
_INVENTORS = (".//inventor", ".//Inventor", ".//applicant[@app-type='applicant-inventor']")
_CONTACTS = ("addressbook", "PublicationContact", "Contact")
_ORGANISATION = (".//orgname", ".//OrganizationStandardName", ".//EntityName", ".//name")
_FULL_NAME = (".//PersonFullName", ".//EntityName", ".//name")
_LAST_NAME, _FIRST_NAME = (".//last-name", ".//LastName"), (".//first-name", ".//FirstName")
_IPC = (
    ".//classification-ipc/main-clsf",
    ".//classification-ipc/further-clsf",
    ".//classification-ipc/main-classification",
    ".//classification-ipc/further-classification",
    ".//classification-ipcr/text",
    ".//IPCClassification/MainClassification",
    ".//IPCClassification/FurtherClassification",
    ".//IPCRClassification/PatentClassificationText",
)
_IPC_IN_PARTS = (".//classification-ipcr", ".//IPCRClassification")
_IPC_PARTS = (("section", "Section"), ("class", "Class"), ("subclass", "Subclass"))
_IPC_GROUPS = (("main-group", "MainGroup"), ("subgroup", "Subgroup"))
_FI = (
    ".//classification-national/main-clsf",
    ".//classification-national/further-clsf",
    ".//NationalClassification//PatentClassificationText",
)
_FTERM = (".//f-term", ".//FtermInformation")
_PARAGRAPHS = ("p", "P", "claim", "Claim/ClaimText")
_KIND_IN_WORDS = re.compile(r"[(（]([A-Z]\d?)[)）]")


def read_document(document: Element) -> list[ParsedRecord]:
    """Return the record of a patent document."""
    tags = (part for part in document.iter() if _BIBLIOGRAPHY.fullmatch(part.tag))
    bibliography = next(tags, document)
    publication = _first(bibliography, *_PUBLICATION)
    grant, application = _first(bibliography, *_GRANT), _first(bibliography, *_APPLICATION)
    granted_kind = "B" if document.tag in GRANTED_TAGS else ""
    kind = text_at(publication, *_KIND) or text_at(document, "@kind") or granted_kind
    return patent_records(
        Patent(
            number=_number(publication, _kind_code(kind)),
            application=_number(application, ""),
            registration=_number(grant, "B"),
            docket=_own_number(document),
            family=text_at(document, "@family-id"),
            title=_joined(bibliography, ".//invention-title", ".//InventionTitle"),
            abstract=_joined(document, ".//abstract", ".//Abstract"),
            claims=_joined(document, ".//claims", ".//Claims"),
            filed_on=text_at(application, *_DATE) or text_at(bibliography, "FilingDate"),
            published_on=text_at(publication, *_DATE),
            granted_on=text_at(grant, *_DATE),
            status=text_at(bibliography, *_STATUS),
            kind=kind,
            ipc="\n".join(_ipc(bibliography)),
            fi="\n".join(texts_at(bibliography, *_FI)),
            fterm="\n".join(texts_at(bibliography, *_FTERM)),
            applicants=_names(bibliography, _APPLICANTS, _organisation),
            inventors=_names(bibliography, _INVENTORS, _person),
        )
    )


def _first(parent: Element, *paths: str) -> Element | None:
    return next((found for path in paths for found in parent.iterfind(path)), None)


def _number(reference: Element | None, kind: str) -> str:
    """Return country, number and kind in one; a number that begins with letters is whole."""
    number = text_at(reference, *_NUMBER)
    if not number or not number[0].isdigit():
        return number
    return f"{text_at(reference, *_COUNTRY)}{number}{kind}"


def _own_number(document: Element) -> str:
    return "".join(text_at(document, name) for name in ("@country", "@doc-number", "@kind"))


def _kind_code(kind: str) -> str:
    """Return `A` of `A` and of `公開特許公報(A)`."""
    found = _KIND_IN_WORDS.search(kind)
    return found[1] if found else kind


def _joined(parent: Element, *paths: str) -> str:
    """Return the texts of one language, a paragraph or claim a line."""
    found = [element for path in paths for element in parent.iterfind(path)]
    lines: list[str] = []
    for element in in_best_language(found)[:1]:
        lines = texts_at(element, *_PARAGRAPHS) or texts_at(element, "")
    return "\n".join(lines)


def _ipc(bibliography: Element) -> list[str]:
    codes = texts_at(bibliography, *_IPC)
    if codes:
        return codes
    found = (part for path in _IPC_IN_PARTS for part in bibliography.iterfind(path))
    return [_ipc_from_parts(part) for part in found]


def _ipc_from_parts(part: Element) -> str:
    group = "/".join(text_at(part, *names) for names in _IPC_GROUPS)
    return "".join(text_at(part, *names) for names in _IPC_PARTS) + group


def _names(
    bibliography: Element, paths: tuple[str, ...], read: Callable[[Element], str]
) -> list[str]:
    """Return the names of parties, one for each; of several formats, as `one_party` has them.

    The European Patent Office gives parties in the forms `epodoc`, in capitals and often cut short, and
    `original`, as they were filed; both are numbered alike.
    """
    parties: dict[str, dict[str, str]] = {}
    counts: Counter[str] = Counter()
    for party in (party for path in paths for party in bibliography.iterfind(path)):
        form = text_at(party, "@data-format")
        counts[form] += 1
        place = text_at(party, "@sequence") if form else ""
        spelt = parties.setdefault(place or str(counts[form]), {})
        if name := plain(read(_contact(party))):
            spelt.setdefault(form, name)
    return list(dict.fromkeys(filter(None, map(one_party, parties.values()))))


def one_party(spelt: Mapping[str, str]) -> str:
    """Return a party's name of its formats: as it was filed, with a spelling in the other script."""
    ordered = sorted(spelt, key=lambda form: form != ORIGINAL)
    scripts = {detect_language(spelt[form]): spelt[form] for form in reversed(ordered)}
    return BOTH_SCRIPTS.join(scripts[script] for script in sorted(scripts, reverse=True))


def _contact(party: Element) -> Element:
    """Return the address of a party in the best language; without one, the party itself."""
    contacts = [part for part in party if part.tag in _CONTACTS]
    return next(iter(in_best_language(contacts)), party)


def _organisation(contact: Element) -> str:
    return text_at(contact, *_ORGANISATION)


def _person(contact: Element) -> str:
    last, first = text_at(contact, *_LAST_NAME), text_at(contact, *_FIRST_NAME)
    if not last:
        return text_at(contact, *_FULL_NAME)
    is_japanese = detect_language(last) == JAPANESE
    return " ".join(filter(None, (last, first) if is_japanese else (first, last)))


COLUMNS = Synonyms(
    {
        "number": ("文献番号", "公報番号", "document_number", "patent_number", "publication_id"),
        "application": ("出願番号", "application_number", "application_id", "filing_number"),
        "publication": (
            "公開番号",
            "公告番号",
            "公表番号",
            "公開・公表番号",
            "publication_number",
            "pub_number",
        ),
        "registration": ("登録番号", "特許番号", "registration_number", "grant_number"),
        "docket": ("整理番号", "社内整理番号", "docket_number", "reference_number"),
        "family": ("ファミリー番号", "ファミリーID", "family_id", "simple_family_id"),
        "title": ("発明の名称", "名称", "発明等の名称", "タイトル", "title", "invention_title"),
        "abstract": ("要約", "要約(和文)", "概要", "abstract", "summary"),
        "claims": ("請求の範囲", "特許請求の範囲", "請求項", "claims", "first_claim"),
        "filed_on": ("出願日", "filing_date", "application_date", "filed"),
        "published_on": ("公知日", "公開日", "公表日", "発行日", "publication_date"),
        "granted_on": ("登録日", "特許登録日", "grant_date", "registration_date", "issue_date"),
        "stage": ("ステージ", "ステータス", "状態", "法的状態", "status", "legal_status"),
        "ipc": ("国際特許分類", "IPC分類", "ipc", "ipc_codes", "ipcr"),
        "fi": ("FI", "FI分類", "fi_codes"),
        "fterm": ("Fターム", "テーマコード", "fterm", "f_terms", "fterms"),
        "applicants": (
            "出願人/権利者",
            "出願人",
            "権利者",
            "特許権者",
            "出願人・権利者",
            "applicants",
            "applicant",
            "assignees",
            "assignee",
        ),
        "inventors": ("発明者", "発明者名", "inventors", "inventor"),
        "inventor_ids": ("発明者ID", "発明者番号", "inventor_ids", "inventor_id"),
        "url": ("文献URL", "url", "link"),
    }
)

NUMBERS = frozenset({"number", "application", "publication", "registration", "docket"})

_LISTED = ("applicants", "inventors", "inventor_ids")
_HARD_BORDERS = re.compile(r"[;；|、\n]")
_COMMAS = re.compile(
    r"[,，](?!\s*(?:ltd|inc|llc|corp|co|gmbh|kg|ag|plc|s\.?a|k\.?k|l\.?p|n\.?v|b\.?v)\b)",
    re.IGNORECASE,
)
_OTHERS = {"他", "外", "ほか", "et al", "et al.", "-"}


def read_row(cells: Mapping[str, Any]) -> list[ParsedRecord]:
    """Return the record of a row."""
    row = COLUMNS.rename(cells)
    texts = {name: text for name, text in row.items() if name not in _LISTED and name != "stage"}
    return patent_records(
        Patent(
            **texts,
            status=row.get("stage", ""),
            applicants=split_names(row.get("applicants", "")),
            inventors=split_people(row.get("inventors", "")),
            inventor_ids=_split_ids(row.get("inventor_ids", "")),
        )
    )


def split_names(text: str) -> list[str]:
    """Divide a cell at `;`, `|`, `、` and line ends, or else at commas, those in names apart."""
    borders = _HARD_BORDERS if _HARD_BORDERS.search(text) else _COMMAS
    names = (" ".join(part.split()) for part in borders.split(text))
    return [name for name in names if name and name.casefold() not in _OTHERS]


def _split_ids(text: str) -> list[str]:
    """Return the ids with their gaps, so that they stand beside the names."""
    return [part.strip() for part in re.split(r"[;；,，|、\n]", text)] if text.strip() else []


_FORMAT = SeedFormat(
    name="patents",
    columns=COLUMNS,
    needed=(NUMBERS, frozenset({"title"})),
    example="文献番号 or application_number, and 発明の名称 or title",
    read_row=read_row,
    record_tags=frozenset(RECORD_TAGS),
    read_element=read_document,
    known_tables={"j-platpat": frozenset({"文献番号", "出願人/権利者"})},
)

PATENTS = Importer(
    "patents", "Patents of J-PlatPat (CSV), of other tables or as WIPO XML", _FORMAT.open_sources
)
