"""Reads an author of OpenAlex: ids, names, the last known institution and the topics."""

import itertools
from typing import Any

from catalogue.importers import values
from catalogue.importers.general.columns import ParsedRecord, read_record
from catalogue.importers.reading.json_parts import (
    Json,
    object_in,
    objects_in,
    sided,
    text_in,
    texts_in,
    valid,
)
from catalogue.records.drafts import RESEARCHERS
from enmusubi.language import JAPANESE, detect_language

MAX_TOPICS = 10
MAX_ALIASES = 30
MIN_CONCEPT_LEVEL = 1  # level 0 is as wide as "Physics"


def author_records(author: Json) -> list[ParsedRecord]:
    """Return the record of an author, which says more of them than the works that mention them."""
    own_id = valid(values.openalex, author.get("id"))
    fields = {
        "researcher_id": valid(values.orcid, author.get("orcid")) or own_id,
        "orcid": author.get("orcid"),
        "openalex_id": own_id,
        **_names(author),
        **_institution(author),
        "keywords_en": _topics(author),
    }
    return [read_record(RESEARCHERS, fields)]


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
    for institution in candidates:
        if name := text_in(institution.get("display_name")):
            ror = valid(values.ror, institution.get("ror"))
            return {sided("institution", name): name, "institution_ror": ror}
    return {}


def _last_year(affiliation: Json) -> int:
    """Return a key that puts the latest affiliation first."""
    years = affiliation.get("years")
    listed = [y for y in years if isinstance(y, int)] if isinstance(years, list) else []
    return -max(listed, default=0)


def _topics(author: Json) -> str:
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
