"""OpenAlex works, one JSON object a line, as the API and the snapshot write them.

Format: https://docs.openalex.org/api-entities/works/work-object. Any field may be null or absent.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from enmusubi.matcher.catalogue.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Merge
from enmusubi.matcher.catalogue.models import INTERNAL
from enmusubi.matcher.errors import MappingError, UnreadableFileError
from enmusubi.matcher.importers.columns import (
    PEOPLE,
    FieldFault,
    Record,
    read_record,
    without_row_faults,
)
from enmusubi.matcher.importers.files import InputFile, file_type
from enmusubi.matcher.importers.json_files import JsonFile
from enmusubi.matcher.importers.parsed import (
    Importer,
    ImportOptions,
    ParsedRow,
    RecordSource,
    parsed_row,
    rejected_row,
)
from enmusubi.matcher.importers.rejects import RejectsForm
from enmusubi.matcher.importers.report import ROW, Rejection, shape_of
from enmusubi.matcher.importers.rows import BadRow, ReadOptions
from enmusubi.matcher.importers.values import BadValueError, Parser, openalex, orcid, ror
from enmusubi.matcher.language import JAPANESE, detect_language

Json = Mapping[str, Any]

KIND_OF_TYPE = {"grant": "grant"}  # everything else that OpenAlex has is a paper
_MAX_WORDS = 100_000


class OpenAlexSource:
    """One file of works."""

    table = SEEDS
    repeating = frozenset({ORGANISATIONS, RESEARCHERS})
    source = "openalex"

    def __init__(self, file: InputFile) -> None:
        self.file, self.path, self.label = file, file.path, file.label
        self._works = JsonFile(file, ReadOptions())

    def notes(self) -> tuple[Rejection, ...]:
        """Return nothing: no field of a work is missed."""
        return ()

    def done_bytes(self) -> int:
        """Return how far reading has come in the file as it lies on disk."""
        return self._works.done_bytes()

    def rejects_form(self) -> RejectsForm:
        """Return how rejected works are written so that they can be imported again."""
        return self._works.rejects_form()

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield one row for each work."""
        for row in self._works.rows():
            if isinstance(row, BadRow):
                yield rejected_row(self.label, row)
            else:
                yield parsed_row(self.label, row.number, read_work(row.cells), row.raw)


def read_work(work: Json) -> list[Record]:
    """Return the records of a work: its authors, who keep what the catalogue knows, and the seed.

    Authors without an ORCID and an OpenAlex id cannot be told from their namesakes and are left
    out. Retracted works and paratext are kept out of matching: their visibility is `internal`.
    """
    authors = [record for entry in _objects(work, "authorships") for record in _author(entry)]
    people = [
        str(draft.values["researcher_id"])
        for record in authors
        for draft in record.drafts
        if draft.table == RESEARCHERS
    ]
    fields = _seed_fields(work)
    if people:
        fields[PEOPLE] = people
    try:
        fields["text"] = rebuild_abstract(work.get("abstract_inverted_index"))
    except BadValueError as bad:
        shape = shape_of(work.get("abstract_inverted_index"))
        return [Record(faults=(FieldFault("abstract_inverted_index", str(bad), shape, ROW),))]
    return [*authors, read_record(SEEDS, fields)]


def rebuild_abstract(index: Any) -> str:
    """Return the abstract of an inverted index: word → its places, counted from 0."""
    if index is None:
        return ""
    if not isinstance(index, Mapping):
        raise BadValueError("not an inverted index: expected an object of words and places")
    placed = [
        (place, str(word))
        for word, places in index.items()
        for place in (places if isinstance(places, list) else [])
        if isinstance(place, int)
    ]
    if len(placed) > _MAX_WORDS:
        raise BadValueError(f"more than {_MAX_WORDS:,} words")
    return " ".join(word for _, word in sorted(placed))


def _seed_fields(work: Json) -> dict[str, Any]:
    location = _object(work, "primary_location")
    fields = {
        "seed_id": _valid(openalex, work.get("id")) or work.get("id"),
        "kind": KIND_OF_TYPE.get(_plain(work.get("type")), "paper"),
        "title": work.get("title") or work.get("display_name"),
        "year": work.get("publication_year"),
        "doi": work.get("doi"),
        "url": location.get("landing_page_url"),
        "venue": _object(location, "source").get("display_name"),
    }
    if work.get("is_retracted") is True or work.get("is_paratext") is True:
        fields["visibility"] = INTERNAL
    return fields


def _author(authorship: Json) -> Iterator[Record]:
    """Yield the record of an author who can be identified."""
    author = _object(authorship, "author")
    own_orcid = _valid(orcid, author.get("orcid"))
    own_id = _valid(openalex, author.get("id"))
    name = _plain(author.get("display_name")) or _plain(authorship.get("raw_author_name"))
    if not name or not (own_orcid or own_id):
        return
    fields = {
        "researcher_id": own_orcid or own_id,
        "orcid": own_orcid,
        "openalex_id": own_id,
        _side("name", name): name,
        **_affiliation(authorship),
    }
    yield without_row_faults(read_record(RESEARCHERS, fields, Merge.FILL))


def _affiliation(authorship: Json) -> dict[str, Any]:
    """Return the first institution, or else the affiliation as it was printed, as a department."""
    for institution in _objects(authorship, "institutions"):
        if name := _plain(institution.get("display_name")):
            return {
                _side("institution", name): name,
                "institution_ror": _valid(ror, institution.get("ror")),
            }
    printed = authorship.get("raw_affiliation_strings")
    first = _plain(printed[0]) if isinstance(printed, list) and printed else ""
    return {_side("department", first): first} if first else {}


def _side(field: str, text: str) -> str:
    return f"{field}_{'ja' if detect_language(text) == JAPANESE else 'en'}"


def _plain(value: Any) -> str:
    """Return a value as text, or nothing where it is none."""
    return value if isinstance(value, str) else ""


def _valid(parse: Parser, value: Any) -> str | None:
    try:
        found = parse(value)
    except BadValueError:
        return None
    return str(found) if found else None


def _object(parent: Json, name: str) -> Json:
    value = parent.get(name)
    return value if isinstance(value, Mapping) else {}


def _objects(parent: Json, name: str) -> list[Json]:
    value = parent.get(name)
    return (
        [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
    )


def open_sources(file: InputFile, options: ImportOptions) -> list[RecordSource]:
    """Return the file as a source; raises where it cannot be one."""
    if options.mapping:
        raise MappingError("OpenAlex works need no mapping: leave --mapping out.")
    if file_type(file) not in {".jsonl", ".ndjson", ".json", ""}:
        raise UnreadableFileError(
            f"{file} is not a JSON file: expected .jsonl or .jsonl.gz, one work a line, or a .json file "
            "of works as the API gives them."
        )
    return [OpenAlexSource(file)]


OPENALEX = Importer("openalex", "OpenAlex works, one JSON object a line", open_sources)
