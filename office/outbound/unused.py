"""Patents that nobody uses yet, as far as the catalogue knows: published ones that no company stands on."""

from sqlalchemy import Connection, select

from catalogue.database.models import Seed
from catalogue.database.viewer import Viewer
from matcher.records import PUBLIC
from office.access.rules import FIND_COMPANIES, require, visible_seeds
from office.seeds import NamedSeed

IN_FORCE = ("published", "granted")


def unused_patents(connection: Connection, viewer: Viewer, most: int) -> tuple[NamedSeed, ...]:
    """Return up to `most` public patents in force that name no company, the newest first.

    Raises ForbiddenError.
    """
    require(viewer, FIND_COMPANIES)
    columns = Seed.seed_id, Seed.kind, Seed.lang, Seed.title, Seed.year, Seed.visibility
    query = select(*columns).where(
        Seed.kind == "patent",
        Seed.patent_status.in_(IN_FORCE),
        Seed.companies == "",
        Seed.visibility == PUBLIC,
        Seed.withdrawn_at.is_(None),
        visible_seeds(viewer),
    )
    ordered = query.order_by(Seed.year.is_(None), Seed.year.desc(), Seed.seed_id).limit(most)
    return tuple(NamedSeed(*row) for row in connection.execute(ordered))
