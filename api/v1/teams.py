"""The routes of a need's teams: those proposed, those saved, and a team as it is worth now."""

from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import Query, Response

from api.dependencies import OF_NEED, CurrentViewer, NeedId, Number, Services, allowed, problems
from api.v1.headers import IfMatch, OptionalIfMatch, check_match, etag
from api.v1.idempotency import Creation, IdempotencyKey, create_once, owned
from api.v1.json_bodies import Router
from api.v1.schemas.teams import SavedTeamOut, TeamIn, TeamPatch, TeamsOut, TeamsQuery
from catalogue.database.viewer import Viewer
from matcher.teams.pool import TeamPool
from office.access.rules import BUILD_TEAMS, require
from office.access.scoped import reading_as, writing_as
from office.matching import Question
from office.needs.reading import SeenNeed, need_of
from office.teams.proposing import TeamScreen, TeamsShown, by_hand, propose
from office.teams.saving import (
    KeptTeam,
    change_team,
    create_team,
    delete_team,
    team_of,
    teams_of,
)
from office.teams.screening import need_for_teams, screen_of

TEAMS = f"{OF_NEED}/teams"
ONE = f"{TEAMS}/{{team_id}}"


def build_router(services: Services) -> Router:
    """Return the routes of teams."""
    router = Router(tags=["teams"])
    _add_proposals(router, services)
    _add_saving(router, services)
    _add_changes(router, services)
    return router


def _add_proposals(router: Router, services: Services) -> None:
    @router.get(TEAMS, operation_id="proposeTeams", responses=problems(404))
    async def proposed(
        viewer: CurrentViewer, need_id: NeedId, wanted: Annotated[TeamsQuery, Query()]
    ) -> TeamsOut:
        """Return the best team for a need, others that differ from it, and those that were saved."""
        require(viewer, BUILD_TEAMS)
        need = await anyio.to_thread.run_sync(need_for_teams, services.catalogue, viewer, need_id)
        kept = await anyio.to_thread.run_sync(teams_of, services.catalogue, viewer, need_id)
        shown = await services.matching.teams_for(
            viewer,
            Question(need.as_need(), besides=wanted.wanted().named),
            lambda pool: propose(pool, wanted.wanted(), _screen(services, viewer, need, pool)),
        )
        return TeamsOut.of(shown, kept)


def _add_saving(router: Router, services: Services) -> None:
    @router.post(
        TEAMS,
        operation_id="saveTeam",
        status_code=201,
        response_model=SavedTeamOut,
        dependencies=allowed(BUILD_TEAMS),
        responses=problems(404, 409, 413),
    )
    def save(
        viewer: CurrentViewer, need_id: NeedId, request: TeamIn, key: IdempotencyKey = None
    ) -> Response:
        """Save a team for a need. What it is worth is computed when it is read."""
        with writing_as(services.catalogue, viewer) as connection:
            need_of(connection, viewer, need_id)

            def make() -> Creation:
                team = create_team(connection, viewer, need_id, request.draft())
                return Creation(SavedTeamOut.of(team), {"ETag": etag(str(team.version))})

            content = (f"{need_id}/teams", request)
            return create_once(connection, viewer, key, content, make, still=owned)

    @router.get(ONE, operation_id="readTeam", responses=problems(404))
    async def read(
        viewer: CurrentViewer, need_id: NeedId, team_id: Number, response: Response
    ) -> SavedTeamOut:
        """Return a saved team with what it covers and is worth now, and the ETag for a change."""
        require(viewer, BUILD_TEAMS)
        need = await anyio.to_thread.run_sync(need_for_teams, services.catalogue, viewer, need_id)
        kept = await anyio.to_thread.run_sync(_kept, services, viewer, need_id, team_id)
        response.headers["ETag"] = etag(str(kept.version))

        def choose(pool: Any) -> TeamsShown:
            return TeamsShown(
                pool,
                saved=(by_hand(pool, kept.ids, kept.lead, _screen(services, viewer, need, pool)),),
            )

        question = Question(need.as_need(), besides=kept.ids)
        shown = await services.matching.teams_for(viewer, question, choose)
        return SavedTeamOut.of(kept, shown)


def _add_changes(router: Router, services: Services) -> None:
    @router.patch(
        ONE,
        operation_id="changeTeam",
        dependencies=allowed(BUILD_TEAMS),
        responses=problems(404, 412, 413, 428),
    )
    def change(  # noqa: PLR0917 - FastAPI passes them by name
        viewer: CurrentViewer,
        need_id: NeedId,
        team_id: Number,
        request: TeamPatch,
        response: Response,
        if_match: IfMatch = None,
    ) -> SavedTeamOut:
        """Change the members, the lead or the name; If-Match says which version they are changed in."""
        kept = _kept(services, viewer, need_id, team_id)
        check_match(if_match, str(kept.version))
        change_it = partial(change_team, services.catalogue, viewer, need_id, team_id)
        changed = change_it(request.draft(kept), expected_version=kept.version)
        response.headers["ETag"] = etag(str(changed.version))
        return SavedTeamOut.of(changed)

    @router.delete(ONE, operation_id="deleteTeam", status_code=204, responses=problems(404, 412))
    def delete(
        viewer: CurrentViewer, need_id: NeedId, team_id: Number, if_match: OptionalIfMatch = None
    ) -> None:
        """Delete a saved team; with If-Match only in the version that you read."""
        require(viewer, BUILD_TEAMS)
        kept = _kept(services, viewer, need_id, team_id)
        if if_match is not None:
            check_match(if_match, str(kept.version))
        version = kept.version if if_match is not None else None
        delete_team(services.catalogue, viewer, need_id, team_id, expected_version=version)


def _screen(services: Services, viewer: Viewer, need: SeenNeed, pool: TeamPool) -> TeamScreen:
    return screen_of(services.catalogue, viewer, need, pool, services.settings.screening)


def _kept(services: Services, viewer: Viewer, need_id: str, team_id: int) -> KeptTeam:
    with reading_as(services.catalogue, viewer) as connection:
        need_of(connection, viewer, need_id)
        return team_of(connection, viewer, need_id, team_id)
