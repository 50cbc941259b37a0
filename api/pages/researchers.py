"""The pages of researchers: the search by name, and the profile with its chart, fields and links."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import AfterRow, CurrentViewer, Services
from api.pages.rendering import render, researcher_path, see_other
from catalogue.database.viewer import Viewer
from enmusubi.errors import UnknownIdError
from enmusubi.messages import N_
from matcher.domains.taxonomy import Field, field_of_code, load_taxonomy
from office.access.access_log import note_naming, note_seeds
from office.access.rules import (
    NOTE,
    SEE_CONTACTS,
    SEE_NEEDS,
    SEE_RESEARCHERS,
    SHORTLIST,
    may,
    require,
)
from office.access.scoped import reading_as
from office.needs.reading import NeedFilter, SeenNeed, needs_page
from office.notes import notes_of
from office.people import appearances
from office.researchers import ResearcherFilter, contacts_of, researcher_of, researcher_page
from office.seeds import SeedFilter, seed_codes, seed_counts, seeds_page
from office.shortlists import shortlist

CHART_YEARS = 40  # so many are drawn at most; earlier ones are told in words
CHART_HEIGHT, STEP, BAR = 100, 10, 8  # units of the drawing
OTHERS = "other"
GROUPS = ("paper", "patent", "grant", OTHERS)
GROUP_LABELS = {
    "paper": N_("Papers"),
    "patent": N_("Patents"),
    "grant": N_("Grants"),
    OTHERS: N_("Others"),
}
MAX_FIELDS = 8
_ADDRESSES = {  # name and address of the systems that know people; the id stands for {}
    "orcid": ("ORCID", "https://orcid.org/{}"),
    "researchmap_id": ("researchmap", "https://researchmap.jp/{}"),
    "kaken_id": ("KAKEN", "https://nrid.nii.ac.jp/nrid/{}/"),
    "openalex_id": ("OpenAlex", "https://openalex.org/{}"),
    "erad_id": ("e-Rad", ""),
}
Counts = Mapping[tuple[int | None, str], int]
PEOPLE_ON_A_PAGE, SEEDS_ON_A_PAGE, NEEDS_OFFERED = 30, 20, 200
Name = Annotated[str, Query(max_length=200)]


def build_router(services: Services) -> APIRouter:
    """Return the routes."""
    router = APIRouter(include_in_schema=False)
    _add_search(router, services)
    _add_profile(router, services)
    return router


def _add_search(router: APIRouter, services: Services) -> None:
    @router.get("/researchers")
    def researchers(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        name: Name = "",
        institution: Name = "",
        department: Name = "",
        after: AfterRow = "",
    ) -> Response:
        require(viewer, SEE_RESEARCHERS)
        wanted = ResearcherFilter(name, institution, department)
        with reading_as(services.catalogue, viewer) as connection:
            page = researcher_page(connection, viewer, wanted, after=after, limit=PEOPLE_ON_A_PAGE)
        return render(request, viewer, "researchers.html", page=page, wanted=wanted, after=after)


def _add_profile(router: APIRouter, services: Services) -> None:
    @router.get("/researchers/{researcher_id:path}")
    def profile(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        researcher_id: str,
        kind: Annotated[str, Query(max_length=20)] = "",
        year: Annotated[int | None, Query(ge=0, le=9999)] = None,
        after: AfterRow = "",
    ) -> Response:
        require(viewer, SEE_RESEARCHERS)
        with reading_as(services.catalogue, viewer) as connection:
            person = researcher_of(connection, viewer, researcher_id)
            current = person.card.researcher_id
            if current != researcher_id:  # they were joined with another since
                return see_other(researcher_path(current))
            everything = SeedFilter(current)
            wanted = SeedFilter(current, kind, year, year)
            counts = seed_counts(connection, viewer, everything)
            codes = seed_codes(connection, viewer, everything)
            seeds = seeds_page(connection, viewer, wanted, after=after, limit=SEEDS_ON_A_PAGE)
            seen = may(viewer, SEE_CONTACTS)
            contacts = contacts_of(connection, viewer, current) if seen else None
        kept = _kept_by_viewer(services, viewer, current)
        note_seeds(services.catalogue, viewer, [s.seed_id for s in seeds.items], "researcher")
        shown: dict[str, Any] = {
            "person": person,
            "contacts": contacts,
            "ids": other_ids(person.ids),
            "chart": year_chart(counts),
            "fields": fields_of(codes, _known_for(services, current)),
            "facets": facets(counts),
            "seeds": seeds,
            "wanted": wanted,
            "after": after,
            "groups": GROUPS,
            "group_labels": GROUP_LABELS,
        }
        return render(request, viewer, "researcher.html", **shown, **kept)


def _known_for(services: Services, researcher_id: str) -> list[str]:
    """Return the fields that the index knows a researcher for; none before it is loaded, or knows them."""
    serving = services.live.serving
    with suppress(UnknownIdError):
        return serving.known_for(researcher_id) if serving else []
    return []


def _kept_by_viewer(services: Services, viewer: Viewer, researcher_id: str) -> dict[str, Any]:
    """Return what the viewer keeps of a person, and the needs they can keep it for.

    The titles that this shows are noted, as far as few may see them.
    """
    catalogue = services.catalogue
    kept = shortlist(catalogue, viewer) if may(viewer, SHORTLIST) else []
    matched = appearances(catalogue, viewer, researcher_id)
    notes = notes_of(catalogue, viewer, researcher_id=researcher_id) if may(viewer, NOTE) else []
    kept_for = [e for e in kept if e.researcher.researcher_id == researcher_id]
    offered = _offered(services, viewer)
    named = {one.need_id for some in (matched, notes, kept_for, offered) for one in some}
    note_naming(catalogue, viewer, named, "researcher")
    return {"matched": matched, "notes": notes, "kept_for": kept_for, "needs": offered}


def _offered(services: Services, viewer: Viewer) -> tuple[SeenNeed, ...]:
    if not may(viewer, SEE_NEEDS):
        return ()
    with reading_as(services.catalogue, viewer) as connection:
        return needs_page(connection, viewer, NeedFilter(), limit=NEEDS_OFFERED).items


@dataclass(frozen=True)
class YearBar:
    """A part of a year's column: its group, and where it stands in the drawing."""

    group: str
    x: int
    y: float
    height: float


