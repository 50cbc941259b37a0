"""Company profiles as the office keeps them: business, products, fields and membership, in both languages.

For the office alone. A profile that is taken away stays in the table, and can be brought back.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Table, insert, or_, select, update

from catalogue.database.outbound_models import CompanyProfile
from catalogue.database.viewer import Viewer
from catalogue.identity.industry import SEPARATOR
from catalogue.records.drafts import BadValueError
from enmusubi.errors import ConflictError, InputError, UnknownIdError
from enmusubi.language import clean_text
from enmusubi.messages import N_, Message, field_fault, listed
from matcher.domains.taxonomy import load_taxonomy
from office.access import audit
from office.access.keyset_pages import Page, rows_by_id
from office.access.rules import FIND_COMPANIES, require
from office.access.scoped import without_row_security
from office.companies.twins import companies_of_name, hidden_among, tell_of_twin
from office.query_texts import check_text
from office.screening.company_ties import name_key

PROFILES = cast(Table, CompanyProfile.__table__)
PROFILE_KIND = "company profile"  # the kind of the audit trail's object
NAMES = ("name_ja", "name_en")
PROSE = ("business_ja", "business_en", "products_ja", "products_en")
LINES = ("membership", "homepage")
FIELDS = (*NAMES, *PROSE, "fields", *LINES)
MAX_LINE_CHARS, MAX_PROSE_CHARS = 300, 5_000
UNKNOWN_PROFILE = N_("No company profile has that number.")
NO_NAME = Message("not a company's name")
MISSING = Message("missing")
SAYS_NOTHING = Message("a profile needs a business or products")
NO_FIELD = Message("no field of research that is known here")
NO_LINK = Message("a link must begin with http:// or https://")
_BETWEEN = re.compile(r"[;；、\n]")
_LINK = re.compile(r"https?://[^\s<>\"]+")
_MOST = 2**63 - 1


@dataclass(frozen=True)
class Profile:
    """A company's profile; `fields` are ids of fields of research."""

    profile_id: int
    organisation_key: str
    name_ja: str
    name_en: str
    business_ja: str = field(repr=False)
    business_en: str = field(repr=False)
    products_ja: str = field(repr=False)
    products_en: str = field(repr=False)
    fields: tuple[str, ...]
    membership: str
    homepage: str
    source: str
    recorded_by: str
    recorded_at: datetime
    withdrawn_at: datetime | None

    def name(self, language: str) -> str:
        """Return the name in `language` (ja or en), or in the other."""
        first, second = (self.name_ja, self.name_en)[:: 1 if language == "ja" else -1]
        return first or second

    def texts(self) -> dict[str, str]:
        """Return what the company says of itself by language, of those it says something in."""
        found = {}
        for language in ("ja", "en"):
            parts = (getattr(self, f"{name}_{language}") for name in ("business", "products"))
            if text := "\n".join(filter(None, parts)):
                found[language] = text
        return found


