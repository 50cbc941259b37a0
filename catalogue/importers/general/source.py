"""The general importer: CSV, TSV, XLSX and JSON, with a mapping or our own column names."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
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
from enmusubi.messages import Message, listed

DELIMITED = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
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
        self.source = mapping.source or source_name(file.file)
        self.table: str = mapping.tables[-1].table
        self.repeating = frozenset((ORGANISATIONS, RESEARCHERS) if len(mapping.tables) > 1 else ())
        self._rows, self._mapping, self._left_out = file, mapping, tuple(left_out)
        self._missing = list(expected)

    def notes(self) -> tuple[Rejection, ...]:
        """Return what was ignored, and the expected paths that no row had."""
        told = Message("mapped, but no row has it")
        missing = (Rejection(path, told, scope=COLUMN, file=self.label) for path in self._missing)
        return (*self._left_out, *self._rows.notes(), *missing)

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
    files = row_files(file, mapping)
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
    return _guessed(file, files, options)


def row_files(file: InputFile, mapping: ColumnMapping | None = None) -> Sequence[RowFile]:
    """Return the file, or the sheets of it, as they give rows; raises UnreadableFileError."""
    options = ReadOptions(mapping.encoding, mapping.delimiter) if mapping else ReadOptions()
    suffix = file_type(file)
    if suffix in DELIMITED:
        return [DelimitedFile(file, options)]
    if suffix in WORKBOOKS:
        return list_sheets(file, options)
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


def _guessed(
    file: InputFile, files: Sequence[RowFile], options: ImportOptions
) -> list[RecordSource]:
    """Return the parts whose columns have our names, and those that are recognised; the others are notes."""
    from catalogue.importers.recognition.opening import UNKNOWN_TABLE, recognise_part

    made: list[Callable[[Sequence[Rejection]], RecordSource]] = []
    left_out: list[Rejection] = []
    for part in files:
        columns = own_columns(part)
        if table := guess_table(columns):
            known = tuple(COLUMNS[table]) if isinstance(part, JsonFile) else columns
            made.append(partial(_by_name, part, table, columns, known))
            continue
        found = recognise_part(part, options)
        why_not = found.why_not_imported if found else UNKNOWN_TABLE
        if found and why_not is None:
            made.append(partial(found.source, source_name(part.file)))
        elif why_not:
            left_out.append(Rejection("", why_not, scope=SHEET, file=part.label))
    sources = [make(left_out if place == 0 else ()) for place, make in enumerate(made)]
    if not sources:
        ids = ", ".join(stored.key for stored in STORED.values())
        raise MappingError(
            "%(file)s: %(reason)s. Our own names of columns (%(columns)s …) need neither: "
            "docs/importing.md lists them.",
            file=file,
            reason=listed((note.message for note in left_out[:3]), "; "),
            columns=ids,
        )
    return sources


def own_columns(part: RowFile) -> tuple[str, ...]:
    """Return the header, if it has names that may be ours; a row that is no header has none."""
    try:
        return part.columns()
    except UnreadableFileError:
        first = next(part.records(), None) if isinstance(part, DelimitedFile) else None
        cells = first[1] if first else ()
        if isinstance(cells, BadRow) or not cells or set(cells) & {s.key for s in STORED.values()}:
            raise
        return ()  # a row that is no header, or one that names two columns alike


def _by_name(
    part: RowFile,
    table: str,
    columns: tuple[str, ...],
    known: tuple[str, ...],
    left_out: Sequence[Rejection],
) -> GeneralSource:
    notes = [*left_out, *_ignored(part, table, columns)]
    return GeneralSource(part, map_by_name(table, known), left_out=notes)


def source_name(file: InputFile) -> str:
    """Return the name that the catalogue keeps with a file; mended rows belong to the file they came from."""
    return f"general:{_MENDED.sub('', file.label)}"


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
