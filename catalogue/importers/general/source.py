"""The general importer: CSV, TSV, XLSX and JSON, with a mapping or our own column names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from catalogue.importers.general.columns import COLUMNS, ParsedRecord, as_part_of_row, read_record
from catalogue.importers.general.mapping import (
    ELEMENT,
    WHOLE_ROW,
    ColumnMapping,
    TableMapping,
    extract,
    guess_table,
    look_up,
    map_by_name,
    suggestion,
)
from catalogue.importers.reading.files import InputFile, file_type
from catalogue.importers.reading.json_files import JsonFile
from catalogue.importers.reading.text_files import DelimitedFile
from catalogue.importers.reading.workbooks import list_sheets
from catalogue.importers.rejects import RejectsForm
from catalogue.importers.rows import BadRow, RawRow, ReadOptions, RowFile, is_blank
from catalogue.importers.sources import (
    Importer,
    ImportOptions,
    ParsedRow,
    RecordSource,
    parsed_row,
    rejected_row,
)
from catalogue.records.drafts import COLUMN, ORGANISATIONS, RESEARCHERS, SEEDS, SHEET, Rejection
from catalogue.records.table_rules import STORED
from enmusubi.errors import MappingError, UnreadableFileError
from enmusubi.messages import Message

DELIMITED = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm")
_MENDED = re.compile(r"\.rejects(-\d+)?\.\w+$")  # mended rows belong to the source they came from
JSON = (".jsonl", ".ndjson", ".json")


class GeneralSource:
    """One file or sheet with the mapping that applies to it."""

    def __init__(
        self,
        file: RowFile,
        mapping: ColumnMapping,
        *,
        expected: Sequence[str] = (),
        left_out: Sequence[Rejection] = (),
    ) -> None:
        self.file, self.path, self.label = file.file, file.file.path, file.label
        self.source = mapping.source or f"general:{_MENDED.sub('', file.file.label)}"
        self.table: str = mapping.tables[-1].table
        self.repeating = frozenset((ORGANISATIONS, RESEARCHERS) if len(mapping.tables) > 1 else ())
        self._rows, self._mapping, self._left_out = file, mapping, tuple(left_out)
        self._missing = list(expected)

    def notes(self) -> tuple[Rejection, ...]:
        """Return what was ignored, and the expected paths that no row had."""
        return self._left_out + tuple(
            Rejection(path, Message("mapped, but no row has it"), scope=COLUMN, file=self.label)
            for path in self._missing
        )

    def done_bytes(self) -> int:
        """Return how far reading has come in the file as it lies on disk."""
        return self._rows.done_bytes()

    def rejects_form(self) -> RejectsForm:
        """Return how rejected rows are written so that they can be imported again."""
        return self._rows.rejects_form()

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield the rows in order."""
        for row in self._rows.rows():
            if isinstance(row, BadRow):
                yield rejected_row(self.label, row)
            else:
                self._note_paths(row)
                yield parsed_row(self.label, row.number, self._records(row), row.raw)

    def _records(self, row: RawRow) -> list[ParsedRecord]:
        records: list[ParsedRecord] = []
        last = self._mapping.tables[-1]
        for part in self._mapping.tables:
            for fields in extract(part, row.cells):
                if part is not last and _is_nobody(part, fields):
                    continue
                record = read_record(part.table, fields, given=self._given(part))
                if part is not last:
                    record = as_part_of_row(record)
                elif part.table == SEEDS and self._mapping.links_people:
                    record = _linked(record, records)
                records.append(record)
        return records

    def _given(self, part: TableMapping) -> frozenset[str] | None:
        """Return the columns that a table has, so that an emptied cell takes its value back."""
        if isinstance(self._rows, JsonFile):
            return None
        return frozenset((*part.columns, *part.constants))

    def _note_paths(self, row: RawRow) -> None:
        self._missing = [path for path in self._missing if is_blank(look_up(row.cells, path))]


def _is_nobody(part: TableMapping, fields: dict[str, Any]) -> bool:
    """Whether the row has no name where the mapping expects one: a grant without co-leaders."""
    mapped = [name for name in ("name_ja", "name_en") if name in part.columns]
    return bool(mapped) and not any(fields.get(name) for name in mapped)


def _linked(record: ParsedRecord, before: Sequence[ParsedRecord]) -> ParsedRecord:
    """Return a seed's record with the researchers of its row, unless it names its own."""
    people = tuple(
        str(draft.values["researcher_id"])
        for other in before
        for draft in other.drafts
        if draft.table == RESEARCHERS
    )
    drafts = tuple(
        replace(draft, people=people) if draft.people is None and people else draft
        for draft in record.drafts
    )
    return replace(record, drafts=drafts)


