"""The pages of a company's user: needs, released lists and answers, cases and a report of their company.

The only pages that such a user may open (`api.dependencies.keep_to_own_pages`).
"""

import csv
import io
from typing import Annotated, Any

from fastapi import Form, Request, Response

from api.dependencies import MEMBER_HOME, CurrentViewer, Number, Services
from api.languages import language_of
from api.middleware.form_deduplication import FormToken
from api.pages.case_texts import GATE_LABELS, STATE_LABELS
from api.pages.members import MEMBERSHIP_LABELS
from api.pages.releases import given_words
from api.pages.rendering import render, see_other
from api.pages.texts import REASON_LABELS, STAGE_LABELS, STATUS_LABELS, texts
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError
from enmusubi.messages import N_
from office.access.rules import SEE_OWN_COMPANY, require
from office.members.portal import (
    MemberHome,
    answer_release,
    member_home,
    member_need,
    member_release,
)
from office.needs.releases import released_people
from office.reports.cells import cell_text
from office.reports.given_list import read_given

VERDICTS = ("suitable", "not_suitable")
REPORT_HEADINGS = (
    N_("Need"),
    N_("Status"),
    N_("Posted on"),
    N_("Lists"),
    N_("Researchers"),
    N_("Answered"),
    N_("Cases"),
)
Word = Annotated[str, Form(max_length=40)]
Id = Annotated[str, Form(max_length=200)]
_LABELS: dict[str, Any] = {
    "membership_labels": MEMBERSHIP_LABELS,
    "gate_labels": GATE_LABELS,
    "case_states": STATE_LABELS,
    "case_stages": STAGE_LABELS,
    "gates": tuple(GATE_LABELS),
}


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)
    catalogue = services.catalogue

    @router.get(MEMBER_HOME)
    def home(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, SEE_OWN_COMPANY)
        if not viewer.companies:
            return render(request, viewer, "member_over.html", 403)
        return render(
            request, viewer, "member.html", home=member_home(catalogue, viewer), **_LABELS
        )

    @router.get(f"{MEMBER_HOME}/report")
    def report(request: Request, viewer: CurrentViewer) -> Response:
        found = member_home(catalogue, viewer)
        shown: dict[str, Any] = {"home": found, "rows": _rows(found), "headings": REPORT_HEADINGS}
        return render(request, viewer, "member_report.html", **shown, **_LABELS)

    @router.get(f"{MEMBER_HOME}/report.csv")
    def report_file(request: Request, viewer: CurrentViewer) -> Response:
        said = texts(language_of(request))
        rows = [
            [cell_text(str(cell)) for cell in (title, said.gettext(STATUS_LABELS[status]), *rest)]
            for title, status, *rest in _rows(member_home(catalogue, viewer))
        ]
        out = io.StringIO()
        csv.writer(out).writerows([[said.gettext(one) for one in REPORT_HEADINGS], *rows])
        headers = {"Content-Disposition": 'attachment; filename="report.csv"'}
        return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv", headers=headers)

    @router.get(f"{MEMBER_HOME}/needs/{{need_id:path}}")
    def need(request: Request, viewer: CurrentViewer, need_id: str) -> Response:
        found, cases = member_need(catalogue, viewer, need_id)
        return render(request, viewer, "member_need.html", one=found, cases=cases, **_LABELS)

    @router.get(f"{MEMBER_HOME}/lists/{{release_id}}")
    def released(request: Request, viewer: CurrentViewer, release_id: Number) -> Response:
        return _list(services, request, viewer, release_id)

    @router.post(f"{MEMBER_HOME}/lists/{{release_id}}/answers")
    def answer(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        release_id: Number,
        researcher_id: Id = "",
        verdict: Word = "",
        reason: Word = "",
        form_token: FormToken = "",
    ) -> Response:
        require(viewer, SEE_OWN_COMPANY)

        def keep() -> None:
            if verdict not in VERDICTS:
                raise InputError("Choose suitable or not suitable.", of_field="verdict")
            why = reason if verdict == "not_suitable" else ""
            answer_release(
                catalogue, viewer, release_id, researcher_id, verdict=verdict, reason=why
            )

        sent = ("member answer", release_id, researcher_id, verdict, reason)
        try:
            services.form_deduplicator.run_once(viewer, form_token, sent, keep)
        except InputError as error:
            return _list(services, request, viewer, release_id, error)
        return see_other(f"{MEMBER_HOME}/lists/{release_id}", "saved")

    return router


def _list(
    services: Services,
    request: Request,
    viewer: Viewer,
    release_id: int,
    error: InputError | None = None,
) -> Response:
    found, need, answers = member_release(services.catalogue, viewer, release_id)
    given = read_given(found.content)
    shown: dict[str, Any] = {"released": found, "need": need, "given": given, "answers": answers}
    shown |= {
        "verdicts": VERDICTS,
        "reasons": REASON_LABELS,
        "fault": error.message if error else None,
    }
    shown |= given_words(given.language)
    return render(request, viewer, "member_list.html", 422 if error else 200, **shown, **_LABELS)


def _rows(home: MemberHome) -> list[tuple[Any, ...]]:
    """Return a row for each need: title, status, day, lists, people, answered, cases."""
    return [
        (
            one.need.title or one.need.need_id,
            one.need.status,
            one.need.posted_on or "",
            len(one.lists),
            sum(len(released_people(given)) for given in one.lists),
            sum(home.answered.get(given.release_id, 0) for given in one.lists),
            sum(case.need_id == one.need.need_id for case in home.cases),
        )
        for one in home.needs
    ]