def parse_profile(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the columns of a profile; raises InputError that names every field at fault, with no value."""
    values, faults = {}, []
    for name in FIELDS:
        try:
            values[name] = read_field(name, given.get(name))
        except BadValueError as bad:
            faults.append(field_fault(name, bad.message))
    if not faults:
        try:
            return checked(values)
        except BadValueError as bad:
            faults.append(field_fault(bad.field, bad.message))
    raise InputError("%(faults)s", faults=listed(faults, "\n"))


def read_field(name: str, value: Any) -> str:
    """Return a field as it is stored; raises BadValueError."""
    return _READERS[name](value if isinstance(value, str) else "")


def checked(values: dict[str, str]) -> dict[str, str]:
    """Return a profile's columns with the key of its name; raises BadValueError for what is missing."""
    named = values["name_ja"] or values["name_en"]
    if not named:
        raise BadValueError.of("name_ja", MISSING)
    key = name_key(named)
    if not key:
        raise BadValueError.of("name_ja" if values["name_ja"] else "name_en", NO_NAME)
    if not any(values[name] for name in PROSE):
        raise BadValueError.of("business_ja", SAYS_NOTHING)
    return {**values, "organisation_key": key}


def save_profile(
    connection: Connection, viewer: Viewer, values: Mapping[str, str], profile_id: int | None = None
) -> int:
    """Add a profile or change one, and return its number; raises ForbiddenError, UnknownIdError.

    Raises ConflictError where another profile has the name.
    """
    require(viewer, FIND_COMPANIES)
    if profile_id is not None:
        profile_of(connection, viewer, profile_id)
    other = select(PROFILES.c.profile_id).where(
        PROFILES.c.organisation_key == values["organisation_key"], PROFILES.c.withdrawn_at.is_(None)
    )
    found = connection.execute(other).scalar()
    if found is not None and found != profile_id:
        raise ConflictError("There is a profile of that company already. Change that one.")
    written = {**values, "source": "", **_by(viewer)}
    if profile_id is None:
        key = connection.execute(insert(PROFILES).values(written)).inserted_primary_key
        profile_id = int(key[0]) if key else 0
    else:
        there = PROFILES.c.profile_id == profile_id
        connection.execute(update(PROFILES).where(there).values(written))
    audit.record(connection, viewer, "change", PROFILE_KIND, str(profile_id))
    _tell_of_twin(connection, viewer, profile_id, values)
    return profile_id


def set_withdrawn(
    connection: Connection, viewer: Viewer, profile_id: int, *, withdrawn: bool
) -> None:
    """Take a profile away, or bring it back; raises ForbiddenError and UnknownIdError.

    Raises ConflictError where another profile took its name meanwhile.
    """
    require(viewer, FIND_COMPANIES)
    profile = profile_of(connection, viewer, profile_id)
    if not withdrawn:
        other = select(PROFILES.c.profile_id).where(
            PROFILES.c.organisation_key == profile.organisation_key,
            PROFILES.c.profile_id != profile_id,
            PROFILES.c.withdrawn_at.is_(None),
        )
        if connection.execute(other).first():
            raise ConflictError("There is a profile of that company already. Change that one.")
    when = datetime.now(UTC) if withdrawn else None
    query = update(PROFILES).where(PROFILES.c.profile_id == profile_id)
    connection.execute(query.values(withdrawn_at=when))
    action = "remove" if withdrawn else "restore"
    audit.record(connection, viewer, action, PROFILE_KIND, str(profile_id))


def profile_of(connection: Connection, viewer: Viewer, profile_id: int) -> Profile:
    """Return a profile, one that was taken away, too; raises ForbiddenError and UnknownIdError."""
    require(viewer, FIND_COMPANIES)
    query = select(PROFILES).where(PROFILES.c.profile_id == min(profile_id, _MOST))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownIdError(UNKNOWN_PROFILE)
    return _profile(row)


def profiles_page(
    connection: Connection, viewer: Viewer, *, name: str = "", after: str = "", limit: int = 50
) -> Page[Profile]:
    """Return the profiles whose names have a part, in the order of their numbers; raises ForbiddenError."""
    require(viewer, FIND_COMPANIES)
    query = select(PROFILES).where(PROFILES.c.withdrawn_at.is_(None))
    if name:
        check_text("name", name)
        query = query.where(
            or_(*(PROFILES.c[column].icontains(name, autoescape=True) for column in NAMES))
        )
    rows, cursor = rows_by_id(connection, query, PROFILES.c.profile_id, after=after, limit=limit)
    return Page(tuple(map(_profile, rows)), cursor)


def all_profiles(connection: Connection, viewer: Viewer, most: int) -> list[Profile]:
    """Return up to `most` profiles, the newest first; raises ForbiddenError."""
    require(viewer, FIND_COMPANIES)
    query = select(PROFILES).where(PROFILES.c.withdrawn_at.is_(None))
    ordered = query.order_by(PROFILES.c.recorded_at.desc(), PROFILES.c.profile_id).limit(most)
    return [_profile(row) for row in connection.execute(ordered).mappings()]


def keep_imported(
    connection: Connection, viewer: Viewer, values: Mapping[str, str], source: str
) -> str:
    """Add a profile of a table, or change the one of the same company; returns what was done."""
    there = (
        PROFILES.c.organisation_key == values["organisation_key"],
        PROFILES.c.withdrawn_at.is_(None),
    )
    row = connection.execute(select(PROFILES).where(*there)).mappings().first()
    written = {"source": source, **_by(viewer)}
    if row is None:
        key = connection.execute(insert(PROFILES).values(**values, **written)).inserted_primary_key
        _tell_of_twin(connection, viewer, int(key[0]) if key else 0, values)
        return "added"
    said = {name: value for name, value in values.items() if value}  # an empty cell takes nothing
    if all(row[name] == value for name, value in said.items()):
        return "unchanged"
    connection.execute(update(PROFILES).where(*there).values(**said, **written))
    return "changed"


def _tell_of_twin(
    connection: Connection, viewer: Viewer, profile_id: int, values: Mapping[str, str]
) -> None:
    """Note a profile that goes by the name of a company of which its writer may not know."""
    with without_row_security(connection):
        found = set[str]().union(
            *(companies_of_name(connection, values[name]) for name in NAMES if values[name])
        )
        if hidden := hidden_among(connection, viewer, found):
            tell_of_twin(connection, viewer, PROFILE_KIND, str(profile_id), hidden)


def _by(viewer: Viewer) -> dict[str, Any]:
    return {"recorded_by": viewer.viewer_id, "recorded_at": datetime.now(UTC)}


def _profile(row: Mapping[Any, Any]) -> Profile:
    values = {str(key): value for key, value in row.items()}
    values["fields"] = tuple(filter(None, values["fields"].split(SEPARATOR)))
    return Profile(**values)


def _bounded(value: str, most: int) -> str:
    if len(value) > most:
        raise BadValueError.saying(Message("longer than %(most)s characters", {"most": most}))
    return value


def _line(value: str) -> str:
    return _bounded(" ".join(clean_text(value).split()), MAX_LINE_CHARS)


def _prose(value: str) -> str:
    return _bounded(clean_text(value), MAX_PROSE_CHARS)


def _link(value: str) -> str:
    link = _line(value)
    if link and not _LINK.fullmatch(link):
        raise BadValueError.saying(NO_LINK)
    return link


def _field_ids(value: str) -> str:
    known = _fields_by_name()
    named = [part for given in _BETWEEN.split(clean_text(value)) for part in _parts(given, known)]
    if any(name not in known for name in named):
        raise BadValueError.saying(NO_FIELD)
    return SEPARATOR.join(dict.fromkeys(known[name] for name in named))


def _parts(given: str, known: Collection[str]) -> Iterator[str]:
    """Yield the names between commas; a comma may be part of one, then the longest is meant."""
    left = [part.strip().casefold() for part in given.split(",") if part.strip()]
    while left:
        sizes = range(len(left), 0, -1)
        size = next((size for size in sizes if ", ".join(left[:size]) in known), 1)
        yield ", ".join(left[:size])
        del left[:size]


@cache
def _fields_by_name() -> dict[str, str]:
    return {
        name.casefold(): one.id
        for one in load_taxonomy().fields
        for name in (one.id, one.name_ja, one.name_en)
    }


_READERS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys((*NAMES, "membership"), _line),
    **dict.fromkeys(PROSE, _prose),
    "fields": _field_ids,
    "homepage": _link,
}
