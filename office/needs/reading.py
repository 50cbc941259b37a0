"""Needs as a viewer sees them: the rules are part of every query.

Researchers and seeds are read in `office.researchers` and `office.seeds`. Use the connection of
`office.access.scoped.reading_as`, so that PostgreSQL checks the same once more.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from catalogue.database.models import OPEN, Organisation, StoredNeed
from catalogue.database.service_models import NeedGuest
from catalogue.database.viewer import OFFICE_ROLES, PORTAL, Viewer
from catalogue.records.source_records import chunks
from enmusubi.errors import InputError, UnknownIdError
from enmusubi.messages import N_
from matcher.records import Need
from office.access.keyset_pages import Page, read_cursor, rows_of_page
from office.access.rules import SEE_NEEDS, NeedFacts, changes_need, require, visible_needs
from office.needs.managers import unmanaged
from office.query_texts import check_text
from office.veil.circle import (
    names_nobody,
    titles_as_shown,
    veils_towards,
    version_of,
    words_of,
)
from office.veil.kept import is_veiled

MAX_OFFERED = 500  # companies
UNKNOWN_NEED = N_("No need has that id, or none that you may see. The list of needs shows the ids.")


@dataclass(frozen=True)
class SeenNeed:
    """A need with all that is stored of it, for a viewer who may see it.

    For who is outside its circle it is in the words of its veil (`office.veil.circle`), and has
    neither company nor budget. `version` changes with any field. `guests` (user ids) are told to the office
    alone.
    """

    need_id: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    lang: str
    organisation_id: str
    company: str = field(repr=False)
    area: str
    horizon: str = field(repr=False)
    budget_jpy: int | None
    constraints: str = field(repr=False)
    confidentiality: str
    manager: str
    status: str
    posted_on: date | None
    updated_at: datetime
    version: str
    guests: tuple[str, ...] = ()
    may_change: bool = False
    is_veiled: bool = False  # shown in the words of its veil

    @property
    def facts(self) -> NeedFacts:
        """What the rules ask of it; for portals without its guests, who don't concern them."""
        return NeedFacts(
            self.area,
            self.confidentiality,
            self.manager,
            self.organisation_id,
            frozenset(self.guests),
        )

    def as_need(self) -> Need:
        """Return what the recommender takes."""
        return Need(
            text=self.text,
            need_id=self.need_id,
            title=self.title,
            company=self.company,
            area=self.area,
            status=self.status,
            posted_on=self.posted_on.isoformat() if self.posted_on else "",
        )


@dataclass(frozen=True)
class NeedFilter:
    """Which needs are listed; an empty field allows all. Nothing here searches in their texts."""

    status: str = OPEN
    area: str | None = None  # "" asks for those of an area that was not declared
    organisation_id: str = ""
    manager: str = ""
    lang: str = ""
    confidentiality: str = ""
    is_unmanaged: bool = False  # those alone that nobody looks after whose account works


ALL_OPEN = NeedFilter()


def needs_page(
    connection: Connection,
    viewer: Viewer,
    wanted: NeedFilter = ALL_OPEN,
    *,
    after: str = "",
    limit: int = 50,
) -> Page[SeenNeed]:
    """Return the needs that the viewer sees, the newest first, those without a day last, then by id.

    `after` is the cursor of the page before. Raises ForbiddenError and InputError.
    """
    require(viewer, SEE_NEEDS)
    query = _needs().where(*_conditions(viewer, wanted))
    if after:
        query = query.where(_behind(after))
    ordered = query.order_by(
        StoredNeed.posted_on.is_(None), StoredNeed.posted_on.desc(), StoredNeed.need_id
    )
    rows, cursor = rows_of_page(connection, ordered, limit, _key)
    guests = guests_of(connection, [row["need_id"] for row in rows])
    found = [_seen(row, viewer, guests[row["need_id"]]) for row in rows]
    return Page(tuple(_as_shown(connection, viewer, found)), cursor)


def count_needs(connection: Connection, viewer: Viewer, wanted: NeedFilter = ALL_OPEN) -> int:
    """Return how many needs the viewer sees of those wanted; raises ForbiddenError."""
    require(viewer, SEE_NEEDS)
    query = select(func.count()).select_from(StoredNeed).where(*_conditions(viewer, wanted))
    return int(connection.execute(query).scalar_one())


def need_of(connection: Connection, viewer: Viewer, need_id: str) -> SeenNeed:
    """Return a need; raises UnknownIdError for one that isn't there or may not be seen."""
    require(viewer, SEE_NEEDS)
    query = _needs().where(StoredNeed.need_id == need_id, *_seen_by(viewer))
    row = connection.execute(query).mappings().first() if "\x00" not in need_id else None
    if row is None:
        raise UnknownIdError(UNKNOWN_NEED)
    seen = _seen(row, viewer, guests_of(connection, [need_id])[need_id])
    return _as_shown(connection, viewer, [seen])[0]


def needs_by_ids(connection: Connection, viewer: Viewer, need_ids: Iterable[str]) -> list[SeenNeed]:
    """Return those of the needs that the viewer sees, in the order of their ids; a page's worth."""
    require(viewer, SEE_NEEDS)
    wanted = sorted(set(need_ids))
    query = _needs().where(StoredNeed.need_id.in_(wanted), *_seen_by(viewer))
    rows = connection.execute(query.order_by(StoredNeed.need_id)).mappings().all()
    guests = guests_of(connection, wanted)
    return _as_shown(
        connection, viewer, [_seen(row, viewer, guests[row["need_id"]]) for row in rows]
    )


