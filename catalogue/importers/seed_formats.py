"""Formats that come as a table or as XML, every row or element of which is about one seed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.general.headed_tables import HeadedTable, Synonyms
from catalogue.importers.reading.files import InputFile, file_type
from catalogue.importers.reading.xml_files import XmlFile
from catalogue.importers.rejects import RejectsForm
from catalogue.importers.rows import BadRow, ReadOptions
from catalogue.importers.sources import (
    ImportOptions,
    ParsedRow,
    RecordSource,
    RowSource,
    check_file,
    nothing_found,
    parsed_row,
    rejected_row,
)
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Rejection
from enmusubi.errors import UnreadableFileError
from enmusubi.messages import Message

XML = ".xml"
SUFFIXES = (XML, ".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class SeedFormat:
    """How a format's rows and elements are read; of each group of fields, a header has one."""

    name: str
    columns: Synonyms
    needed: Sequence[frozenset[str]]
    example: str  # columns that a table of it has
    read_row: Callable[[Mapping[str, Any]], list[ParsedRecord]]
    record_tags: frozenset[str]
    read_element: Callable[[Element], list[ParsedRecord]]
    known_tables: Mapping[str, frozenset[str]] = field(default_factory=dict)  # name → its columns

    def is_header(self, cells: Sequence[str]) -> bool:
        """Whether the cells name the columns without which a table says nothing."""
        known = self.columns.known(cells)
        return all(group & known for group in self.needed)

    def table_name(self, header: Sequence[str]) -> str:
        """Return which of the known tables has such a header, or that it is a table."""
        columns = set(header)
        return next((name for name, own in self.known_tables.items() if own <= columns), "table")

    def open_sources(self, file: InputFile, options: ImportOptions) -> list[RecordSource]:
        """Return the file as a source; raises where it cannot be one."""
        check_file(file, options, self.name, SUFFIXES)
        if file_type(file) == XML:
            return [XmlSource(XmlFile(file, self.record_tags), self)]
        table = HeadedTable(file, ReadOptions(), self.is_header)
        if not self.is_header(table.columns()):
            raise UnreadableFileError(
                "%(file)s has no header of the format %(format)s in its first rows: expected "
                "columns such as %(example)s. Name them so, or use the format general.",
                file=file,
                format=self.name,
                example=self.example,
            )
        source = f"{self.name}:{self.table_name(table.columns())}"
        return [RowSource(table, source, self.read_row, Message("rows after the header"))]


class XmlSource:
    """One XML file of such a format; what tables say of its seeds is kept apart from it."""

    table = SEEDS
    repeating = frozenset({ORGANISATIONS, RESEARCHERS})

    def __init__(self, elements: XmlFile, form: SeedFormat) -> None:
        self.file, self.path, self.label = elements.file, elements.file.path, elements.label
        self.source = f"{form.name}:xml"
        self._elements, self._form = elements, form
        self._is_empty = False

    def notes(self) -> tuple[Rejection, ...]:
        """Return that the file has no record, if that turned out."""
        if not self._is_empty:
            return ()
        tags = ", ".join(sorted(self._form.record_tags))
        return (nothing_found(self.label, Message("elements %(tags)s", {"tags": tags})),)

    def done_bytes(self) -> int:
        """Return how many of the file's `size` bytes were read."""
        return self._elements.done_bytes()

    def rejects_form(self) -> RejectsForm:
        """Return how rejected elements are written so that they can be imported again."""
        return self._elements.rejects_form()

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield one row for each element."""
        self._is_empty = True
        for row in self._elements.rows():
            self._is_empty = False
            if isinstance(row, BadRow):
                yield rejected_row(self.label, row)
            else:
                records = self._form.read_element(row.element)
                yield parsed_row(self.label, row.number, records, row.raw)
