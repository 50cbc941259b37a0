"""Formats that come as a table or as XML, every row or element of which is about one seed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from enmusubi.matcher.catalogue.drafts import ORGANISATIONS, RESEARCHERS, SEEDS
from enmusubi.matcher.errors import MappingError, UnreadableFileError
from enmusubi.matcher.importers.columns import Record
from enmusubi.matcher.importers.files import InputFile, file_type
from enmusubi.matcher.importers.headed_tables import HeadedTable
from enmusubi.matcher.importers.parsed import (
    ImportOptions,
    ParsedRow,
    RecordSource,
    parsed_row,
    rejected_row,
)
from enmusubi.matcher.importers.rejects import RejectsForm
from enmusubi.matcher.importers.report import FILE, Rejection
from enmusubi.matcher.importers.rows import BadRow, ReadOptions
from enmusubi.matcher.importers.synonyms import Synonyms
from enmusubi.matcher.importers.xml_files import XmlFile, XmlRow

TABLES = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class SeedFormat:
    """How a format's rows and elements are read; of each group of fields, a header has one."""

    name: str
    columns: Synonyms
    needed: Sequence[frozenset[str]]
    example: str  # columns that a table of it has
    read_row: Callable[[Mapping[str, Any]], list[Record]]
    record_tags: frozenset[str]
    read_element: Callable[[Element], list[Record]]
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
        refuse_mapping(self.name, options)
        suffix = file_type(file)
        if suffix == ".xml":
            return [SeedSource(XmlFile(file, self.record_tags), self, "xml")]
        if suffix not in TABLES:
            raise UnreadableFileError(
                f"{file} is neither XML nor a table: expected .xml, .csv, .tsv or .txt, or one of "
                "them with .gz or in a .zip."
            )
        table = HeadedTable(file, ReadOptions(), self.is_header)
        if not self.is_header(table.columns()):
            raise UnreadableFileError(
                f"{file} has no header of the format {self.name} in its first rows: expected "
                f"columns such as {self.example}. Name them so, or use the format general."
            )
        return [SeedSource(table, self, self.table_name(table.columns()))]


def refuse_mapping(name: str, options: ImportOptions) -> None:
    """Raise MappingError if a mapping is given for a format that has its own."""
    if options.mapping:
        raise MappingError(f"The format {name} needs no mapping: leave --mapping out.")


class SeedSource:
    """One file of such a format.

    What a table and an XML file say of one seed is kept apart, since each leaves out something.
    """

    table = SEEDS
    repeating = frozenset({ORGANISATIONS, RESEARCHERS})

    def __init__(self, rows: HeadedTable | XmlFile, form: SeedFormat, kind: str) -> None:
        self.file, self.path, self.label = rows.file, rows.file.path, rows.label
        self.source = f"{form.name}:{kind}"
        self._rows, self._form = rows, form
        self._is_empty = False

    def notes(self) -> tuple[Rejection, ...]:
        """Return that the file has no record, if that turned out."""
        if not self._is_empty:
            return ()
        tags = ", ".join(sorted(self._form.record_tags))
        reason = f"no record found: expected elements {tags}, or rows after the header"
        return (Rejection(self.label, 0, "", reason, scope=FILE),)

    def done_bytes(self) -> int:
        """Return how many of the file's `size` bytes were read."""
        return self._rows.done_bytes()

    def rejects_form(self) -> RejectsForm:
        """Return how rejected rows are written so that they can be imported again."""
        return self._rows.rejects_form()

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield one row for each row or element."""
        self._is_empty = True
        for row in self._rows.rows():
            self._is_empty = False
            if isinstance(row, BadRow):
                yield rejected_row(self.label, row)
            elif isinstance(row, XmlRow):
                records = self._form.read_element(row.element)
                yield parsed_row(self.label, row.number, records, row.raw)
            else:
                records = self._form.read_row(row.cells)
                yield parsed_row(self.label, row.number, records, row.raw)