def visible_need_ids(
    connection: Connection, viewer: Viewer, need_ids: Iterable[str]
) -> frozenset[str]:
    """Return those of the ids whose needs the viewer sees; raises ForbiddenError."""
    require(viewer, SEE_NEEDS)
    found: set[str] = set()
    for chunk in chunks(sorted({need_id for need_id in need_ids if "\x00" not in need_id})):
        query = select(StoredNeed.need_id).where(StoredNeed.need_id.in_(chunk), *_seen_by(viewer))
        found |= set(connection.execute(query).scalars())
    return frozenset(found)


def guests_of(connection: Connection, need_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return who was asked in to each need, user ids in their order; asks no rules."""
    found: dict[str, list[str]] = defaultdict(list)
    for chunk in chunks(sorted(set(need_ids))):
        query = select(NeedGuest.need_id, NeedGuest.user_id).where(NeedGuest.need_id.in_(chunk))
        for need_id, user_id in connection.execute(query.order_by(NeedGuest.user_id)):
            found[need_id].append(user_id)
    return defaultdict(tuple, {need_id: tuple(users) for need_id, users in found.items()})


def _seen_by(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return visible_needs(viewer), StoredNeed.withdrawn_at.is_(None)


def _conditions(viewer: Viewer, wanted: NeedFilter) -> list[ColumnElement[bool]]:
    if viewer.role == PORTAL and wanted.manager:
        raise InputError(
            "portals are not told who looks after a need. Leave it out.", of_field="manager"
        )
    given = {
        StoredNeed.status: wanted.status or None,
        StoredNeed.area: wanted.area,
        StoredNeed.organisation_id: wanted.organisation_id or None,
        StoredNeed.manager: wanted.manager or None,
        StoredNeed.lang: wanted.lang or None,
        StoredNeed.confidentiality: wanted.confidentiality or None,
    }
    for column, value in given.items():
        if value is not None:
            check_text(str(column.key), value)
    asked = [column == value for column, value in given.items() if value is not None]
    if wanted.organisation_id and names_nobody(viewer):
        asked.append(~is_veiled())  # that it is this company's is what the veil hides
    if wanted.is_unmanaged:
        asked.append(unmanaged())
    return [*_seen_by(viewer), *asked]


def _needs() -> Any:
    company = func.coalesce(func.nullif(Organisation.name_ja, ""), Organisation.name_en, "")
    return select(StoredNeed.__table__, company.label("company")).outerjoin(
        Organisation, Organisation.organisation_id == StoredNeed.organisation_id
    )


def _key(row: Any) -> list[Any]:
    return [row["posted_on"].isoformat() if row["posted_on"] else None, row["need_id"]]


def _behind(cursor: str) -> ColumnElement[bool]:
    day, need_id = read_cursor(cursor, str, str)
    undated, later = StoredNeed.posted_on.is_(None), StoredNeed.need_id > (need_id or "")
    if day is None:
        return and_(undated, later)
    try:
        shown = date.fromisoformat(day)
    except ValueError:
        raise InputError("not a cursor that a page gave.", of_field="cursor") from None
    same_day = and_(StoredNeed.posted_on == shown, later)
    return or_(undated, StoredNeed.posted_on < shown, same_day)


def _seen(row: Any, viewer: Viewer, guests: tuple[str, ...]) -> SeenNeed:
    facts = NeedFacts(
        row["area"],
        row["confidentiality"],
        row["manager"],
        row["organisation_id"] or "",
        frozenset(guests),
    )
    plain = ("need_id", "title", "text", "lang", "company", "area", "horizon", "budget_jpy")
    more = ("constraints", "confidentiality", "manager", "status", "posted_on")
    return SeenNeed(
        **{name: row[name] for name in (*plain, *more)},
        organisation_id=row["organisation_id"] or "",
        updated_at=row["updated_at"],
        version=row["content_hash"],
        guests=guests if viewer.role in OFFICE_ROLES else (),
        may_change=changes_need(viewer, facts),
    )


def _as_shown(connection: Connection, viewer: Viewer, needs: Sequence[SeenNeed]) -> list[SeenNeed]:
    """Return needs as the viewer is shown them: in the words of their veil for who is outside."""
    veils = veils_towards(connection, viewer, [need.need_id for need in needs])
    shown = []
    for need in needs:
        if veil := veils.get(need.need_id):
            version = version_of(veil, need.updated_at)
            need = replace(need, **words_of(veil, viewer), version=version)  # noqa: PLW2901
        shown.append(need)
    return shown


def known_companies(connection: Connection, viewer: Viewer) -> dict[str, str]:
    """Return the companies whose needs the viewer sees, by id, in the order of their names."""
    require(viewer, SEE_NEEDS)
    query = (
        select(Organisation.organisation_id, Organisation.name_ja, Organisation.name_en)
        .join(StoredNeed, StoredNeed.organisation_id == Organisation.organisation_id)
        .where(visible_needs(viewer), StoredNeed.withdrawn_at.is_(None))
        .where(~is_veiled() if names_nobody(viewer) else true())
        .distinct()
    )
    named = ((ja or en, str(key)) for key, ja, en in connection.execute(query))
    return {key: name for name, key in sorted(named)[:MAX_OFFERED] if name}


def titles_of(connection: Connection, viewer: Viewer, need_ids: Iterable[str]) -> dict[str, str]:
    """Return the title of each need that the viewer sees; others are not in it."""
    found: dict[str, str] = {}
    for chunk in chunks(sorted(set(need_ids))):
        query = select(StoredNeed.need_id, StoredNeed.title).where(
            StoredNeed.need_id.in_(chunk), visible_needs(viewer), StoredNeed.withdrawn_at.is_(None)
        )
        found |= {row.need_id: row.title for row in connection.execute(query)}
    return titles_as_shown(connection, viewer, found)
