"""The pages of researchers: the directory, and the profile with its chart, fields and links."""

from contextlib import suppress
from typing import Annotated, Any

from fastapi import Query, Request, Response

from api.dependencies import AfterRow, CurrentViewer, Services
from api.languages import language_of
from api.pages.profile_view import (
    GROUP_LABELS,
    GROUPS,
    abstract,
    facets,
    fields_of,
    keywords,
    other_ids,
    year_chart,
)
from api.pages.rendering import render, researcher_path, see_other
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import UnknownIdError
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
from office.directory import Directory, DirectoryQuery, seed_totals
from office.needs.reading import NeedFilter, SeenNeed, needs_page
from office.notes import notes_of
from office.people import appearances
from office.researchers import (
    contacts_of,
    contacts_of_all,
    researcher_of,
    researchers_by_ids,
)
from office.screening.list_screening import screen_list
from office.screening.own_records import own_records
from office.seeds import SeedFilter, named_seeds, seed_codes, seed_counts, seeds_page
from office.shortlists import shortlist
from office.topics import indexed_seeds

PEOPLE_ON_A_PAGE, SEEDS_ON_A_PAGE, NEEDS_OFFERED = 30, 20, 200
MAX_TOPIC_CHARS = 60  # a topic stands in the address: what is longer is a need, and asked as one
Name = Annotated[str, Query(max_length=200)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    _add_search(router, services)
    _add_profile(router, services)
    return router


def _add_search(router: LazyRouter, services: Services) -> None:
    directory = Directory()

    @router.get("/researchers")
    def researchers(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        topic: Annotated[str, Query(max_length=MAX_TOPIC_CHARS)] = "",
        name: Name = "",
        institution: Name = "",
        department: Name = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        require(viewer, SEE_RESEARCHERS)
        wanted = DirectoryQuery(topic.strip(), name, institution, department)
        first = (page - 1) * PEOPLE_ON_A_PAGE
        visibilities = services.settings.index.visibilities
        indexed = indexed_seeds(services.live.serving, viewer, visibilities, wanted.topic)
        with reading_as(services.catalogue, viewer) as connection:
            spoken = language_of(request)
            found = directory.find(connection, viewer, wanted, spoken, indexed=indexed)
            on_page = {one.researcher_id: one for one in found[first : first + PEOPLE_ON_A_PAGE]}
            telling = [one.on_topic[0] for one in on_page.values() if one.on_topic]
            works = named_seeds(connection, viewer, telling)
            ids = list(on_page)
            people = researchers_by_ids(connection, viewer, ids)
            totals = seed_totals(connection, viewer, ids)
            seen = may(viewer, SEE_CONTACTS)
            contacts = contacts_of_all(connection, viewer, ids) if seen else {}
        note_seeds(services.catalogue, viewer, list(works), "researcher")
        shown: dict[str, Any] = {
            "found": on_page,
            "works": works,
            "people": people,
            "totals": totals,
            "contacts": contacts,
            "count": len(found),
            "page": page,
            "more": len(found) > first + PEOPLE_ON_A_PAGE,
            "max_topic_chars": MAX_TOPIC_CHARS,
            "keywords": keywords,
        }
        return render(request, viewer, "researchers.html", wanted=wanted, **shown)


def _add_profile(router: LazyRouter, services: Services) -> None:
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
            recorded = own_records(connection, viewer, current)
        screening = screen_list(
            services.catalogue, viewer, None, [current], services.settings.screening
        )
        kept = _kept_by_viewer(services, viewer, current)
        note_seeds(services.catalogue, viewer, [s.seed_id for s in seeds.items], "researcher")
        shown: dict[str, Any] = {
            "person": person,
            "contacts": contacts,
            "recorded": recorded,
            "bounds": screening.of(current),
            "ids": other_ids(person.ids),
            "chart": year_chart(counts),
            "fields": fields_of(codes, _known_for(services, current)),
            "is_loaded": services.live.serving is not None,
            "facets": facets(counts),
            "seeds": seeds,
            "wanted": wanted,
            "after": after,
            "groups": GROUPS,
            "group_labels": GROUP_LABELS,
            "abstract": abstract,
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
