"""RIS, which reference managers and library catalogues export: one seed a record."""

from collections.abc import Mapping
from typing import Any

from catalogue.importers.citations import (
    PATENT,
    PRESENTATION,
    Citation,
    citation_records,
    full_name,
)
from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.parsed import Importer, ImportOptions, RecordSource
from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.json_parts import text_in, texts_in
from catalogue.importers.record_source import RowSource, check_file
from catalogue.importers.ris.files import RisFile
from catalogue.importers.rows import ReadOptions
from catalogue.importers.values import LIST_SEPARATOR

NAME = "ris"
SUFFIXES = (".ris", ".txt", "")
KIND_OF_TYPE = {
    "PAT": PATENT,
    "SLIDE": PRESENTATION,
    "HEAR": PRESENTATION,
    "GRANT": "grant",
    "GRNT": "grant",
    "UNPB": "note",
    "PCOMM": "note",
    "ICOMM": "note",
}


def read_reference(record: Mapping[str, Any]) -> list[ParsedRecord]:
    """Return the records of a RIS record, whose tags go by rispy's names."""

    def first(*names: str) -> str:
        return next(filter(None, (text_in(record.get(name)).strip() for name in names)), "")

    kind = first("type_of_reference").upper()
    title = first("title", "primary_title")
    people = [*texts_in(record.get("first_authors")), *texts_in(record.get("authors"))]
    return citation_records(
        Citation(
            scheme=NAME,
            key=first("id", "accession_number"),
            kind=KIND_OF_TYPE.get(kind, "paper"),
            form=first("type_of_work"),
            title=title,
            other_title=first("translated_title"),
            abstract=first("abstract", "notes_abstract"),
            keywords=LIST_SEPARATOR.join(texts_in(record.get("keywords"))),
            people=[name_of(person) for person in people],
            year=first("year", "publication_year", "date"),
            doi=first("doi"),
            url=first("urls"),
            venue=first("journal_name", "alternate_title3", "secondary_title", "alternate_title2"),
            language=first("language"),
            number=first("number") if kind == "PAT" else "",
            holders=texts_in(record.get("secondary_authors")) if kind == "PAT" else (),
        )
    )


def name_of(person: str) -> str:
    """Return a full name of `Family, Given, Suffix`, as its script writes it."""
    family, given, *_ = [*person.replace("，", ",").split(","), ""]
    return full_name(family, given)


def open_sources(file: InputFile, options: ImportOptions) -> list[RecordSource]:
    """Return the file as a source; raises where it cannot be one."""
    check_file(file, options, NAME, SUFFIXES)
    source = f"{NAME}:{options.researcher or file.label}"
    return [
        RowSource(RisFile(file, ReadOptions()), source, read_reference, "records from TY to ER")
    ]


RIS = Importer(NAME, "RIS; authors are found by name", open_sources)
