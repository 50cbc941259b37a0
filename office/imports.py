"""Imports in the audit trail: who began each, of which format, and how."""

from collections.abc import Callable

from sqlalchemy import Connection

from catalogue.database.viewer import Viewer
from catalogue.importers.importing import BegunImport
from office.access import audit


def noted_as(viewer: Viewer) -> Callable[[Connection, BegunImport], None]:
    """Return what enters an import into the audit trail as the viewer's, for `ImportChoices.on_begin`."""

    def note(connection: Connection, begun: BegunImport) -> None:
        audit.record(
            connection,
            viewer,
            "import",
            "import",
            str(begun.run_id),
            format=begun.format,
            files=begun.files,
            sync=begun.sync,
            resumed=begun.resumed,
        )

    return note
