"""ROR, the register of research organisations: its public dump in JSON or CSV, schema 1 and 2.

Format: https://ror.readme.io/docs/ror-data-structure. The dump is a .zip that holds the same
organisations several times; the JSON of the newest schema is read. Also read is a table with the
columns ror_id, name_en, name_ja, types and other_names, names in it divided by `|`.
"""

from collections.abc import Iterator
from pathlib import Path

from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.parsed import Importer, ImportOptions, ParsedRow, RecordSource
from catalogue.importers.reading.files import InputFile, file_type
from catalogue.importers.reading.json_files import JsonFile
from catalogue.importers.reading.json_parts import Json, text_in
from catalogue.importers.reading.packed import list_members
from catalogue.importers.reading.text_files import DelimitedFile
from catalogue.importers.record_source import JSON_SUFFIXES, RowSource, check_file
from catalogue.importers.ror.records import TABLES, read_organisation
from catalogue.importers.rows import ReadOptions, RowFile
from catalogue.records.drafts import ORGANISATIONS
from catalogue.records.rejections import COLUMN, FILE, Rejection
from enmusubi.errors import UnreadableFileError
from enmusubi.messages import Message

NAME = "ror"
WITHDRAWN = "withdrawn"
DELIMITED = (".csv", ".tsv")
EXPECTED = "organisations of ROR, each with an id and names"

_DUMP = "ror-data"  # in the names of the dump's files, such as v1.45-2024-04-11-ror-data.json
_NEWEST_SCHEMA = "schema_v2"


class RorSource(RowSource):
    """One file of organisations; those that ROR withdrew are counted and left out."""

    table = ORGANISATIONS
    repeating: frozenset[str] = frozenset()

    def __init__(self, rows: RowFile, better: str = "") -> None:
        super().__init__(rows, NAME, self._read_active, EXPECTED)
        self._withdrawn, self._better = 0, better

    def notes(self) -> tuple[Rejection, ...]:
        """Return how many were withdrawn, or that the file was left out for a better one."""
        if self._better:
            left_out = Message(
                "left out: %(better)s in the same archive holds the same organisations",
                {"better": self._better},
            )
            return (Rejection("", left_out, scope=FILE, file=self.label),)
        if not self._withdrawn:
            return super().notes()
        withdrawn = Message(
            "%(count)s withdrawn organisations were left out", {"count": f"{self._withdrawn:,}"}
        )
        note = Rejection("status", withdrawn, scope=COLUMN, file=self.label)
        return (*super().notes(), note)

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield the rows in order; none of a file that was left out."""
        self._withdrawn = 0
        return iter(()) if self._better else super().parsed_rows()

    def _read_active(self, organisation: Json) -> list[ParsedRecord]:
        if text_in(organisation.get("status")).strip().lower() == WITHDRAWN:
            self._withdrawn += 1
            return []
        return [read_organisation(organisation)]


def open_sources(file: InputFile, options: ImportOptions) -> list[RecordSource]:
    """Return the file as a source of organisations."""
    check_file(file, options, NAME, (*JSON_SUFFIXES, *DELIMITED))
    better = _better_file(file)
    if file_type(file) not in DELIMITED:
        return [RorSource(JsonFile(file, ReadOptions()), better)]
    table = DelimitedFile(file, ReadOptions())
    if not better and not any(needed <= set(table.columns()) for needed in TABLES):
        listed = " or ".join(", ".join(sorted(needed)) for needed in TABLES)
        raise UnreadableFileError(
            "%(file)s is no table of ROR: expected the columns %(columns)s.",
            file=file,
            columns=listed,
        )
    return [RorSource(table, better)]


def _better_file(file: InputFile) -> str:
    """Return the file of the dump's archive that is read in place of this one, or nothing."""
    if not file.member or _DUMP not in Path(file.member).name:
        return ""
    names = [Path(member.name).name for member in list_members(file.path)]
    best = max((name for name in names if _DUMP in name), key=_preference, default="")
    return best if _preference(best) > _preference(Path(file.member).name) else ""


def _preference(name: str) -> tuple[bool, bool]:
    return name.lower().endswith(".json"), _NEWEST_SCHEMA in name


ROR = Importer(NAME, "organisations of ROR: its dump in JSON or CSV", open_sources)
