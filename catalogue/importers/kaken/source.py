"""KAKEN, the database of Japan's Grants-in-Aid for Scientific Research: grants and researchers.

Grants come as XML or CSV, researchers as the JSON of KAKEN's researcher search: one object for each.
Format: NII's definition of KAKEN's researcher JSON. Texts come as lists with a language each.
"""

from collections.abc import Mapping
from typing import Any

from catalogue.importers.general.columns import ERAD_PREFIX, ParsedRecord, erad_number, read_record
from catalogue.importers.general.headed_tables import cell_text
from catalogue.importers.kaken.documents import COLUMNS, RECORD_TAG, read_grant, read_row
from catalogue.importers.reading.files import InputFile, file_type
from catalogue.importers.reading.json_files import JsonFile
from catalogue.importers.rows import ReadOptions
from catalogue.importers.seed_formats import SUFFIXES, SeedFormat
from catalogue.importers.sources import Importer, ImportOptions, RecordSource, RowSource, check_file
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS
from enmusubi.language import ENGLISH, JAPANESE
from enmusubi.messages import Message

Json = Mapping[str, Any]

JSON = (".json", ".jsonl", ".ndjson")
ARRAY = "researchers"
KANA = "ja-kana"
AFFILIATION = {
    "institution": "affiliation:institution",
    "department": "affiliation:department",
    "position": "affiliation:jobTitle",
}


class ResearcherSource(RowSource):
    """One file of researchers."""

    table = RESEARCHERS
    repeating = frozenset({ORGANISATIONS})

    def __init__(self, file: InputFile) -> None:
        rows = JsonFile(file, ReadOptions(), (ARRAY,))
        super().__init__(
            rows, "kaken:researchers", read_found, Message("an array %(name)r", {"name": ARRAY})
        )


def read_found(researcher: Json) -> list[ParsedRecord]:
    """Return the record of a researcher."""
    return [read_researcher(researcher)]


def read_researcher(researcher: Json) -> ParsedRecord:
    """Return the record of a researcher; the first of several current affiliations counts."""
    number = erad_number(_first(researcher.get("id:person:erad")))
    names = _object(researcher.get("name"))
    fields = {
        "researcher_id": f"{ERAD_PREFIX}{number}" if number else "",
        "erad_id": number,
        "orcid": _first(researcher.get("id:orcid")),
        "researchmap_id": _first(researcher.get("id:person:researchmap")),
        "name_ja": _name(names, JAPANESE),
        "name_kana": _name(names, KANA),
        "name_en": _name(names, ENGLISH),
        **_affiliation(_object(_first_entry(researcher.get("affiliations:current")))),
    }
    return read_record(RESEARCHERS, {name: value for name, value in fields.items() if value})


def _affiliation(current: Json) -> dict[str, str]:
    return {
        f"{field}_{language}": _text(_object(current.get(key)).get("humanReadableValue"), language)
        for field, key in AFFILIATION.items()
        for language in (JAPANESE, ENGLISH)
    }


def _name(names: Json, language: str) -> str:
    """Return a name as its language writes it, the family name first but in English."""
    family = _text(names.get("name:familyName"), language)
    given = _text(names.get("name:givenName"), language)
    if not (family and given):
        return _text(names.get("humanReadableValue"), language)
    return f"{given} {family}" if language == ENGLISH else f"{family} {given}"


def _text(listed: Any, language: str) -> str:
    """Return the text in one language of a list such as `[{"lang": "ja", "text": "森 彩"}]`."""
    for entry in listed if isinstance(listed, list) else [listed]:
        own = _object(entry)
        if cell_text(own.get("lang")).casefold() == language:
            return cell_text(own.get("text"))
    return ""


def _first(listed: Any) -> str:
    return cell_text(_first_entry(listed))


def _first_entry(listed: Any) -> Any:
    return next(iter(listed), None) if isinstance(listed, list) else listed


def _object(value: Any) -> Json:
    return value if isinstance(value, Mapping) else {}


_GRANTS = SeedFormat(
    name="kaken",
    columns=COLUMNS,
    needed=(frozenset({"number"}), frozenset({"title_ja", "title_en"})),
    example="研究課題/領域番号 and 研究課題名",
    read_row=read_row,
    record_tags=frozenset({RECORD_TAG}),
    read_element=read_grant,
)


def open_sources(file: InputFile, options: ImportOptions) -> list[RecordSource]:
    """Return the file as a source, JSON as one of researchers; raises where it cannot be one."""
    check_file(file, options, _GRANTS.name, (*SUFFIXES, *JSON))
    if file_type(file) in JSON:
        return [ResearcherSource(file)]
    return _GRANTS.open_sources(file, options)


KAKEN = Importer("kaken", "KAKEN's grants (XML or CSV) and researchers (JSON)", open_sources)
