"""The routes of a need's teams: those proposed, those saved, and editing one with its objective shown."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import Form, Query, Request, Response

from api.dependencies import CurrentViewer, Number, Services
from api.middleware.form_deduplication import FormToken
from api.middleware.rate_limits import SEARCHES
from api.pages.ask_page import SHOWN
from api.pages.rendering import need_path, render, see_other
from api.pages.team_inquiries import answers_of
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.messages import N_
from matcher.explaining.words import percentage
from matcher.teams.objective import LARGEST, SMALLEST
from matcher.teams.pool import TeamPool
from office.access.rules import BUILD_TEAMS, require
from office.access.scoped import reading_as
from office.matching import Question
from office.needs.reading import SeenNeed
from office.people import cards_of, names_of
from office.teams.proposing import (
    NOBODY,
    ONE_WISH,
    TOO_FEW,
    USUAL_LARGEST,
    Team,
    TeamScreen,
    TeamsShown,
    TeamWanted,
    additions,
    by_hand,
    propose,
)
from office.teams.saving import (
    KeptTeam,
    TeamDraft,
    change_team,
    delete_team,
    save_team,
    team_of,
    teams_of,
)
from office.teams.screening import need_for_teams, screen_of

LOOK = "look"
PAGE = "/needs/{need_id:path}/teams"
REASONS = {
    ONE_WISH: N_("The need has a single wish: one person may do. The match list has them."),
    NOBODY: N_("Nobody here fits this need well enough to be in a team."),
    TOO_FEW: N_("Too few people fit this need to make a team of them."),
}
Ids = Annotated[list[str] | None, Form(max_length=20)]
Id = Annotated[str, Form(max_length=500)]
Name = Annotated[str, Form(max_length=2_000)]
Word = Annotated[str, Form(max_length=20)]


def build_router(services: Services) -> LazyRouter:
    """Return the routes; they come before those of the need's page, whose ids may have slashes."""
    router = LazyRouter(include_in_schema=False)
    _add_proposals(router, services)
    _add_saving(router, services)
    _add_editing(router, services)
    return router


def _add_proposals(router: LazyRouter, services: Services) -> None:
    @router.get(PAGE, dependencies=SEARCHES)
    async def proposals(
        request: Request,
        viewer: CurrentViewer,
        need_id: str,
        largest: Annotated[int, Query(ge=SMALLEST, le=LARGEST)] = USUAL_LARGEST,
    ) -> Response:
        require(viewer, BUILD_TEAMS)
        need = await anyio.to_thread.run_sync(need_for_teams, services.catalogue, viewer, need_id)
        kept = await anyio.to_thread.run_sync(teams_of, services.catalogue, viewer, need_id)
        shown = await services.matching.teams_for(
            viewer,
            Question(need.as_need()),
            lambda pool: propose(
                pool, TeamWanted(largest=largest), _screen(services, viewer, need, pool)
            ),
        )
        names = await anyio.to_thread.run_sync(_names, services, kept)
        context: dict[str, Any] = {
            "kept": kept,
            "names": names,
            "largest": largest,
            "sizes": (SMALLEST, LARGEST),
        }
        reason = REASONS.get(shown.reason, "")
        return render(
            request,
            viewer,
            "teams.html",
            need=need,
            shown=shown,
            reason=reason,
            **context,
            **_SHOWN,
        )


def _add_saving(router: LazyRouter, services: Services) -> None:
    @router.post(PAGE)
    def save(  # noqa: PLR0917 - FastAPI passes them by name
        viewer: CurrentViewer,
        need_id: str,
        person: Ids = None,
        lead: Id = "",
        name: Name = "",
        form_token: FormToken = "",
    ) -> Response:
        require(viewer, BUILD_TEAMS)
        draft = TeamDraft(tuple(person or ()), lead, name)
        keep = partial(save_team, services.catalogue, viewer, need_id, draft)
        sent = ("team", need_id, *draft.members, lead, name)
        team = services.form_deduplicator.run_once(viewer, form_token, sent, keep)
        return see_other(_path(need_id, team.team_id), "saved")


