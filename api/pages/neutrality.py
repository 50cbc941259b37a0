"""The chief's page of neutrality: attention and first contacts by department, origin of managers, company."""

from typing import Annotated

from fastapi import Form, Request, Response

from api.dependencies import CurrentViewer, Services
from api.languages import language_of
from api.pages.rendering import render, see_other
from api.pages.texts import texts
from api.routing import LazyRouter
from enmusubi.messages import N_
from office.access.rules import SEE_NEUTRALITY, require
from office.access.scoped import reading_as, writing_as
from office.screening.industries import BY_CODE, INDUSTRIES
from office.screening.past_employers import past_employments, set_industry
from office.statistics.exposure import exposure
from office.statistics.origins import NO_EMPLOYER, UNTOLD
from office.statistics.shares import FEWEST_NEEDS

PATH = "/statistics/neutrality"
OTHER_ORIGINS = {
    UNTOLD: N_("Industry not entered"),
    NO_EMPLOYER: N_("No former employer entered"),
}
Line = Annotated[str, Form(max_length=300)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)

    @router.get(PATH)
    def neutrality(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, SEE_NEUTRALITY)
        language = language_of(request)
        with reading_as(services.catalogue, viewer) as connection:
            found = exposure(connection, viewer)
            employments = past_employments(connection, viewer)
        return render(
            request,
            viewer,
            "neutrality.html",
            found=found,
            fewest=FEWEST_NEEDS,
            employments=employments,
            industries=INDUSTRIES,
            industry_name=lambda code: industry_name(code, language),
        )

    @router.post(PATH)
    def said(
        viewer: CurrentViewer,
        user_id: Line = "",
        organisation_key: Line = "",
        industry: Line = "",
    ) -> Response:
        require(viewer, SEE_NEUTRALITY)
        with writing_as(services.catalogue, viewer) as connection:
            set_industry(connection, viewer, user_id, organisation_key, industry)
        return see_other(PATH, "saved")

    return router


def industry_name(code: str, language: str) -> str:
    """Return what an industry is called in ja or en; what stands for none is said in words."""
    if known := BY_CODE.get(code):
        return known.name(language)
    return texts(language).gettext(OTHER_ORIGINS[code])
