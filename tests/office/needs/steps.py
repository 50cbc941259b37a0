"""What people and portals do with needs, each in a transaction of their own."""

from typing import Any

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from office.access.scoped import reading_as, writing_as
from office.needs.editing import change_need, create_need
from office.needs.reading import SeenNeed, need_of

MARK = "膜を探しています"
WORDS = {"title": "薄い膜", "text": f"食品を包む{MARK}。"}


def create(catalogue: Catalogue, viewer: Viewer, **fields: Any) -> SeenNeed:
    """Create a need; what is not said is WORDS."""
    with writing_as(catalogue, viewer) as connection:
        return create_need(connection, viewer, {**WORDS, **fields}, max_chars=5_000)


def change(
    catalogue: Catalogue, viewer: Viewer, need_id: str, version: str | None = None, **fields: Any
) -> SeenNeed:
    """Change a need, if it is of that version still."""
    with writing_as(catalogue, viewer) as connection:
        return change_need(
            connection, viewer, need_id, fields, max_chars=5_000, expected_version=version
        )


def read(catalogue: Catalogue, viewer: Viewer, need_id: str) -> SeenNeed:
    """Return a need as that viewer sees it."""
    with reading_as(catalogue, viewer) as connection:
        return need_of(connection, viewer, need_id)
