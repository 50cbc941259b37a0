"""The page of a need's pre-screen for export control: items, sentences and the checklist, to be printed."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request, Response

from api.dependencies import CurrentViewer, Services
from api.languages import language_of
from api.pages.rendering import render
from api.routing import LazyRouter
from enmusubi.language import JAPANESE
from enmusubi.messages import N_
from office.access.access_log import note_reading
from office.access.rules import SEE_SCREENING, require
from office.access.scoped import reading_as
from office.needs.reading import need_of
from office.screening.export_control import IPC, NOTE, VECTOR, WORDS, ExportControlFinding
from office.screening.export_control_topics import ExportControlTopics

WAYS = {
    WORDS: N_("by words"),
    VECTOR: N_("by its meaning"),
    IPC: N_("by a patent's class"),
}


def build_router(services: Services) -> LazyRouter:
    """Return the route; it comes before that of the need's page, whose ids may have slashes."""
    router = LazyRouter(include_in_schema=False)

    @router.get("/needs/{need_id:path}/export-control")
    def pre_screen(request: Request, viewer: CurrentViewer, need_id: str) -> Response:
        require(viewer, SEE_SCREENING)
        with reading_as(services.catalogue, viewer) as connection:
            need = need_of(connection, viewer, need_id)
        note_reading(services.catalogue, viewer, need, "export-control")
        found = services.pre_screen.findings(need)
        shown = as_shown(found, services.pre_screen.known, language_of(request))
        return render(request, viewer, "export_control.html", need=need, ways=WAYS, **shown)

    return router


def as_shown(
    findings: Sequence[ExportControlFinding], known: ExportControlTopics, language: str
) -> dict[str, Any]:
    """Return what the page shows: topics with their items, circumstances, questions and sources."""
    asked = {its_id for one in findings for its_id in one.checklist}
    sources = {source.id: source for source in known.sources}
    questions = [one for one in known.questions if one.id in asked]
    return {
        "topics": [_row(one, known, language) for one in findings if one.level != NOTE],
        "circumstances": [_row(one, known, language) for one in findings if one.level == NOTE],
        "questions": [
            (one.name(language), sources[one.source].name(language)) for one in questions
        ],
        "sources": [(source.name(language), source.state) for source in known.sources],
    }


def _row(one: ExportControlFinding, known: ExportControlTopics, language: str) -> dict[str, Any]:
    topic = known.topic(one.topic_id)
    return {
        "name": topic.name(language),
        "items": [known.item(item) for item in one.items],
        "clauses": [_clause(clause, language) for clause in getattr(topic, "clauses", ())],
        "sentence": one.sentence,
        "terms": one.terms,
        "found_by": one.found_by,
    }


def _clause(clause: str, language: str) -> str:
    """Return a clause such as 3-2(2) as it is written in `language`."""
    return clause.replace("-", "の") if language == JAPANESE else clause
