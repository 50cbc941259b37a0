"""Reads patent documents in XML: WIPO ST.36 and ST.96, and the dialects of the offices.

Every office has elements of its own around those of the standards, so elements are looked for at
any depth of the part where they can mean one thing only. They come without namespaces.
"""

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element

from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.patents.records import Patent, patent_records
from catalogue.importers.reading.elements import in_best_language, text_at, texts_at
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
    """Return the names of parties; where they stand in several formats, those of the first."""
    parties = [party for path in paths for party in bibliography.iterfind(path)]
    formats = [text_at(party, "@data-format") for party in parties]
    chosen = (party for party, form in zip(parties, formats, strict=True) if form == formats[0])
    return list(dict.fromkeys(filter(None, map(read, map(_contact, chosen)))))


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
