"""The organisation in a record: a person's institution and the unit in it, or a need's company."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from catalogue.identity.affiliations import Workplace, read_affiliation, read_institution
from catalogue.importers import values
from catalogue.records.drafts import (
    NEEDS,
    ORGANISATIONS,
    RESEARCHERS,
    Draft,
    Merge,
    PrintedAffiliation,
    Value,
    name_id,
    opaque_id,
    organisation_id,
)
from enmusubi.language import JAPANESE, LOST_LETTER, detect_language

COMPANY = "company"
INSTITUTION = {
    "institution_ja": "name_ja",
    "institution_en": "name_en",
    "institution_ror": "ror_id",
    "institution_kind": "kind",
}
AFFILIATION = "affiliation"  # organisation and department in one
SIDES = ("name_ja", "name_en")
DEPARTMENTS = ("department_ja", "department_en")


def organisation_of(table: str, parsed: dict[str, Value], given: Mapping[str, Any]) -> Draft | None:
    """Take the organisation's fields out of a record and return its draft, if it has a name.

    A name with a letter that could not be kept has its id of the name as it was given.
    """
    if table == RESEARCHERS:
        return _workplace(parsed, given)
    name = str(parsed.pop(COMPANY, None) or "") if table == NEEDS else ""
    if not name:
        return None
    fields: dict[str, Value] = {_side("name", name): name, "kind": "company"}
    row_id = id_of_organisation(_with_all_letters(fields, given))
    return (
        Draft(ORGANISATIONS, {"organisation_id": row_id, **fields}, Merge.FILL) if row_id else None
    )


def _workplace(parsed: dict[str, Value], given: Mapping[str, Any]) -> Draft | None:
    found = tuple(parsed.pop(column, None) for column in INSTITUTION)
    printed = str(parsed.pop(AFFILIATION, None) or "")
    takes_department = not any(parsed.get(name) for name in DEPARTMENTS)
    if any(LOST_LETTER in str(text) for text in (*found, printed)):
        return _with_lost_letters(_told(found), given)
    draft, departments = read_workplace(found, printed, takes_department)
    parsed |= departments
    return draft


def _told(found: Sequence[Value]) -> dict[str, Value]:
    """Return the organisation's fields of what stands in the columns of INSTITUTION."""
    return {own: value for own, value in zip(INSTITUTION.values(), found, strict=True) if value}


@lru_cache(maxsize=1 << 13)  # a file has few organisations, each with many people
def read_workplace(
    found: tuple[Value, ...], printed: str, takes_department: bool
) -> tuple[Draft | None, dict[str, Value]]:
    """Return the organisation, if it has a name, and the departments that stand with it."""
    fields = _told(found)
    names = {side: str(fields[side]) for side in SIDES if side in fields}
    places, departments = _places(names, printed), dict[str, Value]()
    for side, place in places.items():
        fields[side] = place.organisation
        if place.department and takes_department:
            departments[_side("department", place.department)] = place.department
    row_id = id_of_organisation(fields)
    if not row_id or not any(fields.get(side) for side in SIDES):
        return None, departments
    texts = tuple(dict.fromkeys(filter(None, (*names.values(), printed))))
    guessed = tuple(place.organisation for place in places.values())
    guessed_id = "" if fields.get("ror_id") else row_id
    affiliation = PrintedAffiliation(texts, guessed, guessed_id, takes_department)
    own = {"organisation_id": row_id, **fields}
    return Draft(ORGANISATIONS, own, Merge.FILL, affiliation=affiliation), departments


def _with_lost_letters(fields: dict[str, Value], given: Mapping[str, Any]) -> Draft | None:
    """Return the organisation of a name that could not be kept whole: it is not taken apart."""
    row_id = id_of_organisation(_with_all_letters(fields, given))
    if not row_id or not any(fields.get(side) for side in SIDES):
        return None
    return Draft(ORGANISATIONS, {"organisation_id": row_id, **fields}, Merge.FILL)


def _places(names: Mapping[str, str], printed: str) -> dict[str, Workplace]:
    """Return the workplace that each name tells, or else the affiliation's."""
    if names:
        return {side: read_institution(name) for side, name in names.items()}
    guess = read_affiliation(printed).guess
    return {_side("name", guess.organisation): guess} if printed else {}


def _side(field: str, text: str) -> str:
    return f"{field}_{'ja' if detect_language(text) == JAPANESE else 'en'}"


def _with_all_letters(fields: Mapping[str, Value], given: Mapping[str, Any]) -> dict[str, Value]:
    """Return the fields, names with 〓 in them as they were given."""
    columns = {own: column for column, own in INSTITUTION.items()}
    return {
        name: values.as_text(given.get(columns[name], given.get(COMPANY)))
        if name in columns and LOST_LETTER in str(value)
        else value
        for name, value in fields.items()
    }


def id_of_organisation(fields: Mapping[str, Value]) -> str:
    """Return the id that was given, unless it is the name; else the ROR id; else one made of the name."""
    names = [str(fields.get(name) or "") for name in ("name_en", "name_ja")]
    given = str(fields.get("organisation_id") or "")
    if given and given in map(name_id, names):
        return opaque_id(given)
    return given or str(fields.get("ror_id") or organisation_id(names[0] or names[1]))
