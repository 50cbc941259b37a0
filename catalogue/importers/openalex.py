"""OpenAlex works and authors, as the snapshot and the API write them.

Formats: https://docs.openalex.org/api-entities/works/work-object and …/authors/author-object. Any
field may be null or absent.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from catalogue.importers import values
from catalogue.importers.general.columns import (
    PEOPLE,
    ParsedRecord,
    as_part_of_row,
    dated,
    read_record,
)
from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.json_files import (
    Json,
    JsonFile,
    object_in,
    objects_in,
    sided,
    text_in,
    texts_in,
    valid,
)
from catalogue.importers.reading.plain_text import one_line
from catalogue.importers.rows import ReadOptions
from catalogue.importers.sources import (
    JSON_SUFFIXES,
    Importer,
    ImportOptions,
    RecordSource,
    RowSource,
    check_file,
)
from catalogue.records.drafts import RESEARCHERS, SEEDS, BadValueError, Merge, Rejection, shape_of
from enmusubi.language import JAPANESE, detect_language
from enmusubi.messages import Message
from matcher.records import INTERNAL

MAX_TOPICS = 10
MAX_ALIASES = 30
MIN_CONCEPT_LEVEL = 1  # level 0 is as wide as "Physics"

NAME = "openalex"
KIND_OF_TYPE = {"grant": "grant"}  # everything else that OpenAlex has is a paper
NOT_RESEARCH = frozenset({"paratext", "retraction", "erratum", "peer-review", "libguides"})
NOBODY = frozenset({"A9999999999", "A5317838346"})  # stand for unknown and deleted authors
COMPANY_TYPE = "company"
KIND_OF_INSTITUTION = {"company": "company", "education": "university"}

_MAX_WORDS = 100_000
KEPT_AUTHORS = 1 << 15
_OF_INSTITUTION = ("display_name", "ror", "type")
_ENTITY = re.compile(r"(?:https?://(?:api\.)?openalex\.org/(?:[a-z]+/)?)?([A-Za-z])\d+")
_TOPIC = re.compile(r"(?:https?://(?:api\.)?openalex\.org/(?:topics/)?)?(T\d{1,10})")


def author_records(author: Json) -> list[ParsedRecord]:
    """Return the record of an author, which says more of them than the works that mention them."""
    own_id = valid(values.openalex, author.get("id"))
    fields = {
        "researcher_id": valid(values.orcid, author.get("orcid")) or own_id,
        "orcid": author.get("orcid"),
        "openalex_id": own_id,
        **_names(author),
        **_institution(author),
        "keywords_en": _topics_of_author(author),
    }
    return [dated(read_record(RESEARCHERS, fields), _latest_year(author))]


def _names(author: Json) -> dict[str, Any]:
    """Return the name, its first spelling in the other script, and further spellings."""
    listed = texts_in(author.get("display_name_alternatives"))
    name = text_in(author.get("display_name")) or next(iter(listed), "")
    others = [spelling for spelling in listed if spelling != name]
    fields: dict[str, Any] = {sided("name", name): name} if name else {}
    if name and detect_language(name) != JAPANESE:
        japanese = next((o for o in others if detect_language(o) == JAPANESE), "")
        fields["name_ja"] = japanese
        others = [spelling for spelling in others if spelling != japanese]
    kept = [spelling.replace(";", " ") for spelling in others]
    fields["aliases"] = values.LIST_SEPARATOR.join(kept[:MAX_ALIASES])
    return fields


def _institution(author: Json) -> dict[str, Any]:
    """Return the last known institution; older snapshots have one, newer ones a list."""
    affiliations = objects_in(author, "affiliations")
    candidates = itertools.chain(
        objects_in(author, "last_known_institutions"),
        [object_in(author, "last_known_institution")],
        (object_in(entry, "institution") for entry in sorted(affiliations, key=_last_year)),
    )
    return _first_named(candidates)


def _first_named(institutions: Iterable[Json]) -> dict[str, Any]:
    """Return the columns of the first institution that has a name; without one, none."""
    for institution in institutions:
        if name := text_in(institution.get("display_name")):
            return {
                sided("institution", name): name,
                "institution_ror": valid(values.ror, institution.get("ror")),
                "institution_kind": _kind(institution),
            }
    return {}


def _last_year(affiliation: Json) -> int:
    """Return a key that puts the latest affiliation first."""
    years = affiliation.get("years")
    listed = [y for y in years if isinstance(y, int)] if isinstance(years, list) else []
    return -max(listed, default=0)


def _latest_year(author: Json) -> str | None:
    """Return the last year in which the author had the last known institution, if it is told."""
    latest = min(map(_last_year, objects_in(author, "affiliations")), default=0)
    return valid(values.year, -latest)


def _topics_of_author(author: Json) -> str:
    """Return the topics, or else the concepts that older snapshots have."""
    found = [topic.get("display_name") for topic in objects_in(author, "topics")]
    if not found:
        found = [
            concept.get("display_name")
            for concept in objects_in(author, "x_concepts")
            if isinstance(level := concept.get("level"), int) and level >= MIN_CONCEPT_LEVEL
        ]
    names = [name.replace(";", ",") for name in texts_in(found)]
    return values.LIST_SEPARATOR.join(names[:MAX_TOPICS])


def read_entity(entity: Json) -> list[ParsedRecord]:
    """Return the records of a work or an author; the letter of the id says which it is."""
    found = _ENTITY.fullmatch(text_in(entity.get("id")).strip())
    letter = found[1].upper() if found else "W"
    if letter == "A":
        return author_records(entity)
    if letter == "W":
        return read_work(entity)
    message = Message("neither a work nor an author: expected an id such as W1234 or A1234")
    return [ParsedRecord(rejections=(Rejection("id", message, shape_of(entity.get("id"))),))]


def read_work(work: Json) -> list[ParsedRecord]:
    """Return the records of a work: its authors, who keep what the catalogue knows, and the seed.

    Authors without an ORCID and an OpenAlex id cannot be told from others of their name and are left
    out. What is retracted or no research stays out of matching: its visibility is `internal`.
    """
    authorships = objects_in(work, "authorships")
    year = valid(values.year, work.get("publication_year"))
    authors = [dated(record, year) for entry in authorships for record in _author(entry)]
    people = [
        str(draft.values["researcher_id"])
        for record in authors
        for draft in record.drafts
        if draft.table == RESEARCHERS
    ]
    fields = _seed_fields(work)
    if people:
        fields[PEOPLE] = people
    if companies := _companies(authorships):
        fields["companies"] = companies
    try:
        fields["text"] = rebuild_abstract(work.get("abstract_inverted_index")) or _topic_names(work)
    except BadValueError as bad:
        name = "abstract_inverted_index"
        rejection = Rejection(name, bad.message, shape_of(work.get(name)))
        return [ParsedRecord(rejections=(rejection,))]
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
        raise BadValueError("more than %(most)s words", most=f"{_MAX_WORDS:,}")
    return " ".join(word for _, word in sorted(placed))


def _seed_fields(work: Json) -> dict[str, Any]:
    location = object_in(work, "primary_location")
    kind = text_in(work.get("type"))
    fields = {
        "seed_id": valid(values.openalex, work.get("id")) or work.get("id"),
        "kind": KIND_OF_TYPE.get(kind, "paper"),
        "title": work.get("title") or work.get("display_name"),
        "lang": valid(values.language, work.get("language")),
        "year": work.get("publication_year"),
        "doi": work.get("doi"),
        "url": location.get("landing_page_url"),
        "venue": object_in(location, "source").get("display_name"),
        "field_codes": _field_codes(work),
    }
    hidden = work.get("is_retracted") is True or work.get("is_paratext") is True
    if hidden or kind in NOT_RESEARCH:
        fields["visibility"] = INTERNAL
    return fields


def _topics(work: Json) -> list[Json]:
    return [object_in(work, "primary_topic"), *objects_in(work, "topics")]


def _field_codes(work: Json) -> str:
    ids = (_TOPIC.fullmatch(text_in(topic.get("id"))) for topic in _topics(work))
    return values.LIST_SEPARATOR.join(dict.fromkeys(f"{NAME}:{found[1]}" for found in ids if found))


def _topic_names(work: Json) -> str:
    """Return keywords and topics in words, by which a work without abstract can be found."""
    named = [*objects_in(work, "keywords"), *_topics(work)]
    names = texts_in([part.get("display_name") or part.get("keyword") for part in named])
    if not names:
        names = texts_in([part.get("display_name") for part in objects_in(work, "concepts")])
    return values.LIST_SEPARATOR.join(names)


def _companies(authorships: list[Json]) -> list[str]:
    found = (
        institution.get("display_name")
        for authorship in authorships
        for institution in objects_in(authorship, "institutions")
        if institution.get("type") == COMPANY_TYPE
    )
    return texts_in([str(name).replace(";", ",") for name in found if name])


def _author(authorship: Json) -> Iterator[ParsedRecord]:
    """Yield the record of an author who can be identified."""
    author = object_in(authorship, "author")
    name = text_in(author.get("display_name")) or text_in(authorship.get("raw_author_name"))
    told = author.get("orcid"), author.get("id"), name, *_affiliation(authorship)
    # A file names most authors many times, at the same place: what was made of them is made once.
    is_usual = all(part is None or isinstance(part, str) for part in told)
    record = (_author_record if is_usual else _author_record.__wrapped__)(*told)
    if record:
        yield record


@lru_cache(maxsize=KEPT_AUTHORS)
def _author_record(orcid: Any, openalex: Any, name: str, *told: Any) -> ParsedRecord | None:
    """Return the record of an author of these ids and that name; nobody where they identify none."""
    own_orcid, own_id = valid(values.orcid, orcid), valid(values.openalex, openalex)
    if not name or not (own_orcid or own_id) or own_id in NOBODY:
        return None
    fields = {
        "researcher_id": own_orcid or own_id,
        "orcid": own_orcid,
        "openalex_id": own_id,
        sided("name", name): name,
        **_place(*told),
    }
    return as_part_of_row(read_record(RESEARCHERS, fields, Merge.FILL))


def _affiliation(authorship: Json) -> tuple[Any, ...]:
    """Return what `_place` makes fields of: the first institution with a name, or the printed words."""
    for institution in objects_in(authorship, "institutions"):
        if text_in(institution.get("display_name")):
            return "", *(institution.get(name) for name in _OF_INSTITUTION)
    return text_in(authorship.get("raw_affiliation_strings")), *(None for _ in _OF_INSTITUTION)


def _place(printed: str, *institution: Any) -> dict[str, Any]:
    """Return the institution's fields, or else the affiliation as it was printed."""
    if named := _first_named([dict(zip(_OF_INSTITUTION, institution, strict=True))]):
        return named
    return {"affiliation": one_line(", ".join(printed.splitlines()))} if printed else {}


def _kind(institution: Json) -> str | None:
    """Return our word for OpenAlex's type of an organisation; nothing where it has none."""
    told = text_in(institution.get("type")).casefold()
    return KIND_OF_INSTITUTION.get(told, "other") if told else None


def open_sources(file: InputFile, options: ImportOptions) -> list[RecordSource]:
    """Return the file as a source; raises where it cannot be one."""
    check_file(file, options, NAME, JSON_SUFFIXES)
    return [
        RowSource(JsonFile(file, ReadOptions()), NAME, read_entity, Message("works or authors"))
    ]


OPENALEX = Importer(
    NAME, "OpenAlex works and authors, one JSON object a line or the API's answers", open_sources
)
