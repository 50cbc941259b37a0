"""Made-up works imported into an empty SQLite file and into a new database of a PostgreSQL server."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

from cli.measuring.clock import usual_cpu_s
from cli.measuring.made_up_works import write_works
from cli.measuring.results import Findings, Ratio

if TYPE_CHECKING:
    from catalogue.importers.report import ImportReport
    from catalogue.records.catalogue import Catalogue
    from matcher.corpus_source import OnTotal

REPEATS = 5


def measure_import(*, n_works: int, server_url: str, on_progress: "OnTotal") -> Findings:
    """Return works a second, and an import's time in readings of the same lines as JSON.

    Where `server_url` names a PostgreSQL server, its user must be allowed to make databases.
    """
    from catalogue.records.catalogue import open_catalogue

    found = Findings()

    def measure(name: str, url: str) -> None:
        def on_rows(rows: int) -> None:
            on_progress("measure import", rows, n_works)

        with open_catalogue(url) as catalogue:
            _measure(
                name, lambda: import_works(catalogue, works, on_rows), n_works, reading_s, found
            )

    with TemporaryDirectory(prefix="enmusubi-bench-") as folder:
        works = Path(folder) / "works.jsonl.gz"
        write_works(n_works, works)
        reading_s = usual_cpu_s(lambda: _read(works), REPEATS)
        measure("sqlite", f"sqlite:///{folder}/catalogue.sqlite")
        if server_url:
            with new_database(server_url) as url:
                measure("postgresql", url)
    return found


def _measure(
    name: str, import_all: Callable[[], object], n_works: int, reading_s: float, found: Findings
) -> None:
    clock_s, cpu_s = time.perf_counter(), time.process_time()
    import_all()
    clock_s, cpu_s = time.perf_counter() - clock_s, time.process_time() - cpu_s
    found.ratios[f"{name} / reading JSON"] = Ratio(cpu_s / reading_s)
    found.figures[f"{name}_works_a_second"] = n_works / clock_s
    found.figures[f"{name}_works_a_cpu_second"] = n_works / cpu_s


def import_works(
    catalogue: "Catalogue", works: Path, on_rows: Callable[[int], None] = lambda rows: None
) -> "ImportReport":
    """Import a file of OpenAlex works; `on_rows` is told how many rows were read."""
    from catalogue.importers.importing import ImportChoices
    from catalogue.importers.registry import import_files

    return import_files(
        catalogue,
        "openalex",
        [works],
        choices=ImportChoices(rejects=works.parent / "rejects"),
        on_progress=lambda step: on_rows(step.rows),
    )


def _read(works: Path) -> int:
    with gzip.open(works, "rt", encoding="utf-8") as lines:
        return sum(len(json.loads(line)) for line in lines)


@contextmanager
def new_database(server_url: str) -> Iterator[str]:
    """Make a database on the server of this URL, give its URL, and drop it at the end.

    Databases that are there are not touched. Raises CatalogueUnusableError when none can be made.
    """
    from sqlalchemy import create_engine, make_url, text
    from sqlalchemy.exc import SQLAlchemyError

    from enmusubi.errors import CatalogueUnusableError

    name = f"enmusubi_bench_{uuid4().hex}"
    engine = create_engine(
        make_url(server_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )

    def run(statement: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(statement))

    try:
        run(f"CREATE DATABASE {name}")
    except SQLAlchemyError as error:
        engine.dispose()
        raise CatalogueUnusableError(
            "No database could be made on the PostgreSQL server (%(kind)s). Name a user who may: "
            "`ALTER ROLE … CREATEDB`.",
            kind=type(error).__name__,
        ) from error
    try:
        yield engine.url.set(database=name).render_as_string(hide_password=False)
    finally:
        run(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()
