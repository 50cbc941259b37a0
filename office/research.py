"""Researchers and seeds as a viewer sees them: the rules are part of every query.

What a source withdrew is out, and so are works that a researcher doesn't want to be known by. What
a researcher's card counts of work with industry is public work alone, the same for every viewer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from catalogue.database.models import (
    CONTACTS,
    WITHDRAWN,
    Authorship,
    Organisation,
    Researcher,
    Seed,
)
from catalogue.database.viewer import Viewer
from catalogue.identity.links import rows_of
from catalogue.records.corpus import industry_records, select_researchers
from catalogue.records.drafts import RESEARCHERS
from catalogue.records.source_records import chunks
from catalogue.records.table_rules import STORED, content_hash
from enmusubi.errors import InputError, UnknownIdError
from enmusubi.messages import N_
from matcher.records import SEED_KINDS, ResearcherCard
from matcher.tables import researcher_card
from office.access.keyset_pages import Page, read_cursor, rows_by_id, rows_of_page
from office.access.rules import SEE_CONTACTS, SEE_RESEARCHERS, require, visible_seeds

UNKNOWN_RESEARCHER = N_("No researcher has that id. Match lists show the ids.")
UNKNOWN_SEED = N_("No seed has that id, or none that you may see. Researchers' pages show the ids.")
OTHER_IDS = ("orcid", "openalex_id", "researchmap_id", "kaken_id", "erad_id")


@dataclass(frozen=True)
class SeenResearcher:
    """A researcher with what the catalogue knows of them; unknown ids are not among `ids`."""

    card: ResearcherCard
    name_kana: str
    aliases: str
    ids: Mapping[str, str]
    keywords_ja: str
    keywords_en: str
    profile_ja: str
    profile_en: str
    version: str


@dataclass(frozen=True)
class SeedAuthor:
    """One of the people of a seed, in the order of the seed; `choice` is their own."""

    researcher_id: str
    name_ja: str
    name_en: str
    choice: str


@dataclass(frozen=True)
class SeenSeed:
    """A seed with all that is stored of it, for a viewer who may see it."""

    seed_id: str
    kind: str
    lang: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    year: int | None
    doi: str
    url: str
    venue: str
    visibility: str
    patent_status: str
    family_id: str
    field_codes: str
    companies: str = field(repr=False)
    version: str
    authors: tuple[SeedAuthor, ...] = ()


@dataclass(frozen=True)
class ResearcherFilter:
    """Which researchers are listed: parts of names in either script, without regard to case."""

    name: str = ""
    institution: str = ""
    department: str = ""


@dataclass(frozen=True)
class SeedFilter:
    """Which seeds are listed; an empty field allows all. Seeds without a year have no `since`."""

    researcher_id: str = ""
    kind: str = ""
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True)
class Contacts:
    """How a researcher is reached; empty where it is not known."""

    email: str = ""
    extension: str = ""
    homepage: str = ""
    laboratory: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in CONTACTS)


ALL_RESEARCHERS = ResearcherFilter()
EVERYTHING = SeedFilter()


def researcher_page(
    connection: Connection,
    viewer: Viewer,
    wanted: ResearcherFilter = ALL_RESEARCHERS,
    *,
    after: str = "",
    limit: int = 50,
) -> Page[ResearcherCard]:
    """Return researchers by id; raises ForbiddenError and InputError."""
    require(viewer, SEE_RESEARCHERS)
    query = select_researchers().where(Researcher.withdrawn_at.is_(None), *_named(wanted))
    own_id = Researcher.researcher_id
    rows, cursor = rows_by_id(connection, query, own_id, after=after, limit=limit)
    worked = industry_records(connection, [row["researcher_id"] for row in rows])
    return Page(
        tuple(researcher_card(row, worked.get(row["researcher_id"], {})) for row in rows), cursor
    )


def researcher_of(connection: Connection, viewer: Viewer, researcher_id: str) -> SeenResearcher:
    """Return a researcher by the id they have, or had before they were joined with another.

    Raises ForbiddenError, and UnknownIdError for a researcher who isn't there or was withdrawn.
    """
    require(viewer, SEE_RESEARCHERS)
    _check_text("researcher_id", researcher_id)
    current = rows_of(connection, [researcher_id]).get(researcher_id, researcher_id)
    query = select_researchers().where(
        Researcher.researcher_id == current, Researcher.withdrawn_at.is_(None)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownIdError(UNKNOWN_RESEARCHER)
    told = ("name_kana", "aliases", "keywords_ja", "keywords_en", "profile_ja", "profile_en")
    return SeenResearcher(
        card=researcher_card(row, industry_records(connection, [current]).get(current, {})),
        ids={name: row[name] for name in OTHER_IDS if row[name]},
        version=_version(row),
        **{name: row[name] for name in told},
    )


def contacts_of(connection: Connection, viewer: Viewer, researcher_id: str) -> Contacts:
    """Return how a researcher is reached, for the office; raises ForbiddenError for all others."""
    require(viewer, SEE_CONTACTS)
    columns = [Researcher.__table__.c[name] for name in CONTACTS]
    query = select(*columns).where(
        Researcher.researcher_id == researcher_id, Researcher.withdrawn_at.is_(None)
    )
    row = connection.execute(query).mappings().first()
    return Contacts(**row) if row else Contacts()


def _version(row: Any) -> str:
    """Return the hash of what every reader of a researcher sees: how they are reached changes it not."""
    return content_hash({name: row[name] for name in STORED[RESEARCHERS].columns if name in row})


def seeds_page(
    connection: Connection,
    viewer: Viewer,
    wanted: SeedFilter = EVERYTHING,
    *,
    after: str = "",
    limit: int = 50,
) -> Page[SeenSeed]:
    """Return the seeds that the viewer sees, the newest first, those without a year last, then by id.

    Raises ForbiddenError and InputError.
    """
    require(viewer, SEE_RESEARCHERS)
    query = select(Seed.__table__).where(*_conditions(viewer, wanted))
    if after:
        query = query.where(_behind(after))
    ordered = query.order_by(Seed.year.is_(None), Seed.year.desc(), Seed.seed_id)
    rows, cursor = rows_of_page(
        connection, ordered, limit, lambda row: [row["year"], row["seed_id"]]
    )
    authors = _authors(connection, [row["seed_id"] for row in rows])
    return Page(tuple(_seen(row, authors[row["seed_id"]]) for row in rows), cursor)


def seed_of(connection: Connection, viewer: Viewer, seed_id: str) -> SeenSeed:
    """Return a seed; raises UnknownIdError for one that isn't there or may not be seen."""
    require(viewer, SEE_RESEARCHERS)
    _check_text("seed_id", seed_id)
    query = select(Seed.__table__).where(Seed.seed_id == seed_id, *_conditions(viewer, EVERYTHING))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownIdError(UNKNOWN_SEED)
    return _seen(row, _authors(connection, [seed_id])[seed_id])


