"""Makes the offices of one kind of database: the one that all start from, and those that are killed."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from uuid import uuid4

from sqlalchemy import URL

from tests.support.fixtures import in_server
from tests.support.worlds import copied, furnish
from tests.survival.launcher import Launcher
from tests.survival.office import Office


class Offices:
    """Offices in folders below `root`, with SQLite files or with databases of a PostgreSQL server."""

    def __init__(self, root: Path, launcher: Launcher, server: URL | None) -> None:
        self._root, self._launcher, self._server = root, launcher, server
        self._databases: list[str] = []

    def make(self, name: str) -> Office:
        """Return an office with no catalogue yet."""
        folder = self._root / name
        if self._server is None:
            return Office(folder, f"sqlite:///{folder / 'catalogue.sqlite'}", self._launcher)
        database = f"enmusubi_{name}_{uuid4().hex}"
        in_server(self._server, f"CREATE DATABASE {database}")
        self._databases.append(database)
        url = self._server.set(database=database).render_as_string(hide_password=False)
        return Office(folder, url, self._launcher)

    @cached_property
    def prepared(self) -> Office:
        """An office with a catalogue, an index, and files that it has not imported yet."""
        office = self.make("prepared")
        if self._server is None:
            assert copied("evening", office.folder) == office.url
            return office
        with office.catalogue() as catalogue:
            furnish("evening", catalogue, office.folder)
        return office

    @cached_property
    def _imported(self) -> Office:
        office = self.make("imported")
        self.prepared.copy_to(office)
        office.succeed("import", "general", str(office.folder / "news"))
        return office

    @property
    def imported(self) -> Callable[[], Office]:
        """A function that returns the prepared office after an import of its news, without an index."""
        return lambda: self._imported

    @cached_property
    def killed(self) -> Office:
        """The office whose commands are killed; it becomes a copy of another before."""
        return self.make("killed")

    def close(self) -> None:
        """Drop the databases."""
        for database in self._databases:
            assert self._server
            in_server(self._server, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