def _add_editing(router: LazyRouter, services: Services) -> None:
    @router.get(f"{PAGE}/{{team_id}}", dependencies=SEARCHES)
    async def read(
        request: Request, viewer: CurrentViewer, need_id: str, team_id: Number
    ) -> Response:
        require(viewer, BUILD_TEAMS)
        return await _edited(services, request, viewer, need_id, team_id)

    @router.post(f"{PAGE}/{{team_id}}", dependencies=SEARCHES)
    async def change(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: CurrentViewer,
        need_id: str,
        team_id: Number,
        version: Annotated[int, Form(ge=0)] = 0,
        person: Ids = None,
        added: Id = "",
        lead: Id = "",
        name: Name = "",
        do: Word = "",
    ) -> Response:
        require(viewer, BUILD_TEAMS)
        members = tuple(dict.fromkeys([*(person or ()), *([added] if added else [])]))
        draft = TeamDraft(members, lead if lead in members else "", name)
        if do == LOOK:
            edit = _Edit(draft, version)
            return await _edited(services, request, viewer, need_id, team_id, edit=edit)
        keep: Callable[[], KeptTeam] = partial(
            change_team, services.catalogue, viewer, need_id, team_id, draft,
            expected_version=version,
        )  # fmt: skip
        await anyio.to_thread.run_sync(keep)
        return see_other(_path(need_id, team_id), "saved")

    @router.post(f"{PAGE}/{{team_id}}/remove")
    def remove(
        viewer: CurrentViewer,
        need_id: str,
        team_id: Number,
        version: Annotated[int | None, Form(ge=0)] = None,
    ) -> Response:
        delete_team(services.catalogue, viewer, need_id, team_id, expected_version=version)
        return see_other(f"{need_path(need_id)}/teams", "removed")


@dataclass(frozen=True)
class _Edit:
    """A team as it was edited and not saved, in which version."""

    draft: TeamDraft
    version: int


async def _edited(
    services: Services,
    request: Request,
    viewer: Viewer,
    need_id: str,
    team_id: int,
    *,
    edit: _Edit | None = None,
) -> Response:
    """Return the page of a team as it is saved, or as it was edited, with what that is worth."""
    need, kept, cards = await anyio.to_thread.run_sync(
        _kept, services, viewer, need_id, team_id, edit
    )
    draft = edit.draft if edit else TeamDraft(kept.ids, kept.lead, kept.name)

    def choose(pool: Any) -> TeamsShown:
        screen = _screen(services, viewer, need, pool)
        team = by_hand(pool, draft.members, draft.lead, screen)
        return TeamsShown(pool, saved=(team,), additions=(additions(pool, team, screen),))

    question = replace(Question(need.as_need()), besides=draft.members)
    shown = await services.matching.teams_for(viewer, question, choose)
    names = await anyio.to_thread.run_sync(_names, services, [kept])
    asked = await anyio.to_thread.run_sync(answers_of, services, viewer, need)
    return render(
        request,
        viewer,
        "team.html",
        need=need,
        kept=kept,
        draft=draft,
        version=edit.version if edit else kept.version,
        is_edited=edit is not None,
        cards=cards,
        shown=shown,
        team=shown.saved[0],
        additions=shown.additions[0],
        names=names,
        **asked,
        **_SHOWN,
    )


def _screen(services: Services, viewer: Viewer, need: SeenNeed, pool: TeamPool) -> TeamScreen:
    return screen_of(services.catalogue, viewer, need, pool, services.settings.screening)


def _kept(
    services: Services, viewer: Viewer, need_id: str, team_id: int, edit: _Edit | None
) -> tuple[SeenNeed, KeptTeam, dict[str, Any]]:
    need = need_for_teams(services.catalogue, viewer, need_id)
    with reading_as(services.catalogue, viewer) as connection:
        kept = team_of(connection, viewer, need_id, team_id)
        cards = cards_of(connection, {*kept.ids, *(edit.draft.members if edit else ())})
    return need, kept, cards


def _names(services: Services, kept: list[KeptTeam]) -> dict[str, str]:
    with services.catalogue.reading() as connection:
        return names_of(connection, {one.changed_by for one in kept})


def _path(need_id: str, team_id: int) -> str:
    return f"{need_path(need_id)}/teams/{team_id}"


def _points(worth: float) -> str:
    """Return a part of the objective in hundredths, with its sign: `+17`."""
    return f"{round(100 * worth):+d}".replace("-", "−").replace("+0", "0")


def _open_wishes(team: Team) -> list[int]:
    return [wish for wish, covered in enumerate(team.covered) if not covered]


_SHOWN: dict[str, Any] = {
    **SHOWN,
    "points": _points,
    "open_wishes": _open_wishes,
    "percentage": percentage,
}
