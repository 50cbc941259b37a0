"""Matches for somebody: what their role may be matched with, and the queue for the encoder.

Pages and routes ask here, so that no request decides which seeds are matched.
"""

from collections.abc import Sequence
from dataclasses import replace

import anyio

from api.services import Services
from catalogue.database.judgement_models import API
from catalogue.database.viewer import Viewer
from catalogue.judgements.shown_lists import record_shown
from enmusubi.settings import Settings
from matcher.answer import Answer
from matcher.needs import check_need
from matcher.records import CONFIDENTIAL, PUBLIC, Filters, MatchList, Need
from office.access.access_log import note_seeds
from office.access.rules import matched_visibilities

ALL = Filters()


def visible_filters(viewer: Viewer, settings: Settings, filters: Filters = ALL) -> Filters:
    """Return the filters with the visibilities that the viewer's role allows and the index has."""
    allowed = matched_visibilities(viewer)
    indexed = settings.index.visibilities
    return replace(filters, visibilities=tuple(v for v in indexed if v in allowed))


async def find_matches(
    services: Services, viewer: Viewer, need: Need, *, top: int, filters: Filters = ALL
) -> MatchList:
    """Return the match list that the viewer may see; raises what the recommender does.

    The list of a stored need is recorded as shown, and hidden seeds in a list as seen.
    """
    seen = visible_filters(viewer, services.settings, filters)
    matches = await _match(services, need, top, seen)
    await _record(services, matches, top)
    await _note(services, viewer, matches, seen)
    return matches


async def find_answer(
    services: Services, viewer: Viewer, need: Need, *, top: int, filters: Filters = ALL
) -> Answer:
    """Return the match list that the viewer may see with what was understood, and the facets.

    Raises what the recommender does. The list of a stored need is recorded as shown, and hidden seeds
    in a list as seen.
    """
    check_need(need, max_chars=services.settings.need.max_chars)
    seen = visible_filters(viewer, services.settings, filters)
    work = lambda recommender: recommender.answer(need, top=top, filters=seen)  # noqa: E731
    answer: Answer = await services.gate.ask(services.live, need, work)
    await _record(services, answer.matches, top)
    await _note(services, viewer, answer.matches, seen)
    return answer


async def find_public_matches(
    services: Services, need: Need, *, top: int, filters: Filters = ALL
) -> MatchList:
    """Return the match list of public seeds alone, which may leave the office."""
    return await _match(services, need, top, replace(filters, visibilities=_PUBLIC))


async def _record(services: Services, matches: MatchList, top: int) -> None:
    if matches.need_id:
        shown = lambda: record_shown(services.catalogue, matches, API, top=top)  # noqa: E731
        await anyio.to_thread.run_sync(shown)


async def _note(services: Services, viewer: Viewer, matches: MatchList, seen: Filters) -> None:
    if CONFIDENTIAL in seen.visibilities:
        shown = {evidence.seed_id for match in matches.matches for evidence in match.evidence}
        await anyio.to_thread.run_sync(note_seeds, services.catalogue, viewer, shown, "matches")


_PUBLIC: Sequence[str] = (PUBLIC,)


async def _match(services: Services, need: Need, top: int, filters: Filters) -> MatchList:
    check_need(need, max_chars=services.settings.need.max_chars)
    work = lambda recommender: recommender.match(need, top=top, filters=filters)  # noqa: E731
    return await services.gate.ask(services.live, need, work)