def seed_counts(
    connection: Connection, viewer: Viewer, wanted: SeedFilter = EVERYTHING
) -> dict[tuple[int | None, str], int]:
    """Return how many of the seeds that the viewer sees are of each year and kind, by both."""
    require(viewer, SEE_RESEARCHERS)
    query = select(Seed.year, Seed.kind, func.count()).where(*_conditions(viewer, wanted))
    counted = connection.execute(query.group_by(Seed.year, Seed.kind))
    found = {(year, kind): int(count) for year, kind, count in counted}
    return dict(sorted(found.items(), key=lambda item: (item[0][0] or 0, item[0][1])))


def seed_codes(
    connection: Connection, viewer: Viewer, wanted: SeedFilter = EVERYTHING
) -> list[str]:
    """Return the `field_codes` of each of the seeds that the viewer sees and that has some."""
    require(viewer, SEE_RESEARCHERS)
    query = select(Seed.field_codes).where(Seed.field_codes != "", *_conditions(viewer, wanted))
    return list(connection.execute(query).scalars())


def _check_text(name: str, value: str) -> None:
    if "\x00" in value:
        raise InputError("a zero character found, expected text.", of_field=name)


def _named(wanted: ResearcherFilter) -> list[ColumnElement[bool]]:
    columns: dict[str, tuple[Any, ...]] = {
        "name": (Researcher.name_ja, Researcher.name_kana, Researcher.name_en, Researcher.aliases),
        "institution": (Organisation.name_ja, Organisation.name_en, Organisation.aliases),
        "department": (Researcher.department_ja, Researcher.department_en),
    }
    conditions = []
    for name, searched in columns.items():
        if part := getattr(wanted, name).strip():
            _check_text(name, part)
            conditions.append(or_(*(c.icontains(part, autoescape=True) for c in searched)))
    return conditions


