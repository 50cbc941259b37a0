"""The routes of neutrality: how attention and first contacts are shared. For the chief."""

from api.dependencies import CurrentViewer, Services, problems
from api.v1.json_bodies import Router
from api.v1.schemas.neutrality import IndustryIn, NeutralityOut
from office.access.rules import SEE_NEUTRALITY, require
from office.access.scoped import reading_as, writing_as
from office.screening.past_employers import past_employments, set_industry
from office.statistics.exposure import exposure

NEUTRALITY = "/v1/neutrality"


def build_router(services: Services) -> Router:
    """Return the routes."""
    router = Router(tags=["kpis"])
    catalogue = services.catalogue

    @router.get(NEUTRALITY, operation_id="readNeutrality", responses=problems())
    def neutrality(viewer: CurrentViewer) -> NeutralityOut:
        """Return how attention and first contacts are shared among departments, former industries of
        managers, and companies. For the chief alone."""
        require(viewer, SEE_NEUTRALITY)
        with reading_as(catalogue, viewer) as connection:
            found = exposure(connection, viewer)
            employments = past_employments(connection, viewer)
        return NeutralityOut.of(found, employments)

    @router.put(
        f"{NEUTRALITY}/industry",
        operation_id="setFormerIndustry",
        status_code=204,
        responses=problems(404, 413),
    )
    def said(viewer: CurrentViewer, request: IndustryIn) -> None:
        """Say in which industry a former employer of a user is. For the chief alone."""
        require(viewer, SEE_NEUTRALITY)
        with writing_as(catalogue, viewer) as connection:
            set_industry(
                connection,
                viewer,
                request.user_id,
                request.organisation_key,
                request.industry,
            )

    return router
