"""Crossref works, as the REST API and the public data files write them.

Format: https://api.crossref.org/swagger-ui/index.html. Titles are lists, abstracts are JATS, dates
are lists of numbers, and people have ORCID iDs only where the publisher gave them.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from catalogue.identity.affiliations import read_affiliation
from catalogue.identity.industry import company_names, is_company
from catalogue.importers import values
from catalogue.importers.citations import full_name
from catalogue.importers.general.columns import (
    PEOPLE,
    ParsedRecord,
    as_part_of_row,
    dated,
    name_reference,
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
from catalogue.importers.reading.plain_text import one_line, without_element
from catalogue.importers.rows import ReadOptions
from catalogue.importers.sources import (
    JSON_SUFFIXES,
    Importer,
    ImportOptions,
    RecordSource,
    RowSource,
    check_file,
)
from catalogue.records.drafts import RESEARCHERS, SEEDS, Merge
from enmusubi.language import JAPANESE, detect_language
from enmusubi.messages import Message
from matcher.records import INTERNAL

MAX_AFFILIATION_CHARS = 1_000

NAME = "crossref"
ENVELOPES = ("items", "message.items")
KIND_OF_TYPE = {"grant": "grant"}  # everything else that Crossref has is a paper
NOT_RESEARCH = frozenset({"peer-review", "journal", "journal-issue", "journal-volume", "component"})
RETRACTED = frozenset({"retraction", "withdrawal", "removal"})
DATES = ("issued", "published", "published-print", "published-online", "award-start")

_HEADING = re.compile(
    r"(?<!\s)\s*+<jats:title>\s*+(?:abstract|summary|要旨|要約|抄録|概要)\s*+</jats:title>",
    re.IGNORECASE,
)
_FORMULA = "jats:tex-math"  # the same formula stands next to it as MathML


def read_people(
    contributors: Sequence[Json], year: int | None = None
) -> tuple[list[ParsedRecord], list[str]]:
    """Return the records of those with an ORCID iD, and everybody's references in order."""
    records, references = [], []
    for person in contributors:
        name = full_name(text_in(person.get("family")), text_in(person.get("given")))
        whole = text_in(person.get("name"))
        if not name:  # a consortium, or a Japanese person whom the publisher did not take apart
            if detect_language(whole) == JAPANESE:
                references.append(name_reference("", whole))
            continue
        affiliation, ror = _workplace(person)
        own_orcid = valid(values.orcid, text_in(person.get("ORCID")))
        if not own_orcid:
            organisation = institution_in(affiliation) if affiliation else ""
            references.append(name_reference(organisation, name))
            continue
        fields: dict[str, str | None] = {
            "researcher_id": own_orcid,
            "orcid": own_orcid,
            sided("name", name): name,
        }
        if affiliation:
            fields |= {"affiliation": affiliation, "institution_ror": ror}
        record = as_part_of_row(dated(read_record(RESEARCHERS, fields, Merge.FILL), year))
        if record.drafts:
            records.append(record)
            references.append(own_orcid)
    return records, list(dict.fromkeys(filter(None, references)))


def companies_of(contributors: Iterable[Json]) -> list[str]:
    """Return the companies that affiliations name, each once."""
    names = (_name(place) for person in contributors for place in objects_in(person, "affiliation"))
    found = (name for name in map(institution_in, names) if is_company(name))
    return list(dict.fromkeys(filter(None, found)))


def institution_in(affiliation: str) -> str:
    """Return the organisation that an affiliation names by its words alone; else all of it.

    `Graduate School of Engineering, Kasumino University, Japan` gives `Kasumino University`,
    `国立大学法人霞野大学大学院工学研究科` gives `霞野大学`.
    """
    return read_affiliation(affiliation).guess.organisation


def _workplace(person: Json) -> tuple[str, str | None]:
    """Return the first affiliation, its lines divided by commas, and its ROR id."""
    for place in objects_in(person, "affiliation"):
        if name := _name(place):
            ids = (part.get("id") for part in objects_in(place, "id"))
            rors = (valid(values.ror, text_in(own)) for own in ids)
            return name, next(filter(None, rors), None)
    return "", None


