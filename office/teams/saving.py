"""Saved teams of a need: made by hand or kept from a proposal, changed in versions, deleted.

Read by users of the office who see the need. Whoever saved a team, the need's manager and the chief
change it. What a team is worth is not stored: it is computed anew whenever it is shown.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from catalogue.database.models import StoredNeed
from catalogue.database.service_models import SavedTeam
from catalogue.database.viewer import CHIEF, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    StaleVersionError,
    UnknownIdError,
)
from enmusubi.language import clean_text
from matcher.records import ResearcherCard
from matcher.teams.objective import LARGEST, SMALLEST
from office.access import audit
from office.access.rules import BUILD_TEAMS, require, visible_needs
from office.access.scoped import reading_as, writing_as
from office.needs.reading import need_of
from office.people import cards_of
from office.researchers import researcher_of

TEAMS = cast(Table, SavedTeam.__table__)
TEAM_KIND = "team"  # the kind of the audit trail's object
MAX_TEAMS = 50  # of a need
MAX_NAME_CHARS = 200
_MOST = 2**63 - 1


@dataclass(frozen=True)
class TeamDraft:
    """What a team is to be: its members' researcher ids, who of them leads (or nobody), and a name."""

    members: tuple[str, ...]
    lead: str = ""
    name: str = field(default="", repr=False)


@dataclass(frozen=True)
class KeptTeam:
    """A saved team; members who left the catalogue are out. `version` counts its changes from 1."""

    team_id: int
    need_id: str
    name: str = field(repr=False)
    members: tuple[ResearcherCard, ...]
    lead: str
    version: int
    saved_by: str
    saved_at: datetime
    changed_by: str
    changed_at: datetime
    may_change: bool

    @property
    def ids(self) -> tuple[str, ...]:
        """The members' researcher ids."""
        return tuple(card.researcher_id for card in self.members)


def save_team(catalogue: Catalogue, viewer: Viewer, need_id: str, draft: TeamDraft) -> KeptTeam:
    """Save a team for a need and return it.

    Raises ForbiddenError, UnknownIdError for a need or researcher that the viewer cannot see, InputError
    for a team that is none, and ConflictError where a need has MAX_TEAMS.
    """
    with writing_as(catalogue, viewer) as connection:
        return create_team(connection, viewer, need_id, draft)


def create_team(connection: Connection, viewer: Viewer, need_id: str, draft: TeamDraft) -> KeptTeam:
    """Save a team in a transaction of the caller's; as `save_team`."""
    require(viewer, BUILD_TEAMS)
    need_of(connection, viewer, need_id)
    values = _values(connection, viewer, draft)
    of_need = select(func.count()).select_from(TEAMS).where(TEAMS.c.need_id == need_id)
    count = int(connection.execute(of_need).scalar_one())
    if count >= MAX_TEAMS:
        raise ConflictError(
            "The need has %(count)s saved teams, as many as it can. Delete one first.", count=count
        )
    now = datetime.now(UTC)
    saved = {"need_id": need_id, "version": 1, "saved_by": viewer.viewer_id, "saved_at": now}
    changed = {"changed_by": viewer.viewer_id, "changed_at": now}
    key = connection.execute(
        insert(TEAMS).values(**saved, **changed, **values)
    ).inserted_primary_key
    team_id = int(key[0]) if key else 0
    _note(connection, viewer, "save", team_id, _about(need_id, draft))
    return team_of(connection, viewer, need_id, team_id)


def change_team(
    catalogue: Catalogue,
    viewer: Viewer,
    need_id: str,
    team_id: int,
    draft: TeamDraft,
    *,
    expected_version: int,
) -> KeptTeam:
    """Change a team's members, lead and name; returns it as it is now.

    Raises as `save_team` does, and StaleVersionError where somebody changed it since that version.
    """
    require(viewer, BUILD_TEAMS)
    with writing_as(catalogue, viewer) as connection:
        team = _changeable(connection, viewer, need_id, team_id)
        check_version(team, expected_version)
        values = _values(connection, viewer, draft)
        values |= {"version": team.version + 1, "changed_at": datetime.now(UTC)}
        chosen = (TEAMS.c.team_id == team_id) & (TEAMS.c.version == team.version)
        connection.execute(
            update(TEAMS).where(chosen).values(**values, changed_by=viewer.viewer_id)
        )
        _note(connection, viewer, "change", team_id, _about(need_id, draft))
        return team_of(connection, viewer, need_id, team_id)


def check_version(team: KeptTeam, expected_version: int) -> None:
    """Raise StaleVersionError for a team that is not of that version any more."""
    if team.version != expected_version:
        raise StaleVersionError(
            "Another user changed the team meanwhile. Read it again, and repeat your change."
        )


