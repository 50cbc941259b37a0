"""Brings a database to the schema that this version of the code knows, and back."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Table, column, select, table

# the tables belong to the schema whatever else is imported: a backup, too, has all of them
from catalogue.database import (  # noqa: F401
    account_models,
    case_models,
    company_models,
    delegation_models,
    figure_models,
    inquiry_models,
    judgement_models,
    member_models,
    money_models,
    outbound_models,
    privacy_models,
    project_models,
    record_models,
    screening_models,
    service_models,
    sign_in_models,
    veil_models,
)
from catalogue.database.engine import masked, migrating, reading
from catalogue.database.models import Base
from enmusubi.errors import CatalogueVersionError

_MIGRATIONS = Path(__file__).parent / "migrations"
EMPTY, NEWEST = "base", "head"
REVISION_TABLE = "alembic_version"


def tables_in_order() -> list[Table]:
    """Return all tables of the newest schema, those that others refer to first."""
    return list(Base.metadata.sorted_tables)


def upgrade(engine: Engine, revision: str = NEWEST) -> None:
    """Bring the database to a schema, the newest one; does nothing where it is already there.

    Raises CatalogueVersionError when a newer version of the code wrote it.
    """
    with reading(engine) as connection:
        if _found(connection, engine) == newest_revision():
            return
    config = _config()
    with migrating(engine) as connection:
        _found(connection, engine)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(engine: Engine, revision: str = EMPTY) -> None:
    """Take the schema back to a revision; everything that it cannot hold is lost."""
    config = _config()
    with migrating(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def current_revision(connection: Connection) -> str | None:
    """Return the schema that a database has, or None where it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """Return the schema that this version of the code works with."""
    return known_revisions()[0]


def written_revision(connection: Connection) -> str | None:
    """Return the schema that a database says it has; one that this program opened has it."""
    return connection.scalar(select(column("version_num")).select_from(table(REVISION_TABLE)))


@cache  # reading them takes as long as all else that opens a catalogue
def known_revisions() -> tuple[str, ...]:
    """Return the schemas that this version of the code knows, the newest first."""
    steps = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(step.revision for step in steps)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _found(connection: Connection, engine: Engine) -> str | None:
    revision = current_revision(connection)
    if revision is not None and revision not in known_revisions():
        raise CatalogueVersionError(
            "The catalogue %(url)s has schema %(found)r; enmusubi %(version)s "
            "knows schemas up to %(newest)r. A newer version wrote it: upgrade "
            "enmusubi, or name another catalogue in `database_url`.",
            url=masked(engine.url),
            found=revision,
            version=_code_version(),
            newest=newest_revision(),
        )
    return revision


def _code_version() -> str:
    try:
        return version("enmusubi")
    except PackageNotFoundError:
        return "(not installed)"