def _conditions(viewer: Viewer, wanted: SeedFilter) -> list[ColumnElement[bool]]:
    if wanted.kind and wanted.kind not in SEED_KINDS:
        raise InputError(
            "expected one of %(choices)s.", of_field="kind", choices=", ".join(SEED_KINDS)
        )
    theirs = [Authorship.seed_id == Seed.seed_id, Authorship.choice != WITHDRAWN]
    if wanted.researcher_id:
        _check_text("researcher_id", wanted.researcher_id)
        theirs.append(Authorship.researcher_id == wanted.researcher_id)
    living = Researcher.researcher_id == Authorship.researcher_id
    shown = select(Authorship.seed_id).join(Researcher, living).where(*theirs)
    conditions = [visible_seeds(viewer), Seed.withdrawn_at.is_(None)]
    conditions.append(exists(shown.where(Researcher.withdrawn_at.is_(None))))
    if wanted.kind:
        conditions.append(Seed.kind == wanted.kind)
    if wanted.since is not None:
        conditions.append(Seed.year >= wanted.since)
    if wanted.until is not None:
        conditions.append(Seed.year <= wanted.until)
    return conditions


def _behind(cursor: str) -> ColumnElement[bool]:
    year, seed_id = read_cursor(cursor, int, str)
    undated, later = Seed.year.is_(None), Seed.seed_id > (seed_id or "")
    if year is None:
        return and_(undated, later)
    return or_(undated, Seed.year < year, and_(Seed.year == year, later))


def _authors(connection: Connection, seed_ids: Iterable[str]) -> dict[str, list[SeedAuthor]]:
    """Return the people of seeds, without those who don't want to be known by them."""
    found: dict[str, list[SeedAuthor]] = defaultdict(list)
    columns = Authorship.researcher_id, Researcher.name_ja, Researcher.name_en, Authorship.choice
    for chunk in chunks(sorted(set(seed_ids))):
        query = (
            select(Authorship.seed_id, *columns)
            .join(Researcher, Researcher.researcher_id == Authorship.researcher_id)
            .where(Authorship.seed_id.in_(chunk), Authorship.choice != WITHDRAWN)
            .where(Researcher.withdrawn_at.is_(None))
            .order_by(Authorship.seed_id, Authorship.position)
        )
        for row in connection.execute(query):
            found[row[0]].append(SeedAuthor(*row[1:]))
    return found


def _seen(row: Any, authors: Iterable[SeedAuthor]) -> SeenSeed:
    plain = ("seed_id", "kind", "lang", "title", "text", "year", "venue", "visibility")
    more = ("patent_status", "field_codes", "companies")
    link = f"https://doi.org/{row['doi']}" if row["doi"] else ""
    return SeenSeed(
        **{name: row[name] for name in (*plain, *more)},
        doi=row["doi"] or "",
        url=row["url"] or link,
        family_id=row["family_id"] or "",
        version=row["content_hash"],
        authors=tuple(authors),
    )
