"""Seeds as a viewer sees them: the rules are part of every query.

What a source withdrew is out, and so are works that a researcher doesn't want to be known by.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from catalogue.database.models import WITHDRAWN, Authorship, Researcher, Seed
from catalogue.database.viewer import Viewer
from catalogue.records.source_records import chunks
from enmusubi.errors import InputError, UnknownIdError
from enmusubi.messages import N_
from matcher.records import SEED_KINDS
from office.access.keyset_pages import Page, read_cursor, rows_of_page
from office.access.rules import SEE_RESEARCHERS, require, visible_seeds
from office.query_texts import check_text

UNKNOWN_SEED = N_("No seed has that id, or none that you may see. Researchers' pages show the ids.")


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
class NamedSeed:
    """A seed as a page names it in a line."""

    seed_id: str
    kind: str
    lang: str
    title: str = field(repr=False)
    year: int | None
    visibility: str


@dataclass(frozen=True)
class SeedFilter:
    """Which seeds are listed; an empty field allows all. Seeds without a year have no `since`."""

    researcher_id: str = ""
    kind: str = ""
    since: int | None = None
    until: int | None = None


EVERYTHING = SeedFilter()


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
    check_text("seed_id", seed_id)
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


def named_seeds(
    connection: Connection, viewer: Viewer, seed_ids: Iterable[str]
) -> dict[str, NamedSeed]:
    """Return those of the seeds that are there and that the viewer sees, by id."""
    found: dict[str, NamedSeed] = {}
    columns = Seed.seed_id, Seed.kind, Seed.lang, Seed.title, Seed.year, Seed.visibility
    for chunk in chunks(sorted(set(seed_ids) - {""})):
        query = select(*columns).where(
            Seed.seed_id.in_(chunk), visible_seeds(viewer), Seed.withdrawn_at.is_(None)
        )
        found |= {row.seed_id: NamedSeed(*row) for row in connection.execute(query)}
    return found


def _conditions(viewer: Viewer, wanted: SeedFilter) -> list[ColumnElement[bool]]:
    if wanted.kind and wanted.kind not in SEED_KINDS:
        raise InputError(
            "expected one of %(choices)s.", of_field="kind", choices=", ".join(SEED_KINDS)
        )
    theirs = [Authorship.seed_id == Seed.seed_id, Authorship.choice != WITHDRAWN]
    if wanted.researcher_id:
        check_text("researcher_id", wanted.researcher_id)
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
