"""ORCID: public records and works, as the API (JSON) and the public data file (XML) have them.

Format: https://info.orcid.org/documentation/integration-guide/orcid-record/, version 3.0.
"""

from collections.abc import Iterator
from functools import partial
from xml.etree.ElementTree import Element, tostring

from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.orcid.nodes import (
    FUNDING,
    WORK,
    Work,
    as_node,
    orcid_of,
    place_of,
    works_in,
)
from catalogue.importers.orcid.records import NAME, read_person, read_work
from catalogue.importers.reading.files import InputFile, file_type
from catalogue.importers.reading.json_files import Json, JsonFile, object_in
from catalogue.importers.reading.xml_files import XmlFile, XmlRow
from catalogue.importers.rejects import json_line
from catalogue.importers.rows import Raw, RawRow, ReadOptions
from catalogue.importers.sources import (
    JSON_SUFFIXES,
    Importer,
    ImportOptions,
    Part,
    Parting,
    PartKind,
    RecordSource,
    check_file,
    parted_sources,
)
from catalogue.records.drafts import RESEARCHERS, SEEDS, Rejection, shape_of
from enmusubi.messages import N_, Message

XML = ".xml"
RECORD_TAGS = frozenset({"record", "work", "work-summary", "funding-summary"})
WORK_LISTS = ("bulk",)  # of an answer with several full works
OF_RECORDS = ("orcid-identifier", "person", "activities-summary")
UNKNOWN = N_(
    "neither an ORCID record nor a work: expected an object with person and activities-summary, "
    "or with title and path"
)
PEOPLE = PartKind(RESEARCHERS, NAME, "people")
WORKS = PartKind(SEEDS, NAME, "works of records")
FULL_WORKS = PartKind(SEEDS, f"{NAME}:works")  # they say more than the same works in records
KINDS = (PEOPLE, WORKS, FULL_WORKS)


def json_parts(row: RawRow) -> Iterator[Part]:
    """Yield what stands in a JSON object."""
    return parts_of(row.cells, row.raw)


def xml_parts(row: XmlRow) -> Iterator[Part]:
    """Yield what stands in an element."""
    return parts_of(as_node(row.element), row.raw, row.element)


def parts_of(row: Json, raw: Raw | None = None, element: Element | None = None) -> Iterator[Part]:
    """Yield a record's person and works, or the work that a row is.

    `element` is what the row was made of, if it was XML.
    """
    content = object_in(row, WORK) or row
    if any(name in row for name in OF_RECORDS):
        yield Part(PEOPLE, partial(read_person, row), raw)
        for work in works_in(row):
            yield Part(WORKS, partial(read_work, work), partial(_alone, work, element))
    elif "title" in content:
        kind = FUNDING if place_of(content)[1] == FUNDING else WORK
        yield Part(FULL_WORKS, partial(read_work, Work(kind, content, orcid_of(content))), raw)
    else:
        yield Part(FULL_WORKS, partial(_unknown, row), raw)


def _unknown(row: Json) -> list[ParsedRecord]:
    return [ParsedRecord(rejections=(Rejection("", Message(UNKNOWN), shape_of(row)),))]


def _alone(work: Work, element: Element | None) -> str:
    """Return a work of a record as it stands in a file of its own, its owner in its path."""
    path = f"/{work.orcid}/{work.kind}/{work.code}"
    if element is None:
        return json_line({**work.content, "path": path})
    for own in element.iter(f"{work.kind}-summary"):
        if own.get("put-code") == work.code:
            own.set("path", path)
            return tostring(own, encoding="unicode").strip()
    return tostring(element, encoding="unicode").strip()


def open_sources(file: InputFile, options: ImportOptions) -> list[RecordSource]:
    """Return the file as sources of people and of works; raises where it cannot be one."""
    check_file(file, options, NAME, (XML, *JSON_SUFFIXES))
    if file_type(file) == XML:
        parting = Parting(KINDS, Message("elements record:record or work:work"), xml_parts)
        return parted_sources(XmlFile(file, RECORD_TAGS), parting)
    rows = JsonFile(file, ReadOptions(), WORK_LISTS)
    return parted_sources(rows, Parting(KINDS, Message("ORCID records or works"), json_parts))


ORCID = Importer(NAME, "ORCID's public records and works, JSON or XML", open_sources)
