"""A past night as a viewer reads it: the needs that they may see, in parts, bounded in size.

The night's lists were made of public seeds, so that whoever sees a need may see its list.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from catalogue.database.models import StoredNeed
from catalogue.database.viewer import Viewer
from catalogue.records.source_records import chunks
from matcher.records import ResearcherCard
from office.access.rules import SEE_CONSORTIA, SEE_REPORTS, may, require, visible_needs
from office.needs.reading import visible_need_ids
from office.people import cards_of
from office.reports.findings import ThemeReport
from office.reports.past_nights import PastNeed, PastNight, PastPerson
from office.seeds import NamedSeed, named_seeds
from office.veil.circle import titles_as_shown

NEWS, NOBODY, FAILED, MINE, ALL = "news", "nobody", "failed", "mine", "all"
VIEWS = (NEWS, MINE, NOBODY, FAILED, ALL)


@dataclass(frozen=True)
class NightNeed:
    """A need of a night that the viewer sees."""

    need_id: str
    title: str = field(repr=False)
    lang: str
    manager: str
    found: PastNeed


@dataclass(frozen=True)
class NightPage:
    """Some needs of a night; `counts` has how many needs each of VIEWS has, `seen` how many in all."""

    view: str
    needs: tuple[NightNeed, ...]
    counts: Mapping[str, int]
    more: bool

    @property
    def seen(self) -> int:
        """How many of the night's needs the viewer sees."""
        return self.counts[ALL]


def night_page(
    connection: Connection, viewer: Viewer, night: PastNight, *, view: str = "", page: int = 1,
    limit: int = 20,
) -> NightPage:  # fmt: skip
    """Return a page of a night: the viewer's own needs first, then those with news, then by title.

    An empty view is NEWS where there are any, else ALL. Raises ForbiddenError.
    """
    require(viewer, SEE_REPORTS)
    seen = needs_seen(connection, viewer, night, night.needs)
    by_view = {name: [need for need in seen if is_of(need, name, viewer)] for name in VIEWS}
    chosen = view if view in VIEWS else NEWS if by_view[NEWS] else ALL
    wanted = sorted(by_view[chosen], key=lambda need: order_of(need, viewer))
    first = (page - 1) * limit
    return NightPage(
        view=chosen,
        needs=tuple(wanted[first : first + limit]),
        counts={name: len(needs) for name, needs in by_view.items()},
        more=len(wanted) > first + limit,
    )


def needs_seen(
    connection: Connection, viewer: Viewer, night: PastNight, need_ids: Iterable[str]
) -> list[NightNeed]:
    """Return those of the night's needs that the viewer sees."""
    found = []
    columns = StoredNeed.need_id, StoredNeed.title, StoredNeed.lang, StoredNeed.manager
    for chunk in chunks(sorted(set(need_ids))):
        query = select(*columns).where(
            StoredNeed.need_id.in_(chunk), visible_needs(viewer), StoredNeed.withdrawn_at.is_(None)
        )
        found += [NightNeed(*row, night.needs[row.need_id]) for row in connection.execute(query)]
    titles = titles_as_shown(connection, viewer, {need.need_id: need.title for need in found})
    return [replace(need, title=titles[need.need_id]) for need in found]


def is_of(need: NightNeed, view: str, viewer: Viewer) -> bool:
    """Return whether a need belongs to one of VIEWS."""
    return {
        NEWS: need.found.has_news,
        MINE: need.manager == viewer.viewer_id,
        NOBODY: need.found.fits_nobody,
        FAILED: need.found.failed,
        ALL: True,
    }[view]


def order_of(need: NightNeed, viewer: Viewer) -> tuple[bool, bool, float, str, str]:
    """Return the key by which needs stand: own ones, those with news, the likeliest new person."""
    best = max((p.probability or 0.0 for p in need.found.new_people), default=0.0)
    own = need.manager == viewer.viewer_id
    return not own, not need.found.has_news, -best, need.title, need.need_id


def themes_seen(
    connection: Connection, viewer: Viewer, night: PastNight
) -> tuple[ThemeReport, ...]:
    """Return the night's themes of which the viewer sees every need now; none for who sees no consortia."""
    if not may(viewer, SEE_CONSORTIA):
        return ()
    ids = {need_id for theme in night.themes for need_id in theme.need_ids}
    seen = visible_need_ids(connection, viewer, sorted(ids))
    return tuple(theme for theme in night.themes if seen >= set(theme.need_ids))


@dataclass(frozen=True)
class NightDetails:
    """Who the people of some lists are, and the works that say why; both by id."""

    cards: Mapping[str, ResearcherCard]
    seeds: Mapping[str, NamedSeed]


def details_of(
    connection: Connection, viewer: Viewer, people: Iterable[PastPerson]
) -> NightDetails:
    """Return the cards and key seeds of people, as far as they are there and the viewer sees them."""
    shown = list(people)
    seeds = named_seeds(connection, viewer, (person.key_seed for person in shown))
    return NightDetails(cards_of(connection, {p.researcher_id for p in shown}), seeds)
