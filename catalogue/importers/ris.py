"""RIS, which reference managers and library catalogues export: one seed a record.

A record reaches from `TY  -` to `ER  -`, or to the next record.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from rispy import RisParser

from catalogue.identity.name_lists import split_people
from catalogue.importers.citations import (
    PATENT,
    PRESENTATION,
    Citation,
    citation_records,
    full_name,
)
from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.reading.decoding import is_foreign
from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.json_files import text_in, texts_in
from catalogue.importers.reading.text_files import TextFile, lines_of
from catalogue.importers.rejects import TEXT, RejectsForm
from catalogue.importers.rows import BadRow, RawRow, ReadOptions, meant
from catalogue.importers.sources import Importer, ImportOptions, RecordSource, RowSource, check_file
from catalogue.importers.values import LIST_SEPARATOR
from catalogue.records.drafts import Rejection
from enmusubi.messages import Message

START, END = "TY", "ER"
MAX_RECORD_CHARS = 1_000_000
LIST_TAGS = ("AU", "A1", "A2", "A3", "A4", "KW", "UR", "AD")
WORDS = "KW"  # one a line, also where the tag is written once

_TAGGED = re.compile(r"\ufeff?\s{0,8}([A-Z][A-Z0-9])  ?- ?(.*)", re.DOTALL)

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


class RisFile(TextFile):
    """A file of records; a row's number counts them, its cells are the tags by rispy's names."""

    def columns(self) -> tuple[str, ...]:
        """Return the names of the first record's tags."""
        rows = (row for row in self.rows() if isinstance(row, RawRow))
        return tuple(next((row.cells for row in rows), {}))

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Yield the records."""
        for number, (lines, chars) in enumerate(self._records(), start=1):
            yield self._row(number, lines, chars)

    def rejects_form(self) -> RejectsForm:
        """Return that records are written as they stood."""
        return RejectsForm(TEXT, self.label, ".ris")

    def _row(self, number: int, lines: list[str], chars: int) -> RawRow | BadRow:
        shape = Message("record of %(count)s characters", {"count": f"{chars:,}"})
        if chars > MAX_RECORD_CHARS:
            too_long = Message(
                "longer than %(most)s characters: is its end, `ER  -`, missing?",
                {"most": f"{MAX_RECORD_CHARS:,}"},
            )
            return BadRow(number, Rejection("", too_long, shape))
        text = "".join(lines)
        raw = partial(str, text)
        if is_foreign(text, self._encoding):
            own = meant(raw, self._encoding)
            return BadRow(number, Rejection("", self.undecoded_reason(), shape), own)
        parser = RisParser(
            list_tags=list(LIST_TAGS), delimiter_tags_mapping={}, skip_unknown_tags=True
        )
        records = parser.parse_lines(iter([*_one_line_a_tag(lines), f"{END}  - "]))
        if not records or not _tag(lines[0])[1].strip():
            untyped = Message("no type of publication in `TY  -`")
            return BadRow(number, Rejection(START, untyped, shape), raw)
        return RawRow(number, records[0], raw)

    def _records(self) -> Iterator[tuple[list[str], int]]:
        """Yield the lines of each record, and how long it is; longer ones are cut."""
        lines: list[str] = []
        chars = 0
        with self.text() as text:
            for line in lines_of(text):
                tag = _tag(line)[0]
                if tag == START or (tag and not lines and tag != END):  # its type may be missing
                    if lines:
                        yield lines, chars
                    lines, chars = [line], len(line)
                elif lines:
                    chars += len(line)
                    if chars <= MAX_RECORD_CHARS:
                        lines.append(line)
                    if tag == END:
                        yield lines, chars
                        lines, chars = [], 0
        if lines:
            yield lines, chars


def _tag(line: str) -> tuple[str, str]:
    found = _TAGGED.match(line)
    return (found[1], found[2]) if found else ("", line)


def _one_line_a_tag(lines: list[str]) -> Iterator[str]:
    """Yield each tag with the lines that follow it without one; the end is left out."""
    last, parts = START, list[str]()
    for line in lines:
        tag, content = _tag(line)
        if tag or last == WORDS:
            if parts:
                yield f"{last}  - {' '.join(parts)}"
            last, parts = tag or last, []
        if last == END:
            return
        if content.strip():
            parts.append(" ".join(content.split()))
    if parts:
        yield f"{last}  - {' '.join(parts)}"


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
            people=[name_of(person) for listed in people for person in split_people(listed)],
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
        RowSource(
            RisFile(file, ReadOptions()), source, read_reference, Message("records from TY to ER")
        )
    ]


RIS = Importer(NAME, "RIS; authors are found by name", open_sources)