def _name(place: Json) -> str:
    lines = text_in(place.get("name"))[:MAX_AFFILIATION_CHARS].splitlines()
    return ", ".join(filter(None, (one_line(line).strip(" ,") for line in lines)))


def read_item(item: Json) -> list[ParsedRecord]:
    """Return the records of a work, also where it is an answer's `message`."""
    message = object_in(item, "message")
    return read_work(message if message and "DOI" not in item else item)


def read_work(work: Json) -> list[ParsedRecord]:
    """Return the records of a work: authors who have an ORCID iD, and the seed.

    The others are referred to by name. What was retracted, or holds no research, stays out of
    matching: its visibility is `internal`.
    """
    project = next(iter(objects_in(work, "project")), {})  # grants have one
    contributors = [
        *objects_in(work, "author"),
        *objects_in(project, "lead-investigator"),
        *objects_in(project, "co-lead-investigator"),
        *objects_in(project, "investigator"),
    ]
    records, references = read_people(contributors or objects_in(work, "editor"), _year(work))
    fields = _seed_fields(work, project)
    if references:
        fields[PEOPLE] = references
    funders = [text_in(funder.get("name")) for funder in objects_in(work, "funder")]
    fields["companies"] = company_names([*companies_of(contributors), *funders])
    return [*records, read_record(SEEDS, fields)]


def _seed_fields(work: Json, project: Json) -> dict[str, Any]:
    kind = text_in(work.get("type"))
    doi = valid(values.doi, text_in(work.get("DOI")))
    fields = {
        "seed_id": f"{NAME}:{doi}" if doi else "",
        "kind": KIND_OF_TYPE.get(kind, "paper"),
        "title": _title(work) or _first_title(project),
        "text": _text(work, project),
        "lang": valid(values.language, text_in(work.get("language"))),
        "year": _year(work),
        "doi": work.get("DOI"),
        "url": text_in(object_in(object_in(work, "resource"), "primary").get("URL"))
        or text_in(work.get("URL")),
        "venue": text_in(work.get("container-title")),
    }
    if kind in NOT_RESEARCH or _is_retracted(work):
        fields["visibility"] = INTERNAL
    return fields


def _title(work: Json) -> str:
    """Return the title with its subtitle, unless it holds it already."""
    title, subtitle = text_in(work.get("title")), text_in(work.get("subtitle"))
    return f"{title}: {subtitle}" if title and subtitle not in title else title


def _first_title(project: Json) -> str:
    titles = (text_in(part.get("title")) for part in objects_in(project, "project-title"))
    return next(filter(None, titles), "")


def _text(work: Json, project: Json) -> str:
    """Return the abstract, or else the subjects, and the titles in other languages."""
    abstract = without_element(_HEADING.sub("", text_in(work.get("abstract")), count=1), _FORMULA)
    described = [
        text_in(part.get("description")) for part in objects_in(project, "project-description")
    ]
    subjects = values.LIST_SEPARATOR.join(texts_in(work.get("subject")))
    main = "\n\n".join(filter(None, (abstract, *described))) or subjects
    known = one_line(_title(work))
    titles = [t for t in texts_in(work.get("original-title")) if one_line(t) not in known]
    return "\n\n".join(filter(None, (main, *titles)))


def _year(work: Json) -> int | None:
    """Return the first year that a date has; `[[null]]` is how Crossref writes that it has none."""
    for name in DATES:
        parts = object_in(work, name).get("date-parts")
        first = parts[0] if isinstance(parts, list) and parts else None
        year = first[0] if isinstance(first, list) and first else None
        if isinstance(year, int) and values.FIRST_YEAR <= year <= values.LAST_YEAR:
            return year
    return None


def _is_retracted(work: Json) -> bool:
    notices = [*objects_in(work, "update-to"), *objects_in(work, "updated-by")]
    return any(text_in(notice.get("type")).lower() in RETRACTED for notice in notices)


def open_sources(file: InputFile, options: ImportOptions) -> list[RecordSource]:
    """Return the file as a source; raises where it cannot be one."""
    check_file(file, options, NAME, JSON_SUFFIXES)
    return [
        RowSource(
            JsonFile(file, ReadOptions(), ENVELOPES), NAME, read_item, Message("works with a DOI")
        )
    ]


CROSSREF = Importer(
    NAME, "Crossref works, as the API or the public data files give them", open_sources
)
