"""Saved views of the list of cases: filters, an order and a layout under a name, for whoever saved them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Connection, Table, delete, func, insert, select

from catalogue.database.case_models import CaseView
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, UnknownIdError
from office.access.rules import WORK_ON_CASES, require
from office.cases.kept import MOST
from office.cases.listing import CaseFilter, filter_from
from office.cases.steps import line_in

VIEWS = cast(Table, CaseView.__table__)
MAX_VIEWS = 50  # of a user
DEFAULTS = asdict(CaseFilter())
TABLE, BOARD = "table", "board"
_LAYOUT = "view"  # beside the filter, in the row and in addresses


@dataclass(frozen=True)
class SavedView:
    """A view: its name, what of its filter is not as usual, and whether it is a table or a board."""

    view_id: int
    name: str = field(repr=False)
    query: Mapping[str, str]
    layout: str = TABLE

    @property
    def address(self) -> Mapping[str, str]:
        """What the address of the list says to show it as it was saved."""
        return {_LAYOUT: self.layout, **self.query}


def views_of(connection: Connection, viewer: Viewer) -> list[SavedView]:
    """Return the viewer's own views, by name; raises ForbiddenError."""
    require(viewer, WORK_ON_CASES)
    query = select(VIEWS).where(VIEWS.c.user_id == viewer.viewer_id)
    rows = connection.execute(query.order_by(VIEWS.c.name, VIEWS.c.view_id)).mappings()
    return [_view(row["view_id"], row["name"], json.loads(row["query"])) for row in rows]


def save_view(
    connection: Connection, viewer: Viewer, name: str, values: Mapping[str, str]
) -> SavedView:
    """Keep a view under a name, as a table unless `values` say board; one of the same name is replaced.

    Raises ForbiddenError, InputError, and ConflictError where the viewer has too many.
    """
    require(viewer, WORK_ON_CASES)
    called = line_in(name, "name", required=True)
    wanted = filter_from(values)
    said = {key: value for key, value in asdict(wanted).items() if value != DEFAULTS[key]}
    said[_LAYOUT] = BOARD if values.get(_LAYOUT) == BOARD else TABLE
    own = VIEWS.c.user_id == viewer.viewer_id
    connection.execute(delete(VIEWS).where(own, VIEWS.c.name == called))
    count = select(func.count()).select_from(VIEWS).where(own)
    if int(connection.execute(count).scalar_one()) >= MAX_VIEWS:
        raise ConflictError(
            "You have %(count)s saved views, as many as you can. Delete one first.",
            count=MAX_VIEWS,
        )
    row = {"user_id": viewer.viewer_id, "name": called, "query": json.dumps(said)}
    key = connection.execute(
        insert(VIEWS).values(**row, saved_at=datetime.now(UTC))
    ).inserted_primary_key
    return _view(int(key[0]) if key else 0, called, said)


def _view(view_id: int, name: str, said: Mapping[str, str]) -> SavedView:
    """Return a view; those of older versions say no layout, and were tables."""
    query = {key: value for key, value in said.items() if key != _LAYOUT}
    return SavedView(view_id, name, query, said.get(_LAYOUT, TABLE))


def delete_view(connection: Connection, viewer: Viewer, view_id: int) -> None:
    """Delete one of the viewer's own views; raises ForbiddenError and UnknownIdError."""
    require(viewer, WORK_ON_CASES)
    chosen = (VIEWS.c.view_id == min(view_id, MOST)) & (VIEWS.c.user_id == viewer.viewer_id)
    if not connection.execute(delete(VIEWS).where(chosen)).rowcount:
        raise UnknownIdError("You have no saved view of that number.")
