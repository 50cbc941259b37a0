"""Saved searches: a text or a stored need, and all that refines it, kept for their owner alone.

The text is confidential like a need's own: it stands in the table and nowhere else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from catalogue.database.service_models import SavedSearch
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ConflictError, InputError, UnknownIdError
from enmusubi.messages import N_
from matcher.queries import check_need
from matcher.records import Filters, Need, Refinement
from office.access import audit
from office.access.rules import SAVE_SEARCH, require
from office.access.scoped import reading_as, writing_as
from office.needs.reading import need_of, titles_of
from office.search_conditions import Conditions

SEARCHES = cast(Table, SavedSearch.__table__)
SEARCH = "search"  # the kind of the audit trail's object
MAX_NAME_CHARS = 200
_UNKNOWN = N_("No saved search of yours has that number. The page of saved searches lists them.")
MAX_SEARCHES = 200


@dataclass(frozen=True)
class SearchDraft:
    """What is to be saved: a text, or the id of a stored need with another wording or none; how it asks."""

    name: str
    text: str = field(default="", repr=False)
    need_id: str = ""
    conditions: Conditions = field(default_factory=Conditions)
    alert: bool = False

    @property
    def filters(self) -> Filters:
        """The filters."""
        return self.conditions.filters

    @property
    def refinement(self) -> Refinement:
        """The marks and the words that were added."""
        return self.conditions.refinement


@dataclass(frozen=True)
class Search(SearchDraft):
    """A saved search; `news` are researchers found since its owner last looked, the best first.

    `checked_at` is when a night looked for news. `need_visible` is false where its need was
    withdrawn or may no longer be seen; what was found, `need_title` and its other wording are empty then.
    """

    search_id: int = 0
    user_id: str = ""
    created_at: datetime = datetime.min
    checked_at: datetime | None = None
    known: tuple[str, ...] = ()
    news: tuple[str, ...] = ()
    fits_nobody: bool = False  # when it was last run, nobody was found who fits
    need_visible: bool = True
    need_title: str = field(default="", repr=False)


def save_search(
    catalogue: Catalogue, viewer: Viewer, draft: SearchDraft, *, max_chars: int = 50_000
) -> int:
    """Save a search and return its number.

    Raises ForbiddenError, InputError for a name or text that cannot be used, UnknownIdError for a
    need that the viewer cannot see, and ConflictError when there are too many.
    """
    require(viewer, SAVE_SEARCH)
    values = {
        "user_id": viewer.viewer_id,
        "name": _checked_name(draft.name),
        "need_id": draft.need_id,
        "text": draft.text,
        "filters": draft.conditions.as_json(),
        "alert": draft.alert,
        "created_at": datetime.now(UTC),
        "known": "[]",
        "news": "[]",
    }
    if draft.text or not draft.need_id:
        check_need(Need(draft.text), max_chars=max_chars)
    with writing_as(catalogue, viewer) as connection:
        if draft.need_id:
            need_of(connection, viewer, draft.need_id)
        mine = select(func.count()).where(SEARCHES.c.user_id == viewer.viewer_id)
        if (number := connection.execute(mine).scalar_one()) >= MAX_SEARCHES:
            raise ConflictError(
                "There are %(count)s saved searches already. Delete some first.", count=number
            )
        key = connection.execute(insert(SEARCHES).values(values)).inserted_primary_key
        search_id = int(key[0]) if key else 0
        audit.record(connection, viewer, "save", SEARCH, str(search_id), need_id=draft.need_id)
        return search_id


def searches_of(catalogue: Catalogue, viewer: Viewer) -> list[Search]:
    """Return the viewer's saved searches, those with news first, then the newest."""
    require(viewer, SAVE_SEARCH)
    with reading_as(catalogue, viewer) as connection:
        query = select(SEARCHES).where(SEARCHES.c.user_id == viewer.viewer_id)
        found = [search_from(row) for row in connection.execute(query).mappings()]
        titles = {"": ""} | titles_of(connection, viewer, {s.need_id for s in found} - {""})
    found = [
        replace(s, need_title=titles[s.need_id])
        if s.need_id in titles
        else replace(s, need_visible=False, text="", news=(), fits_nobody=False)
        for s in found
    ]
    return sorted(found, key=lambda s: (not s.news, -s.created_at.timestamp(), -s.search_id))


def search_of(catalogue: Catalogue, viewer: Viewer, search_id: int) -> Search:
    """Return one of the viewer's saved searches; raises UnknownIdError for others'."""
    found = {search.search_id: search for search in searches_of(catalogue, viewer)}
    if search_id not in found:
        raise UnknownIdError(_UNKNOWN)
    return found[search_id]


def rename_search(catalogue: Catalogue, viewer: Viewer, search_id: int, name: str) -> None:
    """Give a saved search another name; raises InputError and UnknownIdError."""
    _change(catalogue, viewer, search_id, {"name": _checked_name(name)})


def set_alert(catalogue: Catalogue, viewer: Viewer, search_id: int, alert: bool) -> None:
    """Let the nightly run look for news of a saved search, or not; raises UnknownIdError."""
    _change(catalogue, viewer, search_id, {"alert": alert})


def delete_search(catalogue: Catalogue, viewer: Viewer, search_id: int) -> None:
    """Delete a saved search of the viewer; raises UnknownIdError."""
    require(viewer, SAVE_SEARCH)
    with writing_as(catalogue, viewer) as connection:
        removed = connection.execute(delete(SEARCHES).where(*_mine(viewer, search_id)))
        if not removed.rowcount:
            raise UnknownIdError(_UNKNOWN)
        audit.record(connection, viewer, "delete", SEARCH, str(search_id))


def forget_news(connection: Connection, user_id: str) -> None:
    """Forget what was found for a user whose role changes: another role may see fewer seeds.

    Whom the new role finds is news again, the next night.
    """
    theirs = SEARCHES.c.user_id == user_id
    connection.execute(update(SEARCHES).where(theirs).values(news="[]", fits_nobody=False))


def _change(catalogue: Catalogue, viewer: Viewer, search_id: int, values: dict[str, Any]) -> None:
    require(viewer, SAVE_SEARCH)
    with writing_as(catalogue, viewer) as connection:
        query = update(SEARCHES).where(*_mine(viewer, search_id)).values(values)
        if not connection.execute(query).rowcount:
            raise UnknownIdError(_UNKNOWN)
        audit.record(connection, viewer, "change", SEARCH, str(search_id), fields=sorted(values))


def _mine(viewer: Viewer, search_id: int) -> tuple[Any, Any]:
    return SEARCHES.c.search_id == search_id, SEARCHES.c.user_id == viewer.viewer_id


def _checked_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > MAX_NAME_CHARS or not cleaned.isprintable():
        raise InputError(
            "The name has %(count)s characters; expected 1 to %(most)s, all visible.",
            count=len(cleaned),
            most=MAX_NAME_CHARS,
        )
    return cleaned


def search_from(row: Mapping[Any, Any]) -> Search:
    """Return the search of a row of the table."""
    return Search(
        name=row["name"],
        text=row["text"],
        need_id=row["need_id"],
        conditions=Conditions.from_json(row["filters"]),
        alert=row["alert"],
        search_id=row["search_id"],
        user_id=row["user_id"],
        created_at=row["created_at"],
        checked_at=row["checked_at"],
        known=tuple(json.loads(row["known"])),
        news=tuple(json.loads(row["news"])),
        fits_nobody=bool(row["fits_nobody"]),
    )
