"""The general importer: CSV, TSV, XLSX and JSON lines, with a mapping or our own column names."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from enmusubi.matcher.catalogue.drafts import ORGANISATIONS, RESEARCHERS, SEEDS
from enmusubi.matcher.catalogue.stored import STORED
from enmusubi.matcher.errors import MappingError, UnreadableFileError
from enmusubi.matcher.importers.columns import COLUMNS, Record, read_record, without_row_faults
from enmusubi.matcher.importers.extraction import extract, look_up
from enmusubi.matcher.importers.files import file_type
from enmusubi.matcher.importers.mapping import (
    ELEMENT,
    WHOLE_ROW,
    Mapping,
    TableMapping,
    guess_table,
    map_by_name,
    suggestion,
)
from enmusubi.matcher.importers.parsed import (
    Importer,
    ParsedRow,
    RecordSource,
    parsed_row,
    rejected_row,
)
from enmusubi.matcher.importers.report import COLUMN, SHEET, Rejection
from enmusubi.matcher.importers.rows import BadRow, RawRow, ReadOptions, RowFile, is_blank
from enmusubi.matcher.importers.text_files import DelimitedFile, JsonLinesFile
from enmusubi.matcher.importers.workbooks import list_sheets

DELIMITED = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm")
JSON_LINES = (".jsonl", ".ndjson", ".json")


class GeneralSource:
    """One file or sheet with the mapping that applies to it."""

    def __init__(
        self,
        file: RowFile,
        mapping: Mapping,
        *,
        expected: Sequence[str] = (),
        left_out: Sequence[Rejection] = (),
    ) -> None:
        self.path, self.label = file.path, file.label
        self.source = mapping.source or f"general:{file.path.name}"
        self.table: str = mapping.tables[-1].table
        self.repeating = frozenset((ORGANISATIONS, RESEARCHERS) if len(mapping.tables) > 1 else ())
        self._file, self._mapping, self._left_out = file, mapping, tuple(left_out)
        self._missing = list(expected)

    def notes(self) -> tuple[Rejection, ...]:
        """Return what was ignored, and the expected paths that no row had."""
        return self._left_out + tuple(
            Rejection(self.label, 0, path, "mapped, but no row has it", scope=COLUMN)
            for path in self._missing
        )

    def done_bytes(self) -> int:
        """Return how far reading has come in the file as it lies on disk."""
        return self._file.done_bytes()

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield the rows in order."""
        for row in self._file.rows():
            if isinstance(row, BadRow):
                yield rejected_row(self.label, row)
            else:
                self._note_paths(row)
                yield parsed_row(self.label, row.number, self._records(row))

    def _records(self, row: RawRow) -> list[Record]:
        records: list[Record] = []
        last = self._mapping.tables[-1]
        for part in self._mapping.tables:
            for fields in extract(part, row.cells):
                if part is not last and _is_nobody(part, fields):
                    continue
                record = read_record(part.table, fields)
                if part is not last:
                    record = without_row_faults(record)
                elif part.table == SEEDS and self._mapping.links_people:
                    record = _linked(record, records)
                records.append(record)
        return records

    def _note_paths(self, row: RawRow) -> None:
        self._missing = [path for path in self._missing if is_blank(look_up(row.cells, path))]


def _is_nobody(part: TableMapping, fields: dict[str, Any]) -> bool:
    """Whether the row has no name where the mapping expects one: a grant without co-leaders."""
    mapped = [name for name in ("name_ja", "name_en") if name in part.columns]
    return bool(mapped) and not any(fields.get(name) for name in mapped)


def _linked(record: Record, before: Sequence[Record]) -> Record:
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


def _top_paths(mapping: Mapping) -> list[str]:
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


def open_sources(path: Path, mapping: Mapping | None) -> list[RecordSource]:
    """Return the file's tables, or its sheets' tables, that can be imported.

    Raises MappingError where the mapping does not fit or no table can be guessed.
    """
    files = _row_files(path, mapping)
    if mapping:
        chosen = [file for file in files if not file.sheet or mapping.sheet in ("", file.sheet)]
        if not chosen:
            names = ", ".join(repr(file.sheet) for file in files)
            raise MappingError(f"{path} has no sheet {mapping.sheet!r}; it has {names}.")
        return [_mapped(file, mapping) for file in (chosen if mapping.sheet else chosen[:1])]
    return _guessed(path, files)


def _row_files(path: Path, mapping: Mapping | None) -> Sequence[RowFile]:
    options = ReadOptions(mapping.encoding, mapping.delimiter) if mapping else ReadOptions()
    suffix = file_type(path)
    if suffix in DELIMITED:
        return [DelimitedFile(path, options)]
    if suffix in WORKBOOKS:
        return list_sheets(path)
    if suffix in JSON_LINES:
        return [JsonLinesFile(path, options)]
    known = " ".join((*DELIMITED, *WORKBOOKS, *JSON_LINES))
    raise UnreadableFileError(
        f"{path} is of an unknown kind ({suffix or 'no suffix'}): expected one of {known}, or one "
        "of them with .gz."
    )


def _mapped(file: RowFile, mapping: Mapping) -> GeneralSource:
    paths = _top_paths(mapping)
    if isinstance(file, JsonLinesFile):
        return GeneralSource(file, mapping, expected=paths)
    columns = file.columns()
    for path in paths:
        if path not in columns:
            raise MappingError(
                f"{file.label} has no column {path!r}{suggestion(path, columns)}. It has: "
                f"{', '.join(filter(None, columns))}."
            )
    return GeneralSource(file, mapping)


def _guessed(path: Path, files: Sequence[RowFile]) -> list[RecordSource]:
    headers = {file.label: file.columns() for file in files}
    reason = "left out: not exactly one column is an id of ours, so its table is unknown"
    left_out = [
        Rejection(label, 0, "", reason, scope=SHEET)
        for label, columns in headers.items()
        if not guess_table(columns)
    ]
    sources: list[RecordSource] = []
    for file in files:
        if table := guess_table(headers[file.label]):
            known = COLUMNS[table] if isinstance(file, JsonLinesFile) else headers[file.label]
            notes = [*left_out, *_ignored(file, table, headers[file.label])]
            mapping = map_by_name(table, tuple(known))
            sources.append(GeneralSource(file, mapping, left_out=notes))
            left_out = []
    if not sources:
        ids = ", ".join(stored.key for stored in STORED.values())
        raise MappingError(
            f"{path} has none or several of the columns {ids}, so its table cannot be told. Name "
            "its columns as docs/importing.md does, or write a mapping and give it with --mapping."
        )
    return sources


def _ignored(file: RowFile, table: str, columns: Sequence[str]) -> list[Rejection]:
    reason = f"{table} have no such column, it is ignored"
    return [
        Rejection(file.label, 0, name, reason + suggestion(name, COLUMNS[table]), scope=COLUMN)
        for name in columns
        if name and name not in COLUMNS[table]
    ]


GENERAL = Importer(
    "general",
    "CSV, TSV, XLSX or JSON lines of researchers, seeds, needs or organisations",
    open_sources,
)