@dataclass(frozen=True)
class YearRow:
    """The counts of a year by group, in the order of GROUPS."""

    year: int
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts)


@dataclass(frozen=True)
class YearChart:
    """Seeds over the years: bars to be drawn, and the same as rows."""

    bars: tuple[YearBar, ...]
    rows: tuple[YearRow, ...]  # all years with seeds, the newest first
    groups: tuple[str, ...]  # those that occur
    first: int
    last: int
    width: int
    highest: int
    earlier: int  # seeds of years before the first that is drawn
    undated: int


@dataclass(frozen=True)
class OtherId:
    """An id in another system; `url` is empty where it has no page."""

    system: str
    value: str
    url: str


def year_chart(counts: Counts) -> YearChart | None:
    """Return the chart of seeds by year and kind, or None where no seed has a year."""
    by_year: dict[int, Counter[str]] = defaultdict(Counter)
    for (year, kind), count in counts.items():
        if year is not None:
            by_year[year][kind if kind in GROUPS else OTHERS] += count
    if not by_year:
        return None
    last = max(by_year)
    first = max(min(by_year), last - CHART_YEARS + 1)
    highest = max(sum(found.values()) for year, found in by_year.items() if year >= first)
    rows = [YearRow(y, tuple(by_year[y][g] for g in GROUPS)) for y in sorted(by_year, reverse=True)]
    return YearChart(
        bars=tuple(bar for row in rows if row.year >= first for bar in _bars(row, first, highest)),
        rows=tuple(rows),
        groups=tuple(g for n, g in enumerate(GROUPS) if any(row.counts[n] for row in rows)),
        first=first,
        last=last,
        width=(last - first + 1) * STEP,
        highest=highest,
        earlier=sum(row.total for row in rows if row.year < first),
        undated=sum(count for (year, _), count in counts.items() if year is None),
    )


def _bars(row: YearRow, first: int, highest: int) -> Iterable[YearBar]:
    below = 0.0
    for group, count in zip(GROUPS, row.counts, strict=True):
        height = CHART_HEIGHT * count / highest
        if count:
            x = (row.year - first) * STEP + (STEP - BAR) // 2
            yield YearBar(group, x, round(CHART_HEIGHT - below - height, 2), round(height, 2))
        below += height


def fields_of(codes: Iterable[str], known_for: Sequence[str] = ()) -> list[tuple[Field, int]]:
    """Return the fields that a researcher is known for, then those that seeds' codes stand for, the
    commonest first, each with the number of seeds that have a code of it."""
    counted: Counter[str] = Counter()
    for seed in codes:
        found = {field_of_code(code) for code in seed.split(";") if code.strip()}
        counted.update(field for field in found if field)
    known = {field.id: field for field in load_taxonomy().fields}
    others = sorted(counted.keys() - set(known_for), key=lambda name: (-counted[name], name))
    names = [name for name in (*known_for, *others) if name in known]
    return [(known[name], counted[name]) for name in names[:MAX_FIELDS]]


def other_ids(ids: Mapping[str, str]) -> list[OtherId]:
    """Return a person's ids in other systems with their pages, ORCID first."""
    found = []
    for name, (system, address) in _ADDRESSES.items():
        if value := ids.get(name, ""):
            url = address.format(quote(value, safe="")) if _has_page(name, value) else ""
            found.append(OtherId(system, value, url))
    return found


def _has_page(name: str, value: str) -> bool:
    if name == "kaken_id":
        return len(value) == 13 and value.isascii() and value.isdecimal()
    return bool(_ADDRESSES[name][1])


def facets(counts: Counts) -> tuple[list[tuple[str, int]], list[tuple[int, int]]]:
    """Return how many seeds each kind has, the commonest first, and each year, the newest first."""
    kinds: Counter[str] = Counter()
    years: Counter[int] = Counter()
    for (year, kind), count in counts.items():
        kinds[kind] += count
        if year is not None:
            years[year] += count
    ranked = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    return ranked, sorted(years.items(), reverse=True)