def delete_team(
    catalogue: Catalogue,
    viewer: Viewer,
    need_id: str,
    team_id: int,
    *,
    expected_version: int | None = None,
) -> None:
    """Delete a team; raises as `change_team` does, the version only where one is expected."""
    require(viewer, BUILD_TEAMS)
    with writing_as(catalogue, viewer) as connection:
        team = _changeable(connection, viewer, need_id, team_id)
        if expected_version is not None:
            check_version(team, expected_version)
        connection.execute(delete(TEAMS).where(TEAMS.c.team_id == team_id))
        _note(connection, viewer, "delete", team_id, {"need_id": need_id})


def teams_of(catalogue: Catalogue, viewer: Viewer, need_id: str) -> list[KeptTeam]:
    """Return a need's teams, the newest first; raises ForbiddenError and UnknownIdError."""
    require(viewer, BUILD_TEAMS)
    with reading_as(catalogue, viewer) as connection:
        need_of(connection, viewer, need_id)
        query = _seen_teams(viewer).where(TEAMS.c.need_id == need_id)
        rows = connection.execute(query.order_by(TEAMS.c.team_id.desc())).mappings().all()
        return _kept(connection, viewer, rows)


def team_of(connection: Connection, viewer: Viewer, need_id: str, team_id: int) -> KeptTeam:
    """Return a team; raises UnknownIdError for one that isn't there or may not be seen."""
    require(viewer, BUILD_TEAMS)
    chosen = (TEAMS.c.team_id == min(team_id, _MOST)) & (TEAMS.c.need_id == need_id)
    rows = connection.execute(_seen_teams(viewer).where(chosen)).mappings().all()
    if not rows:
        raise UnknownIdError(
            "No saved team of this need has that number, or none that you may see."
        )
    return _kept(connection, viewer, rows)[0]


def _changeable(connection: Connection, viewer: Viewer, need_id: str, team_id: int) -> KeptTeam:
    team = team_of(connection, viewer, need_id, team_id)
    if not team.may_change:
        raise ForbiddenError(
            "Only whoever saved the team, the need's manager and the chief may change it."
        )
    return team


def _values(connection: Connection, viewer: Viewer, draft: TeamDraft) -> dict[str, Any]:
    """Return the columns of a draft, researchers by their present ids; raises InputError."""
    cards = [researcher_of(connection, viewer, one).card for one in draft.members]
    members = list(dict.fromkeys(card.researcher_id for card in cards))
    if not SMALLEST <= len(members) <= LARGEST:
        raise InputError(
            "The team has %(count)s members; expected %(least)s to %(most)s.",
            count=len(members),
            least=SMALLEST,
            most=LARGEST,
        )
    lead = researcher_of(connection, viewer, draft.lead).card.researcher_id if draft.lead else ""
    if lead and lead not in members:
        raise InputError("The lead is no member of the team. Add them, or name another lead.")
    name = " ".join(clean_text(draft.name).split())
    if len(name) > MAX_NAME_CHARS:
        raise InputError(
            "The name has %(count)s characters, at most %(most)s are kept.",
            count=len(name),
            most=MAX_NAME_CHARS,
        )
    return {"members": json.dumps(members), "lead": lead, "name": name}


def _seen_teams(viewer: Viewer) -> Any:
    return (
        select(TEAMS, StoredNeed.manager)
        .join(StoredNeed, StoredNeed.need_id == TEAMS.c.need_id)
        .where(visible_needs(viewer), StoredNeed.withdrawn_at.is_(None))
    )


def _kept(connection: Connection, viewer: Viewer, rows: Sequence[Any]) -> list[KeptTeam]:
    members = {row["team_id"]: json.loads(row["members"]) for row in rows}
    leads = {row["lead"] for row in rows} - {""}
    cards = cards_of(connection, leads.union(*members.values()))
    found = []
    for row in rows:
        told = {c.researcher_id: c for one in members[row["team_id"]] if (c := cards.get(one))}
        lead = cards.get(row["lead"])
        found.append(
            KeptTeam(
                team_id=row["team_id"],
                need_id=row["need_id"],
                name=row["name"],
                members=tuple(told.values()),
                lead=lead.researcher_id if lead else "",
                version=row["version"],
                saved_by=row["saved_by"],
                saved_at=row["saved_at"],
                changed_by=row["changed_by"],
                changed_at=row["changed_at"],
                may_change=viewer.role == CHIEF
                or viewer.viewer_id in {row["saved_by"], row["manager"]},
            )
        )
    return found


def _note(
    connection: Connection, viewer: Viewer, action: str, team_id: int, about: dict[str, Any]
) -> None:
    audit.record(connection, viewer, action, TEAM_KIND, str(team_id), **about)


def _about(need_id: str, draft: TeamDraft) -> dict[str, Any]:
    return {"need_id": need_id, "researchers": list(draft.members)}
