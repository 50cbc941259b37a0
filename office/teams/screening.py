"""The need whose teams are looked at, and whom screening keeps out of them, as the viewer may know it."""

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.screening_settings import ScreeningSettings
from matcher.teams.pool import TeamPool
from office.access.access_log import note_reading
from office.matching import stored_need
from office.needs.reading import SeenNeed
from office.screening.list_screening import screen_list
from office.teams.proposing import TeamScreen

BUSY = 0.5  # how free somebody counts whose time screening calls bounded


def need_for_teams(catalogue: Catalogue, viewer: Viewer, need_id: str) -> SeenNeed:
    """Return a need for its teams, and note that it is read; raises UnknownIdError."""
    need = stored_need(catalogue, viewer, need_id)
    note_reading(catalogue, viewer, need, "teams")
    return need


def screen_of(
    catalogue: Catalogue,
    viewer: Viewer,
    need: SeenNeed,
    pool: TeamPool,
    settings: ScreeningSettings,
) -> TeamScreen:
    """Return the screen of a pool: blocked is whoever has a finding that would stop a release."""
    found = screen_list(catalogue, viewer, need, pool.ids, settings)
    return TeamScreen(
        blocked=frozenset(one for one in pool.ids if any(f.stops for f in found.of(one))),
        free={one: BUSY for one in pool.ids if found.is_busy(one)},
        bounds={one: tuple(f.reason for f in found.of(one) if f.is_capacity) for one in pool.ids},
    )
