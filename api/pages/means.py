"""The page that says which means fit a need, and why."""

from dataclasses import fields
from typing import Annotated, Any

from fastapi import Query, Request, Response

from api.dependencies import CurrentViewer, Services
from api.pages.case_texts import MEANS_LABELS
from api.pages.rendering import render
from api.routing import LazyRouter
from enmusubi.messages import N_
from office.access.access_log import note_reading
from office.access.rules import WORK_ON_CASES, require
from office.access.scoped import reading_as
from office.means.editing import means_table
from office.means.recommending import QUESTIONS, MeansWanted, recommend, wanted_of
from office.needs.reading import need_of

QUESTION_LABELS = {
    "aim": N_("Aim"),
    "horizon": N_("When it is wanted"),
    "control": N_("Control that is wished"),
    "capital": N_("Capital that can be put in"),
    "risk": N_("Risk that can be borne"),
    "maturity": N_("Maturity of the technology"),
    "area": N_("Area"),
}
ANSWER_LABELS = {
    "technology": N_("Technology"),
    "market": N_("Market"),
    "revenue": N_("Revenue"),
    "short": N_("Short: up to a year"),
    "medium": N_("Medium: up to three years"),
    "long": N_("Long: beyond three years"),
    "idea": N_("Idea"),
    "prototype": N_("Prototype"),
    "product": N_("Product"),
    "competitive": N_("Competitive"),
    "non-competitive": N_("Non-competitive"),
}
LEVEL_LABELS = {"low": N_("Low"), "medium": N_("Middle"), "high": N_("High")}
KIND_LABELS = {
    "inbound": N_("Inbound: takes in from outside"),
    "outbound": N_("Outbound: lets out"),
    "coupled": N_("Coupled: made together"),
}
LENS_LABELS = {
    "people": N_("Human resources"),
    "ideas": N_("Ideas"),
    "ip": N_("Intellectual property"),
    "research": N_("Research"),
    "market": N_("Market"),
}
OF_LEVELS = ("control", "capital", "risk")
Word = Annotated[str, Query(max_length=20)]


def build_router(services: Services) -> LazyRouter:
    """Return the route."""
    router = LazyRouter(include_in_schema=False)

    @router.get("/means")
    def means(
        request: Request,
        viewer: CurrentViewer,
        need: Annotated[str, Query(max_length=300)] = "",
    ) -> Response:
        require(viewer, WORK_ON_CASES)
        asked = {
            one.name: request.query_params.get(one.name, "")[:20] for one in fields(MeansWanted)
        }
        wanted = MeansWanted(**asked)
        with reading_as(services.catalogue, viewer) as connection:
            rules = means_table(connection, services.settings.cases.means_file)
            found = need_of(connection, viewer, need) if need else None
        if found:
            note_reading(services.catalogue, viewer, found, "means")
            wanted = wanted_of(found, wanted)
        shown: dict[str, Any] = {
            "need": found,
            "wanted": wanted,
            "answers": wanted.answered(),
            "from_need": {q for q in QUESTIONS if getattr(wanted, q) and not asked[q]},
            "recommended": recommend(wanted, rules),
            "questions": QUESTIONS,
            "weights": rules.weights,
        }
        return render(request, viewer, "means.html", **shown, **MEANS_WORDS)

    return router


def answer_label(question: str, answer: str) -> str:
    """Return the English text of an answer, as its question takes it."""
    return LEVEL_LABELS[answer] if question in OF_LEVELS else ANSWER_LABELS[answer]


MEANS_WORDS: dict[str, Any] = {
    "question_labels": QUESTION_LABELS,
    "answer_label": answer_label,
    "level_labels": LEVEL_LABELS,
    "kind_labels": KIND_LABELS,
    "lens_labels": LENS_LABELS,
    "means_labels": MEANS_LABELS,
}