def _top_paths(mapping: ColumnMapping) -> list[str]:
    """Return the paths that start at the row, without those that have something to fall back on."""
    paths: list[str] = []
    for part in mapping.tables:
        for rules in part.columns.values():
            for rule in rules:
                if part.each or rule.each:
                    paths += [path for path in rule.paths if path.startswith(WHOLE_ROW)]
                else:
                    paths += [path for path in rule.paths if path != ELEMENT]
    return list(dict.fromkeys(path.removeprefix(WHOLE_ROW) for path in paths))


def open_sources(file: InputFile, options: ImportOptions) -> list[RecordSource]:
    """Return the file's tables, or its sheets' tables, that can be imported.

    Raises MappingError where the mapping does not fit or no table can be guessed.
    """
    mapping = options.mapping
    files = _row_files(file, mapping)
    if mapping:
        chosen = [part for part in files if not part.sheet or mapping.sheet in ("", part.sheet)]
        if not chosen:
            names = ", ".join(repr(part.sheet) for part in files)
            raise MappingError(
                "%(file)s has no sheet %(sheet)r; it has %(sheets)s.",
                file=file,
                sheet=mapping.sheet,
                sheets=names,
            )
        return [_mapped(part, mapping) for part in (chosen if mapping.sheet else chosen[:1])]
    return _guessed(file, files)


def _row_files(file: InputFile, mapping: ColumnMapping | None) -> Sequence[RowFile]:
    options = ReadOptions(mapping.encoding, mapping.delimiter) if mapping else ReadOptions()
    suffix = file_type(file)
    if suffix in DELIMITED:
        return [DelimitedFile(file, options)]
    if suffix in WORKBOOKS:
        return list_sheets(file)
    if suffix in JSON:
        return [JsonFile(file, options)]
    known = " ".join((*DELIMITED, *WORKBOOKS, *JSON))
    raise UnreadableFileError(
        "%(file)s is of an unknown kind (%(kind)s): expected one of %(known)s, or "
        "one of them with .gz or in a .zip.",
        file=file,
        kind=suffix or Message("no suffix"),
        known=known,
    )


def _mapped(file: RowFile, mapping: ColumnMapping) -> GeneralSource:
    paths = _top_paths(mapping)
    if isinstance(file, JsonFile):
        return GeneralSource(file, mapping, expected=paths)
    columns = file.columns()
    for path in paths:
        if path not in columns:
            raise MappingError(
                "%(file)s has no column %(column)r%(suggestion)s. It has: %(columns)s.",
                file=file.label,
                column=path,
                suggestion=suggestion(path, columns),
                columns=", ".join(filter(None, columns)),
            )
    return GeneralSource(file, mapping)


def _guessed(file: InputFile, files: Sequence[RowFile]) -> list[RecordSource]:
    headers = {part.label: part.columns() for part in files}
    unknown = Message("left out: not exactly one column is an id of ours, so its table is unknown")
    left_out = [
        Rejection("", unknown, scope=SHEET, file=label)
        for label, columns in headers.items()
        if not guess_table(columns)
    ]
    sources: list[RecordSource] = []
    for part in files:
        if table := guess_table(headers[part.label]):
            known = COLUMNS[table] if isinstance(part, JsonFile) else headers[part.label]
            notes = [*left_out, *_ignored(part, table, headers[part.label])]
            mapping = map_by_name(table, tuple(known))
            sources.append(GeneralSource(part, mapping, left_out=notes))
            left_out = []
    if not sources:
        ids = ", ".join(stored.key for stored in STORED.values())
        raise MappingError(
            "%(file)s has none or several of the columns %(columns)s, so its table cannot be "
            "told. Name its columns as docs/importing.md does, or write a mapping and "
            "give it with --mapping.",
            file=file,
            columns=ids,
        )
    return sources


def _ignored(file: RowFile, table: str, columns: Sequence[str]) -> list[Rejection]:
    return [
        Rejection(
            name,
            Message(
                "%(table)s have no such column, it is ignored%(suggestion)s",
                {"table": table, "suggestion": suggestion(name, COLUMNS[table])},
            ),
            scope=COLUMN,
            file=file.label,
        )
        for name in columns
        if name and name not in COLUMNS[table]
    ]


GENERAL = Importer(
    "general",
    "CSV, TSV, XLSX or JSON of researchers, seeds, needs or organisations",
    open_sources,
)
