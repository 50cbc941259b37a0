"""Survivorship field by field: which value a row takes where several sources tell one.

Each rule sees the records that count, the strongest first, and is a pure function of them. Absence is
no claim: a source that leaves a field out says nothing of it. docs/catalogue.md lists every field.
"""

from collections.abc import Callable, Mapping, Sequence

from catalogue.database.models import PATENT_STATUSES, UNPUBLISHED
from catalogue.identity.name_fullness import extends
from catalogue.records.affiliations import FIELDS as AFFILIATION
from catalogue.records.affiliations import affiliation_of
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, SEEDS, Value
from catalogue.records.source_records import SourceRecord
from catalogue.records.table_rules import STORED
from enmusubi.language import detect_language
from matcher.records import CONFIDENTIAL, INTERNAL, PUBLIC

Rule = Callable[[Sequence[SourceRecord], str], Value]

LIST_SEPARATOR = "; "
LAPSED = "lapsed"
STAGES = ("", UNPUBLISHED, "published", "granted")  # the furthest last
MAX_TEXT_CHARS = 200_000
assert {*STAGES, LAPSED} == {*PATENT_STATUSES}  # noqa: S101


def strongest(records: Sequence[SourceRecord], name: str) -> Value:
    """Return the value of the strongest record that has one."""
    return next((r.values[name] for r in records if _said(r, name)), None)


def united(records: Sequence[SourceRecord], name: str) -> Value:
    """Return what all records list, each entry once."""
    lists = (str(record.values.get(name) or "") for record in records)
    parts = (part for listed in lists for part in listed.split(LIST_SEPARATOR) if part)
    return LIST_SEPARATOR.join(dict.fromkeys(parts))


def furthest_stage(records: Sequence[SourceRecord], name: str) -> Value:
    """Return the furthest stage that a record proves; a lapse only where it was told last.

    An application's number alone makes a source say `unpublished`: it proves nothing against a
    number of publication or grant.
    """
    told = [r for r in records if _said(r, name)]
    stages = [r for r in told if r.values[name] != LAPSED]
    furthest = max((STAGES.index(str(r.values[name])) for r in stages), default=0)
    lapses = [r.changed_at for r in told if r.values[name] == LAPSED]
    public = [r.changed_at for r in stages if r.values[name] != UNPUBLISHED]
    if lapses and (not public or max(lapses) > max(public)):
        return LAPSED
    return STAGES[furthest]


def most_guarded(records: Sequence[SourceRecord], name: str) -> Value:
    """Return `confidential` if any record says so, else `internal`, else `public`.

    What one source closes is not opened by another, but for a patent that a record proves granted
    without closing it: its gazette is open to everybody.
    """
    said = {str(r.values[name]) for r in records if _said(r, name)}
    if CONFIDENTIAL in said:
        return CONFIDENTIAL
    is_open = any(_is_granted(r) and r.values.get(name) != INTERNAL for r in records)
    if INTERNAL in said and not is_open:
        return INTERNAL
    return PUBLIC


def _is_granted(record: SourceRecord) -> bool:
    return record.values.get("patent_status") == "granted"


def fullest_name(records: Sequence[SourceRecord], name: str) -> Value:
    """Return the strongest record's name, or the fullest one that says the same and more."""
    names = [str(r.values[name]) for r in records if _said(r, name)]
    fullest = names[0] if names else ""
    for other in names[1:]:
        if extends(other, fullest):
            fullest = other
    return fullest


def longest_texts(records: Sequence[SourceRecord], name: str) -> Value:
    """Return the longest text of the strongest one's language, then the longest of the other.

    Texts of sources that hold a patent as unpublished stay out once another proves a publication.
    """
    longest: dict[str, str] = {}  # the strongest record's language comes first
    for text in (str(r.values[name]) for r in _open(records) if _said(r, name)):
        language = detect_language(text)
        if len(text) > len(longest.get(language, "")):
            longest[language] = text
    first, *others = longest.values() or ("",)
    for other in others:
        if other not in first and len(first) + len(other) <= MAX_TEXT_CHARS:
            first = f"{first}\n\n{other}"
    return first


def open_title(records: Sequence[SourceRecord], name: str) -> Value:
    """Return the strongest title, of those that hold a published patent as unpublished last."""
    return strongest(_open(records), name) or strongest(records, name) or ""


def _open(records: Sequence[SourceRecord]) -> Sequence[SourceRecord]:
    """Return the records, without those that hold as unpublished what another proves to be public."""
    if furthest_stage(records, "patent_status") in ("", UNPUBLISHED):
        return records
    return [r for r in records if r.values.get("patent_status") != UNPUBLISHED]


def newest_affiliation(records: Sequence[SourceRecord], name: str) -> Value:
    """Return a field of the affiliation that counts, whose fields belong together."""
    return affiliation_of(records, str)[name]


def _said(record: SourceRecord, name: str) -> bool:
    return record.values.get(name) not in (None, "")


_OTHERWISE: Mapping[str, Mapping[str, Rule]] = {
    ORGANISATIONS: {"aliases": united},
    RESEARCHERS: {
        "aliases": united,
        **dict.fromkeys(AFFILIATION, newest_affiliation),
        **dict.fromkeys(("name_ja", "name_kana", "name_en"), fullest_name),
    },
    SEEDS: {
        "field_codes": united,
        "companies": united,
        "title": open_title,
        "text": longest_texts,
        "patent_status": furthest_stage,
        "visibility": most_guarded,
    },
    NEEDS: {},
}
RULES: Mapping[str, Mapping[str, Rule]] = {
    table: {name: _OTHERWISE[table].get(name, strongest) for name in STORED[table].columns}
    for table in STORED
}
"""The rule of every field."""
OWN_RULES: Mapping[str, Mapping[str, Rule]] = _OTHERWISE
"""Those of fields that the strongest source alone does not decide."""
