"""The routes of dormant needs: which new seeds may suit one, and that somebody of the office took note."""

from api.dependencies import CurrentViewer, NeedId, Services, problems
from api.v1.json_bodies import Router
from api.v1.schemas.dormant import DormantNeedOut, DormantNeedsOut
from office.access.access_log import note_naming, note_seeds
from office.access.rules import FIND_COMPANIES, require
from office.access.scoped import reading_as, writing_as
from office.outbound.dormant import dormant_news, take_note
from office.ways_in import DORMANT


def build_router(services: Services) -> Router:
    """Return the routes."""
    router = Router(tags=["needs"])
    catalogue = services.catalogue

    @router.get("/v1/dormant-needs", operation_id="listDormantNeeds", responses=problems())
    def dormant(viewer: CurrentViewer) -> DormantNeedsOut:
        """List dormant needs that you see and that new or changed seeds may suit, the newest news first.

        For the office alone. A need lies dormant when it was closed and nobody was judged to suit.
        """
        require(viewer, FIND_COMPANIES)
        with reading_as(catalogue, viewer) as connection:
            news = dormant_news(connection, viewer)
        note_naming(catalogue, viewer, {one.need_id for one in news}, DORMANT.code)
        seeds = {seed.seed_id for one in news for _, _, of in one.people for seed in of}
        note_seeds(catalogue, viewer, seeds, DORMANT.code)
        return DormantNeedsOut(needs=[DormantNeedOut.of(one) for one in news])

    @router.post(
        "/v1/dormant-needs/{need_id:id}/noted",
        operation_id="noteDormantNeed",
        status_code=204,
        responses=problems(404),
    )
    def noted(viewer: CurrentViewer, need_id: NeedId) -> None:
        """Take note of the news of a dormant need: it is listed no more until there is other news."""
        require(viewer, FIND_COMPANIES)
        with writing_as(catalogue, viewer) as connection:
            take_note(connection, viewer, need_id)

    return router
