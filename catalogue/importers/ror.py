"""ROR, the register of research organisations: its public dump in JSON or CSV, schema 1 and 2.

Format: https://ror.readme.io/docs/ror-data-structure. The dump is a .zip that holds the same
organisations several times; the JSON of the newest schema is read. Also read is a table with the
columns ror_id, name_en, name_ja, types and other_names, names in it divided by `|`.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from catalogue.importers import values
from catalogue.importers.general.columns import ParsedRecord, read_record
from catalogue.importers.reading.files import InputFile, file_type
from catalogue.importers.reading.json_files import (
    Json,
    JsonFile,
    object_in,
    objects_in,
    text_in,
    texts_in,
    valid,
)
from catalogue.importers.reading.packed import list_members
from catalogue.importers.reading.text_files import DelimitedFile
from catalogue.importers.rows import ReadOptions, RowFile
from catalogue.importers.sources import (
    JSON_SUFFIXES,
    Importer,
    ImportOptions,
    ParsedRow,
    RecordSource,
    RowSource,
    check_file,
)
from catalogue.records.drafts import COLUMN, FILE, ORGANISATIONS, Rejection, shape_of
from enmusubi.errors import UnreadableFileError
from enmusubi.language import ENGLISH, JAPANESE, detect_language
from enmusubi.messages import Message

DISPLAY, LABEL, ALIAS, ACRONYM = "ror_display", "label", "alias", "acronym"
MAX_ALIASES = 100
JAPAN, CHINESE = "JP", "zh"
COUNTRY_COLUMNS = ("locations.geonames_details.country_code", "country.country_code")
TABLES = (  # what a table has at least: ours, the dump's of schema 2 and of schema 1
    frozenset({"ror_id", "name_en", "name_ja"}),
    frozenset({"id", "names.types.ror_display"}),
    frozenset({"id", "name", "aliases", "labels"}),
)
KINDS = {"education": "university", "company": "company"}

_KINDS_OF_NAME = (LABEL, DISPLAY, ALIAS)  # what comes first is the better name in a language
_CELL_BORDERS = re.compile(r"(?<!\s)\s*+[;|]\s*")
_LANGUAGE = re.compile(r"(?:([a-z]{2,3})|no_lang_code):\s+")
_NAME_BORDERS = str.maketrans({";": ",", "；": ",", "、": "・", "\n": " "})

NAME = "ror"
WITHDRAWN = "withdrawn"
DELIMITED = (".csv", ".tsv")
EXPECTED = Message("organisations of ROR, each with an id and names")

_DUMP = "ror-data"  # in the names of the dump's files, such as v1.45-2024-04-11-ror-data.json
_NEWEST_SCHEMA = "schema_v2"


class Name(NamedTuple):
    """A name, its kind in the words of schema 2, and its language where it is said."""

    text: str
    kind: str
    language: str = ""


def read_organisation(organisation: Json) -> ParsedRecord:
    """Return the record of an organisation; one without id or name is rejected."""
    given = organisation.get("id") or organisation.get("ror_id")
    ror_id = valid(values.ror, given)
    if not ror_id:
        message = Message("not a ROR id such as https://ror.org/05hz8m414")
        return _rejected("id", message, given)
    listed = (*_names_2(organisation), *_names_1(organisation), *_names_of_table(organisation))
    country = _country(organisation)
    names = [name if country in ("", JAPAN) else _not_japanese(name) for name in listed]
    japanese, english = _best(names, JAPANESE), _best(names, ENGLISH)
    if not japanese and not english:
        message = Message("no name: an organisation needs one")
        return _rejected("names", message, organisation.get("names"))
    fields = {
        "name_ja": japanese,
        "name_en": english,
        "ror_id": ror_id,
        "kind": _kind(organisation.get("types")),
        "aliases": _aliases(names, (japanese, english)),
    }
    return read_record(ORGANISATIONS, fields)


def _rejected(field: str, message: Message, value: Any) -> ParsedRecord:
    return ParsedRecord(rejections=(Rejection(field, message, shape_of(value)),))


def _names_2(organisation: Json) -> Iterator[Name]:
    """Yield the names of schema 2, each of which may be of several kinds."""
    for entry in objects_in(organisation, "names"):
        if text := _one_line(entry.get("value")):
            for kind in texts_in(entry.get("types")) or [ALIAS]:
                yield Name(text, kind, text_in(entry.get("lang")))


def _names_1(organisation: Json) -> Iterator[Name]:
    """Yield the names of schema 1, where labels are the names in other languages."""
    if text := _one_line(organisation.get("name")):
        yield Name(text, DISPLAY)
    for label in objects_in(organisation, "labels"):
        if text := _one_line(label.get("label")):
            yield Name(text, LABEL, text_in(label.get("iso639")))
    for field, kind in (("aliases", ALIAS), ("acronyms", ACRONYM)):
        if isinstance(listed := organisation.get(field), list):
            yield from (Name(_one_line(text), kind) for text in texts_in(listed))


def _names_of_table(row: Json) -> Iterator[Name]:
    """Yield the names in cells: `ja: 山辺大学; no_lang_code: YBU`, or `YBU|山大`."""
    for language in (ENGLISH, JAPANESE):
        if text := _one_line(row.get(f"name_{language}")):
            yield Name(text, LABEL, language)
    cells = {f"names.types.{kind}": kind for kind in (DISPLAY, LABEL, ALIAS, ACRONYM)}
    cells |= {"labels": LABEL, "aliases": ALIAS, "acronyms": ACRONYM, "other_names": ALIAS}
    for column, kind in cells.items():
        if isinstance(cell := row.get(column), str):
            for part in filter(None, _CELL_BORDERS.split(cell.strip())):
                found = _LANGUAGE.match(part)
                text = part[found.end() :] if found else part
                yield Name(_one_line(text), kind, (found[1] or "") if found else "")


def _country(organisation: Json) -> str:
    """Return the code of the country, as either schema or its table says it."""
    places = (
        *(object_in(place, "geonames_details") for place in objects_in(organisation, "locations")),
        object_in(organisation, "country"),
    )
    codes = (place.get("country_code") for place in places)
    cells = (organisation.get(column) for column in COUNTRY_COLUMNS)
    return next(filter(None, map(text_in, (*codes, *cells))), "").upper()


def _not_japanese(name: Name) -> Name:
    """Return a name that is in kanji, and said to be in no language, as one in Chinese."""
    if not name.language and _is_japanese(name.text):
        return name._replace(language=CHINESE)
    return name


def _one_line(value: Any) -> str:
    return " ".join(value.translate(_NAME_BORDERS).split()) if isinstance(value, str) else ""


def _best(names: list[Name], language: str) -> str:
    """Return the name in a language: as it is labelled, or else by its script."""
    for kind in _KINDS_OF_NAME:
        for name in names:
            if name.kind == kind and _is_in(name, language):
                return name.text
    if language == JAPANESE:
        return ""
    return next((n.text for n in names if n.kind == DISPLAY and not _is_in(n, JAPANESE)), "")


def _is_in(name: Name, language: str) -> bool:
    """Whether a name is in a language; romanised names that are labelled `ja` are in none."""
    labelled = name.language == JAPANESE and any(map(_is_japanese, name.text))
    if labelled or _is_japanese(name.text):
        return language == JAPANESE and name.language in ("", JAPANESE)
    return language == ENGLISH and name.language in ("", ENGLISH)


def _is_japanese(text: str) -> bool:
    return detect_language(text) == JAPANESE


def _aliases(names: list[Name], chosen: tuple[str, str]) -> str:
    texts = dict.fromkeys(name.text for name in names if name.text and name.text not in chosen)
    short = (text for text in texts if len(text) <= values.MAX_NAME_CHARS)
    return values.LIST_SEPARATOR.join(islice(short, MAX_ALIASES))


def _kind(types: Any) -> str:
    """Return the kind of the first type that has one; a table divides types by `|` or `;`."""
    listed = _CELL_BORDERS.split(types) if isinstance(types, str) else texts_in(types)
    given = {entry.strip().lower() for entry in listed}
    return next((kind for name, kind in KINDS.items() if name in given), "other")


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
